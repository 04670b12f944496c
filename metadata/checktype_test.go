package metadata_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type (
	Left           struct{ N int }
	Right          struct{ N int }
	rivalsEmbedded struct {
		Left
		Right
	}
	TaggedLeft struct {
		M int `json:"N"`
	}
	rivalsTagged struct {
		*TaggedLeft // go vet does not look behind pointers
		*TaggedRight
	}
	TaggedRight struct {
		K int `json:"N"`
	}
	outerOne        struct{ Left }
	outerTwo        struct{ Left }
	rivalsOfOneType struct {
		outerOne
		outerTwo
	}
	hidden        struct{ N int }
	behindPointer struct{ *hidden }
	taggedPointer struct {
		*hidden `json:"in"`
	}
	onlyUnexported struct{ _, _ int }
	twoFaults      struct {
		Left
		Right
		*hidden
		*TaggedLeft
		*TaggedRight
		Also struct{ M int }
		*faulty
	}
	faulty      struct{ Z, Y, X, W, V int }
	ignoredOnly struct {
		N int `json:"-"`
	}
	writesOnlyKey struct{ _ int }
	recursive     struct {
		Name string      `json:"name"`
		Next *recursive  `json:"next,omitempty"`
		All  []recursive `json:"all,omitempty"`
	}
)

func (writesOnlyKey) MarshalText() ([]byte, error) { return []byte("key"), nil }

func TestCheckTypeRefuses(t *testing.T) {
	t.Parallel()
	for says, err := range map[string]error{
		`metadata_test.rivalsEmbedded: fields Left.N and Right.N are both "N" in JSON`:         metadata.CheckType[rivalsEmbedded](),
		`metadata_test.rivalsTagged: fields TaggedLeft.M and TaggedRight.K are both "N"`:       metadata.CheckType[rivalsTagged](),
		`metadata_test.rivalsOfOneType: fields outerOne.Left.N and outerTwo.Left.N are both`:   metadata.CheckType[*rivalsOfOneType](),
		`metadata_test.behindPointer: field hidden.N is behind an embedded pointer to an unex`: metadata.CheckType[behindPointer](),
		`metadata_test.taggedPointer: field hidden is behind an embedded pointer`:              metadata.CheckType[taggedPointer](),
		`metadata_test.onlyUnexported: has no exported field`:                                  metadata.CheckType[onlyUnexported](),
		`metadata_test.ignoredOnly: has no exported field`:                                     metadata.CheckType[map[string][]ignoredOnly](),
		`[]string: does not encode to a JSON object`:                                           metadata.CheckType[[]string](),
		`string: does not encode to a JSON object`:                                             metadata.CheckType[string](),
		`interface {}: does not encode to a JSON object`:                                       metadata.CheckType[any](),
		`map[float64]int: a map with keys of type float64 has no JSON form`:                    metadata.CheckType[map[float64]int](),
		`a map with keys of type metadata_test.writesOnlyKey has no JSON form`:                 metadata.CheckType[map[writesOnlyKey]int](),
		`.c: a Go chan int has no JSON form`: metadata.CheckType[struct {
			C chan int `json:"c"`
		}](),
		`.F: a Go func() has no JSON form`:                 metadata.CheckType[struct{ F []func() }](),
		`.Z: a Go complex64 has no JSON form`:              metadata.CheckType[struct{ Z *complex64 }](),
		`.P: a Go unsafe.Pointer has no JSON form`:         metadata.CheckType[struct{ P unsafe.Pointer }](),
		`.W: encoding/json cannot decode into a io.Writer`: metadata.CheckType[struct{ W io.Writer }](),
		`.a.B: a Go complex128 has no JSON form`: metadata.CheckType[map[string]struct {
			A map[string]struct{ B complex128 } `json:"a"`
		}](),
	} {
		require.ErrorIs(t, err, metadata.ErrType, says)
		require.ErrorContains(t, err, says)
		var at *metadata.PathError
		require.ErrorAs(t, err, &at)
	}
}

// The same fault is reported every time.
func TestCheckTypeIsSteady(t *testing.T) {
	t.Parallel()
	first := metadata.CheckType[twoFaults]()
	require.ErrorIs(t, first, metadata.ErrType)
	for range 20 {
		require.EqualError(t, metadata.CheckType[twoFaults](), first.Error())
	}
}

