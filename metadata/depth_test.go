package metadata_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type linked struct {
	Next *linked        `json:"next"`
	M    map[string]any `json:"m,omitempty"`
}

type embedsPatch struct{ metadata.Patch }

type recursiveSlice []recursiveSlice

// TestCyclesEnd: a value that contains itself is an error, not a stack overflow,
// which no caller could recover from.
func TestCyclesEnd(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]func() any{
		"map":                         func() any { m := map[string]any{}; m["m"] = m; return m },
		"Patch":                       func() any { p := metadata.Patch{}; p["a-key-that-is-rather-long"] = p; return p },
		"slice":                       func() any { s := []any{nil}; s[0] = s; return s },
		"typed slice":                 func() any { s := recursiveSlice{nil}; s[0] = s; return s },
		"pointer to itself":           func() any { var x any; x = &x; return x },
		"pointer chain":               func() any { p := new(any); q := new(any); *p, *q = q, p; return p },
		"struct":                      func() any { l := &linked{}; l.Next = l; return l },
		"map in a struct in a map":    func() any { l := linked{M: map[string]any{}}; l.M["l"] = l; return l },
		"Patch in a struct":           func() any { p := metadata.Patch{}; p["s"] = struct{ P metadata.Patch }{p}; return p },
		"Patch in an any of a struct": func() any { p := metadata.Patch{}; p["s"] = &struct{ P any }{p}; return p },
		"Patch in a typed map":        func() any { p := metadata.Patch{}; p["s"] = map[int]metadata.Patch{1: p}; return p },
		"embedded interface":          func() any { e := &struct{ json.Marshaler }{}; e.Marshaler = e; return e },
		"embedded Patch":              func() any { p := metadata.Patch{}; p["s"] = embedsPatch{p}; return p },
	} {
		if testing.Short() && strings.Contains(name, " in ") {
			continue // each runs to the limit
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, patchErr := metadata.Patch{"k": value()}.MarshalJSON()
			for _, err := range []error{patchErr, metadata.Of(map[string]any{"k": value()}).Err()} {
				require.Error(t, err)
				require.True(t, errors.Is(err, metadata.ErrTooDeep) || errors.Is(err, metadata.ErrUnsupported), err)
				require.Less(t, len(err.Error()), 2000)
			}
		})
	}
}

func nested(levels int, open, inner, closing string) string {
	return strings.Repeat(open, levels) + inner + strings.Repeat(closing, levels)
}

// TestDepthLimit: what is accepted can be read by encoding/json, which stops at
// 10000 too.
func TestDepthLimit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		fits bool
	}{
		"objects":         {nested(10000, `{"a":`, "1", "}"), true},
		"objects, deeper": {nested(10001, `{"a":`, "1", "}"), false},
		"arrays":          {`{"a":` + nested(9999, "[", "1", "]") + "}", true},
		"arrays, deeper":  {`{"a":` + nested(10000, "[", "", "]") + "}", false},
		"much deeper":     {nested(200_000, `{"a":`, "1", "}"), false},
		"never closed":    {strings.Repeat(`{"a":`, 200_000), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.fits, json.Valid([]byte(test.text)))
			p, err := metadata.ParsePatch([]byte(test.text))
			_, rawErr := metadata.Patch{"a": json.RawMessage(strings.TrimSuffix(strings.TrimPrefix(test.text, `{"a":`), "}"))}.MarshalJSON()
			if !test.fits {
				require.ErrorIs(t, err, metadata.ErrTooDeep)
				require.Error(t, rawErr)
				return
			}
			require.NoError(t, err)
			require.NoError(t, rawErr)
			out, err := json.Marshal(p)
			require.NoError(t, err)
			require.Equal(t, test.text, string(out))
		})
	}

	var v any = 1
	for range 10000 {
		v = []any{v}
	}
	_, err := metadata.Patch{"a": v}.MarshalJSON()
	require.ErrorIs(t, err, metadata.ErrTooDeep)
	_, err = metadata.Patch{"a": v.([]any)[0]}.MarshalJSON()
	require.NoError(t, err)
}
