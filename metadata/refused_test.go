package metadata_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type nullMarshaler struct{}

func (nullMarshaler) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// TestPatchRefusesNull: no key is ever deleted because something was nil.
func TestPatchRefusesNull(t *testing.T) {
	t.Parallel()
	type pointers struct {
		P *int           `json:"p"`
		M map[string]any `json:"m,omitempty"`
		S []string       `json:"s,omitempty"`
		L []*int         `json:"l,omitempty"`
	}
	var nilInterface any
	n := 1
	for name, test := range map[string]struct {
		value any
		path  string
	}{
		"nil":                            {nil, "/k"},
		"nil in a map":                   {map[string]any{"a": map[string]any{"b": nil}}, "/k/a/b"},
		"key with / and ~":               {map[string]any{"a/b~c\"": nil}, "/k/a~1b~0c\""},
		"nil map":                        {map[string]any(nil), "/k"},
		"nil typed map":                  {map[string]string(nil), "/k"},
		"nil map of maps":                {map[string]map[string]any{"a": nil}, "/k/a"},
		"nil Patch":                      {metadata.Patch(nil), "/k"},
		"nil Patch in a struct":          {struct{ P metadata.Patch }{}, "/k/P"},
		"nil slice":                      {[]any(nil), "/k"},
		"nil typed slice":                {[]string(nil), "/k"},
		"nil slice of slices":            {[][]string(nil), "/k"},
		"nil bytes":                      {[]byte(nil), "/k"},
		"nil pointer":                    {(*int)(nil), "/k"},
		"nil pointer to a Patch":         {(*metadata.Patch)(nil), "/k"},
		"nil pointer to a map":           {(*map[string]any)(nil), "/k"},
		"nil pointer to a marshaler":     {(*time.Time)(nil), "/k"},
		"pointer to a nil pointer":       {new(*int), "/k"},
		"pointer to a nil interface":     {&nilInterface, "/k"},
		"nil pointer in a struct":        {pointers{}, "/k/p"},
		"nil pointer behind a pointer":   {&pointers{}, "/k/p"},
		"nil pointer in a nested struct": {struct{ In []pointers }{[]pointers{{P: &n}, {}}}, "/k/In/1/p"},
		"nil in a slice of a struct":     {pointers{P: &n, L: []*int{&n, nil}}, "/k/l/1"},
		"nil in []any":                   {[]any{1, nil}, "/k/1"},
		"nil in []*int":                  {[]*int{nil}, "/k/0"},
		"nil in a slice of maps":         {[]map[string]any{{}, nil}, "/k/1"},
		"nil in a map of pointers":       {map[string]*int{"a": nil}, "/k/a"},
		"nil in a map with number keys":  {map[int]*int{7: nil}, "/k/7"},
		"nil in an array type":           {[2]any{1, nil}, "/k/1"},
		"raw null":                       {json.RawMessage("null"), "/k"},
		"raw nil":                        {json.RawMessage(nil), "/k"},
		"raw null in an object":          {json.RawMessage(`{"a":{"b":null}}`), "/k/a/b"},
		"pointer to raw null":            {new(json.RawMessage("null")), "/k"},
		"raw null in a struct":           {struct{ R json.RawMessage }{json.RawMessage(`{"a":null}`)}, "/k/R/a"},
		"marshaler that writes null":     {nullMarshaler{}, "/k"},
		"Null() as a member":             {metadata.Null(), "/k"},
		"Null() in a map":                {map[string]metadata.Value{"a": metadata.Null()}, "/k/a"},
		"a null inside Of":               {metadata.Of(map[string]any{"a": nil}), "/k/a"},
		"an absent Object":               {metadata.Object{}, "/k"},
		"a null Object":                  {object(t, "null"), "/k"},
		"a null in an Object":            {object(t, `{"a":null}`), "/k/a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := metadata.Patch{"k": test.value}.MarshalJSON()
			requirePath(t, err, metadata.ErrNull, test.path)
		})
	}
	_, err := metadata.Patch(nil).MarshalJSON()
	requirePath(t, err, metadata.ErrNull, "")
	_, err = metadata.Patch{"s": struct{ P metadata.Patch }{metadata.Patch{"a": nil}}}.MarshalJSON()
	require.ErrorContains(t, err, `/s/P/a: null is not allowed here: to leave a field out`)
}

