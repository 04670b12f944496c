package metadata_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestValueFromJSON(t *testing.T) {
	t.Parallel()
	type fields struct {
		A metadata.Value `json:"a,omitzero"`
	}
	for text, want := range map[string]string{
		`{}`:         "<unset>",
		`{"a":null}`: "null",
		`{"a":{}}`:   "{}",
		`{"a": {"n": 12345678901234567890.10, "b": null, "l": [null, {"x": null}]}}`: `{"b":null,"l":[null,{"x":null}],"n":12345678901234567890.10}`,
	} {
		var f fields
		require.NoError(t, json.Unmarshal([]byte(text), &f), text)
		require.Equal(t, want, f.A.String())
		again, err := json.Marshal(f)
		require.NoError(t, err)
		require.JSONEq(t, text, string(again))
	}
	for text, want := range map[string]error{
		`[]`: metadata.ErrNotObject, `"x"`: metadata.ErrNotObject, `1`: metadata.ErrNotObject, `true`: metadata.ErrNotObject,
		`{"a":1,"a":2}`: metadata.ErrDuplicateKey, `{"a":"\ud800"}`: metadata.ErrInvalidString, `{`: metadata.ErrSyntax, `{} {}`: metadata.ErrSyntax,
	} {
		v := metadata.Of(map[string]any{"kept": true})
		err := v.UnmarshalJSON([]byte(text))
		require.ErrorIs(t, err, want, text)
		require.Equal(t, `{"kept":true}`, v.String())
	}
}
