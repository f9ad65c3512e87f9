package generator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/pgwright/pgwright/generator"
	optional "github.com/pgwright/pgwright/generator/testdata/optional/want"
	tables "github.com/pgwright/pgwright/generator/testdata/tables/want"
	odd "github.com/pgwright/pgwright/generator/testdata/tables_odd/want"
	templated "github.com/pgwright/pgwright/generator/testdata/tables_templates/want"
	"github.com/pgwright/pgwright/internal/pgtest"
	"github.com/pgwright/pgwright/runtime"
)

// A row goes in, comes back, is changed in part and goes, in every mode of pgx.
func TestTablesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			q := tables.New(connect(t, database(t, "tables"), mode))
			nick := "Countess"
			ada, err := q.InsertUser(ctx, tables.InsertUserParams{Email: "ada@x", Name: "Ada", Nickname: &nick})
			require.NoError(t, err)
			require.Equal(t, []string{}, ada.Tags)
			require.WithinDuration(t, time.Now(), ada.CreatedAt, time.Minute)

			then := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
			alan, err := q.InsertUser(ctx, tables.InsertUserParams{
				Email: "alan@x", Name: "Alan", Tags: runtime.Set([]string{"a,b", `"`}), CreatedAt: runtime.Set(then),
			})
			require.NoError(t, err)
			require.Equal(t, []string{"a,b", `"`}, alan.Tags)
			require.True(t, then.Equal(alan.CreatedAt))
			require.Nil(t, alan.Nickname)

			got, err := q.GetUser(ctx, ada.ID)
			require.NoError(t, err)
			require.Equal(t, ada, got)
			got, err = q.GetUserByEmail(ctx, "alan@x")
			require.NoError(t, err)
			require.Equal(t, alan.ID, got.ID)
			_, err = q.GetUser(ctx, 99)
			require.ErrorIs(t, err, pgx.ErrNoRows)

			// Nothing is set: nothing changes.
			got, err = q.UpdateUser(ctx, tables.UpdateUserParams{ID: ada.ID})
			require.NoError(t, err)
			require.Equal(t, ada, got)
			// One value is set, another one to NULL, the others stay.
			patch := tables.UpdateUserParams{ID: ada.ID, Name: runtime.Set("Ada L.")}
			patch.Nickname.Set(nil)
			got, err = q.UpdateUser(ctx, patch)
			require.NoError(t, err)
			want := ada
			want.Name, want.Nickname = "Ada L.", nil
			require.Equal(t, want, got)
			got, err = q.UpdateUser(ctx, tables.UpdateUserParams{
				ID: ada.ID, Nickname: runtime.SetPtr("a"), Tags: runtime.Set([]string{"x"}), Email: runtime.Set("l@x"), CreatedAt: runtime.Set(then),
			})
			require.NoError(t, err)
			require.Equal(t, "a", *got.Nickname)
			require.Equal(t, []string{"x"}, got.Tags)
			require.Equal(t, "l@x", got.Email)
			require.True(t, then.Equal(got.CreatedAt))
			_, err = q.UpdateUser(ctx, tables.UpdateUserParams{ID: 99, Name: runtime.Set("x")})
			require.ErrorIs(t, err, pgx.ErrNoRows)
			_, err = q.UpdateUser(ctx, tables.UpdateUserParams{ID: ada.ID, Email: runtime.Set("no address")})
			require.ErrorContains(t, err, "email_check")

			// An upsert of what is there leaves out what is left out.
			up, err := q.UpsertUserByEmail(ctx, tables.UpsertUserByEmailParams{Email: "l@x", Name: "Lovelace"})
			require.NoError(t, err)
			require.Equal(t, ada.ID, up.ID)
			require.Equal(t, "Lovelace", up.Name)
			require.Nil(t, up.Nickname)
			require.Equal(t, []string{"x"}, up.Tags)
			require.True(t, then.Equal(up.CreatedAt))
			up, err = q.UpsertUserByEmail(ctx, tables.UpsertUserByEmailParams{Email: "new@x", Name: "New"})
			require.NoError(t, err)
			require.Equal(t, []string{}, up.Tags)

			n, err := q.DeleteUser(ctx, up.ID)
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
			n, err = q.DeleteUser(ctx, up.ID)
			require.NoError(t, err)
			require.Zero(t, n)
			count, err := q.CountUsers(ctx)
			require.NoError(t, err)
			require.EqualValues(t, 2, count)

			order, err := q.InsertOrder(ctx, tables.InsertOrderParams{UserID: ada.ID})
			require.NoError(t, err)
			require.True(t, order.ID.Valid)
			require.Equal(t, tables.OrderStatusPending, order.Status)
			order, err = q.UpdateOrder(ctx, tables.UpdateOrderParams{ID: order.ID, Status: runtime.Set(tables.OrderStatusPaid), UserID: runtime.Set(alan.ID)})
			require.NoError(t, err)
			require.Equal(t, tables.OrderStatusPaid, order.Status)
			orders, err := q.ListOrdersByUserID(ctx, alan.ID)
			require.NoError(t, err)
			require.Equal(t, []tables.Order{order}, orders)
			orders, err = q.ListOrdersByUserIDAndStatus(ctx, tables.ListOrdersByUserIDAndStatusParams{UserID: alan.ID, Status: tables.OrderStatusPending})
			require.NoError(t, err)
			require.Empty(t, orders)
			paid, err := q.ListPaids(ctx)
			require.NoError(t, err)
			require.Equal(t, []tables.Order{order}, paid)
		})
	}
}

