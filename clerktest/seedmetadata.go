package clerktest

import (
	"bytes"
	"encoding/json"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// seedObject returns the object that the metadata of a seed stands for.
func seedObject(v any) (metadata.Object, error) {
	value, ok := v.(metadata.Value)
	switch {
	case v == nil, ok && value.IsZero():
		value = metadata.Empty()
	case !ok:
		value = metadata.Of(v)
	}
	return value.Object()
}

// UnmarshalJSON reads the JSON form, metadata as a metadata.Value.
func (u *User) UnmarshalJSON(text []byte) error {
	type plain User
	return unmarshalPart(text, (*plain)(u), &u.PublicMetadata, &u.PrivateMetadata, &u.UnsafeMetadata)
}

// UnmarshalJSON reads the JSON form, metadata as a metadata.Value.
func (o *Organization) UnmarshalJSON(text []byte) error {
	type plain Organization
	return unmarshalPart(text, (*plain)(o), &o.PublicMetadata, &o.PrivateMetadata, new(any))
}

// UnmarshalJSON reads the JSON form, metadata as a metadata.Value.
func (m *Membership) UnmarshalJSON(text []byte) error {
	type plain Membership
	return unmarshalPart(text, (*plain)(m), &m.PublicMetadata, &m.PrivateMetadata, new(any))
}

// unmarshalPart reads a part of a seed and then its metadata once more, because
// an any loses digits, the order of keys and the difference between null and {}.
func unmarshalPart(text []byte, part any, public, private, unsafe *any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // no float64 holds 1e400
	if err := decoder.Decode(part); err != nil {
		return err
	}
	var fields struct {
		Public  metadata.Value `json:"public_metadata"`
		Private metadata.Value `json:"private_metadata"`
		Unsafe  metadata.Value `json:"unsafe_metadata"`
	}
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	for to, v := range map[*any]metadata.Value{public: fields.Public, private: fields.Private, unsafe: fields.Unsafe} {
		if !v.IsZero() {
			*to = v
		}
	}
	return nil
}
