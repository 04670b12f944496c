// Package kinds reads and writes entities with the calls of users and organizations. It is
// the only place that chooses between the calls by kind.
package kinds

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Store reads and writes the entities of an instance. A record is nil unless it was read,
// or the write is known to be applied.
type Store struct {
	Users         *users.Service
	Organizations *organizations.Service
}

// Get reads an entity. It also takes the slug of an organization.
func (s Store) Get(ctx context.Context, id entity.ID) (*entity.Record, error) {
	switch id.Kind() {
	case entity.User:
		return record(OfUser)(s.Users.GetUser(ctx, id.UserID))
	case entity.Organization:
		return record(OfOrganization)(s.Organizations.GetOrganization(ctx, id.OrganizationID))
	default:
		return record(OfMembership)(s.Organizations.GetOrganizationMembership(ctx, id.OrganizationID, id.UserID))
	}
}

// Patch merges patches into the fields of an entity.
func (s Store) Patch(ctx context.Context, id entity.ID, p entity.Patches) (*entity.Record, error) {
	switch id.Kind() {
	case entity.User:
		params := users.UpdateUserMetadataParams{PublicMetadata: p[0], PrivateMetadata: p[1], UnsafeMetadata: p[2]}
		return record(OfUser)(s.Users.UpdateUserMetadata(ctx, id.UserID, params))
	case entity.Organization:
		params := organizations.UpdateOrganizationMetadataParams{PublicMetadata: p[0], PrivateMetadata: p[1]}
		return record(OfOrganization)(s.Organizations.UpdateOrganizationMetadata(ctx, id.OrganizationID, params))
	default:
		params := organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: p[0], PrivateMetadata: p[1]}
		return record(OfMembership)(s.Organizations.UpdateOrganizationMembershipMetadata(ctx, id.OrganizationID, id.UserID, params))
	}
}

// Replace replaces the fields of an entity. It fails with entity.ErrNoReplace for a
// membership.
func (s Store) Replace(ctx context.Context, id entity.ID, v entity.Values) (*entity.Record, error) {
	switch id.Kind() {
	case entity.User:
		params := users.ReplaceUserMetadataParams{PublicMetadata: v[0], PrivateMetadata: v[1], UnsafeMetadata: v[2]}
		return record(OfUser)(s.Users.ReplaceUserMetadata(ctx, id.UserID, params))
	case entity.Organization:
		params := organizations.ReplaceOrganizationMetadataParams{PublicMetadata: v[0], PrivateMetadata: v[1]}
		return record(OfOrganization)(s.Organizations.ReplaceOrganizationMetadata(ctx, id.OrganizationID, params))
	default:
		return nil, clerkerr.Invalid("Memberships.Replace", "", entity.ErrNoReplace)
	}
}

// record returns a function that makes a record of an answer, nil of none.
func record[E any](of func(*E) *entity.Record) func(*E, error) (*entity.Record, error) {
	return func(e *E, err error) (*entity.Record, error) {
		if e == nil {
			return nil, err
		}
		return of(e), err
	}
}

// OfUser returns a user as a record.
func OfUser(u *users.User) *entity.Record {
	return of(entity.ID{UserID: u.ID}, u.ID, u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata)
}

// OfOrganization returns an organization as a record.
func OfOrganization(o *organizations.Organization) *entity.Record {
	return of(entity.ID{OrganizationID: o.ID}, o.ID, o.PublicMetadata, o.PrivateMetadata)
}

// OfMembership returns a membership as a record.
func OfMembership(m *organizations.Membership) *entity.Record {
	return of(entity.ID{OrganizationID: m.OrganizationID, UserID: m.UserID}, m.ID, m.PublicMetadata, m.PrivateMetadata)
}

// of returns a record of the fields that its kind has. Clerk's answers can leave out private
// and unsafe metadata; such a field is empty, and not one that the kind lacks.
func of(id entity.ID, name string, fields ...metadata.Object) *entity.Record {
	r := &entity.Record{ID: id, Name: name}
	for i, field := range fields {
		if field.IsZero() {
			field, _ = metadata.Empty().Object() // it encodes
		}
		r.Objects[i] = field
	}
	return r
}