// Many rows with one statement: each with what it gives, in the order in which
// they come.
func TestTablesManyRows(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			q := tables.New(connect(t, database(t, "tables"), mode))
			nick := "n"
			var rows []tables.InsertUsersParams
			for i := range 300 {
				row := tables.InsertUsersParams{Email: fmt.Sprintf("%d@x", i), Name: `a "b", {c} \ ü`}
				if i%2 == 0 {
					row.Nickname = &nick
					row.Tags.Set(make([]string, i%5))
				}
				rows = append(rows, row)
			}
			users, err := q.InsertUsers(ctx, rows)
			require.NoError(t, err)
			require.Len(t, users, len(rows))
			for i, u := range users {
				require.EqualValues(t, i+1, u.ID)
				require.Equal(t, rows[i].Email, u.Email)
				require.Equal(t, rows[i].Name, u.Name)
				require.Equal(t, rows[i].Nickname, u.Nickname)
				require.Equal(t, rows[i].Tags.Or([]string{}), u.Tags)
			}
			none, err := q.InsertUsers(ctx, nil)
			require.NoError(t, err)
			require.Empty(t, none)
			_, err = q.InsertUsers(ctx, []tables.InsertUsersParams{{Email: "new@x"}, {Email: "0@x"}})
			require.ErrorContains(t, err, "users_email_key")

			n, err := q.DeleteUsers(ctx, []int64{1, 2, 2, 999})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			n, err = q.CopyUsers(ctx, []tables.CopyUsersParams{{Email: "c@x", Name: "C"}, {Email: "d@x", Name: "D", Nickname: &nick}})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			d, err := q.GetUserByEmail(ctx, "d@x")
			require.NoError(t, err)
			require.Equal(t, "n", *d.Nickname)
			require.Equal(t, []string{}, d.Tags)

			orders, err := q.InsertOrders(ctx, []tables.InsertOrdersParams{{UserID: 3}, {UserID: 4, Status: runtime.Set(tables.OrderStatusPaid)}})
			require.NoError(t, err)
			require.NotEqual(t, orders[0].ID, orders[1].ID)
			require.Equal(t, tables.OrderStatusPending, orders[0].Status)
			require.Equal(t, tables.OrderStatusPaid, orders[1].Status)
			items, err := q.InsertItems(ctx, []tables.InsertItemsParams{
				{OrderID: orders[0].ID, Product: 1}, {OrderID: orders[0].ID, Product: 2, Quantity: runtime.Set[int32](5)}, {OrderID: orders[1].ID, Product: 1},
			})
			require.NoError(t, err)
			require.EqualValues(t, 5, items[1].Quantity)
			n, err = q.DeleteItems(ctx, []tables.DeleteItemsParams{
				{OrderID: orders[0].ID, Product: 1}, {OrderID: orders[1].ID, Product: 1}, {OrderID: orders[1].ID, Product: 2},
			})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			left, err := q.ListItems(ctx, tables.ListItemsParams{})
			require.NoError(t, err)
			require.Equal(t, items[1:2], left)
		})
	}
}

// pages reads a table page by page and returns all rows: next reads the page
// behind a row, nil for the first one.
func pages[T any](t *testing.T, limit int, next func(after *T, limit int64) ([]T, error)) []T {
	var all []T
	var after *T
	for {
		page, err := next(after, int64(limit))
		require.NoError(t, err)
		require.LessOrEqual(t, len(page), limit)
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
		after = &all[len(all)-1]
	}
}

// paged checks that pages of any size are all rows, each once, in the order of
// the key.
func paged[T any](t *testing.T, want int, next func(after *T, limit int64) ([]T, error)) {
	t.Helper()
	whole, err := next(nil, 0)
	require.NoError(t, err)
	require.Len(t, whole, want)
	for _, limit := range []int{1, 2, 3, 7, want, want + 1} {
		require.Equal(t, whole, pages(t, limit, next), "pages of %d", limit)
	}
}

