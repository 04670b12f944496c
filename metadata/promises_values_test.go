package metadata_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func promiseNils(t *testing.T) {
	t.Helper()
	type all struct {
		S []int          `json:"s"`
		M map[string]int `json:"m"`
		B []byte         `json:"b"`
		P *int           `json:"p"`
		A any            `json:"a"`
		R json.RawMessage
	}
	require.Equal(t, `{"R":null,"a":null,"b":null,"m":null,"p":null,"s":null}`, metadata.Of(all{}).String())
	for path, v := range map[string]any{
		"/k/R": struct{ R json.RawMessage }{}, "/k/s": struct {
			S []int `json:"s"`
		}{}, "/k/M": struct{ M map[string]int }{}, "/k/0": []*int{nil}, "/k/x": map[string][]int{"x": nil},
	} {
		_, err := metadata.Patch{"k": v}.MarshalJSON()
		requirePath(t, err, metadata.ErrNull, path)
	}
	require.Equal(t, `{"M":{},"S":[]}`, metadata.Of(struct {
		S []int
		M map[string]int
	}{[]int{}, map[string]int{}}).String())
}

type zeroable struct{ N int }

func (z zeroable) IsZero() bool { return z.N == 42 }

func promiseOmit(t *testing.T) {
	t.Helper()
	type in struct{ X int }
	require.Equal(t, `{"arr":[0,0],"s":{"X":0},"str":"","t":"0001-01-01T00:00:00Z","text":""}`, metadata.Of(struct {
		A   []int           `json:"a,omitempty"`
		M   map[string]int  `json:"m,omitempty"`
		E   [0]int          `json:"e,omitempty"`
		P   *int            `json:"p,omitempty"`
		I   any             `json:"i,omitempty"`
		B   bool            `json:"b,omitempty"`
		F   float64         `json:"f,omitempty"`
		R   json.RawMessage `json:"r,omitempty"`
		S   in              `json:"s,omitempty"`
		T   time.Time       `json:"t,omitempty"`
		Arr [2]int          `json:"arr,omitempty"`
		Str *string         `json:"str,omitempty"`
		X   textOf          `json:"text,omitempty"`
	}{A: []int{}, Str: new(string)}).String())
	require.Equal(t, `{"a":[],"m":{},"n":{"N":0}}`, metadata.Of(struct {
		A []int          `json:"a,omitzero"`
		M map[string]int `json:"m,omitzero"`
		S in             `json:"s,omitzero"`
		T time.Time      `json:"t,omitzero"`
		F float64        `json:"f,omitzero"`
		Z zeroable       `json:"z,omitzero"`
		N zeroable       `json:"n,omitzero"`
	}{A: []int{}, M: map[string]int{}, Z: zeroable{42}}).String())
	// What is left out is not judged.
	require.Equal(t, `{"u":"`+"\ufffd"+`"}`, metadata.Of(struct {
		Z zeroed  `json:"z,omitzero"`
		F floats  `json:"f,omitempty"`
		G *floats `json:"g,omitempty"`
		U string  `json:"u"`
	}{Z: "\xff", U: "\ufffd"}).String())
}

type zeroed string

func (zeroed) IsZero() bool { return true }

func promiseString(t *testing.T) {
	t.Helper()
	type all struct {
		I int            `json:"i,string"`
		B bool           `json:"b,string"`
		F float64        `json:"f,string"`
		N json.Number    `json:"n,string"`
		S string         `json:"s,string"`
		P *int           `json:"p,string"`
		L []int          `json:"l,string"` //nolint:staticcheck // the option means nothing here
		M map[string]int `json:"m,string"` //nolint:staticcheck // the option means nothing here
		A any            `json:"a,string"` //nolint:staticcheck // the option means nothing here
	}
	v := all{I: 7, F: 1.5, N: "1.50", S: "x\u2028<", P: new(3), L: []int{1}, M: map[string]int{"a": 1}, A: 5}
	value := metadata.Of(v)
	require.Equal(t, `{"a":5,"b":"false","f":"1.5","i":"7","l":[1],"m":{"a":1},"n":"1.50","p":"3","s":"\"x`+"\\\\u2028"+`<\""}`,
		strings.Replace(value.String(), "x\u2028<", `x\\u2028<`, 1), "the string in the string is JSON, in either form")
	o, err := value.Object()
	require.NoError(t, err)
	got, err := metadata.Decode[all](o)
	require.NoError(t, err)
	v.A = json.Number("5")
	require.Equal(t, v, got)
	for text, path := range map[string]string{`{"i":7}`: "/i", `{"b":"x"}`: "/b", `{"l":["1"]}`: "/l/0", `{"p":"x"}`: "/p"} {
		_, err := metadata.Decode[all](object(t, text))
		requirePath(t, err, metadata.ErrMismatch, path)
	}
}

