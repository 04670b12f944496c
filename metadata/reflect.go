package metadata

import (
	"cmp"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

var (
	patchType    = reflect.TypeFor[Patch]()
	deletionType = reflect.TypeFor[deletion]()
	valueType    = reflect.TypeFor[Value]()
	objectType   = reflect.TypeFor[Object]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	numberType   = reflect.TypeFor[json.Number]()
)

// declared writes a value of a Go type as encoding/json does. It is written here, since
// the releases of Go write some types differently, and none names the place of what it
// refuses, or refuses what it alters.
func (e *encoder) declared(v reflect.Value, depth int) error {
	t := v.Type()
	switch t {
	case patchType, deletionType, valueType, objectType, rawType:
		return e.value(v.Interface(), depth)
	}
	of := structfields.Of(t)
	if of.Unwritable != "" {
		return fault(ErrUnsupported, "%s: %s", structfields.TypeName(t), of.Unwritable)
	}
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface {
		return e.indirect(v, depth)
	}
	if m, has := methods(v); has {
		return e.method(m, depth)
	}
	switch v.Kind() {
	case reflect.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return e.float(v)
	case reflect.String:
		if t == numberType {
			return e.number(json.Number(cmp.Or(v.String(), "0")))
		}
		return e.string(v.String())
	case reflect.Struct:
		return e.fields(v, of, depth)
	case reflect.Map:
		return e.entries(v, depth)
	case reflect.Slice, reflect.Array:
		return e.elements(v, depth)
	default:
		return fault(ErrUnsupported, "a Go %s", t)
	}
	return nil
}

// maxPointers leaves room for a pointer to each of maxDepth objects, and ends a pointer
// to itself.
const maxPointers = 2 * maxDepth

func (e *encoder) indirect(v reflect.Value, depth int) error {
	switch {
	case v.IsNil():
		return e.null()
	case e.pointers >= maxPointers:
		return errTooDeep()
	}
	e.pointers++
	defer func() { e.pointers-- }()
	if v.Kind() == reflect.Interface {
		return e.value(v.Elem().Interface(), depth)
	}
	return e.declared(v.Elem(), depth)
}

var jsonMarshaler = reflect.TypeFor[json.Marshaler]()

// methods returns what has the methods that write v: v or, if it can be addressed, its
// address.
func methods(v reflect.Value) (m reflect.Value, has bool) {
	of := structfields.Of(v.Type())
	if v.CanAddr() && of.AddrWrites {
		return v.Addr(), true
	}
	return v, of.Writes
}

// method writes what a MarshalJSON or a MarshalText returns.
func (e *encoder) method(v reflect.Value, depth int) error {
	if err := e.embedded(reflect.Indirect(v), depth); err != nil || e.dry {
		return err
	}
	m := v.Interface()
	if v.Type().Implements(jsonMarshaler) {
		text, err := m.(json.Marshaler).MarshalJSON() //nolint:errcheck,forcetypeassert // it implements it
		if err == nil && !jsonscan.Valid(text) {
			err = ErrSyntax
		}
		if err != nil {
			return refused(v, err)
		}
		return e.text(text, ofStruct, depth)
	}
	text, err := m.(encoding.TextMarshaler).MarshalText() //nolint:errcheck,forcetypeassert // it implements it
	if err != nil {
		return refused(v, err)
	}
	return e.string(string(text))
}

// embedded looks into a Patch that a struct embeds. Its MarshalJSON is promoted and
// begins a new encoding, in which no depth counts and a Delete is a null. It calls no
// method.
func (e *encoder) embedded(v reflect.Value, depth int) error {
	if depth > maxDepth {
		return errTooDeep() // an embedded interface can hold what embeds it
	}
	dry := encoder{verb: inPatch, from: ofStruct, dry: true}
	for _, i := range structfields.Of(v.Type()).Promoting {
		err := dry.declared(v.Field(i), depth+1)
		if errors.Is(err, ErrTooDeep) || errors.Is(err, ErrMisplacedDelete) {
			return dry.located(err)
		}
	}
	return nil
}

// refused reports a method that failed. Where the cause is this package's own, the error
// has its reason and path too.
func refused(v reflect.Value, cause error) error {
	t := structfields.TypeName(reflect.Indirect(v).Type())
	said := fault(ErrUnsupported, "encoding %s failed", t)
	var inner *PathError
	if errors.As(cause, &inner) {
		said.Reason = inner.Reason
		if inner.Path != "" {
			said.Hint = fmt.Sprintf("inside %s, at %s", t, pointer.Printable(inner.Path))
		}
	}
	return hide(said, cause)
}

func (e *encoder) float(v reflect.Value) error {
	if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
		return fault(ErrNotFinite, "")
	}
	var number any = v.Float()
	if v.Kind() == reflect.Float32 {
		number = float32(v.Float())
	}
	text, err := json.Marshal(number)
	e.buf = append(e.buf, text...)
	return err
}

