package proxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Strict returns a Policy that allows only what fits into a T: at every depth, the
// keys of its structs in exact case, and values of their types. A patch may remove a
// known key; any key of a map in T is known. Null in an array requires an element that
// can be nil. A type with UnmarshalJSON or UnmarshalText decides for itself.
//
// Strict checks T as metadata.CheckType does: the error satisfies
// clerkerr.ErrInvalidArgument and metadata.ErrType.
func Strict[T any]() (Policy, error) {
	if err := metadata.CheckType[T](); err != nil {
		return nil, clerkerr.Invalid("proxy.Strict", "T", err)
	}
	return PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
		tree, err := treeOf(patch)
		if err != nil {
			return err
		}
		if err := fit(nil, tree, reflect.TypeFor[T]()); err != nil {
			return err
		}
		var v T
		return decodeStrictly(tree, &v)
	}), nil
}

// decodeStrictly finds the values of a wrong type, in a tree without deletions.
func decodeStrictly(tree map[string]any, dst any) error {
	text, err := metadata.Patch(tree).MarshalJSON()
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields() // fit has found them, or this does
	err = d.Decode(dst)
	if err == nil {
		return nil
	}
	// The wording of encoding/json differs between releases of Go.
	wrong, found := structfields.FindMisfit(text, reflect.TypeOf(dst))
	if !found || structfields.ReadsItself(wrong.Type) {
		return Refuse("a value in unsafe_metadata is not of the type that it must be")
	}
	var at *step
	for _, name := range wrong.Path {
		at = at.child(name)
	}
	return refuseAt(at, "must be "+describe(wrong.Type))
}

// fit compares a tree with a type, since encoding/json matches a key and a field
// without regard to case. It removes the deletions, which are not values, from the
// tree.
func fit(at *step, v any, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if structfields.ReadsItself(t) {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		return fitMembers(at, v, t)
	case []any:
		return fitElements(at, v, t)
	}
	return nil
}

func fitMembers(at *step, v map[string]any, t reflect.Type) error {
	var known map[string]structfields.Member
	switch t.Kind() {
	case reflect.Struct:
		known = structfields.Of(t).Members // Strict has refused a type with a fault
	case reflect.Map:
	default:
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		here := at.child(key)
		m, ok := known[key]
		typ := m.Type
		switch {
		case t.Kind() == reflect.Map:
			typ = t.Elem()
		case !ok:
			return refuseKey(here, slices.Sorted(maps.Keys(known)))
		}
		if v[key] == any(metadata.Delete) {
			delete(v, key)
			continue
		}
		if err := fitValue(here, v[key], typ); err != nil {
			return err
		}
	}
	return nil
}

func fitElements(at *step, v []any, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Array:
		if len(v) > t.Len() {
			return refuseAt(at, fmt.Sprintf("too many elements, allowed are %d", t.Len()))
		}
	case reflect.Slice:
	default:
		return nil
	}
	for i, element := range v {
		if err := fitValue(at.element(i), element, t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// fitValue judges nulls, which encoding/json takes for any type. Those that are not
// deletions are inside an array, as a metadata.Value.
func fitValue(at *step, v any, t reflect.Type) error {
	if _, null := v.(metadata.Value); null && !structfields.ReadsItself(t) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		default:
			return refuseAt(at, "must be "+describe(t))
		}
	}
	return fit(at, v, t)
}

// describe names in JSON's terms what fits into a Go type.
func describe(t reflect.Type) string {
	switch kind := t.Kind(); kind {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "an array"
	default:
		return fmt.Sprintf("a whole number (%s)", kind)
	}
}
