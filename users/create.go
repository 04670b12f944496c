package users

import (
	"context"
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// minPassword is how many bytes a password has at least: Clerk documents 8 characters,
// and none has less than a byte.
const minPassword = 8

// CreateUserParams describe a new user. What is left zero is not sent. Clerk's own client
// has the rest of what a new user can have: password digests, second factors, a time of
// sign-up, web3 wallets.
type CreateUserParams struct {
	// The frontend reads PublicMetadata, and reads and writes UnsafeMetadata, which is
	// not to be trusted. PrivateMetadata is the backend's alone.
	PublicMetadata, PrivateMetadata, UnsafeMetadata metadata.Value
	// ExternalID is the user's id in another system, unique in the instance.
	ExternalID string
	// EmailAddresses and PhoneNumbers are verified from the start; the first of each is
	// the primary one. No other user has them.
	EmailAddresses []string
	PhoneNumbers   []string
	// Username is unique in the instance.
	Username string
	// FirstName and LastName are the user's names.
	FirstName string
	LastName  string
	// Password is what the user signs in with, at least 8 characters.
	Password Password
	// WithoutPassword creates a user without a password in an instance that requires
	// one. It excludes Password.
	WithoutPassword bool
}

// hidden is an unexported name to embed.
type hidden = secret.Text

// Password is a user's password. It prints, encodes and logs as "…redacted", alone or
// inside another value. The zero Password is none.
type Password struct {
	hidden
}

// PlainPassword returns the Password with the given text.
func PlainPassword(text string) Password { return Password{secret.New(text, "…redacted")} }

// CreateUser creates a user with metadata and returns it: POST /v1/users. A zero metadata
// field is left out and then {}.
//
// A repetition could create a second user, since Clerk has no idempotency keys. CreateUser
// retries only what certainly created nothing: an attempt that was never sent, and the
// statuses 409 with code resource_locked, 425 and 429. After a 408, a 5xx and any other
// failure in transit the outcome is clerkerr.OutcomeUnknown: Find with an address, a
// number, the username or the external id of params finds a user that was created, since
// no two users share one. It does not say which attempt created the user, nor anything of
// an attempt that is still under way. Without any of them nothing settles it.
//
// Errors, besides those of the transport: clerkerr.ErrInvalidArgument for a text that is not
// UTF-8, an address that is none, a short password or a value that cannot be sent, and
// clerkerr.ErrTooLarge for a field over metadata.MaxSize, all before any request;
// clerkerr.ErrInvalid with code form_identifier_exists if another user has an address, a
// phone number, the username or the external id. The user is nil unless it was created. If
// Clerk's answer could not be fully read, the user comes with an error.
func (s *Service) CreateUser(ctx context.Context, params CreateUserParams) (*User, error) {
	c := s.backend().Call(ctx, "CreateUser", "")
	c.Post()
	password := secret.Reveal(params.Password.hidden)
	switch {
	case password != "" && params.WithoutPassword:
		c.Check(clerkerr.Invalid(c.Operation, "password", errors.New("is given together with WithoutPassword, which excludes it")))
	case password != "" && len(password) < minPassword:
		c.Check(clerkerr.Invalid(c.Operation, "password", errors.New("is too short; expected 8 characters or more")))
	}
	req, err := bapi.NewCreateUserRequest(c.BaseURL, bapi.CreateUserJSONRequestBody{
		PublicMetadata:          c.New(entity.PublicMetadata, params.PublicMetadata),
		PrivateMetadata:         c.New(entity.PrivateMetadata, params.PrivateMetadata),
		UnsafeMetadata:          c.New(entity.UnsafeMetadata, params.UnsafeMetadata),
		ExternalID:              c.Text("external_id", params.ExternalID),
		EmailAddress:            c.Emails("email_address", params.EmailAddresses),
		PhoneNumber:             c.Texts("phone_number", params.PhoneNumbers),
		Username:                c.Text("username", params.Username),
		FirstName:               c.Text("first_name", params.FirstName),
		LastName:                c.Text("last_name", params.LastName),
		Password:                c.Text("password", password),
		SkipPasswordRequirement: params.WithoutPassword,
	})
	return api.Send(ctx, c, req, err, parseUser)
}
