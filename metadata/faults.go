package metadata

import (
	"encoding"
	"encoding/json"
	"math"
	"reflect"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// faults finds what has no JSON form, and what encoding/json alters.
func faults(at *place, v reflect.Value) error {
	if marshals(v.Type()) || (v.CanAddr() && marshals(reflect.PointerTo(v.Type()))) {
		return alteredByMarshaler(at, v)
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
		return at.failf(ErrMisplacedDelete, "a struct would write it as null: leave the key out, or in a PATCH use a Patch or a map in place of the struct")
	}
	return nil
}

// alteredByMarshaler finds what encoding/json alters in the result of MarshalText, by
// calling it again. The result of MarshalJSON is unaltered in the output and is checked
// there.
func alteredByMarshaler(at *place, v reflect.Value) error {
	m := marshalerOf(v)
	if _, writesJSON := m.(json.Marshaler); writesJSON {
		return nil
	}
	if m, ok := m.(encoding.TextMarshaler); ok {
		if text, err := m.MarshalText(); err == nil && !utf8.Valid(text) {
			return at.fail(ErrInvalidString)
		}
	}
	return nil
}

// marshalerOf is what has the methods that write v; nil where encoding/json calls
// none.
func marshalerOf(v reflect.Value) any {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	} else if v.CanAddr() && !marshals(v.Type()) {
		v = v.Addr()
	}
	if !v.IsValid() || !v.CanInterface() || (v.Kind() == reflect.Pointer && v.IsNil()) {
		return nil
	}
	return v.Interface()
}

// failing finds the method whose failure made encoding/json fail with cause, by
// calling it again.
func failing(cause error) func(*place, reflect.Value) error {
	return func(at *place, v reflect.Value) error {
		failed := false
		switch m := marshalerOf(v).(type) {
		case json.Marshaler:
			text, err := m.MarshalJSON()
			failed = err != nil || !json.Valid(text)
		case encoding.TextMarshaler:
			_, err := m.MarshalText()
			failed = err != nil
		}
		if !failed {
			return nil
		}
		return hide(at.refused(reflect.Indirect(v).Type(), cause), cause)
	}
}

// leftOut reports whether a tag leaves out a field with this value.
func leftOut(tag string, v reflect.Value) bool {
	return (structfields.HasOption(tag, "omitzero") && isZero(v)) || (structfields.HasOption(tag, "omitempty") && isEmpty(v))
}

func isZero(v reflect.Value) bool {
	if v.IsZero() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) {
		return true
	}
	if v.CanAddr() && v.Addr().CanInterface() {
		v = v.Addr()
	}
	if v.CanInterface() {
		if z, ok := v.Interface().(interface{ IsZero() bool }); ok {
			return z.IsZero()
		}
	}
	return reflect.Indirect(v).IsZero()
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return false
	default:
		return v.IsZero()
	}
}
