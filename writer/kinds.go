package writer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Users returns a writer whose updates are those of UpdateUserMetadata. It does no
// I/O. A nil service and a configuration out of bounds are
// clerkerr.ErrInvalidArgument.
func Users(svc *users.Service, config Config) (*Writer[string, users.UpdateUserMetadataParams, users.User], error) {
	return newWriter("writer.Users", svc == nil, config, kind[string, users.UpdateUserMetadataParams, users.User]{
		operation: "UpdateUserMetadata",
		update:    svc.UpdateUserMetadata,
		check: func(operation, userID string) error {
			return entity.CheckID(operation, entity.UserID, userID)
		},
		fields: func(p *users.UpdateUserMetadataParams) []*metadata.Patch {
			return []*metadata.Patch{&p.PublicMetadata, &p.PrivateMetadata, &p.UnsafeMetadata}
		},
		raw: func(u *users.User) *json.RawMessage { return &u.Raw },
	})
}

// Organizations returns a writer whose updates are those of
// UpdateOrganizationMetadata. Everything else is as for Users.
func Organizations(svc *organizations.Service, config Config) (*Writer[string, organizations.UpdateOrganizationMetadataParams, organizations.Organization], error) {
	return newWriter("writer.Organizations", svc == nil, config, kind[string, organizations.UpdateOrganizationMetadataParams, organizations.Organization]{
		operation: "UpdateOrganizationMetadata",
		update:    svc.UpdateOrganizationMetadata,
		check:     entity.CheckOrganizationID,
		fields: func(p *organizations.UpdateOrganizationMetadataParams) []*metadata.Patch {
			return []*metadata.Patch{&p.PublicMetadata, &p.PrivateMetadata}
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
	return newWriter("writer.Memberships", svc == nil, config, kind[MembershipID, organizations.UpdateOrganizationMembershipMetadataParams, organizations.Membership]{
		operation: "UpdateOrganizationMembershipMetadata",
		update: func(ctx context.Context, id MembershipID, p organizations.UpdateOrganizationMembershipMetadataParams) (*organizations.Membership, error) {
			return svc.UpdateOrganizationMembershipMetadata(ctx, id.OrganizationID, id.UserID, p)
		},
		check: func(operation string, id MembershipID) error {
			return entity.CheckMembershipIDs(operation, id.OrganizationID, id.UserID)
		},
		fields: func(p *organizations.UpdateOrganizationMembershipMetadataParams) []*metadata.Patch {
			return []*metadata.Patch{&p.PublicMetadata, &p.PrivateMetadata}
		},
		raw: func(m *organizations.Membership) *json.RawMessage { return &m.Raw },
	})
}

// kind is what differs between the kinds of entities.
type kind[ID comparable, Params, Entity any] struct {
	operation string // the name of update
	update    func(context.Context, ID, Params) (*Entity, error)
	check     func(operation string, id ID) error
	fields    func(*Params) []*metadata.Patch
	raw       func(*Entity) *json.RawMessage // its only memory that copies share
}

func newWriter[ID comparable, Params, Entity any](
	constructor string, noService bool, config Config, k kind[ID, Params, Entity],
) (*Writer[ID, Params, Entity], error) {
	if noService {
		return nil, clerkerr.Invalid(constructor, "svc", errors.New("is nil"))
	}
	config, err := config.withDefaults(constructor)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:gosec // Close calls it
	return &Writer[ID, Params, Entity]{
		kind: k, config: config,
		slots:   make(chan struct{}, config.MaxPending),
		closing: make(chan struct{}),
		ctx:     ctx, cancel: cancel,
		backlogs: map[ID]*backlog[ID, Entity]{},
	}, nil
}

// send makes one request with a patch for each field.
func (k kind[ID, Params, Entity]) send(ctx context.Context, id ID, patches []metadata.Patch) (*Entity, error) {
	var params Params
	for i, field := range k.fields(&params) {
		*field = patches[i]
	}
	return k.update(ctx, id, params)
}

// clone returns a copy that shares no memory.
func (k kind[ID, Params, Entity]) clone(e *Entity) *Entity {
	own := *e
	*k.raw(&own) = bytes.Clone(*k.raw(e))
	return &own
}