func promiseSize(t *testing.T) {
	t.Helper()
	var every strings.Builder
	for r := rune(0); r <= 0x2100; r++ {
		every.WriteRune(r)
	}
	every.WriteString("\ufffd\ufffe\uffff\U0001f642\U0010ffff")
	text := every.String()
	require.True(t, utf8.ValidString(text))
	type in struct {
		S string            `json:"s"`
		M map[string]string `json:"m"`
		R json.RawMessage   `json:"r"`
		T textOf            `json:"t"`
	}
	quoted, err := json.Marshal(text)
	require.NoError(t, err)
	plain := map[string]any{"s": text, "m": map[string]any{text: text}, "r": text, "t": text}
	want, err := metadata.Patch(plain).MarshalJSON()
	require.NoError(t, err)
	escapes := len(`"\\`) - 1 + len("\n\r\t") + 5*(32-3) // what JSON demands
	require.Len(t, want, 5*(len(text)+2+escapes)+len(`{"m":{:},"r":,"s":,"t":}`))
	for name, v := range map[string]any{
		"struct": in{text, map[string]string{text: text}, quoted, textOf{text}},
		"raw":    json.RawMessage(want),
		"map":    plain,
	} {
		value := metadata.Of(v)
		require.NoError(t, value.Err(), name)
		require.Equal(t, string(want), value.String(), name)
		size, err := metadata.Size(v)
		require.NoError(t, err)
		require.Equal(t, len(want), size, name)
		require.Equal(t, len(want), value.Size(), name)
	}
}

func promiseOrder(t *testing.T) {
	t.Helper()
	type in struct {
		Z int             `json:"z"`
		A float64         `json:"a"`
		M map[string]any  `json:"M"`
		R json.RawMessage `json:"r"`
		F []float64       `json:"f"`
	}
	v := in{1, 0.1, map[string]any{"\ue000": 1, "\U00010000": 2, "b": 3, "B": 4}, json.RawMessage(`{ "y" : 1.50, "x" : [ 9007199254740993, -0, 1E+400 ] }`),
		[]float64{1e20, 1e21, 1e-6, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64}}
	require.Equal(t, `{"M":{"B":4,"b":3,"`+"\ue000"+`":1,"`+"\U00010000"+`":2},"a":0.1,`+
		`"f":[100000000000000000000,1e+21,0.000001,1e-7,1.7976931348623157e+308,5e-324],"r":{"x":[9007199254740993,-0,1E+400],"y":1.50},"z":1}`,
		metadata.Of(v).String())
}

