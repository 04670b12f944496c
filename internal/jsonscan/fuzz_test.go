package jsonscan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// FuzzScan holds the scanner against encoding/json: the same texts are valid, and
// the same members, elements and tokens come of them.
func FuzzScan(f *testing.F) {
	for _, text := range append(valid(), invalid()...) {
		if len(text) < 1000 {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		require.Equal(t, json.Valid(text), jsonscan.Valid(text))
		sameMembers(t, text)
		sameElements(t, text)
		sameOutline(t, text)
		if !json.Valid(text) {
			require.False(t, sameTree(t, text))
			return
		}
		// What is refused is altered or doubled: FuzzCheck shows that nothing else is lost.
		sameTree(t, text)
	})
}

func sameMembers(t *testing.T, text []byte) {
	t.Helper()
	var want map[string]json.RawMessage
	wantErr := json.Unmarshal(text, &want)
	got := map[string]json.RawMessage{}
	err := jsonscan.Members(text, func(name, value []byte) {
		var s string
		require.NoError(t, json.Unmarshal(name, &s))
		require.True(t, json.Valid(value), "what came whole is valid")
		got[s] = value
	})
	require.Equal(t, wantErr == nil, err == nil, "%v: %v", wantErr, err)
	if err == nil {
		require.Len(t, got, len(want))
		for name, value := range want {
			require.Equal(t, string(value), string(got[name]), name)
		}
	}
}

func sameElements(t *testing.T, text []byte) {
	t.Helper()
	var want []json.RawMessage
	wantErr := json.Unmarshal(text, &want)
	var got []json.RawMessage
	err := jsonscan.Elements(text, func(value []byte) { got = append(got, value) })
	require.Equal(t, wantErr == nil, err == nil, "%v: %v", wantErr, err)
	if err == nil {
		require.Len(t, got, len(want))
		for i := range want {
			require.Equal(t, string(want[i]), string(got[i]))
		}
	}
}