func TestMisplacedDelete(t *testing.T) {
	t.Parallel()
	type wrapped struct{ metadata.Patch }
	for name, test := range map[string]struct {
		value any
		path  string
	}{
		"array":           {[]any{1, metadata.Delete}, "/k/1"},
		"map in an array": {[]any{map[string]any{"a": metadata.Delete}}, "/k/0/a"},
		"array type":      {[1]any{metadata.Delete}, "/k/0"},
		"struct":          {struct{ A any }{metadata.Delete}, "/k/A"},
		"pointer":         {&struct{ A any }{metadata.Delete}, "/k/A"},
		"tagged, embedded": {struct {
			Inner struct {
				A any `json:"a,omitempty"`
			} `json:"in"`
		}{struct {
			A any `json:"a,omitempty"`
		}{metadata.Delete}}, "/k/in/a"},
		"Patch in a struct": {struct{ P metadata.Patch }{metadata.Patch{"x": metadata.Delete}}, "/k/P/x"},
		"embedded Patch":    {wrapped{metadata.Patch{"x": metadata.Delete}}, "/k/x"},
		"map of int":        {map[int]any{3: metadata.Delete}, "/k/3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := metadata.Patch{"k": test.value}.MarshalJSON()
			requirePath(t, err, metadata.ErrMisplacedDelete, test.path)
			requirePath(t, metadata.Of(map[string]any{"k": test.value}).Err(), metadata.ErrMisplacedDelete, test.path)
		})
	}
	deletion := metadata.Delete
	requirePath(t, metadata.Of(map[string]any{"a": deletion}).Err(), metadata.ErrMisplacedDelete, "/a")
	requirePath(t, metadata.Of(metadata.Patch{"a": &deletion}).Err(), metadata.ErrMisplacedDelete, "/a")
}

type badText string

func (badText) MarshalText() ([]byte, error) { return []byte("fine"), nil }

func TestPatchRefusesWhatHasNoJSON(t *testing.T) {
	t.Parallel()
	const bad = "bad\xff"
	type tagged struct {
		Skip string  `json:"-"`
		Dash string  `json:"-,"` //nolint:staticcheck // the key "-" is written so
		F    float64 `json:"f"`
	}
	for name, test := range map[string]struct {
		value  any
		reason error
		path   string
	}{
		"string":                   {bad, metadata.ErrInvalidString, "/k"},
		"string in a map":          {map[string]any{"a": bad}, metadata.ErrInvalidString, "/k/a"},
		"key":                      {map[string]any{bad: 1}, metadata.ErrInvalidString, "/k/" + bad},
		"string in a typed map":    {map[string]string{"a": bad}, metadata.ErrInvalidString, "/k/a"},
		"key of a typed map":       {map[string]string{bad: "a"}, metadata.ErrInvalidString, "/k/" + bad},
		"string in a slice":        {[]string{"a", bad}, metadata.ErrInvalidString, "/k/1"},
		"string in a struct":       {struct{ In []embedded }{[]embedded{{}, {bad}}}, metadata.ErrInvalidString, "/k/In/1/plan"},
		"string in an embedded":    {account{embedded: embedded{bad}}, metadata.ErrInvalidString, "/k/plan"},
		"string in raw text":       {json.RawMessage("\"\xff\""), metadata.ErrInvalidString, "/k"},
		"lone surrogate in text":   {json.RawMessage(`{"a":"\ud800"}`), metadata.ErrInvalidString, "/k/a"},
		"key called -":             {tagged{Skip: bad, Dash: bad}, metadata.ErrInvalidString, "/k/-"},
		"NaN":                      {math.NaN(), metadata.ErrNotFinite, "/k"},
		"infinity":                 {float32(math.Inf(-1)), metadata.ErrNotFinite, "/k"},
		"after a field left out":   {tagged{Skip: bad, F: math.NaN()}, metadata.ErrNotFinite, "/k/f"},
		"NaN in a struct":          {tagged{F: math.NaN()}, metadata.ErrNotFinite, "/k/f"},
		"NaN in a slice":           {[]float64{1, math.NaN()}, metadata.ErrNotFinite, "/k/1"},
		"NaN in []any":             {[]any{1, math.Inf(1)}, metadata.ErrNotFinite, "/k/1"},
		"NaN in a map":             {map[string]float64{"b": math.NaN(), "a": math.NaN()}, metadata.ErrNotFinite, "/k/a"},
		"NaN behind text keys":     {map[netip.Addr]float64{netip.MustParseAddr("::1"): math.NaN()}, metadata.ErrNotFinite, "/k/::1"},
		"NaN behind a pointer":     {&[]any{&tagged{F: math.NaN()}}, metadata.ErrNotFinite, "/k/0/f"},
		"channel":                  {make(chan int), metadata.ErrUnsupported, "/k"},
		"function":                 {func() {}, metadata.ErrUnsupported, "/k"},
		"complex":                  {complex(1, 2), metadata.ErrUnsupported, "/k"},
		"channel in a struct":      {struct{ C chan int }{}, metadata.ErrUnsupported, "/k/C"},
		"function in a map":        {map[string]func(){"a": func() {}}, metadata.ErrUnsupported, "/k/a"},
		"key type":                 {map[float64]int{1: 1}, metadata.ErrUnsupported, "/k"},
		"nil key of an interface":  {map[encoding.TextMarshaler]int{nil: 1}, metadata.ErrUnsupported, "/k"},
		"zero Value":               {metadata.Value{}, metadata.ErrUnsupported, "/k"},
		"failed Of":                {metadata.Of(map[string]any{"a": bad}), metadata.ErrInvalidString, "/k/a"},
		"number in a struct":       {struct{ N json.Number }{"not-a-number"}, metadata.ErrSyntax, "/k/N"},
		"raw text":                 {json.RawMessage(`{"a":`), metadata.ErrSyntax, "/k/a"},
		"raw text with two values": {json.RawMessage(`1 2`), metadata.ErrSyntax, "/k"},
		"raw text, doubled key":    {json.RawMessage(`{"a":{"b":1,"b":2}}`), metadata.ErrDuplicateKey, "/k/a/b"},
		"marshaler of bad UTF-8":   {marshalerFunc(func() ([]byte, error) { return []byte("\"\xff\""), nil }), metadata.ErrInvalidString, "/k"},
		"marshaler of bad JSON":    {marshalerFunc(func() ([]byte, error) { return []byte(`{`), nil }), metadata.ErrUnsupported, "/k"},
		"year 10000":               {time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), metadata.ErrUnsupported, "/k"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := metadata.Patch{"k": test.value}.MarshalJSON()
			requirePath(t, err, test.reason, test.path)
			requireSilent(t, err, "not-a-number")
			requirePath(t, metadata.Of(map[string]any{"k": test.value}).Err(), test.reason, test.path)
		})
	}
	for _, n := range []json.Number{"", "1.", "0x1", " 1", "1 ", "NaN", "-", "+1", "01", ".5", "1e", "1_0", "١"} {
		_, err := metadata.Patch{"k": []any{n}}.MarshalJSON()
		requirePath(t, err, metadata.ErrSyntax, "/k/0")
	}
	got, err := metadata.Patch{"k": badText(bad)}.MarshalJSON()
	require.NoError(t, err, "what a text marshaler hides is not what is sent")
	require.JSONEq(t, `{"k":"fine"}`, string(got))
}

