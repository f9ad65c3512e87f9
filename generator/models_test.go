package generator_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	"github.com/pgwright/pgwright/generator/internal/goapi"
	"github.com/pgwright/pgwright/generator/testdata/dropin_models/want/app/db/repo"
	forked "github.com/pgwright/pgwright/generator/testdata/dropin_models/want/app/time"
	"github.com/pgwright/pgwright/generator/testdata/dropin_models/want/authors"
	"github.com/pgwright/pgwright/generator/testdata/dropin_models/want/books"
	shop "github.com/pgwright/pgwright/generator/testdata/dropin_models/want/models"
	"github.com/pgwright/pgwright/generator/testdata/models/want/db"
	"github.com/pgwright/pgwright/generator/testdata/models/want/models"
	"github.com/pgwright/pgwright/generator/testdata/models/want/others"
	"github.com/pgwright/pgwright/internal/pgtest"
)

// Queries of two packages of sqlc's style read and write the models of a third.
func TestSharedModels(t *testing.T) {
	t.Parallel()
	url := database(t, "dropin_models")
	for i, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			ctx, conn := context.Background(), connect(t, url, mode)
			a, b := authors.New(conn), books.New(conn)
			var _ authors.Querier = a
			born := pgtype.Timestamptz{Time: time.Date(1965, 7, 31, 0, 0, 0, 0, time.UTC), Valid: true}
			id := int64(i * 10)
			jo := shop.Author{
				ID: id, Name: "Jo", Bio: pgtype.Text{String: "wizards", Valid: true}, Born: born,
				Mood: shop.MoodOk, LastMood: shop.NullMood{Mood: shop.MoodVerysad, Valid: true}, Moods: []shop.Mood{shop.MoodVerysad, shop.MoodOk},
			}
			require.NoError(t, a.AddAuthor(ctx, authors.AddAuthorParams{
				ID: jo.ID, Name: jo.Name, Bio: jo.Bio, Born: jo.Born, Mood: jo.Mood, LastMood: jo.LastMood, Moods: jo.Moods, Home: jo.Home,
			}))
			n, err := a.CopyAuthors(ctx, []authors.CopyAuthorsParams{{ID: id + 1, Name: "Al", Born: born, Mood: shop.MoodVerysad, Moods: []shop.Mood{}}})
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
			n, err = b.CopyBooks(ctx, []books.CopyBooksParams{
				{ID: id, AuthorID: id, Title: "One", Mood: shop.NullMood{Mood: shop.MoodOk, Valid: true}}, {ID: id + 1, AuthorID: id, Title: "Two"},
			})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)

			got, err := a.GetAuthor(ctx, id)
			require.NoError(t, err)
			got.Born.Time = got.Born.Time.UTC()
			require.Equal(t, jo, got)
			mood, err := a.GetMood(ctx, id+1)
			require.NoError(t, err)
			require.Equal(t, shop.NullMood{}, mood)
			moods, err := a.GetMoods(ctx, id)
			require.NoError(t, err)
			require.Equal(t, jo.Moods, moods)
			list, err := a.ListAuthors(ctx, authors.ListAuthorsParams{Mood: "ok", Moods: []shop.Mood{shop.MoodOk}, Last: shop.NullMood{}})
			require.NoError(t, err)
			require.Len(t, list, i+1)

			joined, err := a.WithBooks(ctx)
			require.NoError(t, err)
			require.Equal(t, "Two", joined[2*i+1].Book.Title)
			require.Equal(t, "Jo", joined[2*i+1].Author.Name)
			outer, err := a.WithAnyBook(ctx)
			require.NoError(t, err)
			require.Len(t, outer, 3*(i+1))
			require.Equal(t, shop.MoodOk, outer[3*i].Book.Mood.Mood)
			require.Nil(t, outer[3*i+2].Book)

			update := a.BatchMood(ctx, []authors.BatchMoodParams{{LastMood: shop.NullMood{Mood: shop.MoodOk, Valid: true}, ID: id + 1}, {ID: id}})
			update.Exec(func(_ int, err error) { require.NoError(t, err) })
			require.NoError(t, update.Close())
			var read []shop.NullMood
			results := a.BatchAuthors(ctx, []int64{id, id + 1})
			results.QueryRow(func(_ int, row shop.Author, err error) {
				require.NoError(t, err)
				read = append(read, row.LastMood)
			})
			require.NoError(t, results.Close())
			require.Equal(t, []shop.NullMood{{}, {Mood: shop.MoodOk, Valid: true}}, read)
			all, err := b.ListBooks(ctx)
			require.NoError(t, err)
			require.Len(t, all, 2*(i+1))
		})
	}
	require.True(t, shop.MoodVerysad.Valid())
	require.False(t, shop.Mood("").Valid())
	require.Equal(t, []shop.StockState{shop.StockStateNew, shop.StockStateUsed}, shop.AllStockStateValues())
}

