package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`, ` [1, "a", null] `, `"\ud83d\ude00"`, `"\\ud800"`, `"\\\\ud800"`, `{"a":{"a":[{"a":1},{"a":2}]},"b":"a"}`,
		`[{"a":"a"},"a","a"]`, `"\u0000\"\n"`, `{"a":["b","b"],"b":1}`, strings.Repeat("[", 9999) + strings.Repeat("]", 9999),
	} {
		require.NoError(t, jsonscan.Check([]byte(text)), text[:min(40, len(text))])
	}
	for _, tc := range []struct {
		text   string
		want   error
		offset int
	}{
		{`{`, metadata.ErrSyntax, 1},
		{`{} {}`, metadata.ErrSyntax, 3},
		{"\uFEFF{}", metadata.ErrSyntax, 0},
		{"\"a\xff\"", metadata.ErrInvalidString, 2},
		{`{"a\ud800":1}`, metadata.ErrInvalidString, 3},
		{`["\udc00"]`, metadata.ErrInvalidString, 2},
		{`["\ud800\ud800"]`, metadata.ErrInvalidString, 2},
		{`["\ud83d\ude00\ud83d"]`, metadata.ErrInvalidString, 14},
		{`["\ud83d\n"]`, metadata.ErrInvalidString, 2},
		{`["\n\ud83d"]`, metadata.ErrInvalidString, 4},
		{`{"a":1,"a":2}`, metadata.ErrDuplicateKey, 10},
		{`[{"b":{"a":1,"\u0061":2}}]`, metadata.ErrDuplicateKey, 21},
		{`{"a":{},"b":[],"a":2}`, metadata.ErrDuplicateKey, 18},
		{`{"` + strings.Repeat("é", 100) + `":1,"` + strings.Repeat("é", 100) + `":2}`, metadata.ErrDuplicateKey, 408},
	} {
		err := jsonscan.Check([]byte(tc.text))
		require.ErrorIs(t, err, tc.want, tc.text)
		require.Less(t, len(err.Error()), 200)
		var e *jsonscan.Error
		if errors.As(err, &e) {
			require.Equal(t, tc.offset, e.Offset, tc.text)
		}
		require.Error(t, jsonscan.Unmarshal([]byte(tc.text), new(any)))
	}
	var v struct{ A string }
	require.NoError(t, jsonscan.Unmarshal([]byte(`{"A":"\ud83d\ude00"}`), &v))
	require.Equal(t, "😀", v.A)
}

func TestStrictMembers(t *testing.T) {
	t.Parallel()
	var got []string
	collect := func(key string, value []byte) error {
		got = append(got, key+"="+string(value))
		return nil
	}
	require.NoError(t, jsonscan.StrictMembers([]byte(" {\"b\":1,\"\\u0061\": {\"x\":1,\"x\":2} }\n"), collect))
	require.Equal(t, []string{"b=1", `a={"x":1,"x":2}`}, got)
	for text, want := range map[string]error{
		`null`: jsonscan.ErrNotObject, `[]`: jsonscan.ErrNotObject, ``: metadata.ErrSyntax, `{"a":1}}`: metadata.ErrSyntax,
		`{"a":1,"\u0061":2}`: metadata.ErrDuplicateKey, `{"\ud800":1}`: metadata.ErrInvalidString,
	} {
		require.ErrorIs(t, jsonscan.StrictMembers([]byte(text), func(string, []byte) error { return nil }), want, text)
	}
	stop, calls := errors.New("stop"), 0
	require.ErrorIs(t, jsonscan.StrictMembers([]byte(`{"a":1,"b":2}`), func(string, []byte) error { calls++; return stop }), stop)
	require.Equal(t, 1, calls)
	require.Empty(t, jsonscan.String([]byte("17")))
}

// What Check accepts says the same once it is decoded and encoded: no string of it
// becomes another, and no member is lost.
func FuzzCheck(f *testing.F) {
	for _, text := range []string{
		`{"a":[1,{"b":"\ud83d\ude00"}],"c":null}`, `"\ud800"`, `{"a":1,"a":2}`, "\"\xff\"", `["\\ud800"]`, `{"":{"":""}}`, `1e1000`, `{"a":{"b":1},"b":{"a":1}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if jsonscan.Check(text) != nil {
			return
		}
		var v any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber() // a number that no float64 holds is valid JSON
		require.NoError(t, decoder.Decode(&v))
		if !bytes.Contains(text, []byte("\uFFFD")) && !bytes.Contains(bytes.ToLower(text), []byte(`\ufffd`)) {
			require.False(t, replaced(v))
		}
		require.Equal(t, colons(t, text), count(v))
	})
}

// replaced reports whether a string holds U+FFFD.
func replaced(v any) bool {
	switch v := v.(type) {
	case string:
		return strings.ContainsRune(v, utf8.RuneError)
	case []any:
		for _, e := range v {
			if replaced(e) {
				return true
			}
		}
	case map[string]any:
		for key, e := range v {
			if replaced(key) || replaced(e) {
				return true
			}
		}
	}
	return false
}

// count counts the members of a decoded value, colons the members of a text.
func count(v any) (n int) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			n += count(e)
		}
	case map[string]any:
		n = len(v)
		for _, e := range v {
			n += count(e)
		}
	}
	return n
}

func colons(t *testing.T, text []byte) (n int) {
	t.Helper()
	inString := false
	for i := 0; i < len(text); i++ {
		switch {
		case inString && text[i] == '\\':
			i++
		case text[i] == '"':
			inString = !inString
		case !inString && text[i] == ':':
			n++
		}
	}
	return n
}
