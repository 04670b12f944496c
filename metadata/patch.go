package metadata

import "encoding/json"

// Patch is a JSON merge patch (RFC 7396) for one metadata field, as the PATCH
// endpoints take it: objects are merged key by key at every level, anything
// else replaces what was there, arrays as a whole (Clerk's browser client relies
// on that).
//
// A nil Patch leaves the field alone. A key set to Delete is removed; deletions nest:
// Patch{"billing": Patch{"trial": Delete}}. Values can be anything that encoding/json
// encodes, except a []byte outside a Go type that declares it: it is more often JSON text
// (a json.RawMessage) or a string than base64. A null is an error that names the path, from
// a nil interface, map, slice or pointer as well as from a struct or a json.RawMessage.
// Inside an array Null() writes a null, and so do nulls in arrays of a json.RawMessage, an
// Object or a Value.
type Patch map[string]any

type deletion string

// Delete, as a value in a Patch, removes the key. It works in a Patch, in a
// map with string keys and in an `any` of either or a pointer to one, not inside
// a struct and not inside an array, where it is an error. It encodes as null.
const Delete = deletion("metadata.Delete")

// String returns "metadata.Delete".
func (d deletion) String() string { return string(d) }

// MarshalJSON returns null, which removes a key in RFC 7396.
func (d deletion) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// MarshalJSON returns the bytes that a PATCH sends for p: all keys sorted, numbers to the
// digit, nothing escaped but what JSON demands. A nil Patch, which stands for a field that
// is not sent, is an error. The error is a *PathError.
func (p Patch) MarshalJSON() ([]byte, error) {
	if p == nil {
		return nil, &PathError{Reason: ErrNull, Hint: "a nil Patch stands for a field that is not sent"}
	}
	return encode(p, inPatch)
}

// ParsePatch reads a merge patch from JSON text, such as a request body or a
// file: null becomes Delete, numbers become json.Number and keep their digits.
// Text that is not one JSON object, a key that occurs twice in one object and
// strings that are not valid Unicode are errors: a *PathError.
func ParsePatch(text []byte) (Patch, error) {
	tree, err := parse(text, patchNulls())
	if err != nil {
		return nil, err
	}
	members, ok := tree.(map[string]any)
	if !ok {
		return nil, &PathError{Reason: ErrNotObject, Hint: "a patch is written {…}"}
	}
	return members, nil
}

var _ json.Marshaler = Patch(nil)