func TestCheckTypeAccepts(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"any member":      metadata.CheckType[map[string]any](),
		"recursive":       metadata.CheckType[recursive](),
		"pointers":        metadata.CheckType[***recursive](),
		"named keys":      metadata.CheckType[map[stringKey]int](),
		"TextMarshaler":   metadata.CheckType[map[netip.Addr]int](),
		"numbers as keys": metadata.CheckType[map[int8]map[uint]int](),
		"a set":           metadata.CheckType[map[string]struct{}](),
		"own methods":     metadata.CheckType[json.RawMessage](),
		"Object":          metadata.CheckType[metadata.Object](),
		"members with methods of their own": metadata.CheckType[struct {
			T time.Time
			N json.Number
			R json.RawMessage
			O metadata.Object
		}](),
		"a hidden rival": metadata.CheckType[struct {
			Left
			Right
			N string
		}](),
		"a tag that decides": metadata.CheckType[struct {
			A int `json:"B"`
			B int
		}](),
	} {
		require.NoError(t, err, name)
	}
}

type (
	Level3 struct{ Deep, Shadowed string }
	Level2 struct {
		*Level3
		Shadowed  int    `json:"Shadowed"`
		Level3Too Level3 `json:"tagged"`
	}
	level1 struct {
		Level2
		Exported bool `json:",omitempty"`
		private  int  //nolint:unused // ignored by encoding/json
	}
	Text   string
	shapes struct {
		level1
		Text
		Number json.Number `json:"number"`
		Odd    int         `json:"od\"d"` //nolint:staticcheck // encoding/json passes over the name
		Spaced int         `json:"a b/c"`
		Dash   int         `json:"-,"` //nolint:staticcheck // the name is "-"
		Gone   int         `json:"-"`
		Empty  int         `json:",omitempty"`
		Quoted int64       `json:"quoted,string"`
		É      string
		Time   time.Time
		Iface  any
		tagged `json:"inner"`
	}
	tagged struct{ In int }
	// annihilated has names that encoding/json drops without a word.
	annihilated struct {
		Left
		Right
		outerOne
		Kept int
	}
)

// What encoding/json reads and writes is found out by trying; what this package
// takes for known is what Decode reads and a draft sends.
func TestFieldsAreEncodingJSONs(t *testing.T) {
	t.Parallel()
	for _, typ := range []reflect.Type{
		reflect.TypeFor[shapes](), reflect.TypeFor[Level2](), reflect.TypeFor[whole](), reflect.TypeFor[recursive](),
		reflect.TypeFor[rivalsEmbedded](), reflect.TypeFor[rivalsTagged](),
		reflect.TypeFor[rivalsOfOneType](), reflect.TypeFor[annihilated](), reflect.TypeFor[level1](),
		reflect.TypeFor[struct {
			Left
			Right
			N string
		}](),
	} {
		t.Run(typ.String(), func(t *testing.T) {
			t.Parallel()
			v := reflect.New(typ)
			fill(v.Elem(), 3)
			raw, err := json.Marshal(v.Interface())
			require.NoError(t, err)
			o := object(t, string(raw))

			// What encoding/json writes is read, into the same value.
			again := reflect.New(typ)
			require.NoError(t, o.Decode(again.Interface()))
			back, err := json.Marshal(again.Interface())
			require.NoError(t, err)
			require.Equal(t, string(raw), string(back))

			// And so it is beside a key that is taken out.
			members := decode(t, raw).(map[string]any)
			confusing := members
			for key := range members {
				if folded := strings.ToUpper(key); confusing[folded] == nil {
					confusing = maps.Clone(members)
					confusing[folded] = []any{}
					break
				}
			}
			beside := reflect.New(typ)
			require.NoError(t, object(t, mustJSON(confusing)).Decode(beside.Interface()))
			require.Equal(t, again.Interface(), beside.Interface())

			// Each key in another case is unknown, where encoding/json takes it.
			for _, key := range slices.Sorted(maps.Keys(members)) {
				other := strings.ToUpper(key)
				if other == key {
					other = strings.ToLower(key)
				}
				if _, taken := members[other]; taken || other == key {
					continue
				}
				text := fmt.Sprintf(`{%s:%s}`, mustJSON(other), mustJSON(members[key]))
				folded := reflect.New(typ)
				require.NoError(t, json.Unmarshal([]byte(text), folded.Interface()))
				require.NotEqual(t, reflect.New(typ).Interface(), folded.Interface(), "encoding/json takes %s", other)
				exact := reflect.New(typ)
				require.NoError(t, object(t, text).Decode(exact.Interface()))
				require.Equal(t, reflect.New(typ).Interface(), exact.Interface(), "%s is not %s", other, key)
			}
		})
	}
}

// fill sets everything that can be set to something that is not zero.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(9007199254740993)
	case reflect.Float64:
		v.SetFloat(0.1)
	case reflect.String:
		v.SetString("1")
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth-1)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(any(json.Number("9007199254740993"))))
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes([]byte(`{"a":[1]}`))
		} else if depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth-1)
		}
	case reflect.Map:
		if depth > 0 {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(e, depth-1)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), e)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1700000000, 5).UTC()))
			return
		}
		for _, f := range v.Fields() {
			if f.CanSet() || f.Kind() == reflect.Struct {
				fill(f, depth)
			}
		}
	}
}