// Pages show every row once, whatever the key is made of and however many rows
// are the same in a part of it.
func TestTablesPages(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			conn := connect(t, database(t, "tables_odd"), mode)
			for _, sql := range []string{
				`INSERT INTO key_enum SELECT m, timestamptz '2024-01-01' + i * interval '1 hour' FROM unnest(enum_range(NULL::mood)) m, generate_series(0, 9) i`,
				`INSERT INTO events SELECT i, date '2023-12-20' + j FROM generate_series(1, 4) i, generate_series(0, 20, 4) j`,
				`INSERT INTO unique_only SELECT i % 5, i / 5 FROM generate_series(0, 24) i`,
				`INSERT INTO key_array SELECT i, i::text[] FROM (SELECT ARRAY[i % 3, i] FROM generate_series(1, 10) i UNION ALL SELECT '{}' UNION ALL SELECT '{1}') x(i)`,
				`INSERT INTO key_row SELECT ROW(i % 3, CASE WHEN i > 3 THEN chr(64 + i) END)::pair FROM generate_series(1, 10) i`,
				`INSERT INTO key_folded SELECT chr(96 + i) || CASE WHEN i % 2 = 0 THEN 'X' ELSE 'x' END FROM generate_series(1, 12) i`,
				`INSERT INTO key_short SELECT chr(65 + i % 4), (i / 4)::bit(3) FROM generate_series(0, 19) i`,
				`INSERT INTO key_range SELECT int4range(i, i + j) FROM generate_series(1, 4) i, generate_series(1, 3) j`,
				`INSERT INTO key_domain SELECT 'c' || i FROM generate_series(1, 12) i`,
			} {
				_, err := conn.Exec(ctx, sql)
				require.NoError(t, err, sql)
			}
			q := odd.New(conn)
			paged(t, 20, func(after *odd.KeyEnum, limit int64) ([]odd.KeyEnum, error) {
				arg := odd.ListKeyEnumsParams{Limit: limit}
				if after != nil {
					arg.AfterAt, arg.AfterID = &after.At, &after.ID
				}
				return q.ListKeyEnums(ctx, arg)
			})
			paged(t, 24, func(after *odd.Event, limit int64) ([]odd.Event, error) {
				arg := odd.ListEventsParams{Limit: limit}
				if after != nil {
					arg.AfterID, arg.AfterDay = &after.ID, &after.Day
				}
				return q.ListEvents(ctx, arg)
			})
			paged(t, 25, func(after *odd.UniqueOnly, limit int64) ([]odd.UniqueOnly, error) {
				arg := odd.ListUniqueOnliesParams{Limit: limit}
				if after != nil {
					arg.AfterB, arg.AfterA = &after.B, &after.A
				}
				return q.ListUniqueOnlies(ctx, arg)
			})
			paged(t, 12, func(after *odd.KeyArray, limit int64) ([]odd.KeyArray, error) {
				arg := odd.ListKeyArraysParams{Limit: limit}
				if after != nil {
					arg.After = after.ID
				}
				return q.ListKeyArrays(ctx, arg)
			})
			paged(t, 10, func(after *odd.KeyRow, limit int64) ([]odd.KeyRow, error) {
				arg := odd.ListKeyRowsParams{Limit: limit}
				if after != nil {
					arg.After = &after.ID
				}
				return q.ListKeyRows(ctx, arg)
			})
			paged(t, 12, func(after *odd.KeyFolded, limit int64) ([]odd.KeyFolded, error) {
				arg := odd.ListKeyFoldedsParams{Limit: limit}
				if after != nil {
					upper := strings.ToUpper(after.ID)
					arg.After = &upper
				}
				return q.ListKeyFoldeds(ctx, arg)
			})
			paged(t, 20, func(after *odd.KeyShort, limit int64) ([]odd.KeyShort, error) {
				arg := odd.ListKeyShortsParams{Limit: limit}
				if after != nil {
					arg.AfterID, arg.AfterBits = &after.ID, after.Bits
				}
				return q.ListKeyShorts(ctx, arg)
			})
			paged(t, 12, func(after *odd.KeyRange, limit int64) ([]odd.KeyRange, error) {
				arg := odd.ListKeyRangesParams{Limit: limit}
				if after != nil {
					arg.After = after.ID
				}
				return q.ListKeyRanges(ctx, arg)
			})
			paged(t, 12, func(after *odd.KeyDomain, limit int64) ([]odd.KeyDomain, error) {
				arg := odd.ListKeyDomainsParams{Limit: limit}
				if after != nil {
					arg.After = &after.ID
				}
				return q.ListKeyDomains(ctx, arg)
			})
			none, err := q.ListOnlyKeys(ctx, odd.ListOnlyKeysParams{})
			require.NoError(t, err)
			require.Empty(t, none)
		})
	}
}

// A page is read by the key's index from where it begins, also by a plan that
// is made for all values of the parameters.
func TestTablesPagesUseTheIndex(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := connect(t, database(t, "tables"), pgx.QueryExecModeCacheStatement)
	for _, sql := range []string{
		"INSERT INTO users (email, name) SELECT i || '@x', 'x' FROM generate_series(1, 10000) i",
		"INSERT INTO orders (user_id) SELECT 1 FROM generate_series(1, 100)",
		"INSERT INTO items (order_id, product) SELECT id, i FROM orders, generate_series(1, 100) i",
		"ANALYZE", "SET plan_cache_mode = force_generic_plan",
		`PREPARE users AS SELECT * FROM users WHERE id >= (coalesce($1, (SELECT id FROM users ORDER BY id LIMIT 1)))
			AND id IS DISTINCT FROM $1 ORDER BY id LIMIT nullif($2::bigint, 0)`,
		`PREPARE items AS SELECT * FROM items WHERE (order_id, product) >= (
				coalesce($1, (SELECT order_id FROM items ORDER BY order_id, product LIMIT 1)),
				coalesce($2, (SELECT product FROM items ORDER BY order_id, product LIMIT 1)))
			AND (order_id, product) IS DISTINCT FROM ($1, $2) ORDER BY order_id, product LIMIT nullif($3::bigint, 0)`,
	} {
		_, err := conn.Exec(ctx, sql)
		require.NoError(t, err)
	}
	for _, run := range []string{"users(9000, 10)", "users(NULL, 10)", "items('ffffffff-0000-0000-0000-000000000000', 5, 10)", "items(NULL, NULL, 10)"} {
		rows, err := conn.Query(ctx, "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE "+run)
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		text := strings.Join(plan, "\n")
		require.Contains(t, text, "Index Cond: ", run)
		require.NotContains(t, text, "Sort", run)
		require.NotContains(t, text, "Seq Scan", run)
	}
}

