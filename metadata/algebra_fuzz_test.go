package metadata_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func FuzzCompose(f *testing.F) {
	for i, a := range seeds {
		f.Add([]byte(a), []byte(seeds[(i+5)%len(seeds)]), []byte(seeds[(i+4)%len(seeds)]))
	}
	f.Add([]byte(`{"a":{"b":1}}`), []byte(`{"a":null}`), []byte(`{"a":{"c":2}}`))
	f.Add([]byte(`{"a":{"b":1}}`), []byte(`{"a":{"b":{}}}`), []byte(`{"a":{"b":{"c":null}}}`))
	f.Fuzz(func(t *testing.T, docText, firstText, secondText []byte) {
		doc, docErr := metadata.ParseObject(docText)
		first, firstErr := metadata.ParsePatch(firstText)
		second, secondErr := metadata.ParsePatch(secondText)
		if docErr != nil || firstErr != nil || secondErr != nil {
			return
		}
		composed, err := metadata.Compose(first, second)
		if err != nil {
			require.Nil(t, composed)
			requireProof(t, err, first, second, "fuzzed")
			return
		}
		after, err := metadata.Merge(doc, first)
		if err != nil {
			return // a key that occurs twice in the document
		}
		require.True(t, metadata.Equal(merged(t, after, second), merged(t, doc, composed)), "%s: %v, %v → %v", doc, first, second, composed)
	})
}

// FuzzDraft sets a typed value to what one text decodes to, over another.
func FuzzDraft(f *testing.F) {
	for i, a := range seeds {
		f.Add([]byte(a), []byte(seeds[(i+5)%len(seeds)]))
	}
	f.Add([]byte(`{"plan":{"plan":"a","x":1},"PLAN":2,"flags":{"a":1}}`), []byte(`{"role":"b","flags":{"b":2}}`))
	f.Add([]byte(`{"items":[{"sku":"a","x":1}],"any":{"a":null}}`), []byte(`{"items":[],"any":{"b":{}}}`))
	f.Add([]byte(`{"plans":{"a":{"plan":"x"},"b":null}}`), []byte(`{"plans":{"a":{"seats":3}},"raw":{"a":[null]}}`))
	f.Fuzz(func(t *testing.T, oldText, newText []byte) {
		old, err := metadata.ParseObject(oldText)
		if err != nil {
			return
		}
		d, err := metadata.NewDraft[whole](old)
		if err != nil {
			return
		}
		unchanged, err := d.Patch()
		require.NoError(t, err)
		require.Empty(t, unchanged)
		var wanted whole
		if dec := json.NewDecoder(bytes.NewReader(newText)); dec.Decode(&wanted) != nil {
			return
		}
		d.Value = wanted
		p, err := d.Patch()
		if err != nil {
			var at *metadata.PathError
			var nulls *metadata.NullsError
			require.True(t, errors.As(err, &at) || errors.As(err, &nulls), "%v", err)
			return
		}
		requireKnownKeys(t, old, p)
		// Modifying the result again changes nothing more.
		again, err := metadata.NewDraft[whole](merged(t, old, p))
		require.NoError(t, err)
		again.Value = wanted
		more, err := again.Patch()
		require.NoError(t, err)
		require.Empty(t, more)
	})
}

// requireKnownKeys checks that a patch names no key that a whole does not know.
func requireKnownKeys(t *testing.T, old metadata.Object, p metadata.Patch) {
	t.Helper()
	for key, v := range p {
		switch key {
		case "deep", "id", "role", "flags", "any", "raw", "since", "ratio", "nullable", "items":
		case "plan", "address", "held":
			inner, _ := v.(metadata.Patch)
			for key := range inner {
				require.Contains(t, []string{"plan", "seats"}, key)
			}
		case "plans":
		default:
			require.Fail(t, "a key that the type does not know", "%q in %v of %s", key, p, old)
		}
	}
}
