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
	if isOpaque(t) {
		return
	}
	var of func(key string) reflect.Type
	switch t.Kind() {
	case reflect.Struct:
		members := structfields.Of(t).Members
		of = func(key string) reflect.Type { return members[key].Type }
	case reflect.Map:
		of = func(string) reflect.Type { return t.Elem() }
	default:
		return
	}
	for key, value := range doc {
		held, isObject := stored[key].(map[string]any)
		if !isObject {
			continue
		}
		if value == nil && t.Kind() == reflect.Struct {
			delete(doc, key)
			continue
		}
		if inner, same := value.(map[string]any); same {
			clearNils(held, inner, of(key))
		}
	}
}