func (e *encoder) fields(v reflect.Value, of *structfields.Type, depth int) error {
	if depth >= maxDepth {
		return errTooDeep()
	}
	outer := e.from
	e.from = ofStruct
	e.buf = append(e.buf, '{')
	for i := range of.Fields {
		m := &of.Fields[i]
		field, there := m.In(v)
		if !there {
			continue
		}
		if err := e.key(m.Name); err != nil {
			return e.in(m.Name, err)
		}
		start := len(e.buf)
		if err := e.declared(field, depth+1); err != nil {
			return e.in(m.Name, err)
		}
		if m.Quoted && isQuoted(field) {
			e.buf = appendString(e.buf[:start], string(e.buf[start:]))
		}
	}
	e.buf = append(e.buf, '}')
	e.from = outer
	return nil
}

// isQuoted reports whether the tag option string means anything to a field's value.
func isQuoted(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer && v.Type().Name() == "" {
		v = v.Elem()
	}
	if !v.IsValid() {
		return false
	}
	if _, has := methods(v); has {
		return false
	}
	return v.Kind() == reflect.String || (v.Kind() >= reflect.Bool && v.Kind() <= reflect.Float64)
}

func (e *encoder) entries(v reflect.Value, depth int) error {
	switch {
	case v.IsNil():
		return e.null()
	case depth >= maxDepth:
		return errTooDeep()
	}
	type entry struct {
		key   string
		value reflect.Value
	}
	outer := e.from
	if v.Type().Key().Kind() != reflect.String {
		e.from = ofStruct // where a Delete has no place
	}
	entries := make([]entry, 0, v.Len())
	for k, value := range v.Seq2() {
		key, err := keyText(k)
		if err != nil {
			return refused(k, err)
		}
		entries = append(entries, entry{key, value})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
	e.buf = append(e.buf, '{')
	for i, entry := range entries {
		err := e.key(entry.key)
		switch {
		case err != nil:
		case i > 0 && entries[i-1].key == entry.key:
			err = fault(ErrDuplicateKey, "")
		default:
			err = e.declared(entry.value, depth+1)
		}
		if err != nil {
			return e.in(entry.key, err)
		}
	}
	e.buf = append(e.buf, '}')
	e.from = outer
	return nil
}

// keyText is a map's key as encoding/json writes it.
func keyText(k reflect.Value) (string, error) {
	if k.Kind() == reflect.String {
		return k.String(), nil
	}
	if m, is := k.Interface().(encoding.TextMarshaler); is {
		if k.Kind() == reflect.Pointer && k.IsNil() {
			return "", nil
		}
		text, err := m.MarshalText()
		return string(text), err
	}
	if k.CanInt() {
		return strconv.FormatInt(k.Int(), 10), nil
	}
	return strconv.FormatUint(k.Uint(), 10), nil
}

func (e *encoder) elements(v reflect.Value, depth int) error {
	switch {
	case v.Kind() == reflect.Slice && v.IsNil():
		return e.null()
	case isBytes(v.Type()):
		e.buf = append(e.buf, '"')
		e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
		e.buf = append(e.buf, '"')
		return nil
	case depth >= maxDepth:
		return errTooDeep()
	}
	e.arrays++
	e.buf = append(e.buf, '[')
	for i := range v.Len() {
		e.element()
		if err := e.declared(v.Index(i), depth+1); err != nil {
			return e.in(strconv.Itoa(i), err)
		}
	}
	e.buf = append(e.buf, ']')
	e.arrays--
	return nil
}

// isBytes reports whether encoding/json writes a t in base64.
func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 &&
		!structfields.Of(t).Writes && !structfields.Of(t.Elem()).AddrWrites
}

// refuseBytes refuses what is more often JSON text, or text, than it is base64. Where a
// Go type declares a []byte, it is written in base64.
func refuseBytes(t reflect.Type, depth int) error {
	reason := ErrUnsupported
	if depth == 0 {
		reason = ErrNotObject
	}
	return fault(reason, "%s encodes to a string in base64: for JSON text use json.RawMessage, for other text a string", structfields.TypeName(t))
}
