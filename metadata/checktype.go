package metadata

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// isOpaque reports whether a type reads or writes its JSON itself.
func isOpaque(t reflect.Type) bool {
	return structfields.ReadsItself(t) || structfields.WritesItself(reflect.PointerTo(t))
}

// CheckType reports whether metadata can be decoded into T and encoded from it
// without loss: whether T is a struct, a map or a type with JSON methods of its
// own, and everything in it has a JSON form. The typed views check their types
// with it before any request. It does no I/O.
//
// The error satisfies ErrType and names the type and the field: two fields of
// one JSON name, only unexported fields, a field without a JSON form or one that
// encoding/json can write and not read, a type that does not encode to an object,
// and what the releases of Go read or write differently: the tag options case,
// embed, format, inline and unknown, a name in a tag with quotes or with
// characters other than letters, digits and ASCII punctuation, an embedded
// json.Number, map keys of a string type with MarshalText, AppendText without
// MarshalText.
func CheckType[T any]() error { return checkRoot(reflect.TypeFor[T]()) }

func checkRoot(t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if !isOpaque(t) && t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
		return typeError(t, "does not encode to a JSON object")
	}
	return checkType(t, structfields.TypeName(t), map[reflect.Type]bool{})
}

// checkType goes through everything that a type can hold; where names the way.
func checkType(t reflect.Type, where string, seen map[reflect.Type]bool) error {
	if seen[t] {
		return nil
	}
	seen[t] = true
	fail := func(format string, args ...any) error {
		return &PathError{Reason: ErrType, Hint: where + ": " + fmt.Sprintf(format, args...)}
	}
	if fault := structfields.Unsteady(t); fault != "" {
		return typeError(t, fault)
	}
	if isOpaque(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return checkType(t.Elem(), where, seen)
	case reflect.Map:
		if fault := structfields.KeyFault(t.Key()); fault != "" || !structfields.ReadsKey(t.Key()) {
			return fail("%s has no JSON form that can be read back", cmp.Or(fault, "a map with keys of type "+structfields.TypeName(t.Key())))
		}
		return checkType(t.Elem(), where, seen)
	case reflect.Struct:
		return checkStruct(t, where, seen)
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return fail("a Go %s has no JSON form", structfields.TypeName(t))
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fail("encoding/json cannot decode into a %s, which could be of any type", structfields.TypeName(t))
		}
	}
	return nil
}

func checkStruct(t reflect.Type, where string, seen map[reflect.Type]bool) error {
	s := structfields.Of(t)
	if fault := cmp.Or(s.Fault, s.OddName); fault != "" {
		return typeError(t, fault)
	}
	// A struct{} loses nothing: map[string]struct{} is a set.
	if len(s.Members) == 0 && t.NumField() > 0 {
		return typeError(t, "has no exported field, so nothing of it is read or written")
	}
	for _, name := range slices.Sorted(maps.Keys(s.Members)) {
		if err := checkType(s.Members[name].Type, where+"."+name, seen); err != nil {
			return err
		}
	}
	return nil
}

func typeError(t reflect.Type, fault string) error {
	return &PathError{Reason: ErrType, Hint: structfields.TypeName(t) + ": " + fault}
}
