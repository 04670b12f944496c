// Package kinds implements entity.Store over the calls of users and organizations. It is the
// only place that chooses between the calls by kind.
package kinds

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Store returns the store of an entity's kind. Its Get also takes the slug of an
// organization.
func Store(id entity.ID, u *users.Service, o *organizations.Service) entity.Store[entity.Record] {
	switch id.Kind() {
	case entity.User:
		return records[users.User]{Users{u}, OfUser}
	case entity.Organization:
		return records[organizations.Organization]{Organizations{o}, OfOrganization}
	default:
		return records[organizations.Membership]{Memberships{o}, OfMembership}
	}
}

// records makes records of the entities of a store.
type records[E any] struct {
	store entity.Store[E]
	of    func(*E) *entity.Record
}

func (r records[E]) record(e *E, err error) (*entity.Record, error) {
	if e == nil {
		return nil, err
	}
	return r.of(e), err
}

// Get reads an entity.
func (r records[E]) Get(ctx context.Context, id entity.ID) (*entity.Record, error) {
	return r.record(r.store.Get(ctx, id))
}

// Patch merges patches into the fields of an entity.
func (r records[E]) Patch(ctx context.Context, id entity.ID, patches entity.Patches) (*entity.Record, error) {
	return r.record(r.store.Patch(ctx, id, patches))
}

// Replace replaces the fields of an entity.
func (r records[E]) Replace(ctx context.Context, id entity.ID, values entity.Values) (*entity.Record, error) {
	return r.record(r.store.Replace(ctx, id, values))
}

// OfUser returns a user as a record.
func OfUser(u *users.User) *entity.Record {
	return &entity.Record{
		ID: entity.ID{UserID: u.ID}, Name: u.ID,
		Objects: entity.Objects{u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata},
	}
}

// OfOrganization returns an organization as a record.
func OfOrganization(o *organizations.Organization) *entity.Record {
	return &entity.Record{
		ID: entity.ID{OrganizationID: o.ID}, Name: o.ID,
		Objects: entity.Objects{o.PublicMetadata, o.PrivateMetadata},
	}
}

// OfMembership returns a membership as a record.
func OfMembership(m *organizations.Membership) *entity.Record {
	return &entity.Record{
		ID: entity.ID{OrganizationID: m.OrganizationID, UserID: m.UserID}, Name: m.ID,
		Objects: entity.Objects{m.PublicMetadata, m.PrivateMetadata},
	}
}
