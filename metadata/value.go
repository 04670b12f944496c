package metadata

import (
	"encoding/json"
	"reflect"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// Value is what a PUT does to one metadata field. The zero Value leaves the field
// alone, Empty clears it, Of sets it, Null stores a JSON null. It is immutable and
// prints as the JSON that is sent.
type Value struct {
	raw json.RawMessage
	err error
}

// Empty returns the Value that clears a field: an empty object.
func Empty() Value { return Value{raw: json.RawMessage("{}")} }

// Null returns the Value that stores a JSON null in the field. Clerk's guide
// prefers Empty; null is for readers that distinguish the two. In an array inside a
// Patch it writes a null element.
func Null() Value { return Value{raw: json.RawMessage("null")} }

// Of returns the Value that makes a field exactly v, without any merging: a
// struct, a map, or anything else that encodes to a JSON object, as
// encoding/json encodes it, with its keys sorted. Nulls inside v are stored (as
// Clerk documents for PUT). v is encoded at once: changing it later changes nothing.
// A []byte that an `any` holds is refused, as in a Patch.
//
// A fault in v is a *PathError, which Err returns and the call that the Value is passed
// to returns before any request.
func Of(v any) Value {
	const forNull = "use Null() to store null, Empty() to clear the field"
	if v == nil {
		return Value{err: fault(ErrNotObject, forNull)}
	}
	raw, err := encode(v, inValue)
	if err == nil && raw[0] != '{' {
		instead := "put it under a key"
		if raw[0] == 'n' {
			instead = forNull
		}
		err = fault(ErrNotObject, "%s encodes to %s; %s", structfields.TypeName(reflect.TypeOf(v)), jsonscan.Kind(raw), instead)
	}
	if err != nil {
		return Value{err: err}
	}
	return Value{raw: raw}
}

// IsZero reports whether v leaves the field alone.
func (v Value) IsZero() bool { return v.raw == nil && v.err == nil }

// IsNull reports whether v stores a JSON null.
func (v Value) IsNull() bool { return string(v.raw) == "null" }

// Err returns what is wrong with the value given to Of, a *PathError, or nil.
func (v Value) Err() error { return v.err }

// Size is the length in bytes of the JSON that is sent for the field.
func (v Value) Size() int { return len(v.raw) }

// MarshalJSON returns the JSON that is sent for the field, or Err. The zero
// Value has no JSON and is an error: leave the field out.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.err != nil:
		return nil, v.err
	case v.raw == nil:
		return nil, &PathError{Reason: ErrNull, Hint: "the zero Value stands for a field that is not sent"}
	}
	return append([]byte(nil), v.raw...), nil
}

// UnmarshalJSON makes v what Of or Null would have made of the text: an object,
// with every digit of its numbers and its nulls kept, or null. Anything else is
// a *PathError, doubled keys and invalid UTF-8 included, and leaves v as it was.
func (v *Value) UnmarshalJSON(text []byte) error {
	tree, err := parse(text, jsonscan.Nulls{})
	if err != nil {
		return err
	}
	read := Null()
	if tree != nil {
		read = Of(tree)
	}
	if read.err != nil {
		return read.err
	}
	*v = read
	return nil
}

// Object returns what the field holds after a PUT of v.
func (v Value) Object() (Object, error) {
	if v.err != nil {
		return Object{}, v.err
	}
	return Object{raw: v.raw}, nil
}

// String returns the JSON that is sent, or a word in angle brackets where there
// is none.
func (v Value) String() string {
	switch {
	case v.err != nil:
		return "<invalid>"
	case v.raw == nil:
		return "<unset>"
	}
	return string(v.raw)
}
