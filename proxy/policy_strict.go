package proxy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Strict returns a Policy that allows only what fits into a T: at every depth, the keys
// of its structs in exact case, and values of their types. A patch may remove a known
// key; any key of a map in T is known. Null in an array requires an element that can be
// nil. A type with UnmarshalJSON or UnmarshalText decides for itself.
//
// Strict checks T as metadata.CheckType does: the error satisfies
// clerkerr.ErrInvalidArgument and metadata.ErrType.
func Strict[T any]() (Policy, error) {
	if err := metadata.CheckType[T](); err != nil {
		return nil, clerkerr.Invalid("proxy.Strict", "T", err)
	}
	return PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
		text, err := patch.MarshalJSON()
		if err != nil {
			return err
		}
		tree, err := metadata.ParsePatch(text) // a copy in the types that fit knows
		if err != nil {
			return err
		}
		if err := fit(nil, map[string]any(tree), reflect.TypeFor[T]()); err != nil {
			return err
		}
		if text, err = tree.MarshalJSON(); err != nil {
			return err
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields() // fit has found them, or this does
		if d.Decode(new(T)) == nil {
			return nil
		}
		// The wording of encoding/json differs between releases of Go.
		wrong, found := structfields.FindMisfit(text, reflect.TypeFor[T]())
		if !found || structfields.Of(wrong.Type).Reads {
			return Refuse("a value in unsafe_metadata is not of the type that it must be")
		}
		return refuseAt(wrong.Path, "must be "+describe(wrong.Type))
	}), nil
}

// fit compares a tree at a path with a type, since encoding/json matches a key and a
// field without regard to case, and takes null for any type. It removes the deletions,
// which are not values, from the tree: other nulls are inside an array, as a
// metadata.Value.
func fit(at []string, v any, t reflect.Type) error {
	_, isNull := v.(metadata.Value)
	for t.Kind() == reflect.Pointer {
		if isNull {
			return nil
		}
		t = t.Elem()
	}
	if structfields.Of(t).Reads {
		return nil
	}
	kind := t.Kind()
	switch v := v.(type) {
	case map[string]any:
		if kind == reflect.Struct || kind == reflect.Map {
			return fitMembers(at, v, t)
		}
	case []any:
		if kind == reflect.Slice || kind == reflect.Array {
			return fitElements(at, v, t)
		}
	case metadata.Value:
		if kind != reflect.Interface && kind != reflect.Map && kind != reflect.Slice {
			return refuseAt(at, "must be "+describe(t))
		}
	}
	return nil
}

func fitMembers(at []string, v map[string]any, t reflect.Type) error {
	known := structfields.Of(t).Members // none for a map; Strict has refused a type with a fault
	for _, key := range slices.Sorted(maps.Keys(v)) {
		here := append(at, key)
		typ := known[key].Type
		if t.Kind() == reflect.Map {
			typ = t.Elem()
		}
		if typ == nil {
			return refuseKey(here, slices.Sorted(maps.Keys(known)))
		}
		if v[key] == any(metadata.Delete) {
			delete(v, key)
			continue
		}
		if err := fit(here, v[key], typ); err != nil {
			return err
		}
	}
	return nil
}

func fitElements(at []string, v []any, t reflect.Type) error {
	if t.Kind() == reflect.Array && len(v) > t.Len() {
		return refuseAt(at, fmt.Sprintf("too many elements: at most %d are allowed", t.Len()))
	}
	for i, element := range v {
		if err := fit(append(at, strconv.Itoa(i)), element, t.Elem()); err != nil {
			return err
		}
	}
	return nil
}

// jsonNames name in JSON's terms what fits into a Go type.
var jsonNames = map[reflect.Kind]string{
	reflect.String: "a string", reflect.Bool: "true or false", reflect.Float32: "a number", reflect.Float64: "a number",
	reflect.Struct: "an object", reflect.Map: "an object", reflect.Slice: "an array", reflect.Array: "an array",
}

func describe(t reflect.Type) string {
	return cmp.Or(jsonNames[t.Kind()], fmt.Sprintf("a whole number (%s)", t.Kind()))
}
