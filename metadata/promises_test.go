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

// promises are what package metadata promises whatever encoding/json does. The
// name of each is a row of docs/json-engines.md. CI runs all of them on every
// engine.
var promises = []struct {
	name string
	hold func(t *testing.T)
}{
	{"Invalid UTF-8 is refused with its path: in strings, keys, fields, and in what MarshalText and MarshalJSON return", promiseInvalidUTF8},
	{"A U+FFFD that the caller wrote is data and passes", promiseReplacementPasses},
	{"The names of a struct are those that the running encoding/json takes, matched in exact case", promiseNames},
	{"Struct tags and types that releases read differently are refused by name: by CheckType, Of, a Patch and Decode", promiseUnsteady},
	{"A key beside a map tagged embed is not lost", promiseEmbed},
	{"Map keys other than strings, integers and MarshalText are refused with their path", promiseMapKeys},
	{"Nil slices, maps and pointers are null in a PUT and refused in a PATCH", promiseNils},
	{"omitempty and omitzero leave out the same fields", promiseOmit},
	{"The option string quotes numbers and booleans, and is read back", promiseString},
	{"The size measured is that of the bytes sent, for every character", promiseSize},
	{"Keys are sorted, in structs too, and numbers keep their digits", promiseOrder},
	{"Bytes in an any are refused, in a declared []byte written in base64", promiseBytes},
	{"Errors name path, reason and Go type in the same words, and never a value", promiseErrors},
	{"What does not fit a Go type is named by its path, in maps and arrays too", promiseMisfits},
}

func TestPromises(t *testing.T) {
	t.Parallel()
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.hold(t)
		})
	}
}

type (
	textOf   struct{ text string }
	jsonOf   struct{ text string }
	onAddr   struct{ text string }
	floats   map[float64]int
	numbered struct {
		json.Number

		Y int
	}
	deeplyNumbered struct{ *numbered }
	holding[T any] struct {
		In []T `json:"in"`
	}
)

func (v textOf) MarshalText() ([]byte, error)  { return []byte(v.text), nil }
func (v jsonOf) MarshalJSON() ([]byte, error)  { return []byte(v.text), nil }
func (v *onAddr) MarshalText() ([]byte, error) { return []byte(v.text), nil }

func promiseInvalidUTF8(t *testing.T) {
	const bad = "a\xffb"
	type field struct {
		A string `json:"a"`
	}
	for name, tc := range map[string]struct {
		value any
		path  string
	}{
		"string":                 {bad, "/k"},
		"key":                    {map[string]any{bad: 1}, "/k/" + bad},
		"field":                  {field{bad}, "/k/a"},
		"field beside a U+FFFD":  {[]field{{"\ufffd"}, {bad}}, "/k/1/a"},
		"field behind a pointer": {&field{bad}, "/k/a"},
		"field in slices":        {holding[*field]{[]*field{{"x"}, {bad}}}, "/k/in/1/a"},
		"field in an any":        {holding[any]{[]any{field{bad}}}, "/k/in/0/a"},
		"quoted field": {struct {
			S string `json:",string"`
		}{bad}, "/k/S"},
		"array":                          {[1]string{bad}, "/k/0"},
		"typed map":                      {map[string]string{"a": bad}, "/k/a"},
		"key of a typed map":             {map[string]string{bad: "a"}, "/k/" + bad},
		"key of a map in a struct":       {holding[map[string]int]{[]map[string]int{{bad: 1}}}, "/k/in/0/" + bad},
		"MarshalText":                    {textOf{bad}, "/k"},
		"MarshalText in a struct":        {holding[textOf]{[]textOf{{"x"}, {bad}}}, "/k/in/1"},
		"MarshalText of a pointer":       {holding[*textOf]{[]*textOf{{bad}}}, "/k/in/0"},
		"MarshalText on the address":     {&holding[onAddr]{[]onAddr{{bad}}}, "/k/in/0"},
		"MarshalText of a key":           {map[textOf]int{{bad}: 1}, "/k/" + bad},
		"MarshalJSON":                    {jsonOf{`"` + bad + `"`}, "/k"},
		"MarshalJSON in a struct":        {holding[jsonOf]{[]jsonOf{{`{"x":["y","` + bad + `"]}`}}}, "/k/in/0/x/1"},
		"MarshalJSON, half a surrogate":  {holding[jsonOf]{[]jsonOf{{`{"x":"\ud800"}`}}}, "/k/in/0/x"},
		"MarshalJSON, key":               {holding[jsonOf]{[]jsonOf{{`{"` + bad + `":1}`}}}, "/k/in/0"},
		"RawMessage in a struct":         {holding[json.RawMessage]{[]json.RawMessage{[]byte(`["` + bad + `"]`)}}, "/k/in/0/0"},
		"RawMessage":                     {json.RawMessage(`{"x":["` + bad + `"]}`), "/k/x/0"},
		"marshaler in a map in a struct": {map[string]any{"m": holding[map[string]textOf]{[]map[string]textOf{{"t": {bad}}}}}, "/k/m/in/0/t"},
	} {
		_, err := metadata.Patch{"k": tc.value}.MarshalJSON()
		for _, err := range []error{err, metadata.Of(map[string]any{"k": tc.value}).Err()} {
			require.ErrorIs(t, err, metadata.ErrInvalidString, name)
			var at *metadata.PathError
			require.ErrorAs(t, err, &at, name)
			require.Equal(t, tc.path, at.Path, name)
		}
	}
	type view struct {
		Role string `json:"role"`
	}
	d, err := metadata.NewDraft[view](object(t, `{"role":"x"}`))
	require.NoError(t, err)
	d.Value.Role = bad
	_, err = d.Patch()
	requirePath(t, err, metadata.ErrInvalidString, "/role")
}

