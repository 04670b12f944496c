package organizations

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// maxName is how many characters Clerk documents for an organization's name.
const maxName = 256

// CreateOrganizationParams describe a new organization. What is left zero is not sent,
// except for the name, which Clerk requires.
type CreateOrganizationParams struct {
	// The frontend reads PublicMetadata. PrivateMetadata is the backend's alone.
	PublicMetadata, PrivateMetadata metadata.Value
	// Name is the display name, 1 to 256 characters.
	Name string
	// Slug is unique in the instance: lowercase letters, digits and dashes. Without one,
	// Clerk makes it of the name (a guess).
	Slug string
	// CreatedBy is the id of the user who becomes the organization's administrator.
	CreatedBy string
	// MaxAllowedMemberships is how many members the organization may have; 0 is the
	// instance's default.
	MaxAllowedMemberships int
}

// CreateOrganization creates an organization with metadata and returns it: POST
// /v1/organizations. A zero metadata field is left out and then {}.
//
// Retries are as for CreateUser of package users. If the outcome is
// clerkerr.OutcomeUnknown, GetOrganization with the slug of params finds an organization
// that was created: no two have the same slug. One that was there before is found too. Without a slug nothing settles it, and a
// second attempt can create a second organization of the same name.
//
// Errors, besides those of the transport: clerkerr.ErrInvalidArgument for a name, slug or
// id that Clerk documents to refuse, before any request; clerkerr.ErrInvalid with code
// form_identifier_exists if the slug is taken; clerkerr.ErrForbidden says that
// organizations are not enabled.
func (s *Service) CreateOrganization(ctx context.Context, params CreateOrganizationParams) (*Organization, error) {
	c := s.backend().Call(ctx, "CreateOrganization", "")
	c.Post()
	c.Required("name", params.Name)
	switch {
	case utf8.RuneCountInString(params.Name) > maxName:
		c.Check(clerkerr.Invalid(c.Operation, "name", errors.New("is too long; expected at most 256 characters")))
	case !entity.IsSlug(params.Slug):
		c.Check(clerkerr.Invalid(c.Operation, "slug", errors.New("holds other characters than lowercase letters, digits and dashes")))
	case params.MaxAllowedMemberships < 0:
		c.Check(clerkerr.Invalid(c.Operation, "max_allowed_memberships", errors.New("is negative")))
	case params.CreatedBy != "":
		c.Check(entity.CheckID(c.Operation, "created_by", params.CreatedBy))
	}
	req, err := bapi.NewCreateOrganizationRequest(c.BaseURL, bapi.CreateOrganizationJSONRequestBody{
		PublicMetadata:        c.New(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata:       c.New(entity.PrivateMetadata, params.PrivateMetadata),
		Name:                  params.Name,
		Slug:                  params.Slug,
		CreatedBy:             params.CreatedBy,
		MaxAllowedMemberships: params.MaxAllowedMemberships,
	})
	return api.Send(ctx, c, req, err, parseOrganization)
}

// CreateOrganizationMembershipParams describe a new membership.
type CreateOrganizationMembershipParams struct {
	// The frontend reads PublicMetadata. PrivateMetadata is the backend's alone. A zero
	// field is left out and then {}.
	PublicMetadata, PrivateMetadata metadata.Value
	// Role is the member's role, such as "org:member". It is required.
	Role string
}

// CreateOrganizationMembership makes a user a member of an organization, with metadata,
// and returns the membership: POST /v1/organizations/{organization_id}/memberships.
//
// Retries are as for CreateUser of package users. A user has one membership in an
// organization at most: if the outcome is clerkerr.OutcomeUnknown,
// GetOrganizationMembership finds it, and a second attempt cannot create another. Errors
// are as for UpdateOrganizationMembershipMetadata; besides, clerkerr.ErrInvalid with code
// already_a_member_in_organization, and clerkerr.ErrForbidden if the organization is full.
func (s *Service) CreateOrganizationMembership(ctx context.Context, organizationID, userID string, params CreateOrganizationMembershipParams) (*Membership, error) {
	c := s.backend().Call(ctx, "CreateOrganizationMembership", "")
	c.Post()
	c.Check(entity.CheckMembershipIDs(c.Operation, organizationID, userID))
	req, err := bapi.NewCreateOrganizationMembershipRequest(c.BaseURL, organizationID, bapi.CreateOrganizationMembershipJSONRequestBody{
		PublicMetadata:  c.New(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata: c.New(entity.PrivateMetadata, params.PrivateMetadata),
		UserID:          userID,
		Role:            c.Required("role", params.Role),
	})
	return api.Send(ctx, c, req, err, parseMembership)
}
