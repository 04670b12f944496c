package metadata_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestValueStates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		value  metadata.Value
		zero   bool
		null   bool
		json   string
		object string
	}{
		"zero":   {metadata.Value{}, true, false, "<unset>", "<absent>"},
		"empty":  {metadata.Empty(), false, false, "{}", "{}"},
		"null":   {metadata.Null(), false, true, "null", "null"},
		"object": {metadata.Of(map[string]any{"b": "<&>", "a": 1}), false, false, `{"a":1,"b":"<&>"}`, `{"a":1,"b":"<&>"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NoError(t, test.value.Err())
			require.Equal(t, test.zero, test.value.IsZero())
			require.Equal(t, test.null, test.value.IsNull())
			require.Equal(t, test.json, test.value.String())
			require.Equal(t, test.json, fmt.Sprintf("%v", test.value))
			o, err := test.value.Object()
			require.NoError(t, err)
			require.Equal(t, test.object, o.String())
			require.Equal(t, test.zero, o.IsZero())
			raw, err := test.value.MarshalJSON()
			if test.zero {
				requirePath(t, err, metadata.ErrNull, "")
				require.Zero(t, test.value.Size())
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.json, string(raw))
			require.Equal(t, len(test.json), test.value.Size())
		})
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	type settings struct {
		Theme *string `json:"theme"`
		L     []any   `json:"l"`
	}
	for name, test := range map[string]struct {
		from any
		want string
	}{
		"nulls are stored":      {map[string]any{"a": nil, "b": []any{nil}, "c": (*int)(nil), "d": map[string]int(nil)}, `{"a":null,"b":[null],"c":null,"d":null}`},
		"nulls of a struct":     {settings{}, `{"theme":null,"l":null}`},
		"Null() inside":         {map[string]any{"a": metadata.Null()}, `{"a":null}`},
		"raw text":              {json.RawMessage(`{"b": 1.0, "a": null}`), `{"a":null,"b":1.0}`},
		"raw null, raw nil":     {map[string]json.RawMessage{"a": json.RawMessage("null"), "b": nil}, `{"a":null,"b":null}`},
		"pointer to a struct":   {&settings{L: []any{1}}, `{"theme":null,"l":[1]}`},
		"what Clerk returned":   {object(t, `{"n":9007199254740993,"x":null}`), `{"n":9007199254740993,"x":null}`},
		"a Value":               {metadata.Empty(), `{}`},
		"a Patch":               {metadata.Patch{"a": 1}, `{"a":1}`},
		"an absent Object, nil": {map[string]any{"o": metadata.Object{}}, `{"o":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := metadata.Of(test.from)
			require.NoError(t, v.Err())
			require.JSONEq(t, test.want, v.String())
			require.Equal(t, len(v.String()), v.Size())
		})
	}
}

func TestOfRefusesWhatIsNoObject(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from any
		says string
	}{
		"nil":           {nil, "use Null() to store null, Empty() to clear"},
		"nil map":       {map[string]any(nil), "map[string]interface {} encodes to null; use Null()"},
		"nil pointer":   {(*linked)(nil), "encodes to null; use Null()"},
		"Null()":        {metadata.Null(), "encodes to null"},
		"absent Object": {metadata.Object{}, "encodes to null"},
		"string":        {"private", "string encodes to a string"},
		"bytes":         {[]byte(`{}`), "[]uint8 encodes to a string in base64: for JSON text use json.RawMessage"},
		"number":        {123456789, "int encodes to a number"},
		"bool":          {true, "encodes to a boolean"},
		"array":         {[]int{1}, "[]int encodes to an array"},
		"raw null":      {json.RawMessage("null"), "encodes to null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := metadata.Of(test.from)
			requirePath(t, v.Err(), metadata.ErrNotObject, "")
			require.ErrorContains(t, v.Err(), test.says)
			requireSilent(t, v.Err(), "private", "123456789")
			require.False(t, v.IsZero(), "a faulty Value must not pass for one that leaves the field alone")
			require.False(t, v.IsNull())
			require.Equal(t, "<invalid>", v.String())
			_, err := v.MarshalJSON()
			require.Equal(t, v.Err(), err)
			_, err = v.Object()
			require.Equal(t, v.Err(), err)
		})
	}
}

func TestValueIsASnapshot(t *testing.T) {
	t.Parallel()
	inner := []any{1}
	m := map[string]any{"a": inner}
	raw := json.RawMessage(`{"a":1}`)
	v, w := metadata.Of(m), metadata.Of(raw)
	inner[0], m["b"], raw[1] = 2, 3, 'x'
	require.Equal(t, `{"a":[1]}`, v.String())
	require.Equal(t, `{"a":1}`, w.String())

	out, err := v.MarshalJSON()
	require.NoError(t, err)
	out[1] = 'x'
	require.Equal(t, `{"a":[1]}`, v.String())
}
