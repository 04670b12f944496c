package proxy

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Policy decides about one write of unsafe metadata by a browser: AllowKeys, Strict,
// MaxSize, MaxDepth or a PolicyFunc.
//
// The proxy asks it about every request whose body has the field unsafe_metadata: PATCH
// /v1/me/metadata, PATCH /v1/me in API versions before 2026-05-12, the creation and the
// update of a sign-up. It must be safe for concurrent use and should stop when r's
// context is done. A panic fails the request.
type Policy interface {
	// Check returns nil to allow the write. An error refuses it with status 422,
	// CodeUnsafeMetadataRefused, and nothing of the request reaches Clerk. The browser
	// sees the message of Refuse; the text of any other error is neither shown nor
	// logged.
	//
	// patch is what the browser sent, with metadata.Delete for null: a change, not the
	// resulting metadata. On a sign-up and on PATCH /v1/me it replaces the metadata
	// instead of being merged (for sign-ups a guess). r is the request with the headers
	// that Clerk will see and its body, which is a form. Both are copies.
	Check(r *http.Request, patch metadata.Patch) error
}

// PolicyFunc is a function that is a Policy.
type PolicyFunc func(r *http.Request, patch metadata.Patch) error

// Check implements Policy.
func (f PolicyFunc) Check(r *http.Request, patch metadata.Patch) error { return f(r, patch) }

type refusedError struct{ message string }

func (e *refusedError) Error() string { return e.message }

// Refuse returns the error by which a Policy refuses a write. The message becomes the
// long_message of the answer, a general sentence if it is empty. The error may be
// wrapped; the browser does not see what wraps it.
func Refuse(message string) error { return &refusedError{message} }

// MaxSize returns a Policy that allows a patch of at most the given metadata.Size, in
// bytes of compact JSON. Below 2, the size of {}, it refuses everything. It bounds one
// patch; Clerk's own limit bounds their sum.
//
// It scans the text without building values: put it before other policies.
func MaxSize(bytes int) Policy { return limit{Depth: math.MaxInt, Size: bytes} }

// MaxDepth returns a Policy that allows the given number of nested levels of objects and
// arrays: 1 is an object of plain values, 0 and below refuse everything. It scans the
// text as MaxSize does, up to the first level too many.
func MaxDepth(levels int) Policy { return limit{Depth: levels, Size: math.MaxInt} }

// limit judges the JSON text of a patch before it is parsed.
type limit jsonscan.Bounds

// Check implements Policy.
func (l limit) Check(r *http.Request, patch metadata.Patch) error {
	text, err := patch.MarshalJSON()
	if err != nil {
		return err
	}
	if r == nil { // a caller may try a policy without a request
		r = &http.Request{}
	}
	return l.checkText(r.Context(), text)
}

// checkText allows a text that is not JSON, which the guard refuses afterwards.
func (l limit) checkText(ctx context.Context, text []byte) error {
	err := jsonscan.Bounds(l).Check(ctx, text)
	deep, isDeep := errors.AsType[*jsonscan.Error](err)
	large, isLarge := errors.AsType[*jsonscan.SizeError](err)
	switch {
	case errors.Is(err, jsonscan.ErrSyntax), isDeep && l.Depth == math.MaxInt:
		return nil
	case isDeep:
		return refuseAt(deep.Steps, fmt.Sprintf("nested too deeply: at most %d levels are allowed", l.Depth))
	case isLarge:
		return Refuse(fmt.Sprintf("unsafe_metadata has %d bytes: at most %d are allowed", large.Size, l.Size))
	}
	return err
}

// AllowKeys returns a Policy that allows only these keys at the top level, in exact case,
// with any value. It also refuses to remove another key. Without keys it allows an empty
// patch only.
func AllowKeys(keys ...string) Policy {
	allowed := slices.Sorted(slices.Values(keys))
	return PolicyFunc(func(_ *http.Request, patch metadata.Patch) error {
		for _, key := range slices.Sorted(maps.Keys(patch)) {
			if !slices.Contains(allowed, key) {
				return refuseKey([]string{key}, allowed)
			}
		}
		return nil
	})
}

func refuseKey(at []string, allowed []string) error {
	if len(allowed) == 0 {
		return refuseAt(at, "key is not allowed: no key is")
	}
	return refuseAt(at, "key is not allowed: expected one of "+strings.Join(allowed, ", "))
}

// refuseAt names a path as package metadata does, which shortens long keys.
func refuseAt(at []string, why string) error {
	return Refuse((&metadata.PathError{Path: pointer.Of(at...), Reason: errors.New(why)}).Error())
}

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
		} else if err := fit(here, v[key], typ); err != nil {
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
