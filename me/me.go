// Package me reads and writes the metadata of the signed-in user over Clerk's
// Frontend API, with that user's own credential.
//
// A Service comes from client.NewFrontend and serves any number of users: the
// credential is given with each call and kept nowhere. In a handler FromRequest
// takes it from the request that is served. Clerk may renew a credential with
// any answer, error answers included; what it renewed is each method's second
// result, and belongs to the browser or app that the credential came from:
// Rotation.Apply hands it back.
//
// Of the three metadata fields the Frontend API writes unsafe metadata only. It
// is called unsafe because the user can write anything into it.
package me

import (
	"context"
	"errors"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/fapi"
	"github.com/clerkmeta/clerkmeta-go/internal/frontend"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Service makes the calls for the signed-in user. It is immutable and safe for
// concurrent use.
type Service struct {
	api *frontend.API
}

// NewService is called by client.NewFrontend, which is the way to get a Service.
func NewService(api *frontend.API) *Service { return &Service{api: api} }

// CloseIdleConnections closes the connections of the service's own pool that are
// not in use. Calls under way go on, and later ones connect anew. With
// client.WithHTTPClient it does nothing, since the connections are the caller's.
// It is safe for concurrent use.
func (s *Service) CloseIdleConnections() { s.api.Transport.CloseIdleConnections() }

// UpdateMetadata merges unsafe into the signed-in user's unsafe metadata and
// returns the user as it then is: PATCH /v1/me/metadata. Objects are merged at
// every level and a key set to metadata.Delete is removed.
//
// The write sets absolute values, so that sending it again (as a retry does)
// changes nothing more. With a second writer of the same keys, though, a retry
// can put this call's values back over what the other has written since.
//
// Errors, besides those of the transport: clerkerr.ErrNothingToWrite where
// unsafe holds no change and clerkerr.ErrInvalidArgument for a bad credential or
// a value that cannot be sent, both before any request;
// clerkerr.ErrUnauthorized where the credential is not (or no longer) signed
// in; clerkerr.ErrTooLarge. The user is nil unless the write is known to be
// applied; where Clerk's answer could not be fully read, user and error come
// together (clerkerr.ErrDecode or clerkerr.ErrTransport). The Rotation is good
// with and without an error.
func (s *Service) UpdateMetadata(ctx context.Context, credential Credential, unsafe metadata.Patch) (*User, Rotation, error) {
	const operation = "me.UpdateMetadata"
	if err := check(ctx, operation, credential); err != nil {
		return nil, Rotation{}, err
	}
	return s.update(ctx, operation, credential, unsafe)
}

// GetMe reads the signed-in user: GET /v1/me. Private metadata never reaches
// the Frontend API. Errors and the Rotation are as for UpdateMetadata.
func (s *Service) GetMe(ctx context.Context, credential Credential) (*User, Rotation, error) {
	const operation = "me.GetMe"
	if err := check(ctx, operation, credential); err != nil {
		return nil, Rotation{}, err
	}
	return s.get(ctx, operation, credential)
}

// ReplaceMetadata makes the signed-in user's unsafe metadata exactly unsafe and
// returns the user as it then is. The Frontend API has no PUT for it, so this
// reads the user, computes the merge patch that leads to unsafe and sends that,
// or nothing where nothing differs: what Clerk's browser client does. A key that
// another writer adds between the read and the write survives.
//
// The zero Value is clerkerr.ErrNothingToWrite; metadata.Null() and a null
// inside unsafe that is not stored already cannot be written by a merge patch
// and are a *metadata.NullsError. A value over metadata.MaxSize bytes is
// refused, unless the client was made with client.WithoutSizeCheck. Everything
// else is as for UpdateMetadata; the Rotation is that of both requests together.
func (s *Service) ReplaceMetadata(ctx context.Context, credential Credential, unsafe metadata.Value) (*User, Rotation, error) {
	const operation = "me.ReplaceMetadata"
	if err := check(ctx, operation, credential); err != nil {
		return nil, Rotation{}, err
	}
	want, err := s.wanted(operation, unsafe)
	if err != nil {
		return nil, Rotation{}, err
	}
	user, rotation, err := s.get(ctx, operation, credential)
	if err != nil {
		return nil, rotation, err
	}
	patch, err := metadata.Diff(user.UnsafeMetadata, want)
	if err != nil {
		return nil, rotation, clerkerr.Invalid(operation, entity.UnsafeMetadata, err)
	}
	if len(patch) == 0 {
		return user, rotation, nil
	}
	user, second, err := s.update(ctx, operation, credential.Rotated(rotation), patch)
	return user, rotation.then(second), err
}

// wanted checks a replacement before anything is read.
func (s *Service) wanted(operation string, unsafe metadata.Value) (metadata.Object, error) {
	f := s.api.Fields(operation)
	_ = f.Value(entity.UnsafeMetadata, unsafe)
	if err := f.Err(); err != nil {
		return metadata.Object{}, err
	}
	want, err := unsafe.Object()
	if err == nil && want.IsNull() {
		err = &metadata.NullsError{Paths: []string{""}}
	}
	if err != nil {
		return metadata.Object{}, clerkerr.Invalid(operation, entity.UnsafeMetadata, err)
	}
	return want, nil
}

func (s *Service) update(ctx context.Context, operation string, credential Credential, unsafe metadata.Patch) (*User, Rotation, error) {
	f := s.api.Fields(operation)
	patch := f.Patch(entity.UnsafeMetadata, unsafe)
	if err := f.Err(); err != nil {
		return nil, Rotation{}, err
	}
	req, err := fapi.NewPatchUserMetadataRequestWithFormdataBody(s.api.BaseURL,
		fapi.PatchUserMetadataFormdataRequestBody{UnsafeMetadata: string(patch)})
	return s.send(ctx, transport.Call{Operation: operation, Write: true, Request: req}, err, credential)
}

func (s *Service) get(ctx context.Context, operation string, credential Credential) (*User, Rotation, error) {
	req, err := fapi.NewGetUserRequest(s.api.BaseURL)
	return s.send(ctx, transport.Call{Operation: operation, Request: req}, err, credential)
}

func (s *Service) send(ctx context.Context, call transport.Call, err error, credential Credential) (*User, Rotation, error) {
	if err != nil {
		return nil, Rotation{}, clerkerr.Invalid(call.Operation, "", err)
	}
	var rotation Rotation
	credential.apply(call.Request)
	call.Secrets = []string{credential.secret.Reveal()}
	call.OnAnswer = func(h http.Header) { rotation = rotation.then(readRotation(h)) }
	user, err := transport.Send(ctx, s.api.Transport, call, parseAnswer)
	return user, rotation, err
}

func check(ctx context.Context, operation string, credential Credential) error {
	if err := request.Context(operation, ctx); err != nil {
		return err
	}
	if reason := credential.fault(); reason != "" {
		return clerkerr.Invalid(operation, "credential", errors.New(reason))
	}
	return nil
}
