package answer_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
)

// FuzzMembers holds the reading of answers against encoding/json: the same texts
// are valid, and the same members, strings, integers and elements come of them.
func FuzzMembers(f *testing.F) {
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
		err := answer.Members(text, func(name, value []byte) {
			got[string(name)] = value
			var s string
			var n int64
			sameValue(t, value, &s, answer.To("v", &s))
			sameValue(t, value, &n, answer.To("v", &n))
			sameElements(t, value)
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

// sameValue reads raw as a member, which puts it into got.
func sameValue[V any](t *testing.T, raw []byte, got *V, member answer.Field) {
	t.Helper()
	var want V
	wantErr := json.Unmarshal(raw, &want)
	err := answer.Object(fmt.Appendf(nil, `{"v":%s}`, raw), member)
	require.Equal(t, wantErr == nil, err == nil)
	require.Equal(t, want, *got)
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
