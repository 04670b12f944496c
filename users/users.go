// Package users reads and writes the metadata of users over Clerk's Backend API.
//
// A Service comes from client.New, as its field Users. Every method checks what
// it is given before any request, and retries transient failures as the client is
// set to; its error is a *clerkerr.Error.
package users

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Service makes the calls for users. It is immutable and safe for concurrent use.
// Every call of a nil or zero Service is clerkerr.ErrInvalidArgument. Its underlying type
// is internal: no conversion of a Service is supported.
type Service api.Backend

// UpdateUserMetadataParams are the fields of a merge. A nil field is left alone.
type UpdateUserMetadataParams struct {
	// The frontend reads PublicMetadata, and reads and writes UnsafeMetadata, which is
	// not to be trusted. PrivateMetadata is the backend's alone.
	PublicMetadata, PrivateMetadata, UnsafeMetadata metadata.Patch
}

// UpdateUserMetadata merges params into the user's metadata and returns the user after
// the write: PATCH /v1/users/{user_id}/metadata. Objects merge at every level, a key set
// to metadata.Delete is removed, a nil field is left alone.
//
// The write sets absolute values, so that a retry changes nothing more. If another writer
// changes the same keys meanwhile, though, a retry can put this call's values back.
//
// Errors, besides those of the transport: clerkerr.ErrNothingToWrite if no field holds a
// change, and clerkerr.ErrInvalidArgument for a bad id or a value that cannot be sent (a
// nil, a NaN, …), both before any request; clerkerr.ErrNotFound; clerkerr.ErrTooLarge.
// The user is nil unless the write is known to be applied. If Clerk's answer could not be
// fully read, the user comes with an error (clerkerr.ErrDecode or clerkerr.ErrTransport).
func (s *Service) UpdateUserMetadata(ctx context.Context, userID string, params UpdateUserMetadataParams) (*User, error) {
	c := s.call(ctx, "UpdateUserMetadata", userID)
	req, err := bapi.NewUpdateUserMetadataRequest(c.BaseURL, userID, bapi.UpdateUserMetadataJSONRequestBody{
		PublicMetadata:  c.Patch(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata: c.Patch(entity.PrivateMetadata, params.PrivateMetadata),
		UnsafeMetadata:  c.Patch(entity.UnsafeMetadata, params.UnsafeMetadata),
	})
	return api.Send(ctx, c, req, err, parseUser)
}

// ReplaceUserMetadataParams are the fields of a replacement. A zero field is
// left alone.
type ReplaceUserMetadataParams struct {
	// The frontend reads PublicMetadata, and reads and writes UnsafeMetadata, which is
	// not to be trusted. PrivateMetadata is the backend's alone.
	PublicMetadata, PrivateMetadata, UnsafeMetadata metadata.Value
}

// ReplaceUserMetadata makes each given field exactly what params say and returns the user
// after the write: PUT /v1/users/{user_id}/metadata. Keys that params do not name are
// removed, also those of other writers. A zero field is left alone.
//
// A field over metadata.MaxSize bytes is refused before any request
// (clerkerr.ErrTooLarge), unless the client was made with client.WithoutSizeCheck.
// Retries and errors are as for UpdateUserMetadata.
func (s *Service) ReplaceUserMetadata(ctx context.Context, userID string, params ReplaceUserMetadataParams) (*User, error) {
	c := s.call(ctx, "ReplaceUserMetadata", userID)
	req, err := bapi.NewReplaceUserMetadataRequest(c.BaseURL, userID, bapi.ReplaceUserMetadataJSONRequestBody{
		PublicMetadata:  c.Value(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata: c.Value(entity.PrivateMetadata, params.PrivateMetadata),
		UnsafeMetadata:  c.Value(entity.UnsafeMetadata, params.UnsafeMetadata),
	})
	return api.Send(ctx, c, req, err, parseUser)
}

// GetUser reads a user: GET /v1/users/{user_id}. A user that does not exist is
// clerkerr.ErrNotFound.
func (s *Service) GetUser(ctx context.Context, userID string) (*User, error) {
	c := s.call(ctx, "GetUser", userID)
	req, err := bapi.NewGetUserRequest(c.BaseURL, userID)
	return api.Send(ctx, c, req, err, parseUser)
}

func (s *Service) backend() *api.Backend { return (*api.Backend)(s) }

// call begins a call about a user.
func (s *Service) call(ctx context.Context, operation, userID string) *api.Call {
	c := s.backend().Call(ctx, operation, "user/"+userID)
	c.Check(entity.CheckID(operation, entity.UserID, userID))
	return c
}
