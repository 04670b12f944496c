package metadata_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

var seeds = []string{
	`{}`, `null`, ``, `[]`, `{"a":null}`, `{"a":{"b":null,"c":[null,{"d":null}]}}`, `{"a":1,"a":2}`,
	`{"n":9007199254740993,"d":1.10,"z":-0,"e":1E+400}`, `{"\ud83d\ude00":"\ud800"}`, "{\"\u2028\":\"<&>\xff\"}",
	`{"a":"\\\u0000\ufffd"}`, `{"role":"admin","billing":{"plan":"pro","stripe_id":"cus_1"}}`, `{"a":[1,]}`, `{} {}`,
}

func FuzzParsePatch(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := metadata.ParsePatch(text)
		if err != nil {
			require.Nil(t, p)
			var at *metadata.PathError
			require.ErrorAs(t, err, &at)
			if errors.Is(err, metadata.ErrSyntax) {
				require.False(t, json.Valid(text), "what encoding/json takes is no syntax error")
			}
			return
		}
		require.True(t, json.Valid(text), "what encoding/json refuses is refused")
		out, err := p.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, decode(t, text), decode(t, out), "nothing is lost or altered")
		again, err := metadata.ParsePatch(out)
		require.NoError(t, err)
		require.Equal(t, p, again)
		canonical, err := again.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, string(out), string(canonical))
	})
}

func FuzzMergeDiff(f *testing.F) {
	for _, a := range seeds {
		for _, b := range seeds {
			f.Add([]byte(a), []byte(b))
		}
	}
	f.Fuzz(func(t *testing.T, oldText, newText []byte) {
		old, err := metadata.ParseObject(oldText)
		if err != nil {
			return
		}
		if p, err := metadata.ParsePatch(newText); err == nil {
			if merged, err := metadata.Merge(old, p); err == nil {
				require.Equal(t, rfcMerge(decode(t, oldText), decode(t, newText)), decode(t, merged.Raw()))
			}
		}
		want, err := metadata.ParseObject(newText)
		if err != nil {
			return
		}
		p, err := metadata.Diff(old, want)
		if err != nil {
			return
		}
		got, err := metadata.Merge(old, p)
		require.NoError(t, err)
		require.True(t, metadata.Equal(got, want), "%s → %s by %v is %s", old, want, p, got)
	})
}

func FuzzObjectDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := metadata.ParseObject(text)
		if err != nil {
			require.True(t, o.IsZero())
			return
		}
		back, err := o.MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, decode(t, text), decode(t, back))
		m, err := o.Map()
		require.NoError(t, err)
		if !o.IsNull() {
			require.Equal(t, decode(t, text), any(m))
		}
		type known struct {
			A map[string]int `json:"a"`
			N int64          `json:"n"`
		}
		if _, err := metadata.Decode[known](o); err != nil {
			require.ErrorIs(t, err, metadata.ErrMismatch)
		}
		if v := metadata.Of(o); v.Err() == nil {
			set, err := v.Object()
			require.NoError(t, err)
			require.True(t, metadata.Equal(o, set))
		}
	})
}
