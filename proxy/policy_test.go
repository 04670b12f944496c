package proxy_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// verdict is what a policy says of JSON text, "" for yes.
func verdict(t *testing.T, policy proxy.Policy, text string) string {
	t.Helper()
	patch, err := metadata.ParsePatch([]byte(text))
	require.NoError(t, err)
	if err := policy.Check(nil, patch); err != nil {
		return err.Error()
	}
	return ""
}

func TestSimplePolicies(t *testing.T) {
	t.Parallel()
	const none = "key is not allowed: no key is"
	themeOrLang := proxy.AllowKeys("theme", "lang")
	for name, test := range map[string]struct {
		policy proxy.Policy
		text   string
		want   string
	}{
		"keys, all of them":            {themeOrLang, `{"theme":{"role":1},"lang":null}`, ""},
		"keys, nothing":                {themeOrLang, `{}`, ""},
		"keys, another":                {themeOrLang, `{"theme":1,"role":"secret"}`, "/role: key is not allowed: expected one of lang, theme"},
		"keys, another's removal":      {themeOrLang, `{"role":null}`, "/role: key is not allowed: expected one of lang, theme"},
		"keys, another case":           {themeOrLang, `{"Theme":1}`, "/Theme: key is not allowed: expected one of lang, theme"},
		"keys, the first of two":       {themeOrLang, `{"b":1,"a":1}`, "/a: key is not allowed: expected one of lang, theme"},
		"keys, one that is no path":    {themeOrLang, `{"a/~\n":1}`, `/a~1~0\n: key is not allowed: expected one of lang, theme`},
		"keys, a long one":             {themeOrLang, `{"` + strings.Repeat("a", 100) + `":1}`, "/" + strings.Repeat("a", 64) + "…: key is not allowed: expected one of lang, theme"},
		"no keys, nothing":             {proxy.AllowKeys(), `{}`, ""},
		"no keys, one":                 {proxy.AllowKeys(), `{"a":1}`, "/a: " + none},
		"size, at the limit":           {proxy.MaxSize(13), `{ "a": "\u00e9<12" }`, ""},
		"size, over it":                {proxy.MaxSize(12), `{"a":"é<12"}`, "unsafe_metadata has 13 bytes: at most 12 are allowed"},
		"size, too small for all":      {proxy.MaxSize(1), `{}`, "unsafe_metadata has 2 bytes: at most 1 are allowed"},
		"depth, one level":             {proxy.MaxDepth(1), `{"a":1,"b":null}`, ""},
		"depth, an empty object":       {proxy.MaxDepth(0), `{}`, "nested too deeply: at most 0 levels are allowed"},
		"depth, two levels":            {proxy.MaxDepth(2), `{"a":{"b":1},"c":[1,null]}`, ""},
		"depth, an object too many":    {proxy.MaxDepth(2), `{"a":1,"b":{"c":{}}}`, "/b/c: nested too deeply: at most 2 levels are allowed"},
		"depth, an array too many":     {proxy.MaxDepth(2), `{"a":[1,[]]}`, "/a/1: nested too deeply: at most 2 levels are allowed"},
		"depth, an object in an array": {proxy.MaxDepth(3), `{"a":[{"b":1}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, verdict(t, test.policy, test.text))
		})
	}
}

type base struct {
	Lang   string  `json:"lang"`
	Hidden billing `json:"theme"` // by the field of settings
}

// Titled is a member of its own where it is embedded with a name.
type Titled struct {
	Title string `json:"title"`
}

// opaque reads itself: anything but null.
type opaque struct{ Kept string }

func (o *opaque) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return errors.New("null")
	}
	o.Kept = string(text)
	return nil
}

type settings struct {
	base
	Titled   `json:"titled"`
	Opaque   opaque             `json:"opaque"`
	Opaques  []opaque           `json:"opaques"`
	Theme    string             `json:"theme,omitempty"`
	Seats    int8               `json:"seats"`
	Volume   *float64           `json:"volume"`
	Beta     bool               `json:"beta"`
	Since    time.Time          `json:"since"`
	Billing  *billing           `json:"billing"`
	Tags     []string           `json:"tags"`
	Pair     [2]int             `json:"pair"`
	Stores   []billing          `json:"stores"`
	Extra    map[string]any     `json:"extra"`
	Rooms    map[string]billing `json:"rooms"`
	Anything any                `json:"anything"`
	Self     *settings          `json:"self"`
	Secret   string             `json:"-"`
	Untagged string
	hidden   string
}

type billing struct {
	Plan  string    `json:"plan"`
	Notes []*string `json:"notes"`
}

func TestStrict(t *testing.T) {
	t.Parallel()
	_ = settings{}.hidden
	policy, err := proxy.Strict[settings]()
	require.NoError(t, err)
	const (
		inBilling = "key is not allowed: expected one of notes, plan"
		inAll     = "key is not allowed: expected one of Untagged, anything, beta, billing, extra, lang, opaque, opaques, pair, rooms, seats, self, since, stores, tags, theme, titled, volume"
	)
	for text, want := range map[string]string{
		`{}`: "",
		`{"theme":"dark","lang":"en","seats":3,"volume":0.5,"beta":true,"Untagged":"x","since":"2026-05-12T00:00:00Z"}`: "",
		`{"theme":null,"lang":null,"seats":null,"since":null,"tags":null,"pair":null,"extra":null,"billing":null}`:      "",
		`{"billing":{"plan":null},"self":{"billing":{"plan":null}},"rooms":{"a":null,"b":{"plan":null}}}`:               "",
		`{"stores":[{"plan":"x","notes":["a",null]}],"tags":[],"pair":[1]}`:                                             "",
		`{"extra":{"any":{"Thing":[null]},"x":null},"anything":{"Role":1}}`:                                             "",
		`{"anything":null,"volume":null}`: "",

		`{"titled":{"title":"x"},"opaque":{"Whatever":[null]},"opaques":[1,{"x":null}]}`: "",
		`{"opaque":null,"titled":null}`:         "",
		`{"opaques":[null]}`:                    "a value in unsafe_metadata is not of the type that it must be",
		`{"title":"x"}`:                         "/title: " + inAll,
		`{"theme":{"role":1}}`:                  "/theme: must be a string",
		`{"role":"admin"}`:                      "/role: " + inAll,
		`{"role":null}`:                         "/role: " + inAll,
		`{"THEME":"dark"}`:                      "/THEME: " + inAll,
		`{"hidden":"x"}`:                        "/hidden: " + inAll,
		`{"Secret":"x"}`:                        "/Secret: " + inAll,
		`{"base":{}}`:                           "/base: " + inAll,
		`{"billing":{"Plan":"x"}}`:              "/billing/Plan: " + inBilling,
		`{"billing":{"role":null}}`:             "/billing/role: " + inBilling,
		`{"self":{"self":{"billing":{"x":1}}}}`: "/self/self/billing/x: " + inBilling,
		`{"stores":[{},{"PLAN":""}]}`:           "/stores/1/PLAN: " + inBilling,
		`{"rooms":{"a":{"x":1}}}`:               "/rooms/a/x: " + inBilling,
		`{"pair":[1,2,3]}`:                      "/pair: too many elements: at most 2 are allowed",
		`{"tags":["a",null]}`:                   "/tags/1: must be a string",
		`{"stores":[null]}`:                     "/stores/0: must be an object",
		`{"pair":[null]}`:                       "/pair/0: must be a whole number (int)",
		`{"stores":[{"plan":null}]}`:            "/stores/0/plan: must be a string",
		`{"theme":1}`:                           "/theme: must be a string",
		`{"seats":1.5}`:                         "/seats: must be a whole number (int8)",
		`{"seats":300}`:                         "/seats: must be a whole number (int8)",
		`{"volume":"loud"}`:                     "/volume: must be a number",
		`{"beta":"true"}`:                       "/beta: must be true or false",
		`{"billing":"x"}`:                       "/billing: must be an object",
		`{"billing":{"plan":{}}}`:               "/billing/plan: must be a string",
		`{"tags":{}}`:                           "/tags: must be an array",
		`{"extra":[]}`:                          "/extra: must be an object",
		`{"since":"yesterday"}`:                 "a value in unsafe_metadata is not of the type that it must be",
		`{"Theme":"1"}`:                         "/Theme: " + inAll,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, verdict(t, policy, text))
		})
	}
}

// Recursive promotes its own fields, once.
type Recursive struct {
	*Recursive
	Plain string `json:"plain"`
	Odd   string
}

func TestStrictIsNoLooserThanJSON(t *testing.T) {
	t.Parallel()
	policy, err := proxy.Strict[Recursive]()
	require.NoError(t, err)
	require.Empty(t, verdict(t, policy, `{"plain":"x"}`))
	require.Empty(t, verdict(t, policy, `{"Odd":"x"}`))
	require.NotEmpty(t, verdict(t, policy, `{"odd":"x"}`))

	_, err = proxy.Strict[struct {
		Odd string `json:"€"` // a name to some releases of Go and none to others
	}]()
	require.ErrorIs(t, err, metadata.ErrType)
}

func TestStrictTakesAnyPatch(t *testing.T) {
	t.Parallel()
	policy, err := proxy.Strict[map[string]int]()
	require.NoError(t, err)
	require.NoError(t, policy.Check(nil, metadata.Patch{"a": int64(1), "b": metadata.Delete}))
	require.ErrorContains(t, policy.Check(nil, metadata.Patch{"a": metadata.Patch{"b": 1}}), "must be a whole number")
	require.Error(t, policy.Check(nil, nil))
	require.Error(t, proxy.MaxDepth(1).Check(nil, nil))
	require.Error(t, proxy.MaxSize(9).Check(nil, metadata.Patch{"a": make(chan int)}))
}

func TestStrictRefusesTypes(t *testing.T) {
	t.Parallel()
	_, err := proxy.Strict[string]()
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, err, metadata.ErrType)
	_, err = proxy.Strict[struct{ A chan int }]()
	require.ErrorIs(t, err, metadata.ErrType)
	require.ErrorContains(t, err, "proxy.Strict")
}
