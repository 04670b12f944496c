package answer_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// record is what the tests read of a text.
type record struct {
	ID    string
	Inner string
	N     int64
	At    time.Time
	Field metadata.Object
	List  []json.RawMessage
	Last  string
}

func (a *record) read(text string) error {
	return answer.Object([]byte(text),
		answer.To("id", &a.ID),
		answer.To("in", answer.To("id", &a.Inner)),
		answer.To("n", &a.N),
		answer.To("at", &a.At),
		answer.To("field", &a.Field),
		answer.To("list", &a.List),
		answer.To("last", &a.Last))
}

func TestObject(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 12, 0, 0, 0, 123e6, time.UTC)
	for text, want := range map[string]record{
		`null`:                                              {},
		` {} `:                                              {},
		`{"unknown":[{"id":"no"}],"ID":"no"}`:               {},
		`{"id":"a","in":{"id":"b","x":{}}}`:                 {ID: "a", Inner: "b"},
		"{ \"id\"\t:\r\n\"a\" , \"n\" : -7 }\n":             {ID: "a", N: -7},
		`{"i\u0064":"\u00e9\n\ud83d\ude00é"}`:               {ID: "é\n😀é"},
		`{"é":1,"x\"":"}","id":"\\\""}`:                     {ID: `\"`},
		`{"id":"a","id":"b"}`:                               {ID: "b"},
		`{"id":"a","id":null,"in":null,"n":null,"at":null}`: {ID: "a"},
		`{"at":1778544000123,"n":9223372036854775807}`:      {At: at, N: 9223372036854775807},
		`{"at":0}`:                           {},
		`{"list":[1, "],[" ,{"a":[]},null]}`: {List: []json.RawMessage{[]byte(`1`), []byte(`"],["`), []byte(`{"a":[]}`), []byte(`null`)}},
		`{"list":[]}`:                        {List: []json.RawMessage{}},
		`{"list":[true]}`:                    {List: []json.RawMessage{[]byte(`true`)}},
	} {
		var got record
		require.NoError(t, got.read(text), text)
		require.Equal(t, want, got, text)
	}
	var got record
	require.NoError(t, got.read(`{"field":{"n": 9007199254740993,"k":"\u003c"}}`))
	require.Equal(t, `{"n": 9007199254740993,"k":"\u003c"}`, got.Field.String())
	require.NoError(t, got.read(`{"field":null}`))
	require.True(t, got.Field.IsNull())
}

// What follows a fault is read all the same, and the first fault is the error.
func TestObjectOfFaultyMembers(t *testing.T) {
	t.Parallel()
	const undocumented = " has a type that is not documented"
	for text, says := range map[string]string{
		`{"id":{"private":1},"n":"private","last":"read"}`: `field "id"` + undocumented,
		`{"id":true,"last":"read"}`:                        `field "id"` + undocumented,
		`{"in":{"id":7},"last":"read"}`:                    `field "in.id"` + undocumented,
		`{"in":"private","last":"read"}`:                   `field "in"` + undocumented,
		`{"n":123456789012345678901,"last":"read"}`:        `field "n"` + undocumented,
		`{"n":1.0,"last":"read"}`:                          `field "n"` + undocumented,
		`{"n":1e3,"last":"read"}`:                          `field "n"` + undocumented,
		`{"n":"1","last":"read"}`:                          `field "n"` + undocumented,
		`{"at":"private","last":"read"}`:                   `field "at"` + undocumented,
		`{"list":{"private":1},"last":"read"}`:             `field "list"` + undocumented,
		`{"field":"private","last":"read"}`:                `field "field": metadata must be a JSON object: it is a string`,
		`["private"]`:                                      "the whole" + undocumented,
		`"private"`:                                        "the whole" + undocumented,
		`17`:                                               "the whole" + undocumented,
		`true`:                                             "the whole" + undocumented,
		"":                                                 "not valid JSON, 0 bytes",
		"{\"id\":\"private\x00\"}":                         "not valid JSON, 17 bytes",
		`{"id":"private"} {}`:                              "not valid JSON, 19 bytes",
		`<html>private</html>`:                             "not valid JSON, 20 bytes",
		strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001):    "not valid JSON, 20002 bytes",
		`{"last":"read","x":` + strings.Repeat(`{"private":`, 20000): "not valid JSON, 220019 bytes",
	} {
		var got record
		require.EqualError(t, got.read(text), says)
		require.Equal(t, strings.Contains(text, "read"), got.Last == "read", says)
	}
}

func TestObjectOfTextCutShort(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]record{
		`{"id":"user_1","last":"rea`:                    {ID: "user_1"},
		`{"id":"user_1","in":{"id":"b"},"last"`:         {ID: "user_1", Inner: "b"},
		`{"id":"user_1","in":{"id":"b"`:                 {ID: "user_1"},
		`{"id":"user_1","other":[1,{}],"last":"read",,`: {ID: "user_1", Last: "read"},
		`{`:                {},
		`["user_1"`:        {},
		`{"id":"user_1"}}`: {ID: "user_1"},
		`{"n":"","n":1,`:   {N: 1},
	} {
		var got record
		require.ErrorContains(t, got.read(text), "not valid JSON", text)
		require.Equal(t, want, got, "%s: the members that came whole", text)
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]json.RawMessage{
		`[]`:                 {},
		" [ {\"a\":1} , 2 ]": {[]byte(`{"a":1}`), []byte(`2`)},
	} {
		got, err := answer.Elements([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, says := range map[string]string{
		`[{"private":1}`: "not valid JSON, 14 bytes",
		`{"private":1}`:  "the whole has a type that is not documented",
		`"private"`:      "the whole has a type that is not documented",
		" null ":         "the whole has a type that is not documented",
	} {
		got, err := answer.Elements([]byte(text))
		require.EqualError(t, err, says)
		require.Nil(t, got)
	}
}

// Nobody who appends to a part of an answer writes into what follows it.
func TestPartsHaveNoRoom(t *testing.T) {
	t.Parallel()
	text := []byte(`[{"a":1},{"b":2}]`)
	got, err := answer.Elements(text)
	require.NoError(t, err)
	_ = append(got[0], 'x')
	require.Equal(t, `{"b":2}`, string(got[1]))
	require.NoError(t, answer.Members(got[0], func(_, value []byte) { require.Len(t, value, cap(value)) }))
}

func TestEntity(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		`{"id":"a"}`: "",
		`{"n":1}`:    `user: field "id" is missing`,
		`{"id":1}`:   `user: field "id" has a type that is not documented`,
		`{"id":"a"`:  "user: not valid JSON",
	} {
		var got record
		err := answer.Entity("user", []byte(text), answer.To("id", &got.ID), answer.To("n", &got.N))
		if says == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, clerkerr.ErrDecode)
		require.ErrorContains(t, err, says)
	}
}
