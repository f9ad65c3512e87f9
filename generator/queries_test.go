package generator_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	deep "github.com/pgwright/pgwright/generator/testdata/deep/want"
	everyday "github.com/pgwright/pgwright/generator/testdata/everyday/want"
	multirange "github.com/pgwright/pgwright/generator/testdata/multirange/want"
)

// Every query of these projects runs, in every mode of pgx, on the project's
// data, and the mode makes no difference to what comes back. The queries get
// the zero values of their parameters.
func TestGeneratedQueriesRun(t *testing.T) {
	t.Parallel()
	for _, project := range []struct {
		name  string
		since int
		open  func(*pgx.Conn) any
	}{
		{"deep", 13, func(c *pgx.Conn) any { return deep.New(c) }},
		{"everyday", 13, func(c *pgx.Conn) any { return everyday.New(c) }},
		{"multirange", 15, func(c *pgx.Conn) any { return multirange.New(c) }},
	} {
		if serverMajor(t) < project.since {
			continue
		}
		t.Run(project.name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile("testdata/" + project.name + "/data.sql")
			require.NoError(t, err)
			want := map[string]string{}
			for _, mode := range execModes {
				url := database(t, project.name)
				_, err = connect(t, url, mode).PgConn().Exec(context.Background(), string(data)).ReadAll()
				require.NoError(t, err)
				conn := connect(t, url, mode)
				queries := reflect.ValueOf(project.open(conn))
				for i := range queries.NumMethod() {
					name := queries.Type().Method(i).Name
					if name == "WithTx" {
						continue
					}
					got := callQuery(t, name, queries.Method(i))
					if _, ok := want[name]; !ok {
						want[name] = got
					}
					require.Equal(t, want[name], got, "%s in mode %s and in mode %s", name, execModes[0], mode)
				}
			}
			require.NotEmpty(t, want)
		})
	}
}

// callQuery calls the method of a query and prints what it returns.
func callQuery(t *testing.T, name string, method reflect.Value) string {
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	for i := 1; i < method.Type().NumIn(); i++ {
		args = append(args, reflect.Zero(method.Type().In(i)))
	}
	var values []any
	for _, out := range method.Call(args) {
		switch v := out.Interface().(type) {
		case error:
			if !errors.Is(v, pgx.ErrNoRows) {
				require.NoError(t, v, name)
			}
		case interface{ Close() error }:
			require.NoError(t, v.Close(), name)
		default:
			if !strings.HasPrefix(out.Type().String(), "iter.Seq2") {
				values = append(values, v)
				continue
			}
			for row, err := range out.Seq2() {
				require.True(t, err.IsNil(), "%s: %v", name, err)
				values = append(values, row.Interface())
			}
		}
	}
	printed, err := json.Marshal(values)
	require.NoError(t, err, name)
	return string(printed)
}
