package metadata_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestCompose(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ first, second, want string }{
		"of nothing":                  {`{}`, `{}`, `{}`},
		"of different keys":           {`{"a":1}`, `{"b":2}`, `{"a":1,"b":2}`},
		"the later wins":              {`{"a":1,"b":[1]}`, `{"a":2,"b":"x"}`, `{"a":2,"b":"x"}`},
		"nested":                      {`{"a":{"b":1,"c":2}}`, `{"a":{"b":null,"d":{}}}`, `{"a":{"b":null,"c":2,"d":{}}}`},
		"a deletion is kept":          {`{"a":{"b":null}}`, `{"a":{"c":1}}`, `{"a":{"b":null,"c":1}}`},
		"an object after nothing":     {`{}`, `{"a":{"b":null}}`, `{"a":{"b":null}}`},
		"a scalar over an object":     {`{"a":{"b":1}}`, `{"a":1}`, `{"a":1}`},
		"a deletion over an object":   {`{"a":{"b":1}}`, `{"a":null}`, `{"a":null}`},
		"nulls inside an array":       {`{"a":[null,{"b":null}]}`, `{"c":[null]}`, `{"a":[null,{"b":null}],"c":[null]}`},
		"digits are kept":             {`{"a":9007199254740993}`, `{"b":1.10}`, `{"a":9007199254740993,"b":1.10}`},
		"a scalar, and no object now": {`{"a":1}`, `{"a":[{}]}`, `{"a":[{}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := patch(t, tc.first), patch(t, tc.second)
			got, err := metadata.Compose(first, second)
			require.NoError(t, err)
			raw, err := got.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, tc.want, string(raw))
			require.Equal(t, []metadata.Patch{patch(t, tc.first), patch(t, tc.second)}, []metadata.Patch{first, second}, "left as they were")
		})
	}
}

func TestComposeWithNil(t *testing.T) {
	t.Parallel()
	p := metadata.Patch{"a": struct {
		B int `json:"b"`
	}{1}, "c": map[string]any{"d": metadata.Delete}}
	want := patch(t, `{"a":{"b":1},"c":{"d":null}}`)
	for name, pair := range map[string][2]metadata.Patch{"first": {nil, p}, "second": {p, nil}} {
		got, err := metadata.Compose(pair[0], pair[1])
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	got, err := metadata.Compose(nil, nil)
	require.NoError(t, err)
	require.Nil(t, got, "a field left alone twice is left alone")

	for name, pair := range map[string][2]metadata.Patch{
		"first": {{"a": nil}, {}}, "second": {{}, {"a": nil}}, "alone": {nil, {"a": nil}}, "alone, first": {{"a": nil}, nil},
	} {
		got, err := metadata.Compose(pair[0], pair[1])
		requirePath(t, err, metadata.ErrNull, "/a")
		require.Nil(t, got, name)
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	got, err := metadata.Compose(
		patch(t, `{"a":1,"b":{"c/d":null,"e":2},"f":[{"g":1}],"h":1}`),
		patch(t, `{"a":{},"b":{"c/d":{"x":null},"e":3},"f":{"g":1},"h":2}`))
	require.Nil(t, got)
	var refused *metadata.ComposeError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{"/a", "/b/c~1d", "/f"}, refused.Paths)
	require.EqualError(t, err, `no single merge patch replaces what may be an object, at "/a", "/b/c~1d", "/f": send the patches one after the other`)
}

// small are all values of a few levels, over two keys.
func small(depth int) []any {
	values := []any{metadata.Delete, "x"}
	if depth == 0 {
		return values
	}
	for _, a := range append(small(depth-1), nil) {
		for _, b := range append(small(depth-1), nil) {
			p := metadata.Patch{}
			if a != nil {
				p["a"] = a
			}
			if b != nil {
				p["b"] = b
			}
			values = append(values, p)
		}
	}
	return values
}

// TestComposeRefusesOnlyWhenItMust compares, over all small patches: where
// Compose gives a patch, it does on every small document what the two do in
// turn; where it refuses, no small patch does.
func TestComposeRefusesOnlyWhenItMust(t *testing.T) {
	t.Parallel()
	var patches []metadata.Patch
	var documents []metadata.Object
	for _, v := range small(1) {
		if p, ok := v.(metadata.Patch); ok {
			wrapped := metadata.Patch{"k": p}
			patches = append(patches, p, wrapped)
			for _, q := range []metadata.Patch{p, wrapped} {
				o, err := metadata.Merge(metadata.Object{}, q)
				require.NoError(t, err)
				documents = append(documents, o)
			}
		}
	}
	for _, v := range []any{metadata.Delete, "x", metadata.Patch{"b": "y"}} {
		patches = append(patches, metadata.Patch{"k": v}, metadata.Patch{"k": metadata.Patch{"a": v}})
	}
	// Objects that the patches do not name all of.
	for _, text := range []string{`{"a":{"w":1}}`, `{"b":{"w":1}}`, `{"k":{"a":{"w":1}}}`, `{"k":{"b":{"w":1}}}`, `{"k":{"w":1}}`} {
		documents = append(documents, object(t, text))
	}
	effects := map[string]bool{}
	effect := func(ps ...metadata.Patch) string {
		var all string
		for _, d := range documents {
			for _, p := range ps {
				var err error
				d, err = metadata.Merge(d, p)
				require.NoError(t, err)
			}
			all += d.String() + "\n"
		}
		return all
	}
	for _, p := range patches {
		effects[effect(p)] = true
	}
	composed, refused := 0, 0
	for _, first := range patches {
		for _, second := range patches {
			both := effect(first, second)
			p, err := metadata.Compose(first, second)
			if err != nil {
				refused++
				require.False(t, effects[both], "%v, %v: a patch exists", first, second)
				continue
			}
			composed++
			require.Equal(t, both, effect(p), "%v, %v: %v", first, second, p)
		}
	}
	require.Greater(t, composed, 250)
	require.Greater(t, refused, 20)
}

// TestComposeOnGenerated does the same with larger ones. A refusal is proved by
// two documents: after both patches the place must be an object without what
// the second document has there, which no patch that leaves an object can do.
func TestComposeOnGenerated(t *testing.T) {
	t.Parallel()
	composed, refused := 0, 0
	for seed := range rounds(500) {
		r := newRandom(uint64(seed))
		r.nullMembers = true
		first, second := patch(t, r.object(4)), patch(t, r.object(4))
		p, err := metadata.Compose(first, second)
		r.nullMembers = false
		for range 5 {
			doc := object(t, r.object(4))
			about := fmt.Sprintf("%d: %v, %v on %s", seed, first, second, doc)
			want := merged(t, merged(t, doc, first), second)
			if err == nil {
				composed++
				require.True(t, metadata.Equal(want, merged(t, doc, p)), about)
				continue
			}
			refused++
			requireProof(t, err, first, second, about)
		}
	}
	require.Greater(t, composed, rounds(250))
	require.Greater(t, refused, rounds(250))
}

func merged(t *testing.T, doc metadata.Object, p metadata.Patch) metadata.Object {
	t.Helper()
	o, err := metadata.Merge(doc, p)
	require.NoError(t, err)
	return o
}

func requireProof(t *testing.T, err error, first, second metadata.Patch, about string) {
	t.Helper()
	var conflict *metadata.ComposeError
	require.ErrorAs(t, err, &conflict, about)
	for _, path := range conflict.Paths {
		// The place holds {"witness":1}: an object that a patch can turn into
		// another object only by keeping or naming the witness. Any two names
		// do; a patch names finitely many.
		for _, witness := range []string{"witness", "other"} {
			doc := object(t, mustJSON(nestedAt(path, map[string]any{witness: 1})))
			after := decode(t, merged(t, merged(t, doc, first), second).Raw())
			v, ok := at(after, path)
			require.True(t, ok, "%s: %s", about, path)
			members, isObject := v.(map[string]any)
			require.True(t, isObject, "%s: %s", about, path)
			require.NotContains(t, members, witness, "%s: %s", about, path)
		}
	}
}
