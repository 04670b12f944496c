package metadata_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type plan struct {
	Plan  string `json:"plan"`
	Seats int    `json:"seats,omitempty"`
}

type item struct {
	SKU string `json:"sku"`
}

// shop has one field of each kind that a change can go through.
type shop struct {
	Role     string          `json:"role,omitempty"`
	Count    int64           `json:"count"`
	StripeID string          `json:"stripeId,omitempty"`
	Billing  *plan           `json:"billing,omitempty"`
	Address  plan            `json:"address,omitzero"`
	Flags    map[string]bool `json:"flags,omitempty"`
	Projects map[string]plan `json:"projects,omitempty"`
	Items    []item          `json:"items,omitempty"`
	Pair     [2]int          `json:"pair,omitzero"`
	Free     any             `json:"free,omitempty"`
	Raw      json.RawMessage `json:"raw,omitempty"`
	Since    time.Time       `json:"since,omitzero"`
	Ratio    *float64        `json:"ratio,omitempty"`
	Note     *string         `json:"note"`
	Tags     []string        `json:"tags"`
}

// drafted is the patch that a change of old leads to, and what it makes of old.
func drafted[T any](t *testing.T, old string, change func(*T)) (patch string, err error) {
	t.Helper()
	var o metadata.Object
	if old != "" {
		o = object(t, old)
	}
	d, err := metadata.NewDraft[T](o)
	require.NoError(t, err)
	change(&d.Value)
	p, err := d.Patch()
	if err != nil {
		require.Nil(t, p, "no patch beside an error")
		return "", err
	}
	require.NotNil(t, p)
	raw, err := p.MarshalJSON()
	require.NoError(t, err)
	return string(raw), nil
}

