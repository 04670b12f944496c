// Package organizations reads and writes the metadata of organizations and of
// their memberships over Clerk's Backend API.
//
// A Service comes from client.New, as its field Organizations. Every method
// checks what it is given before any request, and retries transient failures as
// the client is set to; its error is a *clerkerr.Error.
package organizations

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Service makes the calls for organizations and memberships. It is immutable and safe
// for concurrent use. Every call of a nil or zero Service is
// clerkerr.ErrInvalidArgument. Its underlying type is internal: no conversion of a
// Service is supported.
type Service api.Backend

// UpdateOrganizationMetadataParams are the fields of a merge. A nil field is
// left alone.
type UpdateOrganizationMetadataParams struct {
	// The frontend reads PublicMetadata. PrivateMetadata is the backend's alone.
	PublicMetadata, PrivateMetadata metadata.Patch
}

// UpdateOrganizationMetadata merges params into the organization's metadata and returns
// the organization after the write: PATCH
// /v1/organizations/{organization_id}/metadata. Objects merge at every level, a key set
// to metadata.Delete is removed, a nil field is left alone.
//
// Retries and errors are as for UpdateUserMetadata of package users. Besides, a slug in
// place of the id is clerkerr.ErrInvalidArgument (an id of a slug's characters alone
// counts as one, a guess), and clerkerr.ErrForbidden says that organizations are not
// enabled.
func (s *Service) UpdateOrganizationMetadata(ctx context.Context, organizationID string, params UpdateOrganizationMetadataParams) (*Organization, error) {
	c := s.call(ctx, "UpdateOrganizationMetadata", organizationID)
	req, err := bapi.NewMergeOrganizationMetadataRequest(c.BaseURL, organizationID, bapi.MergeOrganizationMetadataJSONRequestBody{
		PublicMetadata:  c.Patch(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata: c.Patch(entity.PrivateMetadata, params.PrivateMetadata),
	})
	return api.Send(ctx, c, req, err, parseOrganization)
}

// ReplaceOrganizationMetadataParams are the fields of a replacement. A zero
// field is left alone.
type ReplaceOrganizationMetadataParams struct {
	// The frontend reads PublicMetadata. PrivateMetadata is the backend's alone.
	PublicMetadata, PrivateMetadata metadata.Value
}

// ReplaceOrganizationMetadata makes each given field exactly what params say and returns
// the organization after the write: PUT /v1/organizations/{organization_id}/metadata. Keys
// that params do not name are removed, also those of other writers. A zero field is left
// alone. The size check is as for ReplaceUserMetadata of package users; retries and errors
// are as for UpdateOrganizationMetadata.
func (s *Service) ReplaceOrganizationMetadata(ctx context.Context, organizationID string, params ReplaceOrganizationMetadataParams) (*Organization, error) {
	c := s.call(ctx, "ReplaceOrganizationMetadata", organizationID)
	req, err := bapi.NewReplaceOrganizationMetadataRequest(c.BaseURL, organizationID, bapi.ReplaceOrganizationMetadataJSONRequestBody{
		PublicMetadata:  c.Value(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata: c.Value(entity.PrivateMetadata, params.PrivateMetadata),
	})
	return api.Send(ctx, c, req, err, parseOrganization)
}

// GetOrganization reads an organization by its id or its slug: GET
// /v1/organizations/{organization_id}. One that does not exist is
// clerkerr.ErrNotFound.
func (s *Service) GetOrganization(ctx context.Context, idOrSlug string) (*Organization, error) {
	c := s.backend().Call(ctx, "GetOrganization", "")
	c.Check(entity.CheckID(c.Operation, entity.OrganizationID, idOrSlug))
	req, err := bapi.NewGetOrganizationRequest(c.BaseURL, idOrSlug)
	return api.Send(ctx, c, req, err, parseOrganization)
}

func (s *Service) backend() *api.Backend { return (*api.Backend)(s) }

// call begins a call about an organization.
func (s *Service) call(ctx context.Context, operation, organizationID string) *api.Call {
	c := s.backend().Call(ctx, operation, "organization/"+organizationID)
	c.Check(entity.CheckOrganizationID(operation, organizationID))
	return c
}