// The same in the folders that the options of sqlc-gen-go name, where NULL is
// a pointer.
func TestModelsOfTheFork(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t, database(t, "dropin_models"), pgx.QueryExecModeCacheStatement)
	q, sad := repo.New(), forked.MoodVerysad
	born := time.Date(1965, 7, 31, 0, 0, 0, 0, time.UTC)
	n, err := q.CopyAuthors(ctx, conn, []repo.CopyAuthorsParams{
		{ID: 1, Name: "Jo", Born: born, Mood: "ok", LastMood: &sad, Moods: []forked.Mood{sad}}, {ID: 2, Name: "Al", Born: born, Mood: sad},
	})
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	last, err := q.ReadNullMood(ctx, conn, 1)
	require.NoError(t, err)
	require.Equal(t, &sad, last)
	same, err := q.Models(ctx, conn, forked.MoodOk)
	require.NoError(t, err)
	one, err := q.DecodeAuthor(ctx, conn, 1)
	require.NoError(t, err)
	require.Equal(t, []forked.Author{one}, same)
}

// Composites, and what is made of tables, of pgwright's own style.
func TestNativeModels(t *testing.T) {
	t.Parallel()
	url := database(t, "models")
	for i, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			ctx, conn := context.Background(), connect(t, url, mode)
			q := db.New(conn)
			require.NoError(t, q.Verify(ctx))
			x, street, sad, id := int32(7), "Elm Street", models.MoodSad, int64(i*10)
			home := models.Place{Street: &street, At: &models.Point3{X: &x}, Moods: []models.Mood{models.MoodOk, sad}, Past: []models.Point3{{Y: &x}, {}}}
			jo := models.User{ID: id, Name: "Jo", Mood: sad, Feeling: &sad, Moods: []models.Mood{sad}, Home: &home, Places: []models.Place{home, {}}}
			n, err := q.CopyUsers(ctx, []db.CopyUsersParams{
				{ID: id, Name: jo.Name, Mood: jo.Mood, Feeling: jo.Feeling, Moods: jo.Moods, Home: jo.Home, Places: jo.Places},
				{ID: id + 1, Name: "Al", Mood: models.MoodOk, Moods: []models.Mood{}, Places: []models.Place{}},
			})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			found, err := q.FindUser(ctx, id)
			require.NoError(t, err)
			require.Equal(t, &jo, found)
			got, err := q.GetHome(ctx, id)
			require.NoError(t, err)
			require.Equal(t, &home, got)
			mood, err := q.CoalesceMood(ctx, db.CoalesceMoodParams{ID: id + 1, Feeling: models.MoodOk})
			require.NoError(t, err)
			require.Equal(t, models.MoodOk, mood)

			_, err = conn.Exec(ctx, "INSERT INTO posts VALUES ($1, $1, 'Hello')", id)
			require.NoError(t, err)
			rows, err := q.WithPosts(ctx)
			require.NoError(t, err)
			require.Equal(t, db.WithPostsRow{User: jo, Post: &models.Post{ID: id, UserID: id, Title: "Hello"}}, rows[2*i])
			require.Nil(t, rows[2*i+1].Post)
			whole, err := q.Whole(ctx)
			require.NoError(t, err)
			require.Equal(t, &home, whole[i].Who.Home)

			move := q.SetHome(ctx, []db.SetHomeParams{{ID: id + 1, Home: &home, Moods: []models.Mood{sad}}})
			move.Exec(func(_ int, err error) { require.NoError(t, err) })
			require.NoError(t, move.Close())
			var streamed []models.User
			for u, err := range q.AllUsers(ctx) {
				require.NoError(t, err)
				streamed = append(streamed, u)
			}
			require.Equal(t, &home, streamed[2*i+1].Home)
			of, err := others.New(conn).UserOf(ctx, id)
			require.NoError(t, err)
			require.Equal(t, jo, of)
			ids, err := others.New(conn).At(ctx, others.AtParams{Home: home})
			require.NoError(t, err)
			require.Len(t, ids, 2*(i+1))
		})
	}
}

