package organizations

import (
	"context"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// UpdateOrganizationMembershipMetadataParams are the fields of a merge. A nil
// field is left alone.
type UpdateOrganizationMembershipMetadataParams struct {
	// The frontend reads PublicMetadata. PrivateMetadata is the backend's alone.
	PublicMetadata, PrivateMetadata metadata.Patch
}

// UpdateOrganizationMembershipMetadata merges params into the metadata of a user's
// membership in an organization and returns the membership after the write: PATCH /v1/organizations/{organization_id}/memberships/{user_id}/metadata.
// Clerk has no replacement (PUT) for memberships.
//
// Swapped ids (an organization id that begins with "user_", a user id that begins with
// "org_") are refused before any request. Everything else is as for
// UpdateOrganizationMetadata. Clerk answers 404, clerkerr.ErrNotFound, for a membership
// that does not exist: an older document of Clerk's says so.
func (s *Service) UpdateOrganizationMembershipMetadata(ctx context.Context, organizationID, userID string, params UpdateOrganizationMembershipMetadataParams) (*Membership, error) {
	c := s.memberCall(ctx, "UpdateOrganizationMembershipMetadata", organizationID, userID)
	req, err := bapi.NewUpdateOrganizationMembershipMetadataRequest(c.BaseURL, organizationID, userID, bapi.UpdateOrganizationMembershipMetadataJSONRequestBody{
		PublicMetadata:  c.Patch(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata: c.Patch(entity.PrivateMetadata, params.PrivateMetadata),
	})
	return api.Send(ctx, c, req, err, parseMembership)
}

// GetOrganizationMembership reads a user's membership in an organization. Clerk has no
// endpoint for one membership, so it comes from the list: GET
// /v1/organizations/{organization_id}/memberships?user_id=….
//
// A membership that the list lacks is clerkerr.ErrNotFound, with the Status of the list,
// 200. A user id that begins with "+" or "-" is refused: in a filter it would mean
// "include" or "exclude".
func (s *Service) GetOrganizationMembership(ctx context.Context, organizationID, userID string) (*Membership, error) {
	c := s.memberCall(ctx, "GetOrganizationMembership", organizationID, userID)
	c.Check(entity.CheckFilterID(c.Operation, entity.UserID, userID))
	req, err := bapi.NewListOrganizationMembershipsRequest(c.BaseURL, organizationID,
		&bapi.ListOrganizationMembershipsParams{UserID: []string{userID}})
	return api.Send(ctx, c, req, err, func(text []byte) (*Membership, error) {
		return findMember(text, userID)
	})
}

// findMember picks the user's membership out of a page of them.
func findMember(text []byte, userID string) (*Membership, error) {
	list, err := api.ParsePage(ParseMembership)(text)
	if err != nil {
		return nil, err
	}
	for _, m := range list.Entries {
		if m.UserID == userID {
			return m, nil
		}
	}
	return nil, fmt.Errorf("%w: the organization has no such member", clerkerr.ErrNotFound)
}

// memberCall begins a call about a membership.
func (s *Service) memberCall(ctx context.Context, operation, organizationID, userID string) *api.Call {
	c := s.backend().Call(ctx, operation, "membership/"+organizationID+"/"+userID)
	c.Check(entity.CheckMembershipIDs(operation, organizationID, userID))
	return c
}
