package metadata

import (
	"cmp"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// maxWalk leaves room for pointers and embedded structs, which nest in Go and
// not in JSON.
const maxWalk = 4 * maxDepth

// walk visits what encoding/json would encode of v, to name the path of what it
// refuses or alters, and to find values that contain themselves. It stops at
// custom marshalers, which hide what they encode. A nil check looks at the depth
// and at what the releases of Go write differently, and skips types
// that can have neither fault.
func walk(at *place, v reflect.Value, depth int, check func(*place, reflect.Value) error) error {
	if depth > maxWalk {
		return at.tooDeep()
	}
	if check == nil {
		known := structfields.WritingOf(v.Type())
		switch {
		case known.Own != "":
			return at.failf(ErrUnsupported, "%s: %s", typeName(v.Type()), known.Own)
		case !known.Suspect && !known.Dynamic:
			return nil
		}
	} else if err := check(at, v); err != nil {
		return err
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() || (marshals(v.Type()) && v.Kind() == reflect.Pointer && !marshals(v.Type().Elem())) {
			return nil
		}
		if v.Kind() == reflect.Pointer {
			depth++
		} else if isBytes(v.Elem().Type()) && !v.Elem().IsNil() {
			return at.bytes(v.Elem().Type())
		}
		return walk(at, v.Elem(), depth, check)
	}
	w := walker{at: at, v: v, depth: depth, check: check}
	if t := v.Type(); t != patchType && (marshals(t) || (v.CanAddr() && marshals(reflect.PointerTo(t)))) {
		return w.promoted()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		return w.elements()
	case reflect.Map:
		return w.members()
	case reflect.Struct:
		return w.fields()
	default:
		return nil
	}
}

type walker struct {
	at    *place
	v     reflect.Value
	depth int
	check func(*place, reflect.Value) error
}

// skips reports that there is nothing to find in values of type t.
func (w walker) skips(t reflect.Type) bool {
	if w.check != nil {
		return t.Kind() >= reflect.Bool && t.Kind() <= reflect.Uintptr
	}
	switch t.Kind() {
	case reflect.Array, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.Struct:
		return false
	default:
		return true
	}
}

func (w walker) elements() error {
	if w.skips(w.v.Type().Elem()) {
		return nil
	}
	here := w.at.element()
	for i := range w.v.Len() {
		here.index = i
		if err := walk(&here, w.v.Index(i), w.depth+1, w.check); err != nil {
			return err
		}
	}
	return nil
}

func (w walker) members() error {
	if w.check == nil && w.skips(w.v.Type().Elem()) {
		return nil
	}
	keys := w.v.MapKeys()
	if w.check != nil {
		// The same fault is reported every time.
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(keyName(a), keyName(b)) })
	}
	for _, k := range keys {
		here := w.at.child(keyName(k))
		if w.check != nil && !utf8.ValidString(here.key) {
			return here.fail(ErrInvalidString)
		}
		if err := walk(&here, w.v.MapIndex(k), w.depth+1, w.check); err != nil {
			return err
		}
	}
	return nil
}

func (w walker) fields() error {
	for i := range w.v.NumField() {
		m := w.v.Field(i)
		if w.skips(m.Type()) {
			continue
		}
		f := w.v.Type().Field(i)
		tag := f.Tag.Get("json")
		isStruct := f.Anonymous && (f.Type.Kind() == reflect.Struct || (f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct))
		if (!f.IsExported() && !isStruct) || tag == "-" || leftOut(tag, m) {
			continue
		}
		name := structfields.TagName(tag)
		here := w.at.child(cmp.Or(name, f.Name))
		if name == "" && isStruct {
			here = *w.at // its members count as the outer struct's
		}
		if err := walk(&here, m, w.depth+1, w.check); err != nil {
			return err
		}
	}
	return nil
}

// promoted follows the embedded fields that a struct can have its marshaler
// from: one of them may be a Patch.
func (w walker) promoted() error {
	if w.v.Kind() != reflect.Struct {
		return nil
	}
	for f, m := range w.v.Fields() {
		if !f.Anonymous || !f.Type.Implements(reflect.TypeFor[json.Marshaler]()) {
			continue
		}
		if err := walk(w.at, m, w.depth+1, w.check); err != nil {
			return err
		}
	}
	return nil
}

// keyName is the text of a map's key as encoding/json writes it.
func keyName(k reflect.Value) string {
	if k.Kind() == reflect.String {
		return k.String()
	}
	if k.CanInterface() {
		if m, ok := k.Interface().(encoding.TextMarshaler); ok {
			text, _ := m.MarshalText()
			return string(text)
		}
	}
	return fmt.Sprint(k)
}