func promiseReplacementPasses(t *testing.T) {
	const fine = "a\ufffdb"
	for name, value := range map[string]any{
		"field":       struct{ A string }{fine},
		"quoted":      struct{ A *string }{new(fine)},
		"MarshalText": struct{ A textOf }{textOf{fine}},
		"MarshalJSON": struct{ A jsonOf }{jsonOf{`"` + fine + `"`}},
		"escaped":     struct{ A jsonOf }{jsonOf{`"a\ufffdb"`}},
		"in capitals": struct{ A json.RawMessage }{json.RawMessage(`"a\uFFFDb"`)},
		"any":         map[string]any{"A": fine},
	} {
		got, err := metadata.Patch{"k": value}.MarshalJSON()
		require.NoError(t, err, name)
		require.Equal(t, `{"k":{"A":"`+fine+`"}}`, string(got), name)
	}
	got, err := metadata.Patch{"k": map[textOf]int{{fine}: 1}, fine: struct{ M map[string]int }{map[string]int{fine: 2}}}.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"`+fine+`":{"M":{"`+fine+`":2}},"k":{"`+fine+`":1}}`, string(got))
}

// promiseNames asks encoding/json what it writes for a tag.
func promiseNames(t *testing.T) {
	for _, tag := range []string{
		`name`, `a b`, `<&>`, `-,`, `é`, `日本`, `~/`, `€`, `🙂`, `a'b`, `'a'`, `a"b`, `a\b`, "a`b", "a\u2028b", "a\u0301", "''", "'a b'", "a\x01b",
	} {
		typ := reflect.StructOf([]reflect.StructField{{
			Name: "Field", Type: reflect.TypeFor[int](), Tag: reflect.StructTag(fmt.Sprintf("json:%q", tag)),
		}})
		v := reflect.New(typ)
		v.Elem().Field(0).SetInt(7)
		value := metadata.Of(v.Elem().Interface())
		require.NoError(t, value.Err(), tag)
		written, err := json.Marshal(v.Interface())
		require.NoError(t, err)
		require.JSONEq(t, string(written), value.String(), tag)

		o, err := value.Object()
		require.NoError(t, err)
		again := reflect.New(typ)
		require.NoError(t, o.Decode(again.Interface()), tag)
		require.Equal(t, int64(7), again.Elem().Field(0).Int(), tag)
		members, err := o.Map()
		require.NoError(t, err)
		require.Len(t, members, 1)
		for key := range members {
			for _, other := range []string{strings.ToUpper(key), strings.ToLower(key)} {
				if other == key {
					continue
				}
				again.Elem().SetZero()
				require.NoError(t, object(t, `{`+mustJSON(other)+`:7}`).Decode(again.Interface()), tag)
				require.Zero(t, again.Elem().Field(0).Int(), "%s is not %s", other, key)
			}
		}
	}
}

