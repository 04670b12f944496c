package metadata_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type embedded struct {
	Plan string `json:"plan"`
}

type account struct {
	embedded

	Seats  int        `json:"seats,omitempty"`
	Since  time.Time  `json:"since,omitzero"`
	Until  *time.Time `json:"until,omitempty"`
	hidden func()
}

// onPointer has its marshaler on the pointer, so encoding/json calls it only
// where it can take the address.
type onPointer struct{ N int }

func (p *onPointer) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]int{"pointer": p.N})
}

type (
	stringKey string
	textKey   string
	blob      []byte
)

func (textKey) MarshalText() ([]byte, error) { return []byte("used by some releases of Go"), nil }

func TestPatchBytes(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 5, 12, 1, 2, 3, 0, time.UTC)
	text := "t"
	list := []any{1, "x"}
	nested := metadata.Patch{"x": metadata.Delete}
	plain := map[string]any{"x": metadata.Delete}
	var boxed any = plain
	for name, test := range map[string]struct {
		patch metadata.Patch
		want  string
	}{
		"empty":                       {metadata.Patch{}, `{}`},
		"keys sorted":                 {metadata.Patch{"b": 1, "a": 2, "B": 3, "": 4}, `{"":4,"B":3,"a":2,"b":1}`},
		"nothing escaped":             {metadata.Patch{"<&>\u2028": "<&>\u2028\u2029é😀\u007f"}, "{\"<&>\u2028\":\"<&>\u2028\u2029é😀\u007f\"}"},
		"escaped":                     {metadata.Patch{"a": "\"\\/\n\r\t\b\f\x00\x1f"}, `{"a":"\"\\/\n\r\t\u0008\u000c\u0000\u001f"}`},
		"U+FFFD that is meant":        {metadata.Patch{"a": "\ufffd", "s": []string{"\ufffd"}}, "{\"a\":\"\ufffd\",\"s\":[\"\ufffd\"]}"},
		"in structs":                  {metadata.Patch{"a": struct{ S string }{"<&>\u2028"}}, "{\"a\":{\"S\":\"<&>\u2028\"}}"},
		"integers":                    {metadata.Patch{"a": int64(math.MaxInt64), "b": int64(math.MinInt64), "c": uint64(math.MaxUint64), "d": int8(-1)}, `{"a":9223372036854775807,"b":-9223372036854775808,"c":18446744073709551615,"d":-1}`},
		"numbers to the digit":        {metadata.Patch{"a": json.Number("9007199254740993"), "b": json.Number("1.10"), "c": json.Number("-0"), "d": json.Number("1E+400")}, `{"a":9007199254740993,"b":1.10,"c":-0,"d":1E+400}`},
		"digits in raw text":          {metadata.Patch{"a": json.RawMessage(` { "n" : 9007199254740993 } `)}, `{"a":{"n":9007199254740993}}`},
		"floats":                      {metadata.Patch{"a": 1.5, "b": float32(0.1), "c": 1e21, "d": 1e-7}, `{"a":1.5,"b":0.1,"c":1e+21,"d":1e-7}`},
		"booleans":                    {metadata.Patch{"a": true, "b": false}, `{"a":true,"b":false}`},
		"time":                        {metadata.Patch{"a": moment, "b": &moment}, `{"a":"2026-05-12T01:02:03Z","b":"2026-05-12T01:02:03Z"}`},
		"bytes that a type declares":  {metadata.Patch{"a": struct{ B []byte }{[]byte("\xff\xfe")}, "m": map[string][]byte{"k": []byte("a")}, "l": [][]byte{[]byte("a")}}, `{"a":{"B":"//4="},"l":["YQ=="],"m":{"k":"YQ=="}}`},
		"embedded struct":             {metadata.Patch{"a": account{embedded: embedded{"pro"}, Seats: 3, hidden: func() {}}}, `{"a":{"plan":"pro","seats":3}}`},
		"integer keys":                {metadata.Patch{"a": map[int]string{2: "b", 1: "a"}}, `{"a":{"1":"a","2":"b"}}`},
		"text keys":                   {metadata.Patch{"a": map[netip.Addr]int{netip.MustParseAddr("::1"): 1}}, `{"a":{"::1":1}}`},
		"string keys of a named type": {metadata.Patch{"a": map[stringKey]any{"k": metadata.Delete}, "b": map[stringKey]int{"k": 1}}, `{"a":{"k":null},"b":{"k":1}}`},
		"text marshaler":              {metadata.Patch{"a": netip.MustParseAddr("127.0.0.1")}, `{"a":"127.0.0.1"}`},
		"pointers":                    {metadata.Patch{"a": &text, "b": &list, "c": new(int)}, `{"a":"t","b":[1,"x"],"c":0}`},
		"pointer receivers where encoding/json calls them": {
			metadata.Patch{"a": &onPointer{1}, "b": []onPointer{{2}}, "c": map[string][]onPointer{"x": {{3}}}, "d": &struct{ P onPointer }{onPointer{4}}, "e": &[1]onPointer{{5}}},
			`{"a":{"pointer":1},"b":[{"pointer":2}],"c":{"x":[{"pointer":3}]},"d":{"P":{"pointer":4}},"e":[{"pointer":5}]}`,
		},
		"pointer receivers where encoding/json does not": {
			metadata.Patch{"a": onPointer{1}, "b": map[string]onPointer{"x": {2}}}, `{"a":{"N":1},"b":{"x":{"N":2}}}`,
		},
		"slices and maps of pointers":             {metadata.Patch{"a": []*onPointer{{1}}, "b": map[string]*embedded{"x": {"pro"}}}, `{"a":[{"pointer":1}],"b":{"x":{"plan":"pro"}}}`},
		"delete":                                  {metadata.Patch{"a": metadata.Delete}, `{"a":null}`},
		"delete at any depth":                     {metadata.Patch{"a": metadata.Patch{"b": map[string]any{"c": metadata.Patch{"d": metadata.Delete}}}}, `{"a":{"b":{"c":{"d":null}}}}`},
		"delete in typed maps":                    {metadata.Patch{"a": map[string]metadata.Patch{"b": {"c": metadata.Delete}}, "d": map[string]map[string]any{"e": {"f": metadata.Delete}}}, `{"a":{"b":{"c":null}},"d":{"e":{"f":null}}}`},
		"delete behind pointers":                  {metadata.Patch{"a": &nested, "b": &plain, "c": &boxed, "d": map[string]*metadata.Patch{"p": &nested}}, `{"a":{"x":null},"b":{"x":null},"c":{"x":null},"d":{"p":{"x":null}}}`},
		"null in an array":                        {metadata.Patch{"a": []any{metadata.Null(), map[string]any{"b": metadata.Null()}}, "c": []metadata.Value{metadata.Null()}}, `{"a":[null,{"b":null}],"c":[null]}`},
		"null in an array of raw text":            {metadata.Patch{"a": json.RawMessage(`[null,{"b":null}]`)}, `{"a":[null,{"b":null}]}`},
		"null in an array of what Clerk returned": {metadata.Patch{"a": object(t, `{"b":[null]}`)}, `{"a":{"b":[null]}}`},
		"values": {metadata.Patch{"a": metadata.Empty(), "b": metadata.Of(map[string]any{"c": 1}), "d": metadata.Of(map[string]any{"l": []any{nil}})}, `{"a":{},"b":{"c":1},"d":{"l":[null]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := test.patch.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, test.want, string(got))
		})
	}
}

func TestPatchInALargerValue(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(map[string]metadata.Patch{"public_metadata": {"a": metadata.Delete}})
	require.NoError(t, err)
	require.JSONEq(t, `{"public_metadata":{"a":null}}`, string(got))
	require.Equal(t, "metadata.Delete", metadata.Delete.String())
}

// TestPatchEncodesLikeEncodingJSON compares the decoded forms, since the bytes
// differ in their escapes.
func TestPatchEncodesLikeEncodingJSON(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range rounds(2000) {
		tree := randomMap(r, 4)
		want, err := json.Marshal(tree)
		require.NoError(t, err)
		got, err := metadata.Patch(tree).MarshalJSON()
		require.NoError(t, err)
		require.Equal(t, decode(t, want), decode(t, got))
	}
}

func randomMap(r *rand.Rand, depth int) map[string]any {
	m := map[string]any{}
	for range r.IntN(5) {
		m[randomString(r)] = randomGoValue(r, depth-1)
	}
	return m
}

func randomString(r *rand.Rand) string {
	runes := []rune("ab<&>\"\\/\n\t\x00é\u2028\ufffd😀")
	s := make([]rune, r.IntN(5))
	for i := range s {
		s[i] = runes[r.IntN(len(runes))]
	}
	return string(s)
}

func randomGoValue(r *rand.Rand, depth int) any {
	if depth > 0 && r.IntN(2) == 0 {
		switch r.IntN(5) {
		case 0:
			l := make([]any, r.IntN(4))
			for i := range l {
				l[i] = randomGoValue(r, depth-1)
			}
			return l
		case 1:
			m := randomMap(r, depth)
			return &m
		case 2:
			return []map[string]any{randomMap(r, depth)}
		case 3:
			return struct {
				V any `json:"v"`
			}{randomGoValue(r, depth-1)}
		default:
			return randomMap(r, depth)
		}
	}
	switch r.IntN(9) {
	case 0:
		return r.Int()
	case 1:
		return r.Uint64()
	case 2:
		return r.NormFloat64() * math.Pow10(r.IntN(40)-20)
	case 3:
		return float32(r.NormFloat64())
	case 4:
		return r.IntN(2) == 0
	case 5:
		return map[string]int{randomString(r): r.IntN(10)}
	case 6:
		return []string{randomString(r), randomString(r)}
	case 7:
		return [][]byte{[]byte(randomString(r))}
	default:
		return randomString(r)
	}
}