func promiseBytes(t *testing.T) {
	t.Helper()
	for path, v := range map[string]any{
		"/k": []byte("{}"), "/k/a": map[string]any{"a": []byte("x")}, "/k/1": []any{1, blob("x")}, "/k/A": struct{ A any }{[]byte("x")},
		"/k/A/m": struct{ A map[string]any }{map[string]any{"m": blob{}}}, "/k/p": map[string]any{"p": &[]byte{1}},
	} {
		_, err := metadata.Patch{"k": v}.MarshalJSON()
		requirePath(t, err, metadata.ErrUnsupported, path)
		require.ErrorContains(t, err, "json.RawMessage")
		requirePath(t, metadata.Of(map[string]any{"k": v}).Err(), metadata.ErrUnsupported, path)
	}
	type declared struct {
		B []byte            `json:"b"`
		M map[string][]byte `json:"m"`
		A [2]byte           `json:"a"`
	}
	v := declared{[]byte("hi"), map[string][]byte{"k": {1}}, [2]byte{1, 2}}
	got, err := metadata.Patch{"k": v}.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"k":{"a":[1,2],"b":"aGk=","m":{"k":"AQ=="}}}`, string(got))
	back, err := metadata.Decode[map[string]declared](object(t, string(got)))
	require.NoError(t, err)
	require.Equal(t, map[string]declared{"k": v}, back)
}

func promiseErrors(t *testing.T) {
	t.Helper()
	type raw struct {
		R json.RawMessage `json:"r"`
	}
	failing := marshalerFunc(func() ([]byte, error) { return nil, &quotingError{"private"} })
	for says, v := range map[string]any{
		"/k/r: null is not allowed here: to leave a field out give it omitempty; to remove a key set it to metadata.Delete in a Patch or a map": raw{},
		"/k: value has no JSON form: encoding metadata_test.marshalerFunc failed":                                                               failing,
		"/k/M: value has no JSON form: encoding metadata_test.marshalerFunc failed": struct {
			R json.RawMessage
			M marshalerFunc
		}{M: failing},
		"/k/R: not valid JSON: at byte 1":                                              struct{ R json.RawMessage }{json.RawMessage(`{private`)},
		"/k/T/0: value has no JSON form: encoding time.Time failed":                    struct{ T []time.Time }{[]time.Time{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
		"/k/0: number is not finite":                                                   []float64{math.NaN()},
		"/k/C: value has no JSON form: a Go chan int":                                  struct{ C chan int }{},
		"/k/N: not valid JSON: a json.Number that is not a JSON number":                struct{ N json.Number }{"private"},
		"/k: value has no JSON form: map[float64]int: a map with keys of type float64": map[float64]int{},
		"/k: value has no JSON form: []uint8 encodes to a string in base64: for JSON text use json.RawMessage, for other text a string": []byte("private"),
	} {
		_, err := metadata.Patch{"k": v}.MarshalJSON()
		require.EqualError(t, err, says)
		requireSilent(t, err, "private")
	}
	// A nil pointer behind an interface has no method that could be asked.
	err := metadata.Of(map[string]any{"k": struct {
		S fmt.Stringer
		M marshalerFunc
		I any
	}{I: (*time.Time)(nil), M: failing}}).Err()
	require.EqualError(t, err, "/k/M: value has no JSON form: encoding metadata_test.marshalerFunc failed")
	for _, d := range []any{raw{}, map[string]json.RawMessage{}, map[string]raw{}} {
		err := object(t, `{"r":{}}`).Decode(d)
		require.EqualError(t, err, fmt.Sprintf("metadata does not fit the Go type: decoding into %s failed",
			strings.ReplaceAll(reflect.TypeOf(d).String(), "jsontext.Value", "json.RawMessage")))
	}
}

func promiseMisfits(t *testing.T) {
	t.Helper()
	type in struct {
		N int8        `json:"n"`
		U uint        `json:"u"`
		B []byte      `json:"b"`
		T netip.Addr  `json:"t"`
		J json.Number `json:"j"`
	}
	type view struct {
		List []in                     `json:"list"`
		Map  map[string]map[int8]bool `json:"map"`
		Pair [2]string                `json:"pair"`
		Any  any                      `json:"any"`
		P    **in                     `json:"p"`
	}
	for text, says := range map[string]string{
		`{"list":[{},{"n":1234567}]}`:             "/list/1/n: metadata does not fit the Go type: a number into int8",
		`{"list":[{"n":1.5}]}`:                    "/list/0/n: metadata does not fit the Go type: a number into int8",
		`{"list":[{"u":-1234567}]}`:               "/list/0/u: metadata does not fit the Go type: a number into uint",
		`{"list":[{"b":"private!"}]}`:             "/list/0/b: metadata does not fit the Go type: a string into []uint8",
		`{"list":[{"t":"private"}]}`:              "/list/0/t: metadata does not fit the Go type: a string into netip.Addr",
		`{"list":[{"t":1234567}]}`:                "/list/0/t: metadata does not fit the Go type: a number into netip.Addr",
		`{"list":[{"j":"private"}]}`:              "/list/0/j: metadata does not fit the Go type: a string into json.Number",
		`{"list":[{"j":true}]}`:                   "/list/0/j: metadata does not fit the Go type: a boolean into json.Number",
		`{"list":{}}`:                             "/list: metadata does not fit the Go type: an object into []metadata_test.in",
		`{"map":{"a.b/c":{"1":"private"}}}`:       "/map/a.b~1c/1: metadata does not fit the Go type: a string into bool",
		`{"map":{"a":{"1234567":true}}}`:          "/map/a/1234567: metadata does not fit the Go type: a key into int8",
		`{"pair":["a",1]}`:                        "/pair/1: metadata does not fit the Go type: a number into string",
		`{"p":{"n":"private"}}`:                   "/p/n: metadata does not fit the Go type: a string into int8",
		`{"any":{"n":[1,"x"]},"pair":{"x":true}}`: "/pair: metadata does not fit the Go type: an object into [2]string",
		`{"pair":1,"list":2}`:                     "/pair: metadata does not fit the Go type: a number into [2]string",
	} {
		_, err := metadata.Decode[view](object(t, text))
		require.ErrorIs(t, err, metadata.ErrMismatch, text)
		require.EqualError(t, err, says)
		requireSilent(t, err, "private")
	}
	_, err := metadata.Decode[view](object(t, `{"map":{"x":null},"pair":[null,"b","c"],"list":null,"any":1e999}`))
	require.NoError(t, err)
}
