package metadata

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// None is the type of a field that a typed view does not use: it is neither
// read nor written.
type None struct{}

var (
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// readsItself reports whether a type has a method that reads its JSON, so that
// encoding/json does not look at its fields.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonUnmarshaler) || p.Implements(textUnmarshaler)
}

// isOpaque reports whether a type reads or writes its JSON itself.
func isOpaque(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return readsItself(t) || p.Implements(jsonMarshaler) || p.Implements(textMarshaler)
}

// CheckType reports whether metadata can be decoded into T and encoded from it
// without loss: whether T is a struct, a map or a type with JSON methods of its
// own, and everything in it has a JSON form. The typed views check their types
// with it before any request. It does no I/O.
//
// The error satisfies ErrType and names the type and the field: two fields of
// one JSON name, only unexported fields, a field without a JSON form or one that
// encoding/json can write and not read, a type that does not encode to an object.
func CheckType[T any]() error { return checkRoot(reflect.TypeFor[T](), memberTypes{}) }

// checkRoot gathers the members of the structs that it comes across.
func checkRoot(t reflect.Type, known memberTypes) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !isOpaque(t) && t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
		return typeError(t, "does not encode to a JSON object")
	}
	return checkType(t, t.String(), known)
}

// memberTypes are the members of struct types, each found out once; of other
// types it holds that they were seen.
type memberTypes map[reflect.Type]map[string]reflect.Type

func (m memberTypes) of(t reflect.Type) map[string]reflect.Type {
	members, known := m[t]
	if !known {
		// A fault is CheckType's to tell; encoding/json takes the members that
		// are left.
		members, _ = structfields.Of(t)
		m[t] = members
	}
	return members
}

// checkType goes through everything that a type can hold; where names the way.
func checkType(t reflect.Type, where string, known memberTypes) error {
	if _, seen := known[t]; seen || isOpaque(t) {
		return nil
	}
	known[t] = nil
	fail := func(format string, args ...any) error {
		return &PathError{Reason: ErrType, Hint: where + ": " + fmt.Sprintf(format, args...)}
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return checkType(t.Elem(), where, known)
	case reflect.Map:
		if !isMapKey(t.Key()) {
			return fail("a map with keys of type %s has no JSON form that can be read back", t.Key())
		}
		return checkType(t.Elem(), where, known)
	case reflect.Struct:
		return checkStruct(t, where, known)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fail("a Go %s has no JSON form", t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fail("encoding/json cannot decode into a %s, which could be of any type", t)
		}
	}
	return nil
}

func checkStruct(t reflect.Type, where string, known memberTypes) error {
	members, fault := structfields.Of(t)
	known[t] = members
	if fault != "" {
		return typeError(t, fault)
	}
	// A struct{} loses nothing: map[string]struct{} is a set.
	if len(members) == 0 && t.NumField() > 0 {
		return typeError(t, "has no exported field, so nothing of it is read or written")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err := checkType(members[name], where+"."+name, known); err != nil {
			return err
		}
	}
	return nil
}

func isMapKey(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	default:
		return t.Implements(textMarshaler) && reflect.PointerTo(t).Implements(textUnmarshaler)
	}
}

func typeError(t reflect.Type, fault string) error {
	return &PathError{Reason: ErrType, Hint: t.String() + ": " + fault}
}
