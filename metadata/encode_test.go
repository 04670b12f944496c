package metadata_test

import (
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type (
	zeroOf    struct{ N int }
	zeroOfPtr struct{ N int }
	asText    int
	asBoth    int
	byPointer struct{ N int }
	byteText  uint8
	omits     struct {
		E  *int                       `json:"e,omitempty"`
		S  struct{}                   `json:"s,omitempty"`
		A  [0]int                     `json:"a,omitempty"`
		L  []int                      `json:"l,omitempty"`
		I  any                        `json:"i,omitempty"`
		Z  zeroOf                     `json:"z,omitzero"`
		P  zeroOfPtr                  `json:"p,omitzero"`
		ZP *zeroOf                    `json:"zp,omitzero"`
		ZI interface{ IsZero() bool } `json:"zi,omitzero"`
		ZA any                        `json:"za,omitzero"`
		T  time.Time                  `json:"t,omitzero"`
		ZS struct{ A, B int }         `json:"zs,omitzero"`
	}
	quoted struct {
		B  bool        `json:"b,string"`
		I  int8        `json:"i,string"`
		U  *uint       `json:"u,string"`
		F  float32     `json:"f,string"`
		S  string      `json:"s,string"`
		N  json.Number `json:"n,string"`
		L  []int       `json:"l,string"` //nolint:staticcheck // the option means nothing here
		A  any         `json:"a,string"` //nolint:staticcheck // the option means nothing here
		T  asText      `json:"t,string"`
		PP **int       `json:"pp,string"` //nolint:staticcheck // the option means nothing here
	}
	twice   struct{ N int }
	carries struct {
		twice
		Lost int
	}
	left    struct{ carries }
	right   struct{ carries }
	diamond struct {
		left
		right
	}
	inner     struct{ N, Both int }
	embedsAll struct {
		inner
		*TaggedLeft
		*Right `json:"right"`
		Text
		Both string
	}
)

func (z zeroOf) IsZero() bool                   { return z.N == 7 }
func (z *zeroOfPtr) IsZero() bool               { return z.N == 7 }
func (asText) MarshalText() ([]byte, error)     { return []byte("text"), nil }
func (asBoth) MarshalText() ([]byte, error)     { return []byte("text"), nil }
func (*asBoth) MarshalJSON() ([]byte, error)    { return []byte(`{"b":1,"a":[true]}`), nil }
func (*byPointer) MarshalJSON() ([]byte, error) { return []byte(`"pointer"`), nil }
func (byteText) MarshalText() ([]byte, error)   { return []byte("b"), nil }

// Struct, map, slice and scalar are written as encoding/json writes them.
func TestWritesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	number := 5
	pointer := &number
	for name, v := range map[string]any{
		"integers":      []any{int8(-128), int16(1), int32(2), int64(-1 << 63), uint(3), uint8(4), uint16(5), uint32(6), uint64(1<<64 - 1), uintptr(8)},
		"floats":        []float64{0, 1, -0.5, 1e20, 1e21, 1e-6, 1e-7, 123456789.125, 5e-324, 1.7976931348623157e308},
		"small floats":  []float32{0.1, 1e21, 1e-7, 16777216},
		"negative zero": []float64{math.Copysign(0, -1)},
		"bytes":         []any{[][]byte{nil, {}, []byte("a>b")}, [3]byte{1, 2, 3}, []byteText{1}, struct{ B *[]byte }{new([]byte("x"))}},
		"numbers":       []any{struct{ N json.Number }{}, map[string]json.Number{"a": "1.50"}, []json.Number{""}},
		"map keys":      []any{map[int8]int{-1: 1, 10: 2, 9: 3}, map[uint64]bool{1<<64 - 1: true}, map[asText]int{1: 2}, map[netip.Addr]int{{}: 1}},
		"pointer keys":  map[*big.Int]int{big.NewInt(7): 1},
		"nil key":       map[*big.Int]int{nil: 1},
		"nil": struct {
			M map[string]int
			L []int
			P *int
			I any
			E error
			T *time.Time
			J json.Marshaler
		}{},
		"empty": struct {
			M map[string]int
			L []int
		}{map[string]int{}, []int{}},
		"pointers":           []any{&pointer, struct{ P **int }{&pointer}, &[]*int{pointer}},
		"a set":              map[string]struct{}{"a": {}},
		"embedded twice":     diamond{left: left{carries{twice{1}, 2}}},
		"embedded, nil":      embedsAll{},
		"embedded":           &embedsAll{inner{1, 2}, &TaggedLeft{3}, &Right{4}, "text", "outer"},
		"quoted, nil":        quoted{},
		"quoted":             &quoted{true, -8, new(uint(3)), 0.5, `a"b`, "1.50", []int{1}, 2, 3, &pointer},
		"omitted":            omits{Z: zeroOf{7}, P: zeroOfPtr{7}, ZP: &zeroOf{7}, ZI: zeroOf{7}},
		"omitted, addressed": &omits{Z: zeroOf{7}, P: zeroOfPtr{7}, ZI: (*zeroOf)(nil)},
		"kept":               &omits{E: pointer, L: []int{1}, I: 0, ZA: zeroOf{7}, T: time.Unix(0, 0).UTC(), ZP: &zeroOf{}, ZI: zeroOf{}},
		"methods":            []any{asText(1), new(asText), asBoth(1), new(asBoth), byPointer{1}, &byPointer{1}, time.Unix(1, 0).UTC(), big.NewInt(5)},
		"methods of fields": struct {
			A asBoth
			B byPointer
			C []asBoth
			D [1]byPointer
			E map[string]byPointer
		}{C: []asBoth{1}, E: map[string]byPointer{"a": {}}},
		"methods, addressed": &struct {
			A asBoth
			B byPointer
			D [1]byPointer
		}{},
	} {
		text, err := json.Marshal(v)
		require.NoError(t, err, name)
		value := metadata.Of(map[string]any{"k": v})
		require.NoError(t, value.Err(), name)
		require.Equal(t, map[string]any{"k": decode(t, text)}, decode(t, []byte(value.String())), name)
	}
}
