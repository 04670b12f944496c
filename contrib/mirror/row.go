package mirror

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// kind is a kind of row.
type kind string

const (
	user         kind = "user"
	organization kind = "organization"
	membership   kind = "membership"
)

const (
	privateMetadata = "private_metadata"
	unsafeMetadata  = "unsafe_metadata"
)

// row is an entity as it is stored.
type row struct {
	id                      string
	organization, user      string // of a membership
	updated                 int64
	body                    []byte
	digest                  []byte
	public, private, unsafe *string // metadata, nil where the mirror holds none
}

func (m *Mirror) userRow(u *users.User) (row, error) {
	return m.row(user, row{id: u.ID, unsafe: text(u.UnsafeMetadata)}, u.UpdatedAt, u.Raw, u.PublicMetadata, u.PrivateMetadata)
}

func (m *Mirror) organizationRow(o *organizations.Organization) (row, error) {
	return m.row(organization, row{id: o.ID}, o.UpdatedAt, o.Raw, o.PublicMetadata, o.PrivateMetadata)
}

func (m *Mirror) membershipRow(s *organizations.Membership) (row, error) {
	r := row{id: s.ID, organization: s.OrganizationID, user: s.UserID}
	if r.organization == "" || r.user == "" {
		return row{}, fmt.Errorf("%w: the membership names no organization or no user", clerkerr.ErrDecode)
	}
	return m.row(membership, r, s.UpdatedAt, s.Raw, s.PublicMetadata, s.PrivateMetadata)
}

func (m *Mirror) row(of kind, r row, updated time.Time, raw []byte, public, private metadata.Object) (row, error) {
	if r.id == "" || updated.IsZero() {
		return row{}, fmt.Errorf("%w: the %s has no id or no updated_at", clerkerr.ErrDecode, of)
	}
	if !utf8.Valid(raw) {
		return row{}, fmt.Errorf("%w: the %s is not UTF-8", clerkerr.ErrDecode, of)
	}
	r.updated, r.body, r.public = updated.UnixMilli(), raw, text(public)
	var err error
	if m.config.PrivateMetadata {
		r.private = text(private)
	} else if r.body, err = withoutPrivate(raw); err != nil {
		return row{}, fmt.Errorf("%w: the %s is not an object", clerkerr.ErrDecode, of)
	}
	r.digest, err = digest(r.body)
	return r, err
}

func text(o metadata.Object) *string {
	if o.IsZero() {
		return nil
	}
	return new(o.String())
}

// withoutPrivate removes private metadata from the JSON of an entity and, since a membership
// contains its organization with them, from that. The other bytes stay as they are.
func withoutPrivate(body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, clerkerr.ErrDecode
	}
	kept := []byte{'{'}
	for d.More() {
		start := d.InputOffset()
		name, err := d.Token()
		if err != nil {
			return nil, clerkerr.ErrDecode
		}
		middle := d.InputOffset()
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, clerkerr.ErrDecode
		}
		if name == privateMetadata {
			continue
		}
		member := body[start:d.InputOffset()]
		if name == string(organization) && value[0] == '{' {
			inner, err := withoutPrivate(value)
			if err != nil {
				return nil, err
			}
			member = append(append(bytes.Clone(body[start:middle]), ':'), inner...)
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(kept, bytes.TrimLeft(member, ", \t\r\n")...)
	}
	return append(kept, '}'), nil
}

// digest is the same for texts that differ in the order of keys, in white space or in escapes,
// as an event and an answer may, and differs where a digit does.
func digest(body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("%w: it is not JSON", clerkerr.ErrDecode)
	}
	canonical, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%w: it is not JSON", clerkerr.ErrDecode)
	}
	sum := sha256.Sum256(canonical)
	return sum[:16], nil
}