// Together, the two packages export what the one does that sqlc makes.
func TestModelsExportTheSame(t *testing.T) {
	t.Parallel()
	const imported = "github.com/pgwright/pgwright/generator/testdata/dropin_models/want/models."
	for _, queries := range []string{"authors", "books"} {
		t.Run(queries, func(t *testing.T) {
			t.Parallel()
			dir, opt := copyProject(t, "dropin_models")
			api := func() (of map[string]string) {
				res, err := generator.Generate(context.Background(), opt)
				require.NoError(t, err)
				require.False(t, res.HasErrors(), res.Report())
				of = map[string]string{}
				for _, folder := range []string{"want/" + queries, "want/models"} {
					files := map[string][]byte{}
					for _, f := range res.Files {
						if filepath.ToSlash(filepath.Dir(f.Path)) == folder {
							files[filepath.Base(f.Path)] = f.Content
						}
					}
					exported, err := goapi.Read(files)
					require.NoError(t, err)
					for name, said := range exported.Names {
						require.NotContains(t, of, name)
						of[name] = strings.ReplaceAll(said, imported, "")
					}
				}
				return of
			}
			apart := api()
			text, err := os.ReadFile(opt.ConfigFile)
			require.NoError(t, err)
			together := regexp.MustCompile(`(?m)^ +output_models_(path|import): want/models\n|^ +output_models_import: .*\n`).ReplaceAllString(string(text), "")
			require.NotContains(t, together, "want/models\n")
			require.NoError(t, os.WriteFile(filepath.Join(dir, "sqlc.yaml"), []byte(together), 0o644))
			require.Equal(t, api(), apart)
			require.Contains(t, apart, "Author.LastMood")
		})
	}
}

// copyProject puts the files of a golden project into a folder of its own, with
// the code that it generates.
func copyProject(t *testing.T, name string) (dir string, opt generator.Options) {
	t.Helper()
	dir = t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))))
	return dir, generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), PostgresBin: os.Getenv(pgtest.BinEnv)}
}

func generateAndWrite(t *testing.T, opt generator.Options) *generator.Written {
	t.Helper()
	res, err := generator.Generate(context.Background(), opt)
	require.NoError(t, err)
	require.False(t, res.HasErrors(), res.Report())
	stale, err := generator.Check(res)
	require.NoError(t, err)
	written, err := generator.Write(res)
	require.NoError(t, err)
	what := map[string]bool{}
	for _, s := range stale {
		require.False(t, what[s.Path], "%s is reported twice", s.Path)
		what[s.Path] = true
	}
	for _, path := range append(append([]string{}, written.Changed...), written.Removed...) {
		require.True(t, what[path], "check says nothing of %s", path)
	}
	return written
}

