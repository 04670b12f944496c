package metadata

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxWalk leaves room for pointers and embedded structs, which nest in Go and
// not in JSON.
const maxWalk = 4 * maxDepth

// walk visits what encoding/json would encode of v, to name the path of what it
// refuses or alters, and to find values that contain themselves. It stops at
// custom marshalers, which hide what they encode. A nil check only looks at the
// depth.
func walk(at *place, v reflect.Value, depth int, check func(*place, reflect.Value) error) error {
	if depth > maxWalk {
		return at.tooDeep()
	}
	if check != nil {
		if err := check(at, v); err != nil {
			return err
		}
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() || (marshals(v.Type()) && v.Kind() == reflect.Pointer && !marshals(v.Type().Elem())) {
			return nil
		}
		if v.Kind() == reflect.Pointer {
			depth++
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
		if w.check != nil && k.Kind() == reflect.String {
			if err := w.check(&here, k); err != nil {
				return err
			}
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
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if (!f.IsExported() && !f.Anonymous) || f.Tag.Get("json") == "-" {
			continue
		}
		here := w.at.child(name)
		switch {
		case name != "":
		case f.Anonymous:
			here = *w.at // its members count as the outer struct's
		default:
			here = w.at.child(f.Name)
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
		if !f.Anonymous || !f.Type.Implements(jsonMarshaler) {
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

// faults finds what has no JSON form.
func faults(at *place, v reflect.Value) error {
	if marshals(v.Type()) {
		return nil
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return at.fail(ErrNotFinite)
		}
	case reflect.String:
		switch s := v.String(); {
		case v.Type() == numberType:
			if s != "" && !isNumber(s) {
				return at.failf(ErrSyntax, "a json.Number that is not a JSON number")
			}
		case !utf8.ValidString(s):
			return at.fail(ErrInvalidString)
		}
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return at.failf(ErrUnsupported, "a Go %s", v.Type())
	}
	return nil
}

// deletions finds a Delete.
func deletions(at *place, v reflect.Value) error {
	if v.Type() == deletionType {
		return at.failf(ErrMisplacedDelete, "encoding/json writes it as null: use a Patch or a map")
	}
	return nil
}
