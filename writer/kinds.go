package writer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/coalesce"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Users returns a writer whose updates are those of UpdateUserMetadata. It does no
// I/O. A nil service and a configuration out of bounds are
// clerkerr.ErrInvalidArgument.
func Users(svc *users.Service, config Config) (*Writer[string, users.UpdateUserMetadataParams, users.User], error) {
	const operation = "UpdateUserMetadata"
	return newWriter("writer.Users", svc == nil, config,
		func(ctx context.Context, userID string, p users.UpdateUserMetadataParams) ([]json.RawMessage, error) {
			return encode(ctx, operation, entity.CheckID(operation, entity.UserID, userID), p.PublicMetadata, p.PrivateMetadata, p.UnsafeMetadata)
		},
		coalesce.Target[string, users.User]{
			Operation: operation,
			Send: func(ctx context.Context, userID string, p []metadata.Patch) (*users.User, error) {
				return svc.UpdateUserMetadata(ctx, userID,
					users.UpdateUserMetadataParams{PublicMetadata: p[0], PrivateMetadata: p[1], UnsafeMetadata: p[2]})
			},
			Copy: func(u *users.User) *users.User {
				own := *u
				own.Raw = bytes.Clone(u.Raw)
				return &own
			},
		})
}

// Organizations returns a writer whose updates are those of
// UpdateOrganizationMetadata. Everything else is as for Users.
func Organizations(svc *organizations.Service, config Config) (*Writer[string, organizations.UpdateOrganizationMetadataParams, organizations.Organization], error) {
	const operation = "UpdateOrganizationMetadata"
	return newWriter("writer.Organizations", svc == nil, config,
		func(ctx context.Context, organizationID string, p organizations.UpdateOrganizationMetadataParams) ([]json.RawMessage, error) {
			return encode(ctx, operation, entity.CheckOrganizationID(operation, organizationID), p.PublicMetadata, p.PrivateMetadata)
		},
		coalesce.Target[string, organizations.Organization]{
			Operation: operation,
			Send: func(ctx context.Context, organizationID string, p []metadata.Patch) (*organizations.Organization, error) {
				return svc.UpdateOrganizationMetadata(ctx, organizationID,
					organizations.UpdateOrganizationMetadataParams{PublicMetadata: p[0], PrivateMetadata: p[1]})
			},
			Copy: func(o *organizations.Organization) *organizations.Organization {
				own := *o
				own.Raw = bytes.Clone(o.Raw)
				return &own
			},
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
	const operation = "UpdateOrganizationMembershipMetadata"
	return newWriter("writer.Memberships", svc == nil, config,
		func(ctx context.Context, id MembershipID, p organizations.UpdateOrganizationMembershipMetadataParams) ([]json.RawMessage, error) {
			return encode(ctx, operation, entity.CheckMembershipIDs(operation, id.OrganizationID, id.UserID), p.PublicMetadata, p.PrivateMetadata)
		},
		coalesce.Target[MembershipID, organizations.Membership]{
			Operation: operation,
			Send: func(ctx context.Context, id MembershipID, p []metadata.Patch) (*organizations.Membership, error) {
				return svc.UpdateOrganizationMembershipMetadata(ctx, id.OrganizationID, id.UserID,
					organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: p[0], PrivateMetadata: p[1]})
			},
			Copy: func(m *organizations.Membership) *organizations.Membership {
				own := *m
				own.Raw = bytes.Clone(m.Raw)
				return &own
			},
		})
}

func newWriter[ID comparable, Params, Entity any](
	constructor string, noService bool, config Config,
	encode func(context.Context, ID, Params) ([]json.RawMessage, error), target coalesce.Target[ID, Entity],
) (*Writer[ID, Params, Entity], error) {
	if noService {
		return nil, clerkerr.Invalid(constructor, "svc", errors.New("is nil"))
	}
	queue, err := coalesce.New(constructor, target, coalesce.Config(config))
	if err != nil {
		return nil, err
	}
	return &Writer[ID, Params, Entity]{encode: encode, queue: queue}, nil
}

// encode checks an update as the call itself would, before it is queued, and encodes
// its fields, of which badID is what is wrong with its id.
func encode(ctx context.Context, operation string, badID error, patches ...metadata.Patch) ([]json.RawMessage, error) {
	if err := request.Context(operation, ctx); err != nil {
		return nil, err
	}
	if badID != nil {
		return nil, badID
	}
	f := request.Fields{Operation: operation}
	fields := make([]json.RawMessage, len(patches))
	for i, name := range []string{entity.PublicMetadata, entity.PrivateMetadata, entity.UnsafeMetadata}[:len(patches)] {
		fields[i] = f.Patch(name, patches[i])
	}
	return fields, f.Err()
}
