package metadata

import (
	"bytes"
	"encoding/json"
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// Object is one metadata field as Clerk returned it: the JSON as received, with every
// digit and every key. It is immutable and prints as its JSON. The zero Object is a field
// that the answer lacks, such as private metadata on the Frontend API.
type Object struct {
	raw json.RawMessage
}

// ParseObject returns the Object of JSON text: an object or null. Anything else
// is a *PathError.
func ParseObject(text []byte) (Object, error) {
	var o Object
	if err := o.UnmarshalJSON(text); err != nil {
		return Object{}, err
	}
	return o, nil
}

// IsZero reports whether the answer lacked the field. The json tag option omitzero
// uses it.
func (o Object) IsZero() bool { return o.raw == nil }

// IsNull reports whether the field held a JSON null.
func (o Object) IsNull() bool { return string(o.raw) == "null" }

// Raw returns a copy of the JSON as received; nil for the zero Object.
func (o Object) Raw() json.RawMessage { return bytes.Clone(o.raw) }

// Size is the length in bytes of the JSON as received.
func (o Object) Size() int { return len(o.raw) }

// String returns the JSON as received, "<absent>" for the zero Object.
func (o Object) String() string {
	if o.raw == nil {
		return "<absent>"
	}
	return string(o.raw)
}

// Map returns the members, with numbers as json.Number. For an absent or null field it
// is empty, not nil.
func (o Object) Map() (map[string]any, error) {
	members := map[string]any{}
	if err := o.Decode(&members); err != nil {
		return nil, err
	}
	return members, nil
}

// Decode decodes the field into dst, a non-nil pointer, as encoding/json does, except that
// keys match a struct's fields in exact case only, and numbers in an `any` become
// json.Number and keep their digits. Keys that dst does not know are skipped and stay in
// o. An absent or null field leaves dst as it is.
//
// The error satisfies ErrMismatch, or ErrType where dst holds a type that the releases of
// Go read differently (see CheckType; names in tags do not count). Its text names the path
// and the types and not the value; errors.As reaches the cause, which may quote it. How
// much of dst is then set depends on the release of Go.
func (o Object) Decode(dst any) error {
	if o.raw == nil || o.IsNull() {
		return nil
	}
	t := reflect.TypeOf(dst)
	if fault := structfields.Of(t).Deep().Unsteady; fault != "" {
		return &PathError{Reason: ErrType, Hint: fault}
	}
	raw, err := exactText(o.raw, t)
	if err != nil {
		return hide(fault(ErrMismatch, "decoding into %s failed", structfields.TypeName(t)), err)
	}
	return decodeText(raw, dst)
}

func decodeText(raw []byte, dst any) error {
	decode := json.Unmarshal // the quicker one, which knows no UseNumber
	if structfields.Of(reflect.TypeOf(dst)).Deep().Any {
		decode = decodeNumbers
	}
	if err := decode(raw, dst); err != nil {
		return hide(mismatch(raw, dst), err)
	}
	return nil
}

func decodeNumbers(raw []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode(dst)
}

// Decode decodes the field into a new T, as Object.Decode does. An absent or
// null field gives the zero T.
func Decode[T any](o Object) (T, error) {
	var v T
	err := o.Decode(&v)
	return v, err
}

// MarshalJSON returns the JSON as received; null for the zero Object (tag the
// field omitzero to leave it out).
func (o Object) MarshalJSON() ([]byte, error) {
	if o.raw == nil {
		return []byte("null"), nil
	}
	return bytes.Clone(o.raw), nil
}

// UnmarshalJSON takes a copy of the text, which must be a JSON object or null.
func (o *Object) UnmarshalJSON(text []byte) error {
	text = bytes.Trim(text, " \t\r\n") // JSON's white space, which is less than Unicode's
	if !jsonscan.Valid(text) {
		return &PathError{Reason: ErrSyntax}
	}
	if k := jsonscan.Kind(text); k != "an object" && k != "null" {
		return &PathError{Reason: ErrNotObject, Hint: "it is " + k}
	}
	o.raw = bytes.Clone(text)
	return nil
}

// mismatch locates where raw does not fit dst. The text of encoding/json's error
// depends on the release of Go and may quote the value.
func mismatch(raw []byte, dst any) *PathError {
	t := reflect.TypeOf(dst)
	found, is := structfields.FindMisfit(raw, t)
	if !is {
		return fault(ErrMismatch, "decoding into %s failed", structfields.TypeName(t))
	}
	return &PathError{Path: pointer.Of(found.Path...), Reason: ErrMismatch, Hint: found.Kind + " into " + structfields.TypeName(found.Type)}
}

// exactText is raw without the keys that encoding/json would take for another,
// because they differ from a field's name in case alone.
func exactText(raw []byte, t reflect.Type) ([]byte, error) {
	if !structfields.Of(t).Deep().ConfusedBy(raw) {
		return raw, nil
	}
	tree, err := parse(raw, jsonscan.Nulls{})
	if err != nil {
		return nil, err
	}
	unknown := look(tree, t).unknown
	if unknown == nil {
		return raw, nil
	}
	without(tree, unknown, nil)
	return encode(tree, inValue)
}

// CheckType checks that metadata can be decoded into T and encoded from it without loss: T
// is a struct, a map or a type with JSON methods, and everything in it has a JSON form.
// The typed views check their types with it before any request.
//
// The error satisfies ErrType and names the type and the field: two fields of one JSON
// name, only unexported fields, a field without a JSON form or one that encoding/json can
// write and not read, and what the releases of Go treat differently: the tag options case,
// embed, format, inline and unknown, a name in a tag with quotes or with characters other
// than letters, digits and ASCII punctuation, an embedded json.Number, map keys of a string
// type with MarshalText, AppendText without MarshalText.
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
