package peers_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const documents = 5000

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 7396)), numbers: exact()}
}

// vector is one of RFC 7396, appendix A.
type vector struct{ target, patch, result string }

func appendixA() []vector {
	return []vector{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	}
}

// Metadata is an object, so the vectors of other documents are tried one level
// down, where they are values like any other.
func TestAppendixA(t *testing.T) {
	t.Parallel()
	require.Len(t, appendixA(), 15)
	for _, v := range appendixA() {
		at := func(s string) []byte { return []byte(`{"k":` + s + `}`) }
		result := at(v.result)
		if v.patch == "null" {
			result = []byte(`{}`) // as a member a null removes
		}
		require.JSONEq(t, string(result), string(merge(t, at(v.target), at(v.patch))), "%v", v)
		peers, err := jsonpatch.MergePatch(at(v.target), at(v.patch))
		require.NoError(t, err)
		require.JSONEq(t, string(result), string(peers), "%v", v)

		isObject := func(s string) bool { return s[0] == '{' }
		if isObject(v.target) && isObject(v.patch) {
			require.JSONEq(t, v.result, string(merge(t, []byte(v.target), []byte(v.patch))), "%v", v)
			continue
		}
		_, targetErr := metadata.ParseObject([]byte(v.target))
		_, patchErr := metadata.ParsePatch([]byte(v.patch))
		require.ErrorIs(t, errors.Join(targetErr, patchErr), metadata.ErrNotObject, "%v", v)
	}
}

func TestMergeIsThePeers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(documents) {
		g := newGenerator(seed)
		g.numbers = odd()
		g.nulls = seed%2 == 0
		doc := text(t, g.object(4))
		g.nulls = true
		change := text(t, g.object(4))
		want, err := jsonpatch.MergePatch(doc, change)
		require.NoError(t, err)
		require.Equal(t, tree(t, want), tree(t, merge(t, doc, change)), "%d: %s by %s", seed, doc, change)
	}
}

// Where Compose gives a patch it is the one of the peer, which refuses no pair;
// TestWhereThePeerDiffers shows what its answer is worth then.
func TestComposeIsThePeers(t *testing.T) {
	t.Parallel()
	composed, refused := 0, 0
	for seed := range uint64(documents) {
		g := newGenerator(seed)
		g.numbers, g.nulls = odd(), true
		first, second := text(t, g.object(3)), text(t, g.object(3))
		want, err := jsonpatch.MergeMergePatches(first, second)
		require.NoError(t, err)
		p, err := metadata.Compose(patch(t, first), patch(t, second))
		if err == nil {
			composed++
			got, err := p.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, tree(t, want), tree(t, got), "%d: %s, %s", seed, first, second)
			continue
		}
		refused++
		var conflict *metadata.ComposeError
		require.ErrorAs(t, err, &conflict)
	}
	require.Greater(t, composed, documents/10)
	require.Greater(t, refused, documents/10)
}

func TestDiffIsThePeers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(documents) {
		g := newGenerator(seed)
		from, to := text(t, g.object(4)), text(t, g.object(4))
		got := diff(t, from, to)
		want, err := jsonpatch.CreateMergePatch(from, to)
		require.NoError(t, err)
		require.Equal(t, tree(t, want), tree(t, got), "%d: %s → %s", seed, from, to)
		applied, err := jsonpatch.MergePatch(from, got)
		require.NoError(t, err)
		require.Equal(t, tree(t, to), tree(t, applied), "%d: %s → %s by %s", seed, from, to, got)
	}
}

// Numbers of any kind: what this module's Diff says, the peer's merge does.
func TestDiffOfNumbersByThePeersMerge(t *testing.T) {
	t.Parallel()
	for seed := range uint64(documents) {
		g := newGenerator(seed)
		g.numbers = odd()
		from, to := text(t, g.object(4)), text(t, g.object(4))
		applied, err := jsonpatch.MergePatch(from, diff(t, from, to))
		require.NoError(t, err)
		require.True(t, metadata.Equal(object(t, to), object(t, applied)), "%d: %s → %s: %s", seed, from, to, applied)
	}
}

// What the tests above keep out, because the peer does otherwise than the RFC
// says, or than this module promises. Each is shown, so that a version of the
// peer that changes its mind is noticed.
func TestWhereThePeerDiffers(t *testing.T) {
	t.Parallel()
	// Nulls of objects in an array are data in the RFC: an array is taken whole.
	const nulls = `{"a":[{"b":null,"c":1}]}`
	require.JSONEq(t, nulls, string(merge(t, []byte(`{}`), []byte(nulls))))
	got, err := jsonpatch.MergePatch([]byte(`{}`), []byte(nulls))
	require.NoError(t, err)
	require.JSONEq(t, `{"a":[{"c":1}]}`, string(got))

	// Its diff compares numbers by their text and sends what is no change.
	from, to := []byte(`{"a":1,"b":1e0}`), []byte(`{"a":1.0,"b":1}`)
	require.Equal(t, `{}`, string(diff(t, from, to)))
	got, err = jsonpatch.CreateMergePatch(from, to)
	require.NoError(t, err)
	require.Equal(t, `{"a":1.0,"b":1}`, string(got))

	// A null that is wanted has no merge patch; its diff deletes the key instead.
	_, err = metadata.Diff(object(t, []byte(`{"a":1}`)), object(t, []byte(`{"a":null}`)))
	require.ErrorIs(t, err, metadata.ErrNull)
	got, err = jsonpatch.CreateMergePatch([]byte(`{"a":1}`), []byte(`{"a":null}`))
	require.NoError(t, err)
	require.JSONEq(t, `{"a":null}`, string(got))

	// Two patches that have no composition get one, which does something else.
	doc, first, second := []byte(`{"a":{"x":1}}`), []byte(`{"a":null}`), []byte(`{"a":{"y":2}}`)
	_, err = metadata.Compose(patch(t, first), patch(t, second))
	var refused *metadata.ComposeError
	require.ErrorAs(t, err, &refused)
	composed, err := jsonpatch.MergeMergePatches(first, second)
	require.NoError(t, err)
	require.JSONEq(t, `{"a":{"y":2}}`, string(merge(t, merge(t, doc, first), second)))
	require.JSONEq(t, `{"a":{"x":1,"y":2}}`, string(merge(t, doc, composed)))
}