// What is left out is what the server would have made of it, NULL is NULL, and
// a sequence is not used where a value is given.
func TestTablesDefaults(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			conn := connect(t, database(t, "tables_odd"), mode)
			q := odd.New(conn)
			made, err := q.InsertDefault(ctx, odd.InsertDefaultParams{})
			require.NoError(t, err)
			require.EqualValues(t, 1, made.Always)
			require.EqualValues(t, 100, made.Own)
			require.EqualValues(t, 1, made.Serial)
			require.EqualValues(t, 10, *made.Number)
			require.WithinDuration(t, time.Now(), made.At, time.Minute)
			require.EqualValues(t, -1, *made.Big)
			require.EqualValues(t, -2, *made.Twice)

			// The server's own row is the same but for what varies.
			_, err = conn.Exec(ctx, "INSERT INTO defaults DEFAULT VALUES")
			require.NoError(t, err)
			own, err := q.GetDefault(ctx, 2)
			require.NoError(t, err)
			require.EqualValues(t, 101, own.Own)
			require.EqualValues(t, 20, *own.Number)
			require.NotEqual(t, *made.Chance, *own.Chance)
			same := own
			same.Always, same.Own, same.Serial, same.Number, same.At, same.Until, same.Chance = made.Always, made.Own, made.Serial, made.Number, made.At, made.Until, made.Chance
			require.Equal(t, made, same)

			// All is given, NULL too.
			now := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
			given, err := q.InsertDefault(ctx, odd.InsertDefaultParams{
				Own: runtime.Set[int32](7), Serial: runtime.Set[int32](8), Number: runtime.SetNull[int64](), At: runtime.Set(now),
				Day: runtime.SetPtr(now), Until: runtime.Set(now), Chance: runtime.SetNull[float64](), Big: runtime.SetPtr[int64](1 << 40),
				Letters: runtime.Set[[]string](nil), Meta: runtime.Set(json.RawMessage("[]")), Mood: runtime.SetNull[odd.Mood](), Pair: runtime.SetNull[odd.Pair](),
				Plus: runtime.SetPtr[int32](9), Short: runtime.SetPtr("xyz"),
			})
			require.NoError(t, err)
			require.EqualValues(t, 7, given.Own)
			require.EqualValues(t, 8, given.Serial)
			require.Nil(t, given.Number)
			require.Nil(t, given.Chance)
			require.Nil(t, given.Letters)
			require.Nil(t, given.Mood)
			require.Nil(t, given.Pair)
			require.EqualValues(t, 2<<40, *given.Twice)
			require.Equal(t, "xyz", *given.Short)

			// The sequences went on where nothing was given only.
			rows, err := q.InsertDefaults(ctx, []odd.InsertDefaultsParams{
				{Own: runtime.Set[int32](200), Number: runtime.SetPtr[int64](5), Pair: runtime.SetPtr(odd.Pair{B: new(string)}), Letters: runtime.Set([]string{"x", "y,z"})},
				{},
				{Letters: runtime.Set([]string{}), Mood: runtime.SetNull[odd.Mood]()},
				{},
			})
			require.NoError(t, err)
			require.Equal(t, []int32{200, 102, 103, 104}, []int32{rows[0].Own, rows[1].Own, rows[2].Own, rows[3].Own})
			require.Equal(t, []int64{5, 30, 40, 50}, []int64{*rows[0].Number, *rows[1].Number, *rows[2].Number, *rows[3].Number})
			require.NotEqual(t, *rows[1].Chance, *rows[3].Chance)
			require.Equal(t, odd.Pair{B: new(string)}, *rows[0].Pair)
			require.Equal(t, []string{"x", "y,z"}, rows[0].Letters)
			require.Equal(t, []string{"a", "b"}, rows[1].Letters)
			require.Equal(t, []string{}, rows[2].Letters)
			require.Nil(t, rows[2].Mood)

			up, err := q.UpsertDefaultByOwn(ctx, odd.UpsertDefaultByOwnParams{Own: 200, Plus: runtime.SetNull[int32]()})
			require.NoError(t, err)
			require.Nil(t, up.Plus)
			require.Equal(t, rows[0].Letters, up.Letters)
			require.Equal(t, rows[0].Always, up.Always)

			// A value that is too long is not cut off.
			_, err = q.InsertDefault(ctx, odd.InsertDefaultParams{Short: runtime.SetPtr("long")})
			require.ErrorContains(t, err, "value too long for type character varying(3)")

			// A domain's default, and a column's that takes it away.
			d, err := q.InsertKeyDomain(ctx, odd.InsertKeyDomainParams{ID: "x"})
			require.NoError(t, err)
			require.EqualValues(t, 3, *d.Level)
			require.Equal(t, "sure", d.Sure)
			require.Nil(t, d.Nothing)
			d, err = q.UpdateKeyDomain(ctx, odd.UpdateKeyDomainParams{ID: "x", Level: runtime.SetNull[int32](), IDs: runtime.Set([]int32{1, 2})})
			require.NoError(t, err)
			require.Nil(t, d.Level)
			require.Equal(t, "sure", d.Sure)
			_, err = q.GetKeyDomainByIDs(ctx, []int32{1, 2})
			require.NoError(t, err)

			only, err := q.InsertGeneratedOnly(ctx)
			require.NoError(t, err)
			require.Equal(t, odd.GeneratedOnly{ID: 1, Twice: only.Twice}, only)
		})
	}
}

