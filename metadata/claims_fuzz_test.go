package metadata_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// FuzzParseClaims: a claim of a payload is the object that encoding/json finds
// there, digits and all, or a typed error; a token is never taken for a payload.
func FuzzParseClaims(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(`{"sub":"user_1","metadata":`+s+`}`), "metadata")
		f.Add([]byte(s), "a")
	}
	f.Add([]byte("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyXzEifQ."), "sub")
	f.Add([]byte(" \"eyJzdWIiOiJ1c2VyXzEifQ\"\n"), "sub")
	f.Fuzz(func(t *testing.T, payload []byte, name string) {
		o, err := metadata.ParseClaims(payload, name)
		if err != nil {
			require.True(t, o.IsZero())
			var at *metadata.PathError
			require.True(t, errors.As(err, &at), "%v", err)
			return
		}
		claims, ok := decode(t, payload).(map[string]any)
		require.True(t, ok)
		claim, there := claims[name]
		require.Equal(t, !there, o.IsZero())
		if there {
			require.Equal(t, claim, decode(t, o.Raw()))
		}
		require.True(t, json.Valid(payload))
	})
}