func promiseUnsteady(t *testing.T) {
	unsteady[struct {
		M map[string]int `json:",embed"`
	}](t, `field M has "embed" in its json tag`)
	unsteady[struct {
		M map[string]int `json:",inline"`
	}](t, `field M has "inline" in its json tag`)
	unsteady[struct {
		M map[string]int `json:",unknown"`
	}](t, `field M has "unknown" in its json tag`)
	unsteady[struct {
		F float64 `json:"f,omitempty,format:nonfinite"`
	}](t, `field F has "format:nonfinite" in its json tag`)
	unsteady[struct {
		F int `json:"f,case:ignore"`
	}](t, `field F has "case:ignore" in its json tag`)
	unsteady[struct {
		F int `json:"f,case:strict"`
	}](t, `field F has "case:strict" in its json tag`)
	unsteady[struct {
		F int `json:"f,omitempty:x"` //nolint:staticcheck // omitempty to some releases
	}](t, `field F has "omitempty:x" in its json tag`)
	unsteady[struct {
		F int `json:"f,'omitempty'"` //nolint:staticcheck // omitempty to one engine
	}](t, `field F has "'omitempty'" in its json tag`)
	unsteady[numbered](t, "embeds json.Number")
	unsteady[deeplyNumbered](t, "embeds json.Number")
	unsteady[struct {
		json.Number `json:"n"`
	}](t, "embeds json.Number")
	unsteady[appends](t, "has AppendText")

	for says, err := range map[string]error{
		`field A has a name in its json tag that releases of Go read differently`: metadata.CheckType[struct {
			A int `json:"€"`
		}](),
		`field B has a name in its json tag`: metadata.CheckType[struct {
			B int `json:"'b'"` //nolint:staticcheck // a name to some releases
		}](),
		`field In.C has a name`: metadata.CheckType[struct{ withOddName }](),
		`field D has a name`: metadata.CheckType[map[string][]struct {
			D int `json:"d\"d"` //nolint:staticcheck // a name to some releases
		}](),
	} {
		require.ErrorIs(t, err, metadata.ErrType, says)
		require.ErrorContains(t, err, strings.Replace(says, "In.C", "withOddName.C", 1))
	}
	require.NoError(t, metadata.CheckType[struct {
		A int `json:"a-b.c/d e~,omitempty,omitzero,string"`
		B int `json:"-,"`
		C int `json:"é,custom,omitEmpty"` //nolint:staticcheck // options that mean nothing to any release
	}]())
}

type (
	withOddName struct {
		C int `json:"🙂"`
	}
	appends struct{ N int }
)

func (appends) AppendText(b []byte) ([]byte, error) { return append(b, "text"...), nil }

// unsteady checks that T is refused wherever a T can be handed in.
func unsteady[T any](t *testing.T, says string) {
	t.Helper()
	var v T
	type outer struct {
		In []T `json:"in"`
	}
	for what, err := range map[string]error{
		"CheckType":            metadata.CheckType[map[string]T](),
		"CheckType, nested":    metadata.CheckType[outer](),
		"Decode":               object(t, `{}`).Decode(&v),
		"Decode, nested":       object(t, `{}`).Decode(&outer{}),
		"Of":                   metadata.Of(v).Err(),
		"Of, a pointer":        metadata.Of(&v).Err(),
		"Of, nested":           metadata.Of(outer{[]T{v}}).Err(),
		"Of, in an any":        metadata.Of(map[string]any{"in": []any{&v}}).Err(),
		"Of, an any in struct": metadata.Of(struct{ A any }{map[string]any{"k": v}}).Err(),
	} {
		require.Error(t, err, "%s: %s", what, says)
		require.ErrorContains(t, err, says, what)
	}
	_, err := metadata.Patch{"k": outer{[]T{v}}}.MarshalJSON()
	requirePath(t, err, metadata.ErrUnsupported, "/k/in/0")
	require.NoError(t, metadata.Of(outer{[]T{}}).Err(), "there is none in it")
}

func promiseEmbed(t *testing.T) {
	type view struct {
		A    int            `json:"a"`
		Rest map[string]int `json:",embed"`
	}
	require.ErrorIs(t, metadata.CheckType[view](), metadata.ErrType)
	var v view
	require.ErrorIs(t, object(t, `{"a":1,"A":2,"q":3}`).Decode(&v), metadata.ErrType)
	require.Equal(t, view{}, v)
	_, err := metadata.NewDraft[view](object(t, `{"a":1,"A":2,"q":3}`))
	require.ErrorIs(t, err, metadata.ErrType)
}