// Names that are bad Go or mean something in the statements make no difference.
func TestTablesOddNames(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			q := odd.New(connect(t, database(t, "tables_odd"), mode))
			s, n := "s", int32(4)
			row, err := q.InsertWeirdTable(ctx, odd.InsertWeirdTableParams{
				Type: 1, Name_2: "n", Name: &s, WeirdName: &s, X日本: &s, XGivenGiven: &n, Limit: &n, X_2: &n, AB: runtime.SetNull[string](),
			})
			require.NoError(t, err)
			one, yes, plain := int32(1), true, "plain"
			want := odd.WeirdTable{
				Type: 1, Name_2: "n", Name: &s, WeirdName: &s, WeirdName_2: &plain, X日本: &s, X: &one, XGiven: &yes, XGivenGiven: &n, Limit: &n, X_2: &n,
			}
			require.Equal(t, want, row)
			row, err = q.UpdateWeirdTable(ctx, odd.UpdateWeirdTableParams{Type: 1, Name_2: "n", Name: runtime.SetNull[string](), XGiven: runtime.SetNull[bool](), X_2: runtime.SetPtr[int32](5)})
			require.NoError(t, err)
			want.Name, want.XGiven, want.X_2 = nil, nil, row.X_2
			require.Equal(t, want, row)
			require.EqualValues(t, 5, *row.X_2)
			rows, err := q.InsertWeirdTables(ctx, []odd.InsertWeirdTablesParams{{Type: 2, Name_2: "n", E: &n}, {Type: 3, Name_2: "m", X: runtime.SetNull[int32]()}})
			require.NoError(t, err)
			require.Equal(t, &n, rows[0].E)
			require.Nil(t, rows[1].X)
			row, err = q.UpsertWeirdTable(ctx, odd.UpsertWeirdTableParams{Type: 3, Name_2: "m", T: &n})
			require.NoError(t, err)
			require.Nil(t, row.X)
			require.Equal(t, &n, row.T)
			list, err := q.ListWeirdTables(ctx, odd.ListWeirdTablesParams{AfterName: &rows[1].Name_2, AfterType: &rows[1].Type, Limit: 1})
			require.NoError(t, err)
			require.Len(t, list, 1)
			require.EqualValues(t, 1, list[0].Type)
			deleted, err := q.DeleteWeirdTables(ctx, []odd.DeleteWeirdTablesParams{{Name: "n", Type: 1}, {Name: "m", Type: 3}, {Name: "m", Type: 2}})
			require.NoError(t, err)
			require.EqualValues(t, 2, deleted)

			ex, err := q.UpsertExcluded(ctx, odd.UpsertExcludedParams{T: 1, R: &n})
			require.NoError(t, err)
			ex, err = q.UpsertExcluded(ctx, odd.UpsertExcludedParams{T: ex.T, K: &n, Excluded: runtime.SetPtr[int32](6)})
			require.NoError(t, err)
			six := int32(6)
			require.Equal(t, odd.Excluded{T: 1, K: &n, Excluded: &six}, ex)
			st, err := q.InsertStatuses(ctx, []odd.InsertStatusesParams{{Status: "a"}, {Status: "b", Unnest: runtime.SetNull[int32]()}})
			require.NoError(t, err)
			require.EqualValues(t, 2, *st[0].Unnest)
			_, err = q.InsertPgClass(ctx, 5)
			require.NoError(t, err)
			classes, err := q.ListPgClasses(ctx, odd.ListPgClassesParams{})
			require.NoError(t, err)
			require.Equal(t, []int32{5}, classes)
			broken, err := q.InsertBroken(ctx, odd.InsertBrokenParams{ID: 1, LineBreak: &s})
			require.NoError(t, err)
			require.Equal(t, &s, broken.LineBreak)
		})
	}
}

// Keys of types that cannot simply be compared or put into an array.
func TestTablesOddKeys(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			q := odd.New(connect(t, database(t, "tables_odd"), mode))
			a, b := int32(1), "x,y"
			pair := odd.Pair{A: &a, B: &b}
			rows, err := q.InsertKeyRows(ctx, []odd.InsertKeyRowsParams{{ID: pair, Moods: []odd.Mood{odd.MoodSad}}, {ID: odd.Pair{A: &a}, Codes: []string{`"`}}})
			require.NoError(t, err)
			require.Equal(t, []odd.KeyRow{{ID: pair, Moods: []odd.Mood{odd.MoodSad}}, {ID: odd.Pair{A: &a}, Codes: []string{`"`}}}, rows)
			row, err := q.GetKeyRow(ctx, pair)
			require.NoError(t, err)
			require.Equal(t, rows[0], row)
			row, err = q.UpdateKeyRow(ctx, odd.UpdateKeyRowParams{ID: pair, Moods: runtime.Set[[]odd.Mood](nil)})
			require.NoError(t, err)
			require.Nil(t, row.Moods)
			n, err := q.DeleteKeyRows(ctx, []odd.DeleteKeyRowsParams{{ID: pair}, {ID: odd.Pair{B: &b}}})
			require.NoError(t, err)
			require.EqualValues(t, 1, n)

			arrays, err := q.InsertKeyArrays(ctx, []odd.InsertKeyArraysParams{{ID: []int32{1, 2}, Tags: []string{"a"}, Grid: [][]int32{{1, 2}, {3, 4}}}, {ID: []int32{}, Tags: []string{}}})
			require.NoError(t, err)
			require.Equal(t, [][]int32{{1, 2}, {3, 4}}, arrays[0].Grid)
			require.Nil(t, arrays[1].Grid)
			up, err := q.UpsertKeyArrayByTags(ctx, odd.UpsertKeyArrayByTagsParams{ID: []int32{9}, Tags: []string{"a"}})
			require.NoError(t, err)
			require.Equal(t, []int32{1, 2}, up.ID) // a row keeps its primary key
			n, err = q.DeleteKeyArrays(ctx, []odd.DeleteKeyArraysParams{{ID: []int32{}}, {ID: []int32{1, 2}}})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)

			short, err := q.InsertKeyShort(ctx, odd.InsertKeyShortParams{ID: "ab", Bits: pgtype.Bits{Bytes: []byte{0b10100000}, Len: 3, Valid: true}})
			require.NoError(t, err)
			require.Equal(t, "ab  ", short.ID)
			require.Equal(t, "abc", short.Name)
			shorts, err := q.InsertKeyShorts(ctx, []odd.InsertKeyShortsParams{{ID: "abcd", Bits: short.Bits, Name: runtime.Set("x")}})
			require.NoError(t, err)
			require.Equal(t, "abcd", shorts[0].ID)
			n, err = q.DeleteKeyShorts(ctx, []odd.DeleteKeyShortsParams{{ID: "ab", Bits: short.Bits}, {ID: "abcd", Bits: short.Bits}})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)

			// A key of columns only has nothing to change, and comes back all the same.
			_, err = q.InsertUser(ctx, odd.InsertUserParams{ID: 1, Email: "A@x"})
			require.NoError(t, err)
			_, err = q.InsertUser2(ctx, 1)
			require.NoError(t, err)
			for range 2 {
				only, err := q.UpsertOnlyKey(ctx, odd.UpsertOnlyKeyParams{A: 1, B: 1})
				require.NoError(t, err)
				require.Equal(t, odd.OnlyKey{A: 1, B: 1}, only)
			}
			user, err := q.GetUserByEmail(ctx, "a@X")
			require.NoError(t, err)
			require.EqualValues(t, 1, user.ID)
			moved, err := q.InsertEvents(ctx, []odd.InsertEventsParams{{ID: 1, Day: time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)}, {ID: 1, Day: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)}})
			require.NoError(t, err)
			require.Len(t, moved, 2)
			old, err := q.CountEventsOlds(ctx)
			require.NoError(t, err)
			require.EqualValues(t, 1, old)
			folded, err := q.UpsertKeyFolded(ctx, odd.UpsertKeyFoldedParams{ID: "abc"})
			require.NoError(t, err)
			folded, err = q.UpsertKeyFolded(ctx, odd.UpsertKeyFoldedParams{ID: strings.ToUpper(folded.ID), Other: &b})
			require.NoError(t, err)
			require.Equal(t, odd.KeyFolded{ID: "abc", Other: &b}, folded)

			// The rows of a table that inherits are there too.
			_, err = q.InsertParent(ctx, odd.InsertParentParams{ID: 1})
			require.NoError(t, err)
			_, err = q.InsertChild(ctx, odd.InsertChildParams{ID: 1})
			require.NoError(t, err)
			parents, err := q.ListParentsByID(ctx, 1)
			require.NoError(t, err)
			require.Len(t, parents, 2)

			require.NoError(t, q.RefreshTotals(ctx))
			require.NoError(t, q.RefreshTotalsConcurrently(ctx))
			require.NoError(t, q.RefreshSnapshots(ctx))
		})
	}
}

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	var out []T
	for v, err := range seq {
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}

