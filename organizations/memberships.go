package organizations

import (
	"context"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/backend"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// UpdateOrganizationMembershipMetadataParams are the fields of a merge. A nil
// field is left alone.
type UpdateOrganizationMembershipMetadataParams struct {
	// PublicMetadata is readable by the frontend and writable by the backend.
	PublicMetadata metadata.Patch
	// PrivateMetadata is readable and writable by the backend only.
	PrivateMetadata metadata.Patch
}

// UpdateOrganizationMembershipMetadata merges params into the metadata of a
// user's membership in an organization and returns the membership as it then
// is: PATCH /v1/organizations/{organization_id}/memberships/{user_id}/metadata.
// Clerk has no replacement (PUT) for memberships.
//
// Ids that are swapped (an organization id that begins with "user_", a user id
// that begins with "org_") are refused before any request. Everything else is
// as for UpdateOrganizationMetadata. A membership that does not exist is answered
// with 404, clerkerr.ErrNotFound: an older document of Clerk's says so.
func (s *Service) UpdateOrganizationMembershipMetadata(ctx context.Context, organizationID, userID string, params UpdateOrganizationMembershipMetadataParams) (*Membership, error) {
	const operation = "UpdateOrganizationMembershipMetadata"
	if err := checkMembership(ctx, operation, organizationID, userID); err != nil {
		return nil, err
	}
	f := s.api.Fields(operation)
	req, err := bapi.NewUpdateOrganizationMembershipMetadataRequest(s.api.BaseURL, organizationID, userID, bapi.UpdateOrganizationMembershipMetadataJSONRequestBody{
		PublicMetadata:  f.Patch(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata: f.Patch(entity.PrivateMetadata, params.PrivateMetadata),
	})
	return backend.Write(ctx, s.api, f, backend.Membership(organizationID, userID), req, err, parseMembership)
}

// GetOrganizationMembership reads a user's membership in an organization. Clerk
// has no endpoint for one membership: it is looked up in the list, GET
// /v1/organizations/{organization_id}/memberships?user_id=….
//
// Where the list does not hold it the error satisfies clerkerr.ErrNotFound; its
// Status is the list's, 200. A user id that begins with "+" or "-" is refused:
// in a filter it would mean "include" or "exclude".
func (s *Service) GetOrganizationMembership(ctx context.Context, organizationID, userID string) (*Membership, error) {
	const operation = "GetOrganizationMembership"
	if err := checkMembership(ctx, operation, organizationID, userID); err != nil {
		return nil, err
	}
	if err := entity.CheckFilterID(operation, entity.UserID, userID); err != nil {
		return nil, err
	}
	req, err := bapi.NewListOrganizationMembershipsRequest(s.api.BaseURL, organizationID,
		&bapi.ListOrganizationMembershipsParams{UserID: []string{userID}})
	return backend.Get(ctx, s.api, operation, req, err, func(text []byte) (*Membership, error) {
		return findMember(text, userID)
	})
}

// findMember picks the user's membership out of a page of them.
func findMember(text []byte, userID string) (*Membership, error) {
	list, err := parsePage(ParseMembership)(text)
	if err != nil {
		return nil, err
	}
	for _, m := range list.data {
		if m.UserID == userID {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w: the organization has no such member", clerkerr.ErrNotFound)
}

func checkMembership(ctx context.Context, operation, organizationID, userID string) error {
	if err := request.Context(operation, ctx); err != nil {
		return err
	}
	return entity.CheckMembershipIDs(operation, organizationID, userID)
}
