package metadata_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestParsePatch(t *testing.T) {
	t.Parallel()
	p, err := metadata.ParsePatch([]byte(`{"a":null,"b":{"c":null,"d":[1,null]},"n":9007199254740993,"s":"x","t":true}`))
	require.NoError(t, err)
	require.Equal(t, metadata.Patch{
		"a": metadata.Delete,
		"b": map[string]any{"c": metadata.Delete, "d": []any{json.Number("1"), metadata.Null()}},
		"n": json.Number("9007199254740993"),
		"s": "x",
		"t": true,
	}, p)
}

func TestParsePatchRoundTrip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\t{ } \n":                       `{}`,
		`{"b":1,"a":2}`:                  `{"a":2,"b":1}`,
		`{"a":null,"b":{"c":null}}`:      `{"a":null,"b":{"c":null}}`,
		`{"a":[null,{"b":null},[null]]}`: `{"a":[null,{"b":null},[null]]}`,
		`{"a":9007199254740993,"b":1.10,"c":-0,"d":1E+400}`: `{"a":9007199254740993,"b":1.10,"c":-0,"d":1E+400}`,
		`{"\u0061":"\ud83d\ude00\u003c\/\ufffd\u0000"}`:     "{\"a\":\"😀</\ufffd\\u0000\"}",
		`{"a":"\\ud800"}`:            `{"a":"\\ud800"}`,
		`{"a":"x\b\f\n\r\t\"\/\\y"}`: `{"a":"x\u0008\u000c\n\r\t\"/\\y"}`,
		"{\"\u2028\":\"<&>\"}":       "{\"\u2028\":\"<&>\"}",
		`{"":{"":[]}}`:               `{"":{"":[]}}`,
	} {
		p, err := metadata.ParsePatch([]byte(text))
		require.NoError(t, err, text)
		got, err := p.MarshalJSON()
		require.NoError(t, err, text)
		require.Equal(t, want, string(got))
	}
}

func TestParsePatchRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text   string
		reason error
		path   string
	}{
		"nothing":                   {"", metadata.ErrSyntax, ""},
		"white space":               {" \n", metadata.ErrSyntax, ""},
		"array":                     {"[]", metadata.ErrNotObject, ""},
		"null":                      {"null", metadata.ErrNotObject, ""},
		"string":                    {`"x"`, metadata.ErrNotObject, ""},
		"cut short":                 {`{"a":{"b":"private`, metadata.ErrSyntax, "/a/b"},
		"cut after a member":        {`{"a":1`, metadata.ErrSyntax, ""},
		"trailing comma":            {`{"a":1,}`, metadata.ErrSyntax, ""},
		"trailing comma in array":   {`{"a":[1,]}`, metadata.ErrSyntax, "/a/1"},
		"wrong bracket":             {`{"a":[1}}`, metadata.ErrSyntax, "/a"},
		"missing colon":             {`{"a" 1}`, metadata.ErrSyntax, "/a"},
		"missing comma":             {`{"a":1 "b":2}`, metadata.ErrSyntax, ""},
		"missing comma in array":    {`{"a":[1 2]}`, metadata.ErrSyntax, "/a"},
		"only a comma in array":     {`{"a":[,1]}`, metadata.ErrSyntax, "/a/0"},
		"cut after a comma":         {`{"a":[1,`, metadata.ErrSyntax, "/a/1"},
		"key that is no string":     {`{1:2}`, metadata.ErrSyntax, ""},
		"single quotes":             {`{'a':1}`, metadata.ErrSyntax, ""},
		"bad number":                {`{"a":01}`, metadata.ErrSyntax, ""},
		"NaN":                       {`{"a":NaN}`, metadata.ErrSyntax, "/a"},
		"raw newline in a string":   {"{\"a\":\"\n\"}", metadata.ErrSyntax, "/a"},
		"byte order mark":           {"\ufeff{}", metadata.ErrSyntax, ""},
		"two objects":               {"{} {}", metadata.ErrSyntax, ""},
		"trailing garbage":          {"{}x", metadata.ErrSyntax, ""},
		"trailing bracket":          {"{}}", metadata.ErrSyntax, ""},
		"doubled key":               {`{"a":{"b":1,"\u0062":2}}`, metadata.ErrDuplicateKey, "/a/b"},
		"doubled key, deleted once": {`{"a":null,"a":1}`, metadata.ErrDuplicateKey, "/a"},
		"doubled key in an array":   {`{"a":[{},{"b":1,"b":1}]}`, metadata.ErrDuplicateKey, "/a/1/b"},
		"invalid UTF-8":             {"{\"a\":\"\xff\"}", metadata.ErrInvalidString, "/a"},
		"high surrogate":            {`{"a":"\ud800"}`, metadata.ErrInvalidString, "/a"},
		"high surrogate, then text": {`{"a":"\ud800x\udc00"}`, metadata.ErrInvalidString, "/a"},
		"high surrogate twice":      {`{"a":"\ud800\ud800\udc00"}`, metadata.ErrInvalidString, "/a"},
		"low surrogate":             {`{"a":["x\uDC00"]}`, metadata.ErrInvalidString, "/a/0"},
		"surrogates swapped":        {`{"a":"\udc00\ud800"}`, metadata.ErrInvalidString, "/a"},
		"surrogate in a key":        {`{"a":{"\ud800":1}}`, metadata.ErrInvalidString, "/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := metadata.ParsePatch([]byte(test.text))
			require.Nil(t, p)
			requirePath(t, err, test.reason, test.path)
			requireSilent(t, err, "private")
		})
	}
}