// Functions and procedures are called by the names of their arguments, and what
// has a default may be left out.
func TestTablesFunctions(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			q := odd.New(connect(t, database(t, "tables_odd"), mode))
			sum, err := q.Add(ctx, odd.AddParams{A: 1})
			require.NoError(t, err)
			require.EqualValues(t, 13, *sum)
			sum, err = q.Add(ctx, odd.AddParams{A: 1, B: runtime.Set[int32](5), C: runtime.Set[int32](0)})
			require.NoError(t, err)
			require.EqualValues(t, 6, *sum)
			text, err := q.Unnamed(ctx, odd.UnnamedParams{Arg1: 7, Arg2: "x"})
			require.NoError(t, err)
			require.Equal(t, "x7", *text)
			both, err := q.OutTwo(ctx, 3)
			require.NoError(t, err)
			require.EqualValues(t, 3, *both.A)
			require.Equal(t, "b", *both.B)

			odds := "odd"
			listed := collect(t, q.Listed(ctx, odd.ListedParams{N: 3, OddName: &odds}))
			require.Len(t, listed, 3)
			require.EqualValues(t, 3, *listed[2].I)
			require.Equal(t, "odd", *listed[2].Type)
			require.Nil(t, collect(t, q.Listed(ctx, odd.ListedParams{N: 1}))[0].Type)
			for n := range q.NumbersTo(ctx, 1000) {
				require.EqualValues(t, 1, *n)
				break // leaving early frees the connection
			}
			require.Len(t, collect(t, q.NumbersTo(ctx, 1000)), 1000)

			total, err := q.TotalInt4Array(ctx, runtime.Opt[[]int32]{})
			require.NoError(t, err)
			require.EqualValues(t, 3, *total)
			total, err = q.TotalInt4Array(ctx, runtime.Set([]int32{4, 5}))
			require.NoError(t, err)
			require.EqualValues(t, 9, *total)
			text, err = q.TotalText(ctx, "t")
			require.NoError(t, err)
			require.Equal(t, "t", *text)
			text, err = q.Domained(ctx, odd.DomainedParams{M: runtime.Set(odd.MoodOk)})
			require.NoError(t, err)
			require.Equal(t, "xok", *text)
			text, err = q.Lower(ctx, odd.MoodOk)
			require.NoError(t, err)
			require.Equal(t, "mine", *text)
			a, b := int32(1), "b"
			pair, err := q.OnePair(ctx, odd.Pair{A: &a, B: &b})
			require.NoError(t, err)
			require.Equal(t, odd.OnePairRow{A: &a, B: &b}, pair)
			require.NoError(t, q.WithTx2(ctx))

			_, err = q.InsertUser(ctx, odd.InsertUserParams{ID: 1, Email: "a"})
			require.NoError(t, err)
			require.NoError(t, q.Rename(ctx, odd.RenameParams{ID: 1}))
			require.Equal(t, "nobody", *collect(t, q.AllUsers(ctx))[0].Email)
			require.NoError(t, q.Rename(ctx, odd.RenameParams{ID: 1, Email: runtime.Set("b")}))
			require.Equal(t, "b", *collect(t, q.AllUsers(ctx))[0].Email)
			swapped, err := q.Swap(ctx, odd.SwapParams{A: 1, B: 2})
			require.NoError(t, err)
			require.EqualValues(t, 2, *swapped.A)
			require.EqualValues(t, 1, *swapped.B)
		})
	}
}

