package metadata_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ old, new, want string }{
		{`{}`, `{}`, `{}`},
		{``, `{}`, `{}`},
		{`null`, `{}`, `{}`},
		{``, `{"a":1}`, `{"a":1}`},
		{`{"a":1,"b":[1,{"c":null}]}`, `{"b":[1.0,{"c":null}],"a":1e0}`, `{}`},
		{`{"a":1}`, `{}`, `{"a":null}`},
		{`{"a":1}`, `{"a":2.50}`, `{"a":2.50}`},
		{`{"a":{"b":1,"c":2}}`, `{"a":{"b":1,"c":3}}`, `{"a":{"c":3}}`},
		{`{"a":{"b":1}}`, `{"a":{}}`, `{"a":{"b":null}}`},
		{`{"a":1}`, `{"a":{}}`, `{"a":{}}`},
		{`{}`, `{"a":{}}`, `{"a":{}}`},
		{`{"a":[1]}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`},
		{`{"a":{"b":1}}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"a":{"b":1}}`, `{"a":"x"}`, `{"a":"x"}`},
		{`{"a":[1,2]}`, `{"a":[2,1]}`, `{"a":[2,1]}`},
		{`{"a":[1]}`, `{"a":[1,null,{"b":null},[null]]}`, `{"a":[1,null,{"b":null},[null]]}`},
		{`{"a":null,"b":{"c":null,"d":1}}`, `{"a":null,"b":{"c":null,"d":2}}`, `{"b":{"d":2}}`},
		{`{"a":null}`, `{}`, `{"a":null}`},
		{`{"a":null}`, `{"a":{}}`, `{"a":{}}`},
		{`{"n":9007199254740992}`, `{"n":9007199254740993}`, `{"n":9007199254740993}`},
	} {
		var old metadata.Object
		if v.old != "" {
			old = object(t, v.old)
		}
		got, err := metadata.Diff(old, object(t, v.new))
		require.NoError(t, err)
		require.NotNil(t, got, "an empty patch changes nothing, a nil one cannot be sent")
		text, err := got.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, v.want, string(text), "%s → %s", v.old, v.new)
	}
}

func TestDiffOfWantedNulls(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		old, new string
		want     []string
	}{
		{`{}`, `null`, []string{""}},
		{`{}`, `{"a":null}`, []string{"/a"}},
		{`{"a":1}`, `{"a":null}`, []string{"/a"}},
		{`{"z":{"y":1}}`, `{"z":{"y":null,"x":{"w":null}},"b":null,"c/~":{"d":null},"e":[null]}`, []string{"/b", "/c~1~0/d", "/z/x/w", "/z/y"}},
		{`{"a":null}`, `{"a":{"b":null}}`, []string{"/a/b"}},
	} {
		got, err := metadata.Diff(object(t, v.old), object(t, v.new))
		require.Nil(t, got)
		require.ErrorIs(t, err, metadata.ErrNull)
		var nulls *metadata.NullsError
		require.ErrorAs(t, err, &nulls)
		require.Equal(t, v.want, nulls.Paths)
		for _, path := range v.want {
			require.ErrorContains(t, err, `"`+path+`"`)
		}
	}
	_, err := metadata.Diff(metadata.Object{}, object(t, `{"`+strings.Repeat("k", 100)+`\nx":null}`))
	require.NotContains(t, err.Error(), "\n")
	require.Less(t, len(err.Error()), 200)
}

func TestDiffErrors(t *testing.T) {
	t.Parallel()
	_, err := metadata.Diff(object(t, `{"a":1}`), metadata.Object{})
	requirePath(t, err, metadata.ErrNotObject, "")
	twice := object(t, `{"a":1,"a":2}`)
	_, err = metadata.Diff(twice, object(t, `{}`))
	requirePath(t, err, metadata.ErrDuplicateKey, "/a")
	_, err = metadata.Diff(object(t, `{}`), twice)
	requirePath(t, err, metadata.ErrDuplicateKey, "/a")
}

// without calls f with every patch that lacks one key of p, at any level.
func without(p metadata.Patch, f func(metadata.Patch)) {
	for key, value := range p {
		less := maps.Clone(p)
		delete(less, key)
		f(less)
		if inner, ok := value.(metadata.Patch); ok {
			without(inner, func(less metadata.Patch) {
				whole := maps.Clone(p)
				whole[key] = less
				f(whole)
			})
		}
	}
}

func TestDiffIsMinimalAndLeadsToNew(t *testing.T) {
	t.Parallel()
	from, to := newRandom(2), newRandom(3)
	from.nullMembers = true
	changed := 0
	for range rounds(500) {
		old, want := object(t, from.object(4)), object(t, to.object(4))
		p, err := metadata.Diff(old, want)
		require.NoError(t, err)
		got, err := metadata.Merge(old, p)
		require.NoError(t, err)
		require.True(t, metadata.Equal(got, want), "%s → %s: %v", old, want, p)

		without(p, func(less metadata.Patch) {
			got, err := metadata.Merge(old, less)
			require.NoError(t, err)
			require.False(t, metadata.Equal(got, want), "%s → %s: %v does as well as %v", old, want, less, p)
			changed++
		})

		none, err := metadata.Diff(want, got)
		require.NoError(t, err)
		require.Empty(t, none)
		require.NotNil(t, none)
	}
	require.Greater(t, changed, rounds(1000), "the random documents must differ")
}
