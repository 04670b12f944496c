package metadata_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestObjectStates(t *testing.T) {
	t.Parallel()
	for text, test := range map[string]struct {
		zero, null bool
		size       int
	}{
		"":         {true, false, 0},
		"null":     {false, true, 4},
		"{}":       {false, false, 2},
		`{"a": 1}`: {false, false, 8},
	} {
		var o metadata.Object
		want := "<absent>"
		if text != "" {
			o = object(t, "\n "+text+"\t")
			want = text
		}
		require.Equal(t, test.zero, o.IsZero(), text)
		require.Equal(t, test.null, o.IsNull(), text)
		require.Equal(t, test.size, o.Size(), text)
		require.Equal(t, want, o.String())
		require.Equal(t, want, fmt.Sprint(o))
		require.Equal(t, text, string(o.Raw()))
		require.Equal(t, test.zero, o.Raw() == nil)
		m, err := o.Map()
		require.NoError(t, err)
		require.NotNil(t, m)
	}
}

func TestObjectSharesNoMemory(t *testing.T) {
	t.Parallel()
	text := []byte(`{"a":1}`)
	o, err := metadata.ParseObject(text)
	require.NoError(t, err)
	text[2] = 'x'
	o.Raw()[2] = 'x'
	encoded, err := o.MarshalJSON()
	require.NoError(t, err)
	encoded[2] = 'x'
	require.Equal(t, `{"a":1}`, o.String())
}

func TestParseObjectRefuses(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]error{
		"":                               metadata.ErrSyntax,
		"\v{}":                           metadata.ErrSyntax,
		"\u00a0{}":                       metadata.ErrSyntax,
		"{":                              metadata.ErrSyntax,
		`{"a":1} x`:                      metadata.ErrSyntax,
		`"private"`:                      metadata.ErrNotObject,
		"[1]":                            metadata.ErrNotObject,
		"1234567":                        metadata.ErrNotObject,
		"true":                           metadata.ErrNotObject,
		nested(10001, `{"a":`, "1", "}"): metadata.ErrSyntax,
	} {
		o, err := metadata.ParseObject([]byte(text))
		requirePath(t, err, reason, "")
		requireSilent(t, err, "private", "1234567")
		require.True(t, o.IsZero())
	}
}

func TestObjectDecode(t *testing.T) {
	t.Parallel()
	type billing struct {
		Plan string `json:"plan"`
		ID   int64  `json:"id"`
		Any  any    `json:"any"`
	}
	o := object(t, `{"plan":"pro","id":9007199254740993,"any":9007199254740993,"unknown":[1.10]}`)
	got, err := metadata.Decode[billing](o)
	require.NoError(t, err)
	require.Equal(t, billing{"pro", 9007199254740993, json.Number("9007199254740993")}, got)
	require.Contains(t, o.String(), `"unknown":[1.10]`)

	m, err := o.Map()
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"plan": "pro", "id": json.Number("9007199254740993"), "any": json.Number("9007199254740993"),
		"unknown": []any{json.Number("1.10")},
	}, m)

	for _, nothing := range []metadata.Object{{}, object(t, "null")} {
		kept := billing{Plan: "kept"}
		require.NoError(t, nothing.Decode(&kept))
		require.Equal(t, billing{Plan: "kept"}, kept)
		zero, err := metadata.Decode[*billing](nothing)
		require.NoError(t, err)
		require.Nil(t, zero)
	}
}

type failsToDecode struct{}

func (*failsToDecode) UnmarshalJSON(text []byte) error { return &quotingError{string(text)} }

type quotesInTypeError struct{}

func (*quotesInTypeError) UnmarshalJSON(text []byte) error {
	return &json.UnmarshalTypeError{Value: string(text)}
}

func TestObjectDecodeErrors(t *testing.T) {
	t.Parallel()
	type deep struct {
		In struct {
			N    int8      `json:"n"`
			When time.Time `json:"when"`
		} `json:"in"`
		L []bool            `json:"l"`
		F failsToDecode     `json:"f"`
		Q quotesInTypeError `json:"q"`
	}
	for name, test := range map[string]struct {
		text, path, says string
	}{
		"string into a number":   {`{"in":{"n":"private"}}`, "/in/n", "a string into int8"},
		"number that overflows":  {`{"in":{"n":1234567}}`, "/in/n", "a number into int8"},
		"object into a number":   {`{"in":{"n":{}}}`, "/in/n", "an object into int8"},
		"array into an object":   {`{"in":[]}`, "/in", "an array into struct"},
		"bool into an array":     {`{"l":true}`, "/l", "a boolean into []bool"},
		"element":                {`{"l":["private"]}`, "/l/0", "a string into bool"},
		"time":                   {`{"in":{"when":"private"}}`, "/in/when", "a string into time.Time"},
		"UnmarshalJSON":          {`{"f":"private"}`, "/f", "a string into metadata_test.failsToDecode"},
		"UnmarshalJSON, quoting": {`{"q":"private"}`, "/q", "a string into metadata_test.quotesInTypeError"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var dst deep
			err := object(t, test.text).Decode(&dst)
			require.ErrorIs(t, err, metadata.ErrMismatch)
			require.ErrorContains(t, err, test.says)
			requireSilent(t, err, "private", "1234567")
			var at *metadata.PathError
			require.ErrorAs(t, err, &at)
			require.Equal(t, test.path, at.Path)
		})
	}
	var parse *time.ParseError
	require.ErrorAs(t, object(t, `{"in":{"when":"private"}}`).Decode(new(deep)), &parse, "the cause is there for who asks for it")
	for _, dst := range []any{nil, deep{}, (*deep)(nil)} {
		err := object(t, "{}").Decode(dst)
		require.ErrorIs(t, err, metadata.ErrMismatch)
		var invalid *json.InvalidUnmarshalError
		require.True(t, errors.As(err, &invalid))
	}
	_, err := metadata.Decode[string](object(t, "{}"))
	require.ErrorIs(t, err, metadata.ErrMismatch)
}

func TestObjectInAStruct(t *testing.T) {
	t.Parallel()
	type answer struct {
		Public  metadata.Object `json:"public"`
		Private metadata.Object `json:"private,omitzero"`
	}
	for text, want := range map[string]answer{
		`{"public":{"b":1.0,"a":null},"private":null}`: {object(t, `{"b":1.0,"a":null}`), object(t, "null")},
		`{"public":{}}`: {Public: object(t, "{}")},
	} {
		var got answer
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		require.Equal(t, want, got)
		back, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, text, string(back))
	}
	back, err := json.Marshal(answer{})
	require.NoError(t, err)
	require.JSONEq(t, `{"public":null}`, string(back))
	require.ErrorIs(t, json.Unmarshal([]byte(`{"public":1}`), new(answer)), metadata.ErrNotObject)
}