// The user's templates decide what is made.
func TestTablesTemplates(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	q := templated.New(connect(t, database(t, "tables_templates"), pgx.QueryExecModeCacheStatement))
	_, err := q.InsertUser(ctx, templated.InsertUserParams{ID: 1, Name: "a"})
	require.NoError(t, err)
	nobody, err := q.FindUser(ctx, 2)
	require.NoError(t, err)
	require.Nil(t, nobody)
	has, err := q.HasUser(ctx, 1)
	require.NoError(t, err)
	require.True(t, has)
	for _, want := range []int64{1, 0} {
		n, err := q.DeleteUser(ctx, 1)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	users, err := q.ListUsers(ctx, templated.ListUsersParams{})
	require.NoError(t, err)
	require.NotNil(t, users[0].DeletedAt)
}

// Methods of tables are described as those that are written, and the place of
// their SQL is that in the template.
func TestTablesAreDescribed(t *testing.T) {
	t.Parallel()
	description, err := generator.Describe(context.Background(), generator.Options{ConfigFile: "testdata/tables_odd/sqlc.yaml", PostgresBin: os.Getenv(pgtest.BinEnv)})
	require.NoError(t, err)
	require.False(t, description.HasErrors, description.Report)
	queries := map[string]*generator.QueryDescription{}
	for _, q := range description.Packages[0].Queries {
		require.Nil(t, queries[q.Name], q.Name)
		queries[q.Name] = q
	}
	text, err := os.ReadFile("../templates/tables/update.sql")
	require.NoError(t, err)
	q := queries["UpdateEquipment"]
	require.Equal(t, "pgwright:tables/update.sql", q.File)
	require.Equal(t, "-- name: {{.Name}} :one", strings.Split(string(text), "\n")[q.Line-1])
	require.Equal(t, ":one", q.Command)
	require.Equal(t, "UPDATE equipment SET\n    label = CASE WHEN $1 THEN $2 ELSE label END\nWHERE id = $3\nRETURNING id, label", q.SQL)
	var types []string
	for _, p := range q.Params {
		types = append(types, p.Name+" "+p.GoType)
	}
	require.Equal(t, []string{"label_given bool", "label runtime.Opt[*string]", "id int32"}, types)
	require.Equal(t, "int64", queries["ListEquipment"].Params[1].GoType)

	// What somebody has written is described, and that it is.
	require.Equal(t, "queries.sql", filepath.Base(queries["CountUsers"].File))
	require.Contains(t, description.Report, "note: written by hand, and so not made of tables: CountUsers (")
}

// The lock stands in for the server until a table, a template or the choice of
// tables is another one, and a database with the same schema has no drift.
func TestTablesInTheLock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, old, replacement, want string }{
		{"a template", "templates/delete.sql", "marks", "ticks", "the options of tables or their templates have changed"},
		{"a choice", "sqlc.yaml", "exclude: [hidden", "exclude: [logs", "the options of tables or their templates have changed"},
		{"a name", "sqlc.yaml", "package: templated", "package: templated\n          rename: {id: Key}", "the options of tables or their templates have changed"},
		{"a table", "schema.sql", "secret", "public", "schema.sql has changed"},
		{"a query of the same name", "queries.sql", "-- none", "-- name: ListLogs :many\nSELECT line FROM logs;", "query ListLogs has changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/tables_templates")))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "queries.sql"), []byte("-- none\n"), 0o644))
			edit(t, dir, "sqlc.yaml", "    codegen", "    queries: queries.sql\n    codegen")
			_, err := generator.Write(generate(t, dir))
			require.NoError(t, err)
			config := filepath.Join(dir, "sqlc.yaml")
			drifts, err := generator.FindDrift(context.Background(), generator.Options{ConfigFile: config, Database: database(t, "tables_templates")})
			require.NoError(t, err)
			require.Empty(t, drifts)

			edit(t, dir, tt.file, tt.old, tt.replacement)
			_, err = generator.Generate(context.Background(), noServer(t, config))
			require.ErrorContains(t, err, tt.want)
			_, err = generator.Write(generate(t, dir))
			require.NoError(t, err)
			_, err = generator.Generate(context.Background(), noServer(t, config))
			require.NoError(t, err)
		})
	}
}

// A column that has changed its type has drifted for all methods of its table.
func TestTablesDrift(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/tables")))
	_, err := generator.Write(generate(t, dir))
	require.NoError(t, err)
	url := database(t, "tables")
	_, err = connect(t, url, pgx.QueryExecModeCacheStatement).Exec(context.Background(), "ALTER TABLE items ALTER quantity TYPE bigint")
	require.NoError(t, err)
	drifts, err := generator.FindDrift(context.Background(), generator.Options{ConfigFile: filepath.Join(dir, "sqlc.yaml"), Database: url})
	require.NoError(t, err)
	var found []string
	for _, d := range drifts {
		if d.Query == "GetItem" {
			found = append(found, d.String())
		}
	}
	require.Equal(t, []string{"pgwright:tables/get.sql:2: GetItem: column quantity was integer and is bigint now"}, found)
}

// Optional values and rows in queries that somebody has written.
func TestOptionalParametersOfQueries(t *testing.T) {
	t.Parallel()
	for _, mode := range execModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			q := optional.New(connect(t, database(t, "optional"), mode))
			born := time.Date(1815, 12, 10, 0, 0, 0, 0, time.UTC)
			users, err := q.Load(ctx, []optional.LoadParams{
				{ID: 1, Name: "a", Tags: []string{"x", "y"}, Born: born, Meta: runtime.Set(map[string]string{"k": `"v"`})},
				{ID: 2, Name: "b", Born: born, Nick: runtime.SetNull[string]()},
				{ID: 3, Name: "c", Born: born, Nick: runtime.SetPtr("n"), Meta: runtime.Set[map[string]string](nil)},
			})
			require.NoError(t, err)
			require.Equal(t, []string{"x", "y"}, users[0].Tags)
			require.Equal(t, map[string]string{"k": `"v"`}, users[0].Meta)
			require.Equal(t, "none", *users[0].Nick)
			require.Equal(t, []string{}, users[1].Tags)
			require.Nil(t, users[1].Nick)
			require.Nil(t, users[1].Meta)
			require.Equal(t, "n", *users[2].Nick)
			require.True(t, born.Equal(*users[0].Born))

			n, err := q.Rename(ctx, optional.RenameParams{ID: 1})
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
			_, err = q.Rename(ctx, optional.RenameParams{ID: 2, Name: runtime.Set("z")})
			require.NoError(t, err)
			for name, want := range map[string]int64{"a": 1, "b": 0, "z": 1} {
				n, err := q.CountNamed(ctx, runtime.Set(name))
				require.NoError(t, err)
				require.Equal(t, want, n, name)
			}
			n, err = q.CountNamed(ctx, runtime.Opt[string]{})
			require.NoError(t, err)
			require.EqualValues(t, 3, n)
			n, err = q.AddTags(ctx, []optional.AddTagsParams{{ID: 1, Tag: "t"}, {ID: 3, Tag: "t"}, {ID: 9, Tag: "t"}})
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			require.NoError(t, q.SetNicks(ctx, []optional.SetNicksParams{{ID: 1}, {ID: 2, Nick: runtime.SetPtr("new")}}).Close())
			ids, err := q.WithMeta(ctx, json.RawMessage(`{"k": "\"v\""}`))
			require.NoError(t, err)
			require.Equal(t, []int64{1}, ids)
		})
	}
}

