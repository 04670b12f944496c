package metadata_test

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

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
	t.Helper()
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
	t.Helper()
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
	t.Helper()
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
	t.Helper()
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
			B int `json:"'b'"` // a name to some releases
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
		B int `json:"-,"`                 //nolint:staticcheck // the name is "-"
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
	t.Helper()
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
	t.Helper()
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
