package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// Parse reads what encoding/json reads, where it does not refuse what that alters.
func TestParse(t *testing.T) {
	t.Parallel()
	parsed := 0
	for _, text := range valid() {
		if sameTree(t, []byte(text)) {
			parsed++
		}
	}
	require.Equal(t, len(valid())-3, parsed, "all but invalid UTF-8, half a surrogate pair and a doubled key")
	for _, text := range invalid() {
		require.False(t, sameTree(t, []byte(text)), text)
	}
}

// sameTree reports whether Parse accepts text.
func sameTree(t *testing.T, text []byte) bool {
	t.Helper()
	got, err := jsonscan.Parse(text, jsonscan.Nulls{})
	if err != nil {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var want any
	require.NoError(t, d.Decode(&want))
	require.False(t, d.More())
	require.Equal(t, want, got)
	return true
}

func TestParseError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*jsonscan.Error{
		"":                       {Reason: jsonscan.ErrSyntax, Offset: 0},
		" \n":                    {Reason: jsonscan.ErrSyntax, Offset: 2},
		" nul":                   {Reason: jsonscan.ErrSyntax, Offset: 1},
		` "a`:                    {Reason: jsonscan.ErrSyntax, Offset: 3},
		"\t-1.":                  {Reason: jsonscan.ErrSyntax, Offset: 4},
		"01":                     {Reason: jsonscan.ErrSyntax, Offset: 1, Hint: "more than one JSON value"},
		"truex":                  {Reason: jsonscan.ErrSyntax, Offset: 4, Hint: "more than one JSON value"},
		"\x00":                   {Reason: jsonscan.ErrSyntax, Offset: 0},
		`{"a":[1,{"b":}]}`:       {Reason: jsonscan.ErrSyntax, Offset: 13, Steps: []string{"a", "1", "b"}},
		`{"a/b":{"c":1,"c" :2}}`: {Reason: jsonscan.ErrDuplicateKey, Offset: 17, Steps: []string{"a/b", "c"}},
		`{"a":["x\ud83dy"]}`:     {Reason: jsonscan.ErrInvalidString, Offset: 8, Steps: []string{"a", "0"}, Hint: "half a surrogate pair"},
		"{\"a\":\"é\xff\"}":      {Reason: jsonscan.ErrInvalidString, Offset: 8, Steps: []string{"a"}},
	} {
		_, err := jsonscan.Parse([]byte(text), jsonscan.Nulls{})
		require.Equal(t, want, err, text)
	}
	var tooDeep *jsonscan.Error
	_, err := jsonscan.Parse([]byte(nested(10001)), jsonscan.Nulls{})
	require.ErrorAs(t, err, &tooDeep)
	require.ErrorIs(t, tooDeep, jsonscan.ErrTooDeep)
	require.Equal(t, 10000, tooDeep.Offset)
	require.Len(t, tooDeep.Steps, 10000)
}

func TestParseNulls(t *testing.T) {
	t.Parallel()
	got, err := jsonscan.Parse([]byte(`{"a":null,"b":[null,{"c":null}],"d":{"e":null}}`), jsonscan.Nulls{Member: 1, Element: 2})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": 1, "b": []any{2, map[string]any{"c": 2}}, "d": map[string]any{"e": 1}}, got)
}
