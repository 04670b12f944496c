package metadata

import (
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// clearNils takes the nulls of struct fields out of doc where an object is
// stored. A merge patch can't set a null, and a struct has no other way to say
// that the object goes: without its null the field counts as cleared, with or
// without omitempty. Nulls in maps stay, since a map's key can be deleted.
func clearNils(stored, doc map[string]any, t reflect.Type) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	of := structfields.Of(t)
	isStruct, isMap := t.Kind() == reflect.Struct, t.Kind() == reflect.Map
	if of.Reads || of.AddrWrites || (!isStruct && !isMap) {
		return
	}
	for key, value := range doc {
		held, isObject := stored[key].(map[string]any)
		if !isObject {
			continue
		}
		inner, same := value.(map[string]any)
		switch {
		case value == nil && isStruct:
			delete(doc, key)
		case same && isStruct:
			clearNils(held, inner, of.Members[key].Type)
		case same:
			clearNils(held, inner, t.Elem())
		}
	}
}
