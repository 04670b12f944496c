package metadata_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// partTypes are types of each kind that encoding/json treats in a way of its own, and
// partKeys those of keys.
var (
	partTypes = typesOf(
		false, 0, int8(0), uint64(0), uintptr(0), float32(0), 0.0, "", []byte{}, [2]byte{}, byteText(0), new(any), new(json.Marshaler), new(encoding.TextMarshaler),
		zeroOf{}, zeroOfPtr{}, asText(0), asBoth(0), byPointer{}, omits{}, quoted{}, embedsAll{}, diamond{}, linked{}, recursiveSlice{}, whole{},
		json.Number(""), json.RawMessage{}, time.Time{}, time.Duration(0), big.Int{}, netip.Addr{}, metadata.Object{},
	)
	partKeys = typesOf("", int8(0), uint(0), asText(0), netip.Addr{}, new(big.Int), json.Number(""))
)

func typesOf(values ...any) (types []reflect.Type) {
	for _, v := range values {
		types = append(types, reflect.TypeOf(v))
	}
	return types
}

// goType makes a type of so many levels.
func (r *randomDocs) goType(levels int) reflect.Type {
	if levels == 0 {
		return pick(r, partTypes...)
	}
	switch r.IntN(6) {
	case 0:
		return reflect.PointerTo(r.goType(levels - 1))
	case 1:
		return reflect.SliceOf(r.goType(levels - 1))
	case 2:
		return reflect.ArrayOf(r.IntN(3), r.goType(levels-1))
	case 3:
		return reflect.MapOf(pick(r, partKeys...), r.goType(levels-1))
	}
	fields := make([]reflect.StructField, r.IntN(5))
	for i := range fields {
		tag := pick(r, "", "", "a", "A", "b", "-", "-,", "F1") + pick(r, "", "", ",omitempty", ",omitzero", ",string", ",string,omitempty")
		typ := r.goType(levels - 1)
		fields[i] = reflect.StructField{
			Name: fmt.Sprint("F", i), Type: typ, Tag: reflect.StructTag("json:" + strconv.Quote(tag)),
			Anonymous: typ.Kind() == reflect.Struct && reflect.PointerTo(typ).NumMethod() == 0 && r.IntN(3) == 0,
		}
	}
	return reflect.StructOf(fields)
}

// fill sets v, as often as not, to something with so many levels.
func (r *randomDocs) fill(v reflect.Value, levels int) {
	if !v.CanSet() || levels == 0 || r.IntN(5) == 0 {
		return
	}
	switch v.Interface().(type) {
	case json.Number:
		v.SetString(pick(r, "1.50", "-0", "1e400"))
		return
	case json.RawMessage, metadata.Object, netip.Addr, time.Time, big.Int:
		for _, text := range []string{`{"b" :null,"a":["\u0041"]}`, `"::1"`, `"2024-01-02T03:04:05Z"`, "7"} {
			_ = json.Unmarshal([]byte(text), v.Addr().Interface()) // the one that fits
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.fill(v.Elem(), levels-1)
	case reflect.Interface:
		v.Set(reflect.ValueOf(pick(r, time.Unix(1, 0).UTC(), time.Time{})))
	case reflect.Struct:
		for i := range v.NumField() {
			r.fill(v.Field(i), levels-1)
		}
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice {
			v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		}
		for i := range v.Len() {
			r.fill(v.Index(i), levels-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			r.fill(key, 2)
			r.fill(value, levels-1)
			v.SetMapIndex(key, value)
		}
	default:
		text := pick(r, `0`, `-7`, `100`, `0.1`, `-1e21`, `true`, `""`, `"a/~"`, `"é\"\\"`)
		_ = json.Unmarshal([]byte(text), v.Addr().Interface()) // where it fits
	}
}

// Random types are written as encoding/json writes them.
func TestWritesRandomTypes(t *testing.T) {
	t.Parallel()
	seeds, same := rounds(300), 0
	for seed := range seeds {
		r := newRandom(uint64(seed))
		p := reflect.New(r.goType(1 + r.IntN(3)))
		r.fill(p.Elem(), 6)
		v := pick(r, p, p.Elem()).Interface()
		value := metadata.Of(map[string]any{"k": v})
		if errors.Is(value.Err(), metadata.ErrDuplicateKey) || errors.Is(value.Err(), metadata.ErrUnsupported) {
			continue // MarshalText wrote two keys alike, or an any holds a []byte
		}
		require.NoError(t, value.Err(), "%d: %T", seed, v)
		text, err := json.Marshal(v)
		require.NoError(t, err, "%d: %T", seed, v)
		require.Equal(t, map[string]any{"k": decode(t, text)}, decode(t, []byte(value.String())), "%d: %T", seed, v)
		same++
	}
	require.Greater(t, same, seeds*8/10)
}
