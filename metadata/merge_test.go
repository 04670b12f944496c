package metadata_test

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func patch(t *testing.T, text string) metadata.Patch {
	t.Helper()
	p, err := metadata.ParsePatch([]byte(text))
	require.NoError(t, err)
	return p
}

// rfcVectors are the examples of RFC 7396, appendix A, and of its section 3,
// that have an object as their patch.
var rfcVectors = []struct{ doc, patch, want string }{
	{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
	{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
	{`{"a":"b"}`, `{"a":null}`, `{}`},
	{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
	{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
	{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
	{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
	{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
	{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
	{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	{
		`{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"This will be unchanged"}`,
		`{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}`,
		`{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged","phoneNumber":"+01-123-456-7890"}`,
	},
}

func TestMerge(t *testing.T) {
	t.Parallel()
	vectors := append(rfcVectors[:len(rfcVectors):len(rfcVectors)], []struct{ doc, patch, want string }{
		{``, `{"a":1,"b":null}`, `{"a":1}`},
		{`null`, `{"a":1}`, `{"a":1}`},
		{`null`, `{}`, `{}`},
		{`{"a":{"b":null}}`, `{"a":{"c":1}}`, `{"a":{"b":null,"c":1}}`},
		{`{"a":[1,2]}`, `{"a":{"b":null}}`, `{"a":{}}`},
		{`{"a":1}`, `{"a":{}}`, `{"a":{}}`},
		{`{}`, `{"a":[null,{"b":null}]}`, `{"a":[null,{"b":null}]}`},
		{`{"n":9007199254740993,"d":1.10}`, `{"m":18446744073709551617}`, `{"d":1.10,"m":18446744073709551617,"n":9007199254740993}`},
		{`{"a":"<"}`, `{"b":"&"}`, `{"a":"<","b":"&"}`},
	}...)
	for _, v := range vectors {
		var doc metadata.Object
		if v.doc != "" {
			doc = object(t, v.doc)
		}
		got, err := metadata.Merge(doc, patch(t, v.patch))
		require.NoError(t, err)
		require.Equal(t, decode(t, []byte(v.want)), decode(t, got.Raw()), "%s + %s", v.doc, v.patch)
		require.Equal(t, v.doc, string(doc.Raw()))
	}
}

func TestMergeOfGoValues(t *testing.T) {
	t.Parallel()
	got, err := metadata.Merge(object(t, `{"billing":{"trial":true,"plan":"free"},"role":"member"}`), metadata.Patch{
		"billing": metadata.Patch{"trial": metadata.Delete, "plan": "pro"},
		"limits":  struct{ Seats int }{3},
	})
	require.NoError(t, err)
	require.Equal(t, `{"billing":{"plan":"pro"},"limits":{"Seats":3},"role":"member"}`, got.String())
}

func TestMergeErrors(t *testing.T) {
	t.Parallel()
	_, err := metadata.Merge(metadata.Object{}, nil)
	requirePath(t, err, metadata.ErrNull, "")
	_, err = metadata.Merge(metadata.Object{}, metadata.Patch{"a": nil})
	requirePath(t, err, metadata.ErrNull, "/a")
	_, err = metadata.Merge(object(t, `{"a":1,"a":2}`), metadata.Patch{})
	requirePath(t, err, metadata.ErrDuplicateKey, "/a")
}

// rfcMerge is section 2 of RFC 7396 written a second time, without changing its
// arguments, to hold Merge against.
func rfcMerge(target, patch any) any {
	changes, isObject := patch.(map[string]any)
	if !isObject {
		return patch
	}
	result := map[string]any{}
	if members, ok := target.(map[string]any); ok {
		result = maps.Clone(members)
	}
	for name, value := range changes {
		switch value {
		case nil:
			delete(result, name)
		default:
			result[name] = rfcMerge(result[name], value)
		}
	}
	return result
}

func TestMergeAgainstASecondImplementation(t *testing.T) {
	t.Parallel()
	for _, v := range rfcVectors {
		require.Equal(t, decode(t, []byte(v.want)), rfcMerge(decode(t, []byte(v.doc)), decode(t, []byte(v.patch))))
	}
	r := newRandom(1)
	r.nullMembers = true
	for range rounds(1500) {
		docText, patchText := r.object(4), r.object(4)
		doc := object(t, docText)
		got, err := metadata.Merge(doc, patch(t, patchText))
		require.NoError(t, err)
		require.Equal(t, rfcMerge(decode(t, []byte(docText)), decode(t, []byte(patchText))), decode(t, got.Raw()), "%s + %s", docText, patchText)
		require.Equal(t, docText, doc.String())

		again, err := metadata.Merge(got, patch(t, patchText))
		require.NoError(t, err)
		require.True(t, metadata.Equal(got, again), "a merge sent twice changes nothing more")
		require.True(t, json.Valid(got.Raw()))
	}
}

// What a patch means is what its text means, in whatever Go values it is given.
func TestMergeReadsAPatchAsItsText(t *testing.T) {
	t.Parallel()
	doc := object(t, `{"a":{"b":1,"c":[1]},"n":2,"s":"x"}`)
	for name, patch := range map[string]metadata.Patch{
		"JSON":            {"a": metadata.Patch{"b": json.Number("2.50"), "c": metadata.Delete}, "s": "é\u2028", "t": true},
		"maps":            {"a": map[string]any{"b": map[string]any{}}, "e": metadata.Patch{}},
		"arrays":          {"c": []any{metadata.Null(), []any{}, map[string]any{"k": metadata.Null()}, "x"}},
		"Go":              {"n": 3, "f": 1.5, "s": struct{ A int }{1}},
		"JSON text":       {"a": json.RawMessage(`{"b":{"x":[null]}}`)},
		"a Value":         {"a": metadata.Of(map[string]any{"b": 5})},
		"nil":             nil,
		"a null":          {"a": nil},
		"an unset Value":  {"a": metadata.Value{}},
		"Null":            {"a": metadata.Null()},
		"a nil map":       {"a": map[string]any(nil)},
		"a nil array":     {"a": []any(nil)},
		"a null inside":   {"a": []any{nil}},
		"a deletion":      {"a": []any{metadata.Delete}},
		"a deletion deep": {"a": []any{map[string]any{"x": metadata.Delete}}},
		"UTF-8":           {"a": "\xff"},
		"UTF-8 in a key":  {"\xff": true},
		"no number":       {"a": json.Number("1x")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := metadata.Merge(doc, patch)
			text, wrong := patch.MarshalJSON()
			require.Equal(t, wrong, err)
			if wrong != nil {
				return
			}
			read, err := metadata.ParsePatch(text)
			require.NoError(t, err)
			want, err := metadata.Merge(doc, read)
			require.NoError(t, err)
			require.Equal(t, want.String(), got.String())
		})
	}
}
