// Package me reads and writes the metadata of the signed-in user over Clerk's Frontend
// API, with that user's own credential.
//
// A Service comes from client.NewFrontend and serves any number of users: each call takes
// the credential, and nothing keeps it. In a handler, FromRequest takes it from the
// request. Clerk may renew a credential with any answer, errors included; what it renewed
// is each method's second result, and Rotation.Apply returns it to the browser or app.
//
// Of the three metadata fields, the Frontend API writes unsafe metadata only. It is
// called unsafe because the user can write anything into it.
package me

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/fapi"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Service makes the calls for the signed-in user. It is immutable and safe for concurrent
// use. Every call of a nil or zero Service is clerkerr.ErrInvalidArgument.
type Service api.Frontend

// CloseIdleConnections closes the unused connections of the service's own pool; later calls
// open new ones. With client.WithHTTPClient it does nothing, since the connections are the
// caller's. It is safe for concurrent use.
func (s *Service) CloseIdleConnections() { s.frontend().CloseIdleConnections() }

// UpdateMetadata merges unsafe into the signed-in user's unsafe metadata and returns the
// user after the write: PATCH /v1/me/metadata. It merges objects at every level and
// removes a key set to metadata.Delete.
//
// The write sets absolute values, so a retry changes nothing more. With a second writer
// of the same keys, though, a retry can overwrite what the other has written since.
//
// Errors, besides those of the transport: before any request clerkerr.ErrNothingToWrite
// if unsafe holds no change, and clerkerr.ErrInvalidArgument for a bad credential or a
// value that cannot be sent; clerkerr.ErrUnauthorized if the credential is not, or no
// longer, signed in; clerkerr.ErrTooLarge. The user is nil unless the write is known to
// be applied; if Clerk's answer could not be fully read, user and error come together
// (clerkerr.ErrDecode or clerkerr.ErrTransport). The Rotation is valid with and without
// an error.
func (s *Service) UpdateMetadata(ctx context.Context, credential Credential, unsafe metadata.Patch) (*User, Rotation, error) {
	return s.update(ctx, "me.UpdateMetadata", credential, unsafe)
}

// GetMe reads the signed-in user: GET /v1/me. Private metadata never reaches the Frontend
// API. Errors and the Rotation are as for UpdateMetadata.
func (s *Service) GetMe(ctx context.Context, credential Credential) (*User, Rotation, error) {
	return s.get(ctx, "me.GetMe", credential)
}

// ReplaceMetadata makes the signed-in user's unsafe metadata exactly unsafe and returns
// the user after the write. The Frontend API has no PUT for it, so this reads the user
// and sends the merge patch that leads to unsafe, or nothing if nothing differs, as
// Clerk's browser client does. A key that another writer adds in between survives.
//
// The zero Value is clerkerr.ErrNothingToWrite. A merge patch cannot write
// metadata.Null(), or a null inside unsafe that is not stored already: both are a
// *metadata.NullsError. A value over metadata.MaxSize bytes is refused, unless the client
// has client.WithoutSizeCheck. Everything else is as for UpdateMetadata; the Rotation is
// that of both requests together.
func (s *Service) ReplaceMetadata(ctx context.Context, credential Credential, unsafe metadata.Value) (*User, Rotation, error) {
	const operation = "me.ReplaceMetadata"
	c := s.call(ctx, operation, credential)
	c.Value(entity.UnsafeMetadata, unsafe)
	if err := c.Err(); err != nil {
		return nil, Rotation{}, err
	}
	want, err := unsafe.Object()
	if err == nil && want.IsNull() {
		err = &metadata.NullsError{Paths: []string{""}}
	}
	if err != nil {
		return nil, Rotation{}, clerkerr.Invalid(operation, entity.UnsafeMetadata, err)
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

func (s *Service) get(ctx context.Context, operation string, credential Credential) (*User, Rotation, error) {
	c := s.call(ctx, operation, credential)
	req, err := fapi.NewGetUserRequest(c.BaseURL)
	return send(ctx, c, req, err)
}

func (s *Service) update(ctx context.Context, operation string, credential Credential, unsafe metadata.Patch) (*User, Rotation, error) {
	c := s.call(ctx, operation, credential)
	req, err := fapi.NewPatchUserMetadataRequestWithFormdataBody(c.BaseURL, fapi.PatchUserMetadataFormdataRequestBody{
		UnsafeMetadata: string(c.Patch(entity.UnsafeMetadata, unsafe)),
	})
	return send(ctx, c, req, err)
}

func (s *Service) frontend() *api.Frontend { return (*api.Frontend)(s) }

// call begins a call with the credential.
func (s *Service) call(ctx context.Context, operation string, credential Credential) *api.Call {
	c := s.frontend().Call(ctx, operation)
	if fault := credential.fault(); fault != "" {
		c.Check(clerkerr.Invalid(operation, "credential", errors.New(fault)))
	}
	c.Sign, c.Secret = credential.apply, credential.reveal()
	return c
}

func send(ctx context.Context, c *api.Call, req *http.Request, err error) (*User, Rotation, error) {
	var rotation Rotation
	c.OnAnswer = func(h http.Header) { rotation = renewedBy(rotation.headers(), h) }
	user, err := api.Send(ctx, c, req, err, parseAnswer)
	return user, rotation, err
}

// User is the signed-in user as the Frontend API returns it. It shares no memory with
// anything else.
type User struct {
	// ID is Clerk's id, "user_…".
	ID string
	// PublicMetadata and UnsafeMetadata are the fields that the Frontend API shows, as
	// received.
	PublicMetadata metadata.Object
	UnsafeMetadata metadata.Object
	// CreatedAt and UpdatedAt have millisecond precision, in UTC; zero if absent.
	CreatedAt time.Time
	UpdatedAt time.Time
	// Raw is the JSON of the user as received, without the other half of the answer: the
	// client's sessions can hold tokens.
	Raw json.RawMessage
}

// ParseUser parses a user object of the Frontend API, without the {"response": …} around
// it. Everything else is as for ParseUser of package users.
func ParseUser(text []byte) (*User, error) {
	u := &User{Raw: bytes.Clone(text)}
	return u, answer.Entity("user", text,
		answer.To("id", &u.ID),
		answer.To(entity.PublicMetadata, &u.PublicMetadata),
		answer.To(entity.UnsafeMetadata, &u.UnsafeMetadata),
		answer.To("created_at", &u.CreatedAt),
		answer.To("updated_at", &u.UpdatedAt))
}

// parseAnswer unwraps {"response": user, "client": …}. Raw must not be a part of the
// whole, whose other half would stay in memory with it.
func parseAnswer(text []byte) (*User, error) {
	var response []byte
	err := answer.Members(text, func(name, value []byte) {
		if string(name) == "response" {
			response = value
		}
	})
	user, fault := ParseUser(response)
	if err != nil {
		return user, fmt.Errorf("%w: %w", clerkerr.ErrDecode, err)
	}
	return user, fault
}
