package answer_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
)

// FuzzRead holds the reading of answers against encoding/json: the same texts
// are valid, and the same members, strings, integers and elements come of them.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		`{"id":"user_1","n":-1,"a":[1,"]",{"b":"\\\"}"}],"o":{"x":null}}`, `{"a":1,"a":"2"}`, ` { } `, `[]`, `[ 1 , [2] , "3" ]`,
		"{\"\\u0061\xff\":\"\xff\\ud800\"}", `{"a":1e400,"b":-0,"c":9223372036854775808,"d":01}`, `null`, `"x"`, `{"a":tru}`, `{"a":1,}`, `{"a" 1}`, `{"a":1}{`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(text, &want)
		got := map[string]json.RawMessage{}
		err := answer.Read(text, func(m answer.Member) error {
			got[string(m.Name)] = m.Raw()
			sameString(t, m)
			sameInt(t, m)
			sameElements(t, m.Raw())
			return nil
		})
		require.Equal(t, wantErr == nil, err == nil, "%v: %v", wantErr, err)
		if err == nil {
			require.Len(t, got, len(want))
			for name, raw := range want {
				require.Equal(t, string(raw), string(got[name]), name)
			}
		}
		sameElements(t, text)
	})
}

func sameString(t *testing.T, m answer.Member) {
	t.Helper()
	var got, want string
	wantErr := json.Unmarshal(m.Raw(), &want)
	require.Equal(t, wantErr == nil, m.String(&got) == nil)
	require.Equal(t, want, got)
}

func sameInt(t *testing.T, m answer.Member) {
	t.Helper()
	var got, want int64
	wantErr := json.Unmarshal(m.Raw(), &want)
	require.Equal(t, wantErr == nil, m.Int(&got) == nil)
	require.Equal(t, want, got)
}

func sameElements(t *testing.T, text []byte) {
	t.Helper()
	var want []json.RawMessage
	wantErr := json.Unmarshal(text, &want)
	got, err := answer.Elements(text)
	require.Equal(t, wantErr == nil && want != nil, err == nil, "a null is no list")
	if err == nil {
		require.Len(t, got, len(want))
		for i := range want {
			require.Equal(t, string(want[i]), string(got[i]))
		}
	}
}
