package writer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/coalesce"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/kinds"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Users returns a writer whose updates are those of UpdateUserMetadata. It does no
// I/O. A nil service and a configuration out of bounds are
// clerkerr.ErrInvalidArgument.
func Users(svc *users.Service, config Config) (*Writer[string, users.UpdateUserMetadataParams, users.User], error) {
	return newWriter("writer.Users", svc == nil, config, calls[string, users.UpdateUserMetadataParams, users.User]{
		operation: "UpdateUserMetadata",
		store:     kinds.Users{Service: svc},
		named:     func(userID string) entity.ID { return entity.ID{UserID: userID} },
		check: func(operation, userID string) error {
			return entity.CheckID(operation, entity.UserID, userID)
		},
		patches: func(p users.UpdateUserMetadataParams) []metadata.Patch {
			return []metadata.Patch{p.PublicMetadata, p.PrivateMetadata, p.UnsafeMetadata}
		},
		raw: func(u *users.User) *json.RawMessage { return &u.Raw },
	})
}

// Organizations returns a writer whose updates are those of
// UpdateOrganizationMetadata. Everything else is as for Users.
func Organizations(svc *organizations.Service, config Config) (*Writer[string, organizations.UpdateOrganizationMetadataParams, organizations.Organization], error) {
	return newWriter("writer.Organizations", svc == nil, config, calls[string, organizations.UpdateOrganizationMetadataParams, organizations.Organization]{
		operation: "UpdateOrganizationMetadata",
		store:     kinds.Organizations{Service: svc},
		named:     func(organizationID string) entity.ID { return entity.ID{OrganizationID: organizationID} },
		check:     entity.CheckOrganizationID,
		patches: func(p organizations.UpdateOrganizationMetadataParams) []metadata.Patch {
			return []metadata.Patch{p.PublicMetadata, p.PrivateMetadata}
		},
		raw: func(o *organizations.Organization) *json.RawMessage { return &o.Raw },
	})
}

// MembershipID names a user's membership in an organization.
type MembershipID struct {
	OrganizationID string // such as "org_1"
	UserID         string // such as "user_1"
}

// String returns "org_1/user_1".
func (id MembershipID) String() string { return id.OrganizationID + "/" + id.UserID }

// Memberships returns a writer whose updates are those of
// UpdateOrganizationMembershipMetadata. Everything else is as for Users.
func Memberships(svc *organizations.Service, config Config) (*Writer[MembershipID, organizations.UpdateOrganizationMembershipMetadataParams, organizations.Membership], error) {
	return newWriter("writer.Memberships", svc == nil, config, calls[MembershipID, organizations.UpdateOrganizationMembershipMetadataParams, organizations.Membership]{
		operation: "UpdateOrganizationMembershipMetadata",
		store:     kinds.Memberships{Service: svc},
		named:     func(id MembershipID) entity.ID { return entity.ID(id) },
		check: func(operation string, id MembershipID) error {
			return entity.CheckMembershipIDs(operation, id.OrganizationID, id.UserID)
		},
		patches: func(p organizations.UpdateOrganizationMembershipMetadataParams) []metadata.Patch {
			return []metadata.Patch{p.PublicMetadata, p.PrivateMetadata}
		},
		raw: func(m *organizations.Membership) *json.RawMessage { return &m.Raw },
	})
}

// calls are what differs between the kinds.
type calls[ID comparable, Params, Entity any] struct {
	operation string // the name of the update
	store     entity.Store[Entity]
	named     func(ID) entity.ID
	check     func(operation string, id ID) error
	patches   func(Params) []metadata.Patch
	raw       func(*Entity) *json.RawMessage // its only memory that copies share
}

func newWriter[ID comparable, Params, Entity any](
	constructor string, noService bool, config Config, c calls[ID, Params, Entity],
) (*Writer[ID, Params, Entity], error) {
	if noService {
		return nil, clerkerr.Invalid(constructor, "svc", errors.New("is nil"))
	}
	queue, err := coalesce.New(constructor, coalesce.Target[ID, Entity]{
		Operation: c.operation,
		Send: func(ctx context.Context, id ID, p []metadata.Patch) (*Entity, error) {
			var patches entity.Patches
			copy(patches[:], p)
			return c.store.Patch(ctx, c.named(id), patches)
		},
		Copy: func(e *Entity) *Entity {
			own := *e
			*c.raw(&own) = bytes.Clone(*c.raw(e))
			return &own
		},
	}, coalesce.Config(config))
	if err != nil {
		return nil, err
	}
	return &Writer[ID, Params, Entity]{encode: c.encode, queue: queue}, nil
}

// encode checks an update as the call itself would, before it is queued, and encodes
// its fields.
func (c calls[ID, Params, Entity]) encode(ctx context.Context, id ID, params Params) ([]json.RawMessage, error) {
	if err := request.Context(c.operation, ctx); err != nil {
		return nil, err
	}
	if err := c.check(c.operation, id); err != nil {
		return nil, err
	}
	f := request.Fields{Operation: c.operation}
	var fields []json.RawMessage
	for i, p := range c.patches(params) {
		fields = append(fields, f.Patch(entity.Field(i), p))
	}
	return fields, f.Err()
}