func TestDraftPatch(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		old    string
		change func(*shop)
		patch  string
	}{
		"nothing":         {`{"role":"a","x":1}`, func(*shop) {}, `{}`},
		"an absent field": {``, func(a *shop) { a.Role = "b" }, `{"role":"b"}`},
		"a null field":    {`null`, func(a *shop) { a.Count = 9007199254740993 }, `{"count":9007199254740993}`},
		"a zeroed leaf with omitempty is deleted":  {`{"role":"a","x":1}`, func(a *shop) { a.Role = "" }, `{"role":null}`},
		"a zeroed leaf without is sent":            {`{"count":5}`, func(a *shop) { a.Count = 0 }, `{"count":0}`},
		"a zero that is not stored is no change":   {`{}`, func(a *shop) { a.Count = 0 }, `{}`},
		"a zeroed time with omitzero is deleted":   {`{"since":"2024-01-02T03:04:05Z"}`, func(a *shop) { a.Since = time.Time{} }, `{"since":null}`},
		"a pointer to zero is a value":             {`{"ratio":2.5}`, func(a *shop) { *a.Ratio = 0 }, `{"ratio":0}`},
		"a nil pointer with omitempty is deleted":  {`{"ratio":2.5}`, func(a *shop) { a.Ratio = nil }, `{"ratio":null}`},
		"a leaf of a nested struct":                {`{"billing":{"plan":"a","x":1}}`, func(a *shop) { a.Billing.Plan = "b" }, `{"billing":{"plan":"b"}}`},
		"a cleared pointer keeps unknown keys":     {`{"billing":{"plan":"a","seats":2,"x":1}}`, func(a *shop) { a.Billing = nil }, `{"billing":{"plan":null,"seats":null}}`},
		"a cleared pointer, nothing unknown":       {`{"billing":{"plan":"a"}}`, func(a *shop) { a.Billing = nil }, `{"billing":{"plan":null}}`},
		"a cleared pointer to an empty object":     {`{"billing":{}}`, func(a *shop) { a.Billing = nil }, `{}`},
		"a cleared pointer with unknown keys only": {`{"billing":{"x":{"y":1}}}`, func(a *shop) { a.Billing = nil }, `{}`},
		"a cleared struct with omitzero":           {`{"address":{"plan":"a","seats":2,"x":1}}`, func(a *shop) { a.Address = plan{} }, `{"address":{"plan":null,"seats":null}}`},
		"leaves of a struct zeroed one by one":     {`{"billing":{"plan":"a","seats":2,"x":1}}`, func(a *shop) { *a.Billing = plan{} }, `{"billing":{"plan":"","seats":null}}`},
		"a new nested struct":                      {`{}`, func(a *shop) { a.Billing = &plan{Plan: "a"} }, `{"billing":{"plan":"a"}}`},
		"a new nested struct over another kind":    {`{"free":"text"}`, func(a *shop) { a.Free = plan{Plan: "a"} }, `{"free":{"plan":"a"}}`},
		"a scalar over an object":                  {`{"free":{"a":1,"b":{}}}`, func(a *shop) { a.Free = 1 }, `{"free":1}`},
		"an any that is cleared deletes leaves":    {`{"free":{"a":1,"b":{"c":[1]}}}`, func(a *shop) { a.Free = nil }, `{"free":{"a":null,"b":{"c":null}}}`},
		"RawMessage":                               {`{"raw":{"a":1,"b":2}}`, func(a *shop) { a.Raw = json.RawMessage(`{"a":1,"c":3}`) }, `{"raw":{"b":null,"c":3}}`},
		"a map's key":                              {`{"flags":{"a":true,"b":true}}`, func(a *shop) { delete(a.Flags, "a"); a.Flags["c"] = false }, `{"flags":{"a":null,"c":false}}`},
		"a map's last key":                         {`{"flags":{"a":true}}`, func(a *shop) { delete(a.Flags, "a") }, `{"flags":{"a":null}}`},
		"a map set to nil":                         {`{"flags":{"a":true,"b":false}}`, func(a *shop) { a.Flags = nil }, `{"flags":{"a":null,"b":null}}`},
		"an entry of a map of structs":             {`{"projects":{"p":{"plan":"a","x":1},"q":{"plan":"b"}}}`, func(a *shop) { delete(a.Projects, "p") }, `{"projects":{"p":{"plan":null}}}`},
		"a new entry of a map of structs":          {`{"projects":{"p":{"plan":"a"}}}`, func(a *shop) { a.Projects["q"] = plan{Seats: 1} }, `{"projects":{"q":{"plan":"","seats":1}}}`},
		"an unknown key in exact case":             {`{"stripeID":"theirs"}`, func(a *shop) { require.Empty(t, a.StripeID); a.StripeID = "ours" }, `{"stripeId":"ours"}`},
		"a key is deleted in its exact case":       {`{"stripeID":"theirs","STRIPEID":1,"stripeId":"ours"}`, func(a *shop) { require.Equal(t, "ours", a.StripeID); a.StripeID = "" }, `{"stripeId":null}`},
		"numbers are compared by value":            {`{"count":5,"ratio":1.0,"free":1e2}`, func(a *shop) { r := 1.0; a.Ratio = &r; a.Free = 100 }, `{}`},
		"a number beyond 2^53":                     {`{"count":9007199254740992}`, func(a *shop) { a.Count++ }, `{"count":9007199254740993}`},
		"a time in another format is no change":    {`{"since":"2024-01-02T03:04:05.000Z","role":"a"}`, func(a *shop) { a.Role = "b" }, `{"role":"b"}`},
		"an array is replaced":                     {`{"items":[{"sku":"1"}]}`, func(a *shop) { a.Items = append(a.Items, item{"2"}) }, `{"items":[{"sku":"1"},{"sku":"2"}]}`},
		"an array is emptied with omitempty":       {`{"items":[{"sku":"1"}]}`, func(a *shop) { a.Items = nil }, `{"items":null}`},
		"an array with unknown keys, unchanged":    {`{"items":[{"sku":"1","x":1}]}`, func(a *shop) { a.Role = "b" }, `{"role":"b"}`},
		"a nil slice to an empty one":              {`{}`, func(a *shop) { a.Tags = []string{} }, `{"tags":[]}`},
		"nulls inside an array":                    {`{"free":[1]}`, func(a *shop) { a.Free = []any{nil, map[string]any{"a": nil}} }, `{"free":[null,{"a":null}]}`},
		"a stored null is a value":                 {`{"note":null}`, func(a *shop) { s := "x"; a.Note = &s }, `{"note":"x"}`},
		"a stored null stays":                      {`{"note":null,"flags":null,"x":null}`, func(a *shop) { a.Role = "b" }, `{"role":"b"}`},
		"what is stored already is not sent":       {`{"items":null}`, func(a *shop) { a.Items = []item{} }, `{}`},
		"zeros that are stored already":            {`{"address":{"plan":""}}`, func(a *shop) { a.Address.Seats = 5 }, `{"address":{"seats":5}}`},
		"escaped keys":                             {`{"flags":{"a/b~c":true}}`, func(a *shop) { clear(a.Flags) }, `{"flags":{"a/b~c":null}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := drafted(t, tc.old, tc.change)
			require.NoError(t, err)
			require.Equal(t, tc.patch, got)
		})
	}
}

func TestDraftRefuses(t *testing.T) {
	t.Parallel()
	text := "x"
	for name, tc := range map[string]struct {
		old    string
		change func(*shop)
		path   string
		reason error
	}{
		"an array changed over unknown keys":   {`{"items":[{"sku":"1"},{"sku":"2","x":1}]}`, func(a *shop) { a.Items[0].SKU = "3" }, "/items", metadata.ErrUnknownKeys},
		"an array deleted over unknown keys":   {`{"items":[{"sku":"1","x":1}]}`, func(a *shop) { a.Items = nil }, "/items", metadata.ErrUnknownKeys},
		"unknown in case alone":                {`{"items":[{"sku":"1","SKU":"2"}]}`, func(a *shop) { a.Items = a.Items[:0] }, "/items", metadata.ErrUnknownKeys},
		"elements that the Go array has not":   {`{"pair":[1,2,3]}`, func(a *shop) { a.Pair[0] = 5 }, "/pair", metadata.ErrUnknownKeys},
		"two arrays, the first in order named": {`{"items":[{"x":1}],"pair":[1,2,3]}`, func(a *shop) { a.Pair[0] = 5; a.Items = nil }, "/items", metadata.ErrUnknownKeys},
		"NaN":                                  {`{}`, func(a *shop) { a.Free = []float32{nan32()} }, "/free/0", metadata.ErrNotFinite},
		"invalid UTF-8":                        {`{}`, func(a *shop) { a.Role = "\xff" }, "/role", metadata.ErrInvalidString},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := drafted(t, tc.old, tc.change)
			requirePath(t, err, tc.reason, tc.path)
		})
	}
	for name, tc := range map[string]struct {
		old    string
		change func(*shop)
		paths  []string
	}{
		"a null instead of a value":     {`{"note":"x"}`, func(a *shop) { a.Note = nil }, []string{"/note"}},
		"several, sorted":               {`{"tags":["a"],"note":"x"}`, func(a *shop) { a.Note, a.Tags = nil, nil }, []string{"/note", "/tags"}},
		"a nil in a map over an object": {`{"free":{"a":{"b":1}}}`, func(a *shop) { a.Free.(map[string]any)["a"] = nil }, []string{"/free/a"}},
		"a null in a new key of any":    {`{}`, func(a *shop) { a.Note = &text; a.Free = map[string]any{"a": nil, "b": 1} }, []string{"/free/a"}},
		"a null in a nested new one":    {`{"free":{"a":{"b":1}}}`, func(a *shop) { a.Free = map[string]any{"a": map[string]any{"b": 1, "c/d": nil}} }, []string{"/free/a/c~1d"}},
		"a null over a value of any":    {`{"free":{"a":{"b":1}}}`, func(a *shop) { a.Free = map[string]any{"a": nil} }, []string{"/free/a"}},
		"a null over a value, nested":   {`{"free":{"a":{"b":1}}}`, func(a *shop) { a.Free = map[string]any{"a": map[string]any{"b": nil}} }, []string{"/free/a/b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := drafted(t, tc.old, tc.change)
			var nulls *metadata.NullsError
			require.ErrorAs(t, err, &nulls)
			require.ErrorIs(t, err, metadata.ErrNull)
			require.Equal(t, tc.paths, nulls.Paths)
		})
	}
}

func nan32() float32 { var zero float32; return zero / zero }

// A nil slice or pointer in a struct that is new encodes to a null, and says the
// same as nothing.
func TestDraftLeavesOutNullsOfNewStructs(t *testing.T) {
	t.Parallel()
	type tier struct {
		Name  string          `json:"name"`
		Tags  []string        `json:"tags"`
		Extra json.RawMessage `json:"extra"`
		Next  *plan           `json:"next"`
	}
	type outer struct {
		Plans map[string]*tier `json:"plans"`
	}
	got, err := drafted(t, `{}`, func(o *outer) { o.Plans = map[string]*tier{"a": {Name: "x"}} })
	require.NoError(t, err)
	require.Equal(t, `{"plans":{"a":{"name":"x"}}}`, got)

	_, err = drafted(t, `{}`, func(o *outer) { o.Plans = map[string]*tier{"a": nil} })
	var nulls *metadata.NullsError
	require.ErrorAs(t, err, &nulls)
	require.Equal(t, []string{"/plans/a"}, nulls.Paths, "a map's key is something, and would be lost")
}

// A struct whose fields have no omitempty comes back as zeros from the empty
// object that a deletion leaves.
func TestDraftClearsWithoutOmitempty(t *testing.T) {
	t.Parallel()
	type inner struct {
		A int `json:"a"`
	}
	type outer struct {
		Kept    *inner           `json:"kept,omitempty"`
		Pointer *inner           `json:"pointer,omitempty"`
		Map     map[string]inner `json:"map,omitempty"`
	}
	const old = `{"kept":{},"pointer":{"a":1,"x":2},"map":{"k":{"a":1}}}`
	got, err := drafted(t, old, func(o *outer) { o.Pointer = nil; delete(o.Map, "k") })
	require.NoError(t, err)
	require.Equal(t, `{"map":{"k":{"a":null}},"pointer":{"a":null}}`, got)
}

// secretive reads anything and writes null.
type secretive struct{}

func (*secretive) UnmarshalJSON([]byte) error  { return nil }
func (secretive) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// A type that writes null for an object that it read has not cleared it.
func TestDraftKeepsWhatIsWrittenAsNull(t *testing.T) {
	t.Parallel()
	type outer struct {
		Hidden secretive  `json:"hidden"`
		Behind *secretive `json:"behind"`
		Role   string     `json:"role"`
	}
	got, err := drafted(t, `{"hidden":{"a":1},"behind":{"b":1},"role":"a"}`, func(o *outer) { o.Role = "b" })
	require.NoError(t, err)
	require.Equal(t, `{"role":"b"}`, got)
}

// A nil in a struct clears the object that is stored, where no tag omits it.
func TestDraftClearsNils(t *testing.T) {
	t.Parallel()
	type inner struct {
		Next  *plan           `json:"next"`
		Flags map[string]bool `json:"flags"`
		Free  any             `json:"free"`
	}
	type outer struct {
		In  *inner            `json:"in"`
		Map map[string]*inner `json:"map"`
		Own inner             `json:"own"`
	}
	for name, tc := range map[string]struct {
		old    string
		change func(*outer)
		patch  string
	}{
		"a pointer":                  {`{"in":{"next":{"plan":"a","x":1},"y":2}}`, func(o *outer) { o.In = nil }, `{"in":{"next":{"plan":null}}}`},
		"a pointer deeper down":      {`{"own":{"next":{"plan":"a","x":1}}}`, func(o *outer) { o.Own.Next = nil }, `{"own":{"next":{"plan":null}}}`},
		"a pointer in a map's entry": {`{"map":{"k":{"next":{"plan":"a","x":1}}}}`, func(o *outer) { o.Map["k"].Next = nil }, `{"map":{"k":{"next":{"plan":null}}}}`},
		"a map":                      {`{"own":{"flags":{"a":true}}}`, func(o *outer) { o.Own.Flags = nil }, `{"own":{"flags":{"a":null}}}`},
		"an any":                     {`{"own":{"free":{"a":{"b":1}}}}`, func(o *outer) { o.Own.Free = nil }, `{"own":{"free":{"a":{"b":null}}}}`},
		"nothing known":              {`{"in":{"x":1}}`, func(o *outer) { o.In = nil }, `{}`},
		"beside another change":      {`{"in":{"x":1},"own":{"free":1}}`, func(o *outer) { o.In = nil; o.Own.Free = 2 }, `{"own":{"free":2}}`},
	} {
		got, err := drafted(t, tc.old, tc.change)
		require.NoError(t, err, name)
		require.Equal(t, tc.patch, got, name)
	}
	_, err := drafted(t, `{"own":{"free":1}}`, func(o *outer) { o.Own.Free = nil })
	var nulls *metadata.NullsError
	require.ErrorAs(t, err, &nulls, "what is no object can only be deleted, and the tag does not say so")
	require.Equal(t, []string{"/own/free"}, nulls.Paths)
}

func TestDraftOfOtherTypes(t *testing.T) {
	t.Parallel()
	t.Run("map of any", func(t *testing.T) {
		t.Parallel()
		got, err := drafted(t, `{"a":1,"b":{"c":2},"d":9007199254740993}`, func(m *map[string]any) { delete(*m, "a"); (*m)["e"] = "f" })
		require.NoError(t, err)
		require.Equal(t, `{"a":null,"e":"f"}`, got)
	})
	t.Run("map that is set to nil", func(t *testing.T) {
		t.Parallel()
		got, err := drafted(t, `{"a":1,"b":{"c":2}}`, func(m *map[string]any) { *m = nil })
		require.NoError(t, err)
		require.Equal(t, `{"a":null,"b":{"c":null}}`, got)
	})
	t.Run("pointer to a struct", func(t *testing.T) {
		t.Parallel()
		got, err := drafted(t, ``, func(p **plan) { require.Nil(t, *p); *p = &plan{Plan: "a"} })
		require.NoError(t, err)
		require.Equal(t, `{"plan":"a"}`, got)
		got, err = drafted(t, `{"plan":"a","x":1}`, func(p **plan) { *p = nil })
		require.NoError(t, err)
		require.Equal(t, `{"plan":null}`, got)
	})
	t.Run("Object and RawMessage", func(t *testing.T) {
		t.Parallel()
		got, err := drafted(t, `{"a":1,"b":2}`, func(o *metadata.Object) { *o = object(t, `{"a":1.0,"c":3}`) })
		require.NoError(t, err)
		require.Equal(t, `{"b":null,"c":3}`, got)
		got, err = drafted(t, ``, func(r *json.RawMessage) { *r = json.RawMessage(`{"a":1}`) })
		require.NoError(t, err)
		require.Equal(t, `{"a":1}`, got)
	})
	t.Run("keys by number", func(t *testing.T) {
		t.Parallel()
		got, err := drafted(t, `{"1":"a","2":"b"}`, func(m *map[int]string) { delete(*m, 1); (*m)[3] = "c" })
		require.NoError(t, err)
		require.Equal(t, `{"1":null,"3":"c"}`, got)
	})
	t.Run("a key that is written otherwise than it was read", func(t *testing.T) {
		t.Parallel()
		_, err := drafted(t, `{"01":"a"}`, func(m *map[int]string) { delete(*m, 1) })
		requirePath(t, err, metadata.ErrUnsupported, "/1")
	})
	t.Run("empty struct", func(t *testing.T) {
		t.Parallel()
		got, err := drafted(t, `{"a":1}`, func(*struct{}) {})
		require.NoError(t, err)
		require.Equal(t, `{}`, got)
	})
	t.Run("RawMessage that became no object", func(t *testing.T) {
		t.Parallel()
		_, err := drafted(t, `{"a":1}`, func(r *json.RawMessage) { *r = json.RawMessage(`[1]`) })
		requirePath(t, err, metadata.ErrNotObject, "")
		require.ErrorContains(t, err, "json.RawMessage encodes to an array")
	})
}

func TestNewDraftRefuses(t *testing.T) {
	t.Parallel()
	_, err := metadata.NewDraft[chan int](metadata.Object{})
	require.ErrorIs(t, err, metadata.ErrType)
	_, err = metadata.NewDraft[shop](object(t, `{"count":"private"}`))
	require.ErrorIs(t, err, metadata.ErrMismatch)
	requirePath(t, err, metadata.ErrMismatch, "/count")
	requireSilent(t, err, "private")
	_, err = metadata.NewDraft[shop](object(t, `{"x":1,"x":2}`))
	requirePath(t, err, metadata.ErrDuplicateKey, "/x")
}
