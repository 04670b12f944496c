package metadata_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		v    any
		want int
	}{
		"patch":           {metadata.Patch{"a": metadata.Delete, "<": "é"}, len(`{"<":"é","a":null}`)},
		"value":           {metadata.Of(map[string]any{"a": nil}), len(`{"a":null}`)},
		"unset value":     {metadata.Value{}, 0},
		"object":          {object(t, `{ "a" : 1 }`), len(`{ "a" : 1 }`)},
		"absent object":   {metadata.Object{}, 0},
		"null object":     {object(t, `null`), 4},
		"struct":          {plan{Plan: "<&>"}, len(`{"plan":"<&>"}`)},
		"pointer":         {&plan{Plan: "a"}, len(`{"plan":"a"}`)},
		"map":             {map[string]int{"a": 1}, len(`{"a":1}`)},
		"JSON, re-spaced": {json.RawMessage(` { "a" : 1 } `), len(`{"a":1}`)},
	} {
		got, err := metadata.Size(tc.v)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, got, name)
	}
	for name, tc := range map[string]struct {
		v      any
		reason error
	}{
		"nil patch": {metadata.Patch(nil), metadata.ErrNull},
		"nil in it": {metadata.Patch{"a": nil}, metadata.ErrNull},
		"bad value": {metadata.Of([]int{}), metadata.ErrNotObject},
		"NaN":       {map[string]any{"a": math.NaN()}, metadata.ErrNotFinite},
	} {
		got, err := metadata.Size(tc.v)
		require.ErrorIs(t, err, tc.reason, name)
		require.Zero(t, got, name)
	}
}

// ofSize is an object of n bytes.
func ofSize(t *testing.T, n int) metadata.Object {
	t.Helper()
	o := object(t, `{"k":"`+strings.Repeat("x", n-8)+`"}`)
	require.Equal(t, n, o.Size())
	return o
}

func TestCheckClaims(t *testing.T) {
	t.Parallel()
	for name, objects := range map[string][]metadata.Object{
		"nothing":             nil,
		"absent and null":     {{}, object(t, `null`)},
		"at the limit":        {ofSize(t, 1200)},
		"together":            {ofSize(t, 600), {}, ofSize(t, 600)},
		"together, with null": {ofSize(t, 1196), object(t, `null`)},
	} {
		require.NoError(t, metadata.CheckClaims(objects...), name)
	}
	for name, objects := range map[string][]metadata.Object{
		"one byte over":       {ofSize(t, 1201)},
		"together":            {ofSize(t, 600), ofSize(t, 601)},
		"together, with null": {ofSize(t, 1197), object(t, `null`)},
	} {
		var size *metadata.ClaimSizeError
		require.ErrorAs(t, metadata.CheckClaims(objects...), &size, name)
		require.Equal(t, 1201, size.Size, name)
	}

	text := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	err := metadata.CheckClaims(
		object(t, `{"small":1,"big":`+text(700)+`,"b\n":`+text(300)+`}`),
		object(t, `{"a":`+text(300)+`,"nested":{"x":`+text(400)+`}}`))
	var size *metadata.ClaimSizeError
	require.ErrorAs(t, err, &size)
	require.Equal(t, []metadata.KeySize{{"big", 700}, {"nested", 406}, {"a", 300}}, size.Largest, "the largest first, then by name")
	require.EqualError(t, err, `metadata of 1747 bytes is too large for a session token, whose limit is 1200; largest keys: "big" (700), "nested" (406), "a" (300)`)
	err = metadata.CheckClaims(object(t, `{"b\nc":`+text(1300)+`}`))
	require.ErrorContains(t, err, `largest keys: "b\nc" (1300)`)
	requireSilent(t, err, "xx")
}
