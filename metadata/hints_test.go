package metadata_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// A hint names what works at the place where it stands.
func TestHintsFitTheirPlace(t *testing.T) {
	t.Parallel()
	type in struct {
		P *int   `json:"p"`
		L []*int `json:"l,omitempty"`
	}
	const (
		aKey     = "null is not allowed here: to remove a key set it to metadata.Delete, in a Patch or a map"
		anArray  = "null is not allowed here: an array is replaced as a whole: to write a null in it use metadata.Null()"
		anyArray = "null is not allowed here: an array is replaced as a whole: to write a null in it make it a []any, with metadata.Null()"
		aField   = "null is not allowed here: to leave a field out give it omitempty; to remove a key set it to metadata.Delete in a Patch or a map"
		aText    = "null is not allowed here: to remove a key set it to metadata.Delete in a Patch or a map, or read the text with ParsePatch"
		one      = "metadata.Delete has no meaning here: an array is replaced as a whole: leave the element out"
		oneKey   = "metadata.Delete has no meaning here: an array is replaced as a whole: leave the key out"
		inStruct = "metadata.Delete has no meaning here: a struct would write it as null: leave the key out, or in a PATCH use a Patch or a map in place of the struct"
		bytes    = "value has no JSON form: []uint8 encodes to a string in base64: for JSON text use json.RawMessage, for other text a string"
	)
	for name, tc := range map[string]struct {
		value any
		says  string
	}{
		"nil member":                         {nil, "/k: " + aKey},
		"nil member of a map":                {map[string]any{"a": nil}, "/k/a: " + aKey},
		"nil pointer":                        {map[string]*int{"a": nil}, "/k/a: " + aKey},
		"Null() as a member":                 {metadata.Null(), "/k: " + aKey},
		"absent Object":                      {metadata.Object{}, "/k: " + aKey},
		"nil element":                        {[]any{1, nil}, "/k/1: " + anArray},
		"nil pointer as an element":          {[]*int{nil}, "/k/0: " + anArray},
		"nil member in an array":             {[]any{map[string]any{"a": nil}}, "/k/0/a: " + anArray},
		"raw null in an array":               {[]any{json.RawMessage("null")}, "/k/0: " + anyArray},
		"raw null":                           {json.RawMessage("null"), "/k: " + aText},
		"null in raw text":                   {json.RawMessage(`{"a":null}`), "/k/a: " + aText},
		"null in an Object":                  {object(t, `{"a":null}`), "/k/a: " + aText},
		"null in a Value":                    {metadata.Of(map[string]any{"a": nil}), "/k/a: " + aText},
		"nil field":                          {in{}, "/k/p: " + aField},
		"nil field behind a pointer":         {&in{}, "/k/p: " + aField},
		"nil element of a field":             {in{new(int), []*int{nil}}, "/k/l/0: " + anyArray},
		"nil field in an array":              {[]any{in{}}, "/k/0/p: " + anyArray},
		"Delete as an element":               {[]any{metadata.Delete}, "/k/0: " + one},
		"Delete in a map in an array":        {[]any{map[string]any{"a": metadata.Delete}}, "/k/0/a: " + oneKey},
		"Delete in a struct":                 {struct{ A any }{metadata.Delete}, "/k/A: " + inStruct},
		"bytes":                              {[]byte("{}"), "/k: " + bytes},
		"bytes in an array":                  {[]any{[]byte("{}")}, "/k/0: " + bytes},
		"the zero Value":                     {metadata.Value{}, "/k: value has no JSON form: the zero Value has no JSON form: leave it out"},
		"the hint after an error, not stale": {map[string]any{"a": json.RawMessage(`[null]`), "b": nil}, "/k/b: " + aKey},
	} {
		_, err := metadata.Patch{"k": tc.value}.MarshalJSON()
		require.EqualError(t, err, tc.says, name)
	}
	for name, tc := range map[string]struct {
		value any
		says  string
	}{
		"Delete":             {metadata.Delete, "metadata.Delete has no meaning here: to clear the field use Empty()"},
		"Delete as a member": {map[string]any{"a": metadata.Delete}, "/a: metadata.Delete has no meaning here: a PUT replaces the whole field: leave the key out"},
		"Delete in an array": {map[string]any{"a": []any{metadata.Delete}}, "/a/0: " + one},
		"nil":                {nil, "metadata must be a JSON object: use Null() to store null, Empty() to clear the field"},
		"null":               {json.RawMessage("null"), "metadata must be a JSON object: json.RawMessage encodes to null; use Null() to store null, Empty() to clear the field"},
		"number":             {1, "metadata must be a JSON object: int encodes to a number; put it under a key"},
		"array":              {[]any{1}, "metadata must be a JSON object: []interface {} encodes to an array; put it under a key"},
		"bytes":              {[]byte("{}"), "metadata must be a JSON object: []uint8 encodes to a string in base64: for JSON text use json.RawMessage, for other text a string"},
		"bytes in a map":     {map[string]any{"a": []byte("{}")}, "/a: " + bytes},
	} {
		require.EqualError(t, metadata.Of(tc.value).Err(), tc.says, name)
	}
	// What the hints say works.
	patch := metadata.Patch{"a": metadata.Delete, "b": []any{metadata.Null(), map[string]any{"c": metadata.Null()}}, "d": json.RawMessage("{}")}
	got, err := patch.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"a":null,"b":[null,{"c":null}],"d":{}}`, string(got))
	parsed, err := metadata.ParsePatch([]byte(`{"a":null}`))
	require.NoError(t, err)
	require.Equal(t, metadata.Patch{"a": metadata.Delete}, parsed)
}