type marshalerFunc func() ([]byte, error)

func (f marshalerFunc) MarshalJSON() ([]byte, error) { return f() }

type quotingError struct{ value string }

func (e *quotingError) Error() string { return "cannot encode " + e.value }

func TestMarshalerErrorsHideValues(t *testing.T) {
	t.Parallel()
	const value = "a-private-value"
	failing := marshalerFunc(func() ([]byte, error) { return nil, &quotingError{value} })
	for _, v := range []any{failing, &failing, []any{failing}, struct{ F any }{failing}, map[string]marshalerFunc{"a": failing}} {
		_, patchErr := metadata.Patch{"k": v}.MarshalJSON()
		nested := metadata.Of(map[string]any{"k": v})
		_, nestedErr := metadata.Patch{"o": nested}.MarshalJSON()
		for _, err := range []error{patchErr, nested.Err(), nestedErr} {
			requireSilent(t, err, value)
			require.ErrorIs(t, err, metadata.ErrUnsupported)
			require.ErrorContains(t, err, "/k")
			var cause *quotingError
			require.ErrorAs(t, err, &cause)
			require.Equal(t, value, cause.value)
		}
	}
	_, err := metadata.Patch{"k": json.Number("a-private-value")}.MarshalJSON()
	requireSilent(t, err, value)
	require.False(t, errors.Is(err, metadata.ErrUnsupported))
}

// TestPathsInErrorTexts: Path is exact, whereas the text fits into a log line.
func TestPathsInErrorTexts(t *testing.T) {
	t.Parallel()
	long := "line\nbreak" + strings.Repeat("é", 100)
	_, err := metadata.Patch{long: nil}.MarshalJSON()
	requirePath(t, err, metadata.ErrNull, "/"+long)
	require.ErrorContains(t, err, `/line\nbreakéé`)
	require.Less(t, len(err.Error()), 200)

	deep := map[string]any{"x": nil}
	for range 99 {
		deep = map[string]any{"x": deep}
	}
	_, err = metadata.Patch(deep).MarshalJSON()
	requirePath(t, err, metadata.ErrNull, strings.Repeat("/x", 100))
	require.ErrorContains(t, err, strings.Repeat("/x", 20)+"/…: null is not allowed here")
}
