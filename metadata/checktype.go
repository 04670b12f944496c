package metadata

import (
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// CheckType reports whether metadata can be decoded into T and encoded from it without
// loss: whether T is a struct, a map or a type with JSON methods, and everything in it
// has a JSON form. The typed views check their types with it before any request.
//
// The error satisfies ErrType and names the type and the field: two fields of one JSON
// name, only unexported fields, a field without a JSON form or one that encoding/json can
// write and not read, a type that does not encode to an object, and what the releases of
// Go read or write differently: the tag options case, embed, format, inline and unknown, a
// name in a tag with quotes or with characters other than letters, digits and ASCII
// punctuation, an embedded json.Number, map keys of a string type with MarshalText,
// AppendText without MarshalText.
func CheckType[T any]() error { return checkType(reflect.TypeFor[T]()) }

func checkType(t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	of := structfields.Of(t)
	fault := of.Deep().Loss
	if !of.Reads && !of.AddrWrites && t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
		fault = structfields.TypeName(t) + ": does not encode to a JSON object"
	}
	if fault == "" {
		return nil
	}
	return &PathError{Reason: ErrType, Hint: fault}
}
