package profile

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCoerce(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]any{
		"true": true, "TRUE": true, "False": false, "yes": "yes", "on": "on", "": "", " 1": " 1", "1 ": "1 ",
		"0": int64(0), "10": int64(10), "-7": int64(-7), "+7": int64(7), "007": int64(7), "9223372036854775807": int64(math.MaxInt64),
		"9223372036854775808": float64(9223372036854775808), "1.5": 1.5, ".5": 0.5, "1.": 1.0, "1e3": 1000.0, "-2.5E-1": -0.25,
		"100ms": 100 * time.Millisecond, "2s": 2 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "-1s": -time.Second,
		"1us": time.Microsecond, "1d": "1d", "s": "s", "2 s": "2 s", "1s ": "1s ",
		"0x10": "0x10", "1_000": "1_000", "inf": "inf", "+inf": "+inf", "NaN": "NaN", "-infinity": "-infinity", "0x1p-2": "0x1p-2",
		"1e400": "1e400", "-": "-", "e": "e", "1e": "1e", "10.0.0.1": "10.0.0.1", "2024-01-01": "2024-01-01", "１": "１",
	} {
		require.Equal(t, want, coerce(raw), "%q", raw)
	}
}

func FuzzCoerce(f *testing.F) {
	for _, seed := range []string{"true", "1", "-1.5e3", "100ms", "1h2m", "", "+", "0x1p-2", "inf", "9223372036854775808", "١"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		switch v := coerce(raw).(type) {
		case bool:
			require.True(t, strings.EqualFold(raw, strconv.FormatBool(v)))
		case int64:
			back, err := strconv.ParseInt(raw, 10, 64)
			require.NoError(t, err)
			require.Equal(t, back, v)
		case float64:
			require.False(t, math.IsNaN(v) || math.IsInf(v, 0))
			require.Equal(t, v, coerce(strconv.FormatFloat(v, 'e', -1, 64)))
		case time.Duration:
			back, err := time.ParseDuration(raw)
			require.NoError(t, err)
			require.Equal(t, back, v)
		case string:
			require.Equal(t, raw, v)
		default:
			require.Failf(t, "another type", "%T", v)
		}
		// Whatever the text, each key takes it or says what it wants, and a
		// text key takes it as it is.
		for i := range keys {
			k := &keys[i]
			v, err := k.convert(variable(raw))
			if err == nil && k.kind == text {
				require.Equal(t, raw, v.text)
			}
			if k.kind == text && k.one == nil && !strings.ContainsRune(raw, 0) {
				require.NoError(t, err)
			}
			var unknown *unknownText
			if err != nil && !errors.As(err, &unknown) && len(raw) > 24 {
				require.NotContains(t, err.Error(), raw)
			}
		}
	})
}

func FuzzOverlay(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a": 1}`, `{"pool": {"max_size": 10, "timeout": "2s"}, "max_size": null}`, `{"params": {"a.b": [1, {"c": true}]}}`,
		`{"a": 1} x`, `{"a"`, `[`, `{"a": 1e999}`, `{"": {"": {}}}`, "{\"\xff\": 1}", `{"a": 1, "a": 2}`, `{"password": "\ud800"}`, ``, `null`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		object, err := parseObject(source)
		var want map[string]any
		theirs := json.Unmarshal([]byte(source), &want)
		var wide *json.UnmarshalTypeError
		if errors.As(theirs, &wide) && err == nil {
			// A number that no float64 holds: canonical refuses it.
			return
		}
		if theirs != nil || want == nil {
			require.Error(t, err)
		}
		if err != nil {
			var twice *duplicateKey
			if !errors.As(err, &twice) && len(source) > 24 {
				require.NotContains(t, err.Error(), source)
			}
			return
		}
		require.Equal(t, slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(object)))
		_, overlay := fromEnvironment([]string{"P_DEFAULT__JSON=" + source}, "P_", "DEFAULT", nil)
		for name, e := range overlay.entries {
			require.True(t, find(name) != nil || name == paramsTable || strings.HasPrefix(name, paramsTable+"."), name)
			_, ok := canonical(e.given)
			require.True(t, ok)
		}
		for _, p := range overlay.problems {
			require.Equal(t, "P_DEFAULT__JSON", p.Origin)
			require.NotEmpty(t, p.Message)
		}
	})
}

func FuzzDSN(f *testing.F) {
	for _, seed := range []string{"postgres://u:p@h/d", "host=h password='a b'", `a='\'`, "=", "a=b c", "a = b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		if err := checkDSN(dsn); err != nil && len(dsn) > 40 {
			require.NotContains(t, err.Error(), dsn)
		}
	})
}