// The folder of the models is looked after as that of the queries is.
func TestModelsFolder(t *testing.T) {
	t.Parallel()
	dir, opt := copyProject(t, "dropin_models")
	edit := func(file, from, to string) {
		text, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err)
		require.Contains(t, string(text), from)
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(strings.ReplaceAll(string(text), from, to)), 0o644))
	}
	first := generateAndWrite(t, opt)
	require.Empty(t, first.Changed)
	require.Empty(t, first.Removed)
	require.True(t, first.Lock)

	mine := filepath.Join(dir, "want/models/mine.go")
	require.NoError(t, os.WriteFile(mine, []byte("package models\n\n// Code generated by pgwright. DO NOT EDIT.\n"), 0o644))
	edit("sqlc.yaml", "        output_models_path: want/models\n", "        output_models_path: want/models\n        output_models_file_name: rows.go\n")
	require.NoError(t, os.Rename(filepath.Join(dir, "books.sql"), filepath.Join(dir, "novels.sql")))
	edit("sqlc.yaml", "books.sql", "novels.sql")
	renamed := generateAndWrite(t, opt)
	require.Equal(t, []string{"want/books/novels.sql.go", "want/models/rows.go"}, renamed.Changed)
	require.Equal(t, []string{"want/books/books.sql.go", "want/models/models.go"}, renamed.Removed)
	require.FileExists(t, mine)

	again := generateAndWrite(t, opt)
	require.Empty(t, again.Changed)
	require.False(t, again.Lock)

	// What came out is not what a stamp remembers once a file is gone.
	require.NoError(t, os.Remove(filepath.Join(dir, "want/models/rows.go")))
	require.Equal(t, []string{"want/models/rows.go"}, generateAndWrite(t, opt).Changed)

	// A file of the user's in the way.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "want/models/rows.go"), []byte("package models\n"), 0o644))
	res, err := generator.Generate(context.Background(), opt)
	require.NoError(t, err)
	_, err = generator.Write(res)
	require.EqualError(t, err, "want/models/rows.go was not written by pgwright: move it away, or choose another folder for the generated code")
}

// A folder whose models somebody else writes is none of ours.
func TestModelsElsewhere(t *testing.T) {
	t.Parallel()
	dir, opt := copyProject(t, "models")
	path := filepath.Join(dir, "sqlc.yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	alone := strings.ReplaceAll(string(text), "          output_models_path: want/models\n", "          output_models_emit: false\n")
	require.NotEqual(t, string(text), alone)
	require.NoError(t, os.WriteFile(path, []byte(alone), 0o644))
	written := generateAndWrite(t, opt)
	require.Empty(t, written.Changed)
	require.Empty(t, written.Removed)
	require.FileExists(t, filepath.Join(dir, "want/models/models.go"))
}

// A session keeps what it made of the queries, and decoders stand elsewhere.
func TestSessionWithModels(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir, opt := copyProject(t, "models")
	s := generator.NewSession(opt)
	defer func() { require.NoError(t, s.Close(ctx)) }()
	for _, step := range []struct{ name, file, old, now string }{
		{"the beginning", "queries.sql", "Whole", "Whole"},
		{"no whole rows", "queries.sql", "SELECT u AS who, p.title", "SELECT u.id AS who, p.title"},
		{"whole rows again", "queries.sql", "SELECT u.id AS who, p.title", "SELECT u AS who, p.title"},
		{"one query less of a composite", "others.sql", "home = $1::place OR mood", "id = $1 OR mood"},
		{"a row of another table", "others.sql", "SELECT u.* FROM users u JOIN", "SELECT p.* FROM users u JOIN"},
		{"another file of the models", "sqlc.yaml", "output_models_path: want/models", "output_models_path: want/rows"},
		{"another import path", "sqlc.yaml", "want/models\n", "want/rows\n"},
		{"models with the queries", "sqlc.yaml", "          output_models_", "          # "},
		{"models of their own again", "sqlc.yaml", "          # ", "          output_models_"},
		{"a column less", "schema.sql", "    feeling feeling,\n", "    feeling feeling,\n    nick text,\n"},
	} {
		path := filepath.Join(dir, step.file)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(text), step.old, step.name)
		require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), step.old, step.now)), 0o644))
		kept, err := s.Generate(ctx)
		require.NoError(t, err)
		require.False(t, kept.HasErrors(), "%s: %s", step.name, kept.Report())
		fresh := opt
		fresh.Fresh = true
		once, err := generator.Generate(ctx, fresh)
		require.NoError(t, err)
		require.Equal(t, once.Files, kept.Files, step.name)
		if step.old != step.now {
			_, err = generator.Write(kept)
			require.NoError(t, err)
		}
	}
}
