package metadata_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type (
	// upper and loud have JSON methods on the value and on the pointer.
	upper string
	loud  struct{ text string }
	// writes can write itself and reads by its fields.
	writes struct {
		StripeID string `json:"stripeId"`
	}
	methods struct {
		Upper  upper                               `json:"upper,omitempty"`
		Loud   loud                                `json:"loud,omitzero"`
		Louds  []*loud                             `json:"louds,omitempty"`
		Number json.Number                         `json:"number,omitempty"`
		Quoted int64                               `json:"quoted,string"`
		Writes writes                              `json:"writes,omitzero"`
		Wait   time.Duration                       `json:"wait,omitempty"`
		Addr   netip.Addr                          `json:"addr,omitzero"`
		ByAddr map[netip.Addr]map[stringKey]*int64 `json:"byAddr,omitempty"`
	}
)

func (u upper) MarshalJSON() ([]byte, error) { return json.Marshal(strings.ToUpper(string(u))) }
func (w writes) MarshalJSON() ([]byte, error) {
	return []byte(`{"stripeId":` + mustJSON(w.StripeID) + `}`), nil
}
func (l *loud) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]string{"Text": l.text}) }
func (l *loud) UnmarshalJSON(text []byte) error {
	var known struct{ Text string }
	err := json.Unmarshal(text, &known)
	l.text = known.Text
	return err
}
func (l loud) IsZero() bool { return l.text == "" }

