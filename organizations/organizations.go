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
// clerkerr.ErrInvalidArgument.
type Service api.Backend

// UpdateOrganizationMetadataParams are the fields of a merge. A nil field is
// left alone.
type UpdateOrganizationMetadataParams struct {
	// PublicMetadata is readable by the frontend and writable by the backend.
	PublicMetadata metadata.Patch
	// PrivateMetadata is readable and writable by the backend only.
	PrivateMetadata metadata.Patch
}

// UpdateOrganizationMetadata merges params into the organization's metadata and
// returns the organization after the write: PATCH
// /v1/organizations/{organization_id}/metadata. Objects are merged at every
// level, a key set to metadata.Delete is removed, a field that is nil is not
// touched.
//
// The write sets absolute values, so that sending it again (as a retry does)
// changes nothing more. With a second writer of the same keys, though, a retry
// can put this call's values back over what the other has written since.
//
// Errors, besides those of the transport: clerkerr.ErrNothingToWrite where no
// field holds a change; clerkerr.ErrInvalidArgument for a bad id, a slug in its
// place (an id that is made of a slug's characters alone counts as one, a guess)
// or a value that cannot be sent, all before any request; clerkerr.ErrNotFound;
// clerkerr.ErrForbidden where organizations are not enabled;
// clerkerr.ErrTooLarge. The organization is nil unless the write is known to be
// applied; where Clerk's answer could not be fully read, organization and error
// come together (clerkerr.ErrDecode or clerkerr.ErrTransport).
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
	// PublicMetadata is readable by the frontend and writable by the backend.
	PublicMetadata metadata.Value
	// PrivateMetadata is readable and writable by the backend only.
	PrivateMetadata metadata.Value
}

// ReplaceOrganizationMetadata makes each given field exactly what params say
// and returns the organization after the write: PUT
// /v1/organizations/{organization_id}/metadata. Nothing is merged: keys that
// params do not name are removed, also those of other writers. A field that is zero
// is not touched.
//
// A field over metadata.MaxSize bytes is refused before any request
// (clerkerr.ErrTooLarge), unless the client was made with
// client.WithoutSizeCheck. Retries and errors are as for
// UpdateOrganizationMetadata.
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
