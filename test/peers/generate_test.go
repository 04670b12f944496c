package peers_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// generator makes documents that collide in keys and values often enough for
// merges and diffs to have something to do.
type generator struct {
	*rand.Rand
	// nulls lets members be null, which in a patch is a deletion.
	nulls bool
	// numbers are written as they are here.
	numbers []string
}

// exact are numbers of which no two are equal.
func exact() []string {
	return []string{"0", "1.0", "2", "-1", "0.5", "9007199254740992", "9007199254740993"}
}

// odd are numbers that a float64 does not hold, and equal ones that look
// different.
func odd() []string {
	return []string{"1", "1.0", "1e0", "9007199254740992", "9007199254740993", "1.10", "1E+400"}
}

func (g *generator) object(depth int) map[string]any {
	members := map[string]any{}
	for _, key := range []string{"a", "b", "c/~", "é<&>\u2028", ""} {
		if g.IntN(2) == 0 {
			members[key] = g.value(depth-1, g.nulls)
		}
	}
	return members
}

func (g *generator) value(depth int, nulls bool) any {
	switch {
	case nulls && g.IntN(4) == 0:
		return nil
	case depth > 0 && g.IntN(3) > 0:
		return g.object(depth)
	case depth > 0 && g.IntN(2) > 0:
		inner := *g
		inner.nulls = false // TestWhereThePeerDiffers says why
		elements := make([]any, g.IntN(3))
		for i := range elements {
			elements[i] = inner.value(depth-1, false)
		}
		return elements
	}
	scalars := []any{"", "x", "\u00e9<&>", "\U0001f600", true, false, json.Number(g.numbers[g.IntN(len(g.numbers))])}
	return scalars[g.IntN(len(scalars))]
}

func text(tb testing.TB, v any) []byte {
	tb.Helper()
	raw, err := json.Marshal(v)
	require.NoError(tb, err)
	return raw
}

// tree decodes JSON and keeps every digit.
func tree(tb testing.TB, raw []byte) any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	require.NoError(tb, d.Decode(&v))
	return v
}

func object(tb testing.TB, raw []byte) metadata.Object {
	tb.Helper()
	o, err := metadata.ParseObject(raw)
	require.NoError(tb, err)
	return o
}

func patch(tb testing.TB, raw []byte) metadata.Patch {
	tb.Helper()
	p, err := metadata.ParsePatch(raw)
	require.NoError(tb, err)
	return p
}

func merge(tb testing.TB, doc, change []byte) []byte {
	tb.Helper()
	o, err := metadata.Merge(object(tb, doc), patch(tb, change))
	require.NoError(tb, err)
	return o.Raw()
}

func diff(tb testing.TB, from, to []byte) []byte {
	tb.Helper()
	p, err := metadata.Diff(object(tb, from), object(tb, to))
	require.NoError(tb, err)
	raw, err := p.MarshalJSON()
	require.NoError(tb, err)
	return raw
}