func promiseMapKeys(t *testing.T) {
	for name, tc := range map[string]struct {
		value any
		path  string
	}{
		"float":            {map[float64]int{1.5: 1}, "/k"},
		"float, nil":       {floats(nil), "/k"},
		"float, empty":     {floats{}, "/k"},
		"float, in struct": {struct{ M []floats }{[]floats{{}}}, "/k/M/0"},
		"bool":             {map[bool]int{true: 1}, "/k"},
		"any":              {map[any]int{"a": 1}, "/k"},
		"struct":           {map[struct{ A int }]int{{1}: 1}, "/k"},
		"array":            {map[[1]string]int{{"a"}: 1}, "/k"},
		"string with text": {struct{ M map[textKey]int }{map[textKey]int{"a": 1}}, "/k/M"},
	} {
		_, err := metadata.Patch{"k": tc.value}.MarshalJSON()
		require.ErrorIs(t, err, metadata.ErrUnsupported, name)
		requirePath(t, err, metadata.ErrUnsupported, tc.path)
	}
	got, err := metadata.Patch{
		"a": map[int8]int{-1: 1, 10: 2, 9: 3}, "b": map[stringKey]int{"x": 1}, "c": map[netip.Addr]bool{netip.MustParseAddr("::1"): true},
		"d": map[json.Number]int{"1.50": 1}, "e": struct {
			F floats   `json:",omitempty"`
			G floats   `json:",omitzero"`
			H []floats `json:"h"`
		}{H: []floats{}},
	}.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"a":{"-1":1,"10":2,"9":3},"b":{"x":1},"c":{"::1":true},"d":{"1.50":1},"e":{"h":[]}}`, string(got))
	require.ErrorIs(t, object(t, `{"1.5":1}`).Decode(&map[float64]int{}), metadata.ErrType)
	require.ErrorIs(t, object(t, `{"1":1}`).Decode(&map[any]int{}), metadata.ErrType)
	require.ErrorIs(t, metadata.CheckType[map[textKey]int](), metadata.ErrType)
}

func promiseNils(t *testing.T) {
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
	type all struct {
		I int            `json:"i,string"`
		B bool           `json:"b,string"`
		F float64        `json:"f,string"`
		N json.Number    `json:"n,string"`
		S string         `json:"s,string"`
		P *int           `json:"p,string"`
		L []int          `json:"l,string"`
		M map[string]int `json:"m,string"`
		A any            `json:"a,string"`
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
	type raw struct {
		R json.RawMessage `json:"r"`
	}
	failing := marshalerFunc(func() ([]byte, error) { return nil, &quotingError{"private"} })
	for says, v := range map[string]any{
		"/k/r: null is not allowed here: to leave a field out give it omitempty; to remove a key set it to metadata.Delete in a Patch or a map": raw{},
		"/k: value has no JSON form: encoding metadata_test.marshalerFunc failed":                                                               failing,
		"/k: value has no JSON form: encoding struct { R json.RawMessage; M metadata_test.marshalerFunc } failed": struct {
			R json.RawMessage
			M marshalerFunc
		}{M: failing},
		"/k: value has no JSON form: encoding struct { R json.RawMessage } failed": struct{ R json.RawMessage }{json.RawMessage(`{private`)},
		"/k/0: number is not finite":                                                  []float64{math.NaN()},
		"/k/C: value has no JSON form: a Go chan int":                                 struct{ C chan int }{},
		"/k/N: not valid JSON: a json.Number that is not a JSON number":               struct{ N json.Number }{"private"},
		"/k: value has no JSON form: map[float64]int a map with keys of type float64": map[float64]int{},
		"/k: value has no JSON form: []uint8 encodes to a string in base64: for JSON text use json.RawMessage, for other text a string": []byte("private"),
	} {
		_, err := metadata.Patch{"k": v}.MarshalJSON()
		require.EqualError(t, err, says)
		requireSilent(t, err, "private")
	}
	for _, d := range []any{raw{}, map[string]json.RawMessage{}, map[string]raw{}} {
		err := object(t, `{"r":{}}`).Decode(d)
		require.EqualError(t, err, fmt.Sprintf("metadata does not fit the Go type: decoding into %s failed",
			strings.ReplaceAll(reflect.TypeOf(d).String(), "jsontext.Value", "json.RawMessage")))
	}
}

func promiseMisfits(t *testing.T) {
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
		`{"list":[{"j":true}]}`:                   "/list/0/j: metadata does not fit the Go type: a bool into json.Number",
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