// A PATCH request can be decoded into the parameters: a key that is absent
// leaves alone, and null is NULL where there is one.
func TestTablesPatchFromJSON(t *testing.T) {
	t.Parallel()
	var patch tables.UpdateUserParams
	require.NoError(t, json.Unmarshal([]byte(`{"id": 1, "nickname": null, "tags": ["x"]}`), &patch))
	want := tables.UpdateUserParams{ID: 1, Nickname: runtime.SetNull[string](), Tags: runtime.Set([]string{"x"})}
	require.Equal(t, want, patch)
	text, err := json.Marshal(patch)
	require.NoError(t, err)
	require.JSONEq(t, `{"id": 1, "nickname": null, "tags": ["x"]}`, string(text))
	require.ErrorContains(t, json.Unmarshal([]byte(`{"name": null}`), &patch), "null for a value that cannot be null")
}

// Upserts of the same rows by many at once: each row is there once, what one
// leaves out the other keeps, and nobody fails.
func TestTablesConcurrentUpserts(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, database(t, "tables"))
	require.NoError(t, err)
	defer pool.Close()
	q := tables.New(pool)
	const writers, rounds, rows = 8, 25, 5
	failed := make(chan error, writers)
	for w := range writers {
		go func() {
			for i := range rounds {
				arg := tables.UpsertUserByEmailParams{Email: fmt.Sprintf("%d@x", i%rows), Name: "same"}
				// Half of them set the tags and nothing else that can be left out.
				if w%2 == 0 {
					arg.Tags = runtime.Set([]string{"kept"})
				}
				if _, err := q.UpsertUserByEmail(ctx, arg); err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range writers {
		require.NoError(t, <-failed)
	}
	users, err := q.ListUsers(ctx, tables.ListUsersParams{})
	require.NoError(t, err)
	require.Len(t, users, rows)
	for _, u := range users {
		require.Equal(t, []string{"kept"}, u.Tags)
	}

	// Patches of different columns of one row do not undo each other.
	id := users[0].ID
	patched := make(chan error, 2)
	go func() {
		for i := range rounds {
			if _, err := q.UpdateUser(ctx, tables.UpdateUserParams{ID: id, Name: runtime.Set(fmt.Sprint(i))}); err != nil {
				patched <- err
				return
			}
		}
		patched <- nil
	}()
	go func() {
		for i := range rounds {
			if _, err := q.UpdateUser(ctx, tables.UpdateUserParams{ID: id, Nickname: runtime.SetPtr(fmt.Sprint(i))}); err != nil {
				patched <- err
				return
			}
		}
		patched <- nil
	}()
	require.NoError(t, <-patched)
	require.NoError(t, <-patched)
	last, err := q.GetUser(ctx, id)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(rounds-1), last.Name)
	require.Equal(t, fmt.Sprint(rounds-1), *last.Nickname)
}

// Pages that are read while others insert hold each row that was there at the
// start exactly once, and no row twice.
func TestTablesPagesWhileRowsAreInserted(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, database(t, "tables"))
	require.NoError(t, err)
	defer pool.Close()
	q := tables.New(pool)
	owner, err := q.InsertUser(ctx, tables.InsertUserParams{Email: "a@x", Name: "A"})
	require.NoError(t, err)
	_, err = pool.Exec(ctx, "INSERT INTO orders (user_id) SELECT $1 FROM generate_series(1, 300)", owner.ID)
	require.NoError(t, err)
	before, err := q.ListOrders(ctx, tables.ListOrdersParams{})
	require.NoError(t, err)
	require.Len(t, before, 300)

	// Random keys: the new rows land before, behind and in the page being read.
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if _, err := q.InsertOrder(ctx, tables.InsertOrderParams{UserID: owner.ID}); err != nil {
				stopped <- err
				return
			}
		}
	}()
	seen := map[pgtype.UUID]int{}
	arg := tables.ListOrdersParams{Limit: 7}
	for {
		page, err := q.ListOrders(ctx, arg)
		require.NoError(t, err)
		for _, o := range page {
			seen[o.ID]++
		}
		if len(page) < 7 {
			break
		}
		arg.After = page[len(page)-1].ID
	}
	close(stop)
	require.NoError(t, <-stopped)
	for _, o := range before {
		require.Equal(t, 1, seen[o.ID])
	}
	for id, n := range seen {
		require.Equal(t, 1, n, "%v", id)
	}
	after, err := q.CountOrders(ctx)
	require.NoError(t, err)
	require.Greater(t, after, int64(300), "nothing was inserted meanwhile")
}
