package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// nested is so many arrays in one another.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func valid() []string {
	return []string{
		`null`, `true`, `false`, `0`, `-0`, `17`, `-1.5`, `1e3`, `1E+03`, `0.0e-1`, `""`, `"a\"\\\/\b\f\n\r\t\u00eF"`, "\"\x7f\xff\"",
		`"\ud800"`, `{}`, `[]`, " [ ] ", "\t{\n}\r", `[1]`, `[1,"a",null,[],{}]`, `{"a":1,"b":{"c":[true]}}`, `{"a":1,"a":2}`,
		"{ \"a\" : 1 ,\n\"b\" : [ 1 , 2 ] }", `{"\u0061":"]}"}`, nested(10000), `{"a":` + nested(9999) + `}`,
	}
}

func invalid() []string {
	return []string{
		``, ` `, `nul`, `nulll`, `True`, `tru `, `fals`, `01`, `-`, `+1`, `.5`, `1.`, `1.e3`, `1e`, `1e+`, `0x1`, `--1`, `1 2`, `NaN`,
		`"`, `"a`, `'a'`, `"\x"`, `"\`, `"\u12"`, `"\u12g4"`, `"\u`, "\"\n\"", "\"\x00\"", `{`, `}`, `[`, `]`, `[1`, `[1,`, `[1,]`, `[,1]`, `[1 2]`,
		`{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{a:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{1:2}`, `[}`, `{]`, `{}{}`, `[]]`,
		"\ufeff{}", "\u00a0{}", `/**/{}`, `[1]//`, nested(10001), `{"a":` + nested(10000) + `}`, strings.Repeat(`{"a":`, 20000),
	}
}

// The tables say what encoding/json says.
func TestValid(t *testing.T) {
	t.Parallel()
	for _, text := range valid() {
		require.True(t, json.Valid([]byte(text)), text)
		require.True(t, jsonscan.Valid([]byte(text)), text)
	}
	for _, text := range invalid() {
		require.False(t, json.Valid([]byte(text)), text)
		require.False(t, jsonscan.Valid([]byte(text)), text)
	}
}

func TestEveryCutOfAText(t *testing.T) {
	t.Parallel()
	const text = ` {"a\u0041":[1.5e-3,-0,{"b":"\\\""},true,false,null] , "c":{}}`
	for i := range text {
		require.False(t, jsonscan.Valid([]byte(text[:i])), text[:i])
	}
	require.True(t, jsonscan.Valid([]byte(text)))
}

func TestEveryByte(t *testing.T) {
	t.Parallel()
	for _, around := range []string{
		"#", `"#"`, `"\#"`, `"\#0000"`, `"\u#000"`, `"\u0#00"`, `"\u00#0"`, `"\u000#"`, `"\u000"#`, "1#", "-#", "0#", "1.#", "1e#", "1e+#", "[#]", "[1#2]", "[1]#",
		`{"a"#1}`, `{"a":#}`, `{"a":1#"b":2}`, `{#}`, "tr#e", "fals#", "n#ll",
	} {
		for b := range 256 {
			text := bytes.Replace([]byte(around), []byte{'#'}, []byte{byte(b)}, 1)
			require.Equal(t, json.Valid(text), jsonscan.Valid(text), "%q", text)
		}
	}
}

func members(text string) (pairs []string, err error) {
	err = jsonscan.Members([]byte(text), func(name, value []byte) { pairs = append(pairs, string(name)+"="+string(value)) })
	return pairs, err
}

func elements(text string) (list []string, err error) {
	err = jsonscan.Elements([]byte(text), func(value []byte) { list = append(list, string(value)) })
	return list, err
}

func TestMembers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{}`:     nil,
		` null `: nil,
		" {\"a\" : 1 , \"a\":\"}\",\"\\u0062\":[ {\"c\":1} ], \"d\":{}} ": {`"a"=1`, `"a"="}"`, `"\u0062"=[ {"c":1} ]`, `"d"={}`},
	} {
		got, err := members(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, want := range map[string][]string{
		`{"a":1,"b":2`:     {`"a"=1`},
		`{"a":1,"b":17 `:   {`"a"=1`, `"b"=17`},
		`{"a":"x","b":"y`:  {`"a"="x"`},
		`{"a":{"b":1}`:     {`"a"={"b":1}`},
		`{"a":{"b":1`:      nil,
		`{"a":1}}`:         {`"a"=1`},
		`{"a":1,"b":tru,1`: {`"a"=1`},
		`["a"`:             nil,
		``:                 nil,
	} {
		got, err := members(text)
		require.ErrorIs(t, err, jsonscan.ErrSyntax, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{`[]`, `"a"`, `1`, `true`} {
		got, err := members(text)
		require.ErrorIs(t, err, jsonscan.ErrKind, text)
		require.Empty(t, got)
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`[]`:                               nil,
		`null`:                             nil,
		" [ 1 , \"]\",[ [2] ],{\"a\":3} ]": {`1`, `"]"`, `[ [2] ]`, `{"a":3}`},
	} {
		got, err := elements(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, want := range map[string][]string{`[1,2`: {`1`}, `[1,[2],`: {`1`, `[2]`}, `[1]]`: {`1`}, `{"a"`: nil} {
		got, err := elements(text)
		require.ErrorIs(t, err, jsonscan.ErrSyntax, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{`{}`, `"a"`, `1`, `true`} {
		_, err := elements(text)
		require.ErrorIs(t, err, jsonscan.ErrKind, text)
	}
}

// Nobody who appends to a part of a text writes into what follows it.
func TestPartsHaveNoRoom(t *testing.T) {
	t.Parallel()
	require.NoError(t, jsonscan.Members([]byte(`{"a":[1],"b":2}`), func(name, value []byte) {
		require.Len(t, name, cap(name))
		require.Len(t, value, cap(value))
	}))
	require.NoError(t, jsonscan.Elements([]byte(`[{},1,"a"]`), func(value []byte) { require.Len(t, value, cap(value)) }))
}

// An offset is that of the first byte that cannot stand where it does.
func TestOffsets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		``: 0, `{"a":`: 5, `[1,]`: 3, `{"a" 1}`: 5, `{a:1}`: 1,
		"{}\n{}": 3, `[1 2]`: 3, "\"a\nb\"": 2, `"abc`: 4, `[tru]`: 1, `{"a":}`: 5, `-`: 1,
	} {
		var fault *jsonscan.Error
		require.ErrorAs(t, jsonscan.Check([]byte(text)), &fault, text)
		require.Equal(t, want, fault.Offset, text)
		require.Equal(t, want, jsonscan.Fault([]byte(text)), text)
	}
}