func TestDraftOfTypesWithMethods(t *testing.T) {
	t.Parallel()
	const old = `{"upper":"a","loud":{"Text":"x","more":"theirs"},"louds":[{"Text":"1"}],"number":1.10,"quoted":"9007199254740993",` +
		`"writes":{"stripeId":"ours","stripeID":"theirs"},"addr":"::0:1","byAddr":{"1.2.3.4":{"k":9007199254740993}}}`
	big := int64(9007199254740995)
	for name, tc := range map[string]struct {
		change func(*methods)
		patch  string
	}{
		"nothing":                         {func(m *methods) { require.Equal(t, "ours", m.Writes.StripeID) }, `{}`},
		"value receiver":                  {func(m *methods) { m.Upper = "b" }, `{"upper":"B"}`},
		"pointer receiver":                {func(m *methods) { m.Loud.text = "z" }, `{"loud":{"Text":"z"}}`},
		"omitzero by IsZero":              {func(m *methods) { m.Loud.text = "" }, `{"loud":{"Text":null}}`},
		"elements with methods":           {func(m *methods) { m.Louds[0].text = "2" }, `{"louds":[{"Text":"2"}]}`},
		"json.Number":                     {func(m *methods) { m.Number = "1.100" }, `{}`},
		"json.Number, digits":             {func(m *methods) { m.Number = "9007199254740993.10" }, `{"number":9007199254740993.10}`},
		"the option string":               {func(m *methods) { m.Quoted++ }, `{"quoted":"9007199254740994"}`},
		"a type that writes itself only":  {func(m *methods) { m.Writes.StripeID = "" }, `{"writes":{"stripeId":null}}`},
		"text methods":                    {func(m *methods) { m.Addr = netip.MustParseAddr("::2") }, `{"addr":"::2"}`},
		"text in another form, unchanged": {func(m *methods) { m.Addr = netip.MustParseAddr("::1") }, `{}`},
		"text methods of keys":            {func(m *methods) { m.ByAddr[netip.MustParseAddr("1.2.3.4")]["k"] = &big }, `{"byAddr":{"1.2.3.4":{"k":9007199254740995}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := drafted(t, old, tc.change)
			require.NoError(t, err)
			require.Equal(t, tc.patch, got)
		})
	}
}

// What a method of its own reads of an object is unknown here, but not what it
// writes back: keys that it does not are as lost as unknown ones.
func TestDraftOfArraysOfTypesWithMethods(t *testing.T) {
	t.Parallel()
	const old = `{"louds":[{"Text":"1"},{"Text":"2","more":3}],"loud":{"Text":"x","more":[{"a":1}]}}`
	for name, change := range map[string]func(*methods){
		"changed": func(m *methods) { m.Louds[0].text = "z" },
		"deleted": func(m *methods) { m.Louds = nil },
	} {
		_, err := drafted(t, old, change)
		requirePath(t, err, metadata.ErrUnknownKeys, "/louds")
		require.ErrorContains(t, err, "it holds /louds/1/more", name)
	}
	got, err := drafted(t, old, func(m *methods) { m.Loud.text = "" })
	require.NoError(t, err)
	require.Equal(t, `{"loud":{"Text":null}}`, got)
	got, err = drafted(t, `{"writes":{"stripeID":"theirs"}}`, func(m *methods) {
		require.Empty(t, m.Writes.StripeID, "a type that writes itself is read by its fields, in exact case")
		m.Writes.StripeID = "ours"
	})
	require.NoError(t, err)
	require.Equal(t, `{"writes":{"stripeId":"ours"}}`, got)
	raw, err := drafted(t, `{"a":[{"b":1}]}`, func(m *map[string]json.RawMessage) { (*m)["a"] = json.RawMessage(`[{"b":2}]`) })
	require.NoError(t, err)
	require.Equal(t, `{"a":[{"b":2}]}`, raw, "a RawMessage knows every key")
}

type (
	// label was an object once and is a string now.
	label string
	// lean leaves its zero out.
	lean  struct{ n int }
	moved struct {
		Label label `json:"label,omitempty"`
		Lean  lean  `json:"lean"`
	}
)

func (l *label) UnmarshalJSON(text []byte) error {
	var old struct{ Text string }
	if json.Unmarshal(text, &old) == nil {
		*l = label(old.Text)
		return nil
	}
	return json.Unmarshal(text, (*string)(l))
}

func (l *lean) UnmarshalJSON(text []byte) error {
	var read struct{ N int }
	err := json.Unmarshal(text, &read)
	l.n = read.N
	return err
}

func (l lean) MarshalJSON() ([]byte, error) {
	if l.n == 0 {
		return []byte(`{}`), nil
	}
	return fmt.Appendf(nil, `{"n":%d}`, l.n), nil
}

func TestDraftOfTypesThatChangeTheirForm(t *testing.T) {
	t.Parallel()
	const old = `{"label":{"Text":"a"},"lean":{"n":0}}`
	for name, tc := range map[string]struct {
		change func(*moved)
		patch  string
	}{
		"nothing":              {func(m *moved) { require.Equal(t, label("a"), m.Label) }, `{}`},
		"an object, now text":  {func(m *moved) { m.Label = "b" }, `{"label":"b"}`},
		"an object, now gone":  {func(m *moved) { m.Label = "" }, `{"label":null}`},
		"a zero, now a number": {func(m *moved) { m.Lean.n = 5 }, `{"lean":{"n":5}}`},
	} {
		got, err := drafted(t, old, tc.change)
		require.NoError(t, err, name)
		require.Equal(t, tc.patch, got, name)
	}
}

// Only a key that equals a field's name but for its case is worth taking a
// document apart; whether there is one is found in the text.
func TestDecodeInExactCase(t *testing.T) {
	t.Parallel()
	type inner struct {
		StripeID string `json:"stripeId"`
		Kelvin   int    `json:"kelvin"`
		Odd      int    `json:"a.b"`
	}
	type outer struct {
		In    inner            `json:"in"`
		List  []inner          `json:"list"`
		Map   map[string]inner `json:"map"`
		Other map[string]any   `json:"other"`
	}
	for text, want := range map[string]string{
		`{"stripeId":"a"}`:                         `{"stripeId":"a"}`,
		`{"stripeID":"b"}`:                         `{}`,
		`{"stripeId":"a","stripeID":"b"}`:          `{"stripeId":"a"}`,
		`{"STRIPEID":"b","stripeId":"a"}`:          `{"stripeId":"a"}`,
		`{"stripe\u0049D":"b"}`:                    `{}`,
		`{"stripe\u0049d":"a"}`:                    `{"stripeId":"a"}`,
		`{"\u212aelvin":1}`:                        `{}`,
		"{\"\u212aelvin\":1}":                      `{}`,
		`{"ſtripeId":"b"}`:                         `{}`,
		`{"A.b":1,"a.B":2}`:                        `{}`,
		"{\"stripeID\" \n\t:\"b\"}":                `{}`,
		`{"x":"stripeID\"","y":["stripeID"]}`:      `{}`,
		`{"x":"\\","stripeID":"b"}`:                `{}`,
		`{"x":"\\\"","STRIPEID":"b","kelvin":273}`: `{"kelvin":273}`,
	} {
		for _, frame := range []string{`{"in":%s}`, `{"list":[%s]}`, `{"map":{"stripeID":%s}}`, `{"IN":{},"in":%s}`} {
			var got, expected outer
			require.NoError(t, object(t, fmt.Sprintf(frame, text)).Decode(&got), text)
			require.NoError(t, json.Unmarshal(fmt.Appendf(nil, strings.Replace(frame, `"IN":{},`, "", 1), want), &expected))
			require.Equal(t, expected, got, "%s in %s", text, frame)
		}
		var got outer
		require.NoError(t, object(t, `{"other":`+text+`}`).Decode(&got))
		require.Equal(t, decode(t, []byte(text)), any(got.Other), "an any knows every key")
	}
	var dst any = &inner{}
	require.NoError(t, object(t, `{"stripeId":"a"}`).Decode(&dst))
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, []byte(mustJSON(dst))))
	require.Contains(t, b.String(), `"stripeId":"a"`)
}

// Letters outside of ASCII fold to others, some of another length.
func TestDecodeInExactCaseOfWideNames(t *testing.T) {
	t.Parallel()
	type wide struct {
		Éclair int
		Kelvin int `json:"\u212aelvin"`
	}
	for text, want := range map[string]wide{
		`{"Éclair":1}`:            {Éclair: 1},
		`{"éclair":1}`:            {},
		`{"\u212aelvin":1}`:       {Kelvin: 1},
		`{"kelvin":1}`:            {},
		`{"KELVIN":1,"é":2}`:      {},
		`{"kelvin":1,"Éclair":1}`: {Éclair: 1},
	} {
		var got wide
		require.NoError(t, object(t, text).Decode(&got))
		require.Equal(t, want, got, text)
	}
}

// Types that hold themselves end the search for names, and the names behind them
// are found.
func TestDecodeIntoTypesThatHoldThemselves(t *testing.T) {
	t.Parallel()
	type forest map[string]forest
	trees, err := metadata.Decode[forest](object(t, `{"oak":{"ash":{}}}`))
	require.NoError(t, err)
	require.Equal(t, forest{"oak": {"ash": {}}}, trees)

	type branches []branches
	type node struct {
		Stem  string           `json:"stem"`
		Split branches         `json:"split"`
		Inner map[string]*node `json:"inner"`
	}
	got, err := metadata.Decode[node](object(t, `{"split":[[],[[]]],"inner":{"a":{"stem":"x","STEM":"y"}}}`))
	require.NoError(t, err)
	require.Equal(t, node{Split: branches{{}, {{}}}, Inner: map[string]*node{"a": {Stem: "x"}}}, got)
}
