package clerktest

import (
	"bytes"
	"cmp"
	_ "embed" // for the schema
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// seedSchema is a separate file, for editors.
//
//go:embed seed.schema.json
var seedSchema string

// SeedSchema returns the JSON Schema (draft 2020-12) of a Seed's JSON form.
func SeedSchema() []byte { return []byte(seedSchema) }

// ParseSeed reads a Seed from its JSON form. It checks that the text has the form that
// the schema describes, that no identifier occurs twice, and that every user and
// organization referred to exists. The error names the line, the column and the reason, or
// what a text of another kind looks like.
func ParseSeed(text []byte) (Seed, error) {
	var seed Seed
	d, err := readDocument(text, seedSchema, &seed)
	if err != nil {
		err = cmp.Or(otherKind(text), err)
	}
	if err == nil {
		err = d.readClaims(&seed)
	}
	if err == nil {
		err = d.checkSeed(seed)
	}
	if err != nil {
		return Seed{}, fmt.Errorf("clerktest: %w", err)
	}
	return seed, nil
}

// readClaims reads the session claims once more, because an any loses digits.
func (d *document) readClaims(seed *Seed) (err error) {
	if i := d.member(0, "session_claims"); i != 0 {
		seed.SessionClaims, err = decodeClaims(d.raw(i))
	}
	return err
}

func (d *document) checkSeed(seed Seed) error {
	if i := d.member(0, "session_claims"); i != 0 {
		for claim := range d.parts(i) {
			name, _ := d.name(claim)
			if err := checkClaim(name, seed.SessionClaims[name]); err != nil {
				return d.fail(d.start(claim), err)
			}
		}
	}
	if err := checkWebhookSecret(seed.WebhookSecret); err != nil {
		return d.fail(d.start(d.member(0, "webhook_secret")), err)
	}
	_, err := newStore(seed)
	if at, ok := errors.AsType[*seedError](err); ok {
		parts := slices.Collect(d.parts(d.member(0, at.list)))
		part := parts[at.index]
		return d.fail(d.start(cmp.Or(d.member(part, at.field), part)), err)
	}
	return nil
}

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

// part points to what users, organizations and memberships share in a seed.
type part struct {
	id               *string
	created, updated *int64
	metadata         map[string]*any
}

func (u *User) part() part {
	return part{&u.ID, &u.CreatedAt, &u.UpdatedAt, map[string]*any{
		publicMetadata: &u.PublicMetadata, privateMetadata: &u.PrivateMetadata, unsafeMetadata: &u.UnsafeMetadata,
	}}
}

func (o *Organization) part() part {
	return part{&o.ID, &o.CreatedAt, &o.UpdatedAt, map[string]*any{
		publicMetadata: &o.PublicMetadata, privateMetadata: &o.PrivateMetadata,
	}}
}

func (m *Membership) part() part {
	return part{&m.ID, &m.CreatedAt, &m.UpdatedAt, map[string]*any{
		publicMetadata: &m.PublicMetadata, privateMetadata: &m.PrivateMetadata,
	}}
}

func (i *Invitation) part() part {
	return part{&i.ID, &i.CreatedAt, &i.UpdatedAt, map[string]*any{
		publicMetadata: &i.PublicMetadata, privateMetadata: &i.PrivateMetadata,
	}}
}

// UnmarshalJSON reads the JSON form, metadata as a metadata.Value.
func (u *User) UnmarshalJSON(text []byte) error {
	type plain User
	return u.part().unmarshal(text, (*plain)(u))
}

// UnmarshalJSON reads the JSON form, metadata as a metadata.Value.
func (o *Organization) UnmarshalJSON(text []byte) error {
	type plain Organization
	return o.part().unmarshal(text, (*plain)(o))
}

// UnmarshalJSON reads the JSON form, metadata as a metadata.Value.
func (m *Membership) UnmarshalJSON(text []byte) error {
	type plain Membership
	return m.part().unmarshal(text, (*plain)(m))
}

// UnmarshalJSON reads the JSON form, metadata as a metadata.Value.
func (i *Invitation) UnmarshalJSON(text []byte) error {
	type plain Invitation
	return i.part().unmarshal(text, (*plain)(i))
}

// unmarshal reads a part of a seed and then its metadata once more, because an any
// loses digits, the order of keys and the difference between null and {}.
func (p part) unmarshal(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // no float64 holds 1e400
	if err := decoder.Decode(into); err != nil {
		return err
	}
	var members fields
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	for name, field := range p.metadata {
		raw, ok := members[name]
		if !ok {
			continue
		}
		var v metadata.Value
		if err := v.UnmarshalJSON(raw); err != nil {
			return err
		}
		*field = v
	}
	return nil
}
