package structfields_test

import (
	"encoding"
	"encoding/json"
	"io"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

type (
	textKey  string
	appends  struct{ N int }
	streams  struct{ N int }
	numbered struct {
		*json.Number
	}
	skipped struct{ N int }
	named   *int
	deep    struct {
		Name string            `json:"name,omitempty"`
		Kids []deep            `json:"kids"`
		Map  map[int8][]string `json:"map"`
		Any  any               `json:"any"`
		When *time.Time        `json:"when"`
		Pair [2]int            `json:"pair"`
		Num  int               `json:"num,string"`
		W    io.Writer
	}
)

func (*skipped) MarshalText() ([]byte, error)       { return nil, nil }
func (skipped) IsZero() bool                        { return true }
func (textKey) MarshalText() ([]byte, error)        { return nil, nil }
func (appends) AppendText(b []byte) ([]byte, error) { return b, nil }
func (streams) MarshalJSONTo(io.Writer) error       { return nil }
func (*streams) UnmarshalJSONFrom(io.Reader) error  { return nil }

var (
	_ encoding.TextMarshaler = textKey("")
	_ encoding.TextAppender  = appends{}
)

func TestUnsteady(t *testing.T) {
	t.Parallel()
	for says, typ := range map[string]reflect.Type{
		"has AppendText, which not every release of Go calls: add MarshalText":                                              reflect.TypeFor[appends](),
		"has MarshalJSONTo, which not every release of Go calls: add MarshalJSON":                                           reflect.TypeFor[streams](),
		"embeds json.Number, which makes it a number to some releases of Go and an object to others: give the field a name": reflect.TypeFor[numbered](),
		`field A has "embed" in its json tag, which releases of Go read differently: take it out`: reflect.TypeFor[struct {
			A map[string]int `json:",omitempty,embed"`
		}](),
		"field skipped embeds under a name an unexported type with methods, which releases of Go read differently: give the field an exported name": reflect.TypeFor[struct {
			*skipped `json:"a"`
			appends  `json:"b"`
		}](),
		"field A has the option string on the named pointer type structfields_test.named, which releases of Go write differently: take it out": reflect.TypeFor[struct {
			A named `json:",string"`
		}](),
		"": reflect.TypeFor[struct {
			A int `json:"a,omitempty,omitzero,string,custom"` //nolint:staticcheck // an option of no release
		}](),
	} {
		require.Equal(t, says, structfields.Of(typ).Unsteady, typ)
		require.Equal(t, says, structfields.Of(typ).Unwritable, typ)
		if says != "" {
			says = structfields.TypeName(typ) + ": " + says
		}
		holder := reflect.MapOf(reflect.TypeFor[string](), reflect.SliceOf(typ))
		require.Equal(t, says, structfields.Of(holder).Deep().Unsteady)
		require.Equal(t, says, structfields.Of(holder).Deep().Loss)
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[json.Number](), reflect.TypeFor[json.RawMessage](), reflect.TypeFor[time.Time](), reflect.TypeFor[netip.Addr](),
		reflect.TypeFor[error](), reflect.TypeFor[deep](),
	} {
		require.Empty(t, structfields.Of(typ).Unsteady, typ)
	}
}

// A tag's options mean the same everywhere or are named.
func TestOptions(t *testing.T) {
	t.Parallel()
	for tag, unsteady := range map[string]string{
		"a": "", "a,": "", "a,omitempty": "", ",string,omitzero": "", "a,Omitempty,omit_zero,x-case": "", "a,required": "",
		"a,case:ignore": "case:ignore", "a,format:'x,y'": "format:'x", ",inline": "inline", ",unknown": "unknown", ",embed": "embed",
		"a,omitempty:x": "omitempty:x", "a,string;omitempty": "string;omitempty", "a,'string'": "'string'", "a,x'string'": "x'string'",
	} {
		typ := reflect.StructOf([]reflect.StructField{{Name: "F", Type: reflect.TypeFor[int](), Tag: reflect.StructTag(`json:"` + tag + `"`)}})
		got := structfields.Of(typ).Unsteady
		if unsteady == "" {
			require.Empty(t, got, tag)
		} else {
			require.Contains(t, got, `"`+unsteady+`"`, tag)
		}
	}
}

// Whatever a tag says, the name is the one that encoding/json writes.
func TestNamesAreAsked(t *testing.T) {
	t.Parallel()
	for tag, odd := range map[string]bool{
		"name": false, "-,": false, "a b.c/d": false, "é": false, "": false, ",omitempty": false,
		"€": true, "a'b": true, "'a'": true, `a\"b`: true, `a\\b,omitempty`: true, "🙂,string": true, "a`": true, `€,format:x`: true,
	} {
		typ := reflect.StructOf([]reflect.StructField{{Name: "Field", Type: reflect.TypeFor[int](), Tag: reflect.StructTag(`json:"` + tag + `"`)}})
		of := structfields.Of(typ)
		require.Equal(t, odd, of.Fault != "", tag)
		v := reflect.New(typ)
		v.Elem().Field(0).SetInt(1)
		text, err := json.Marshal(v.Interface())
		if err != nil {
			require.NotEmpty(t, of.Unsteady, tag)
			continue
		}
		var written map[string]any
		require.NoError(t, json.Unmarshal(text, &written))
		require.Len(t, of.Members, 1, tag)
		for name := range written {
			require.Contains(t, of.Members, name, tag)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for typ, want := range map[reflect.Type][2]bool{ // written, read
		reflect.TypeFor[string]():      {true, true},
		reflect.TypeFor[json.Number](): {true, true},
		reflect.TypeFor[int8]():        {true, true},
		reflect.TypeFor[uintptr]():     {true, true},
		reflect.TypeFor[netip.Addr]():  {true, true},
		reflect.TypeFor[textKey]():     {false, true},
		reflect.TypeFor[float64]():     {false, false},
		reflect.TypeFor[any]():         {false, false},

		reflect.TypeFor[encoding.TextMarshaler](): {false, false}, // its value can be nil, or a string type
		reflect.TypeFor[bool]():                   {false, false},
		reflect.TypeFor[[1]int]():                 {false, false},
	} {
		holder := structfields.Of(reflect.MapOf(typ, reflect.TypeFor[int]()))
		require.Equal(t, want[0], holder.Unwritable == "", typ)
		require.Equal(t, want[1], holder.Deep().Unsteady == "", typ)
		require.Equal(t, want[0] && want[1], holder.Deep().Loss == "", typ)
	}
}

func TestTypeName(t *testing.T) {
	t.Parallel()
	require.Equal(t, "json.RawMessage", structfields.TypeName(reflect.TypeFor[json.RawMessage]()))
	require.Equal(t, "map[string][]json.RawMessage", structfields.TypeName(reflect.TypeFor[map[string][]json.RawMessage]()))
	require.Equal(t, "structfields_test.plain", structfields.TypeName(reflect.TypeFor[plain]()))
}

func TestConfusedBy(t *testing.T) {
	t.Parallel()
	names := structfields.Of(reflect.TypeFor[map[string]struct {
		StripeID string `json:"stripeId"`
		Kelvin   int    `json:"kelvin"`
		Éclair   []struct{ Plan, PLAN int }
	}]()).Deep()
	for text, want := range map[string]bool{
		`{}`: false, `[1]`: false, `{"stripeId":"stripeID","x":["KELVIN"]}`: false, `{"stripeID":1}`: true, "{\"x\" : {\"STRIPEID\"\t:1}}": true,
		"{\"\u212aelvin\":1}": true, `{"kelvin":1}`: false, `{"éclair":1}`: true, `{"Éclair":1}`: false, `{"ſtripeId":1}`: true,
		`{"Plan":1}`: true, `{"plan":1}`: true, `{"kelvi\u006e":1}`: true, `{"kelvin`: false,
		// What a string quotes can look like a key, and costs a second look.
		`{"x":"\"kelviN\":"}`: true, `{"x":"kelviN:","y":":"}`: false, `{"x":"\\":","kelvin" : 1}`: true,
	} {
		require.Equal(t, want, names.ConfusedBy([]byte(text)), text)
	}
	simple := structfields.Of(reflect.TypeFor[struct {
		Plan  string `json:"plan"`
		Kelly int    `json:"kelly"`
	}]()).Deep()
	for text, want := range map[string]bool{
		`{"plan":1,"kelly":2,"paln":3,"x":4,"kelly_":5,"é":6}`: false, `{"plaN":1}`: true, "{\"\u212aelly\":1}": true, `{"PLAN" : 1}`: true,
		`{"":1}`: false, `{"plan":":","kelly":"a:b"}`: false, `":"`: false, `:`: false, `{"pla\u006e":1}`: true, `{"a\"plan":1}`: true,
	} {
		require.Equal(t, want, simple.ConfusedBy([]byte(text)), text)
	}
	require.False(t, structfields.Of(nil).Deep().ConfusedBy([]byte(`{"a":1}`)))
	require.False(t, structfields.Of(reflect.TypeFor[map[string]any]()).Deep().ConfusedBy([]byte(`{"a":1}`)))
}

func TestFindMisfit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]structfields.Misfit{
		`{"kids":[{},{"kids":[{"name":1}]}]}`: {[]string{"kids", "1", "kids", "0", "name"}, "a number", reflect.TypeFor[string](), 29},
		`{"map":{"300":[]}}`:                  {[]string{"map", "300"}, "a key", reflect.TypeFor[int8](), 8},
		`{"map":{"3":["a",true]}}`:            {[]string{"map", "3", "1"}, "a boolean", reflect.TypeFor[string](), 17},
		`{"when":"x"}`:                        {[]string{"when"}, "a string", reflect.TypeFor[time.Time](), 8},
		`{"when":[]}`:                         {[]string{"when"}, "an array", reflect.TypeFor[time.Time](), 8},
		`{"pair":{}}`:                         {[]string{"pair"}, "an object", reflect.TypeFor[[2]int](), 8},
		`{"pair":[1,2.5]}`:                    {[]string{"pair", "1"}, "a number", reflect.TypeFor[int](), 11},
		`{"num":1}`:                           {[]string{"num"}, "a number", reflect.TypeFor[int](), 7},
		`{"W":1}`:                             {[]string{"W"}, "a number", reflect.TypeFor[io.Writer](), 5},
		`[]`:                                  {nil, "an array", reflect.TypeFor[deep](), 0},
		` {"a":1,"n\u0061me":[],"kids":1}`:    {[]string{"name"}, "an array", reflect.TypeFor[string](), 20},
	} {
		got, found := structfields.FindMisfit([]byte(text), reflect.TypeFor[*deep]())
		require.True(t, found, text)
		require.Equal(t, want, got, text)
		require.Error(t, json.Unmarshal([]byte(text), new(deep)), "encoding/json refuses it too")
	}
	for _, text := range []string{
		`{}`, `null`, `{"name":null,"kids":null,"map":{"1":null},"any":[1e999],"when":null,"pair":[1,2,3],"num":"1","W":null,"NAME":1,"x":{}}`, `{"name":1`,
	} {
		_, found := structfields.FindMisfit([]byte(text), reflect.TypeFor[deep]())
		require.False(t, found, text)
	}
	_, found := structfields.FindMisfit([]byte(`1`), nil)
	require.False(t, found)
}
