package me

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/fapi"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// User is the signed-in user as the Frontend API returns it, as far as metadata
// goes; the rest is in Raw. It shares no memory with anything else.
type User struct {
	// ID is Clerk's id, "user_…".
	ID string
	// PublicMetadata and UnsafeMetadata are the two fields that the Frontend
	// API shows, as received.
	PublicMetadata metadata.Object
	UnsafeMetadata metadata.Object
	// CreatedAt and UpdatedAt have millisecond precision, in UTC; they are
	// zero where the answer did not hold them.
	CreatedAt time.Time
	UpdatedAt time.Time
	// Raw is the JSON of the user as received. The answer's other half, the
	// client with its sessions, is left out because it can hold session tokens.
	Raw json.RawMessage
}

// ParseUser reads a user object as the Frontend API answers it inside
// {"response": …}. It does no I/O. Where the text is not what is documented, it
// returns what could be read together with an error that satisfies
// clerkerr.ErrDecode and names the field; the user is never nil.
func ParseUser(text []byte) (*User, error) {
	var u fapi.User
	err := request.Decode(text, &u)
	user := &User{
		ID:             u.ID,
		PublicMetadata: request.Object(request.PublicMetadata, u.PublicMetadata, &err),
		UnsafeMetadata: request.Object(request.UnsafeMetadata, u.UnsafeMetadata, &err),
		CreatedAt:      request.Time(u.CreatedAt),
		UpdatedAt:      request.Time(u.UpdatedAt),
		Raw:            bytes.Clone(text),
	}
	if err = request.RequireID(u.ID, err); err != nil {
		return user, fmt.Errorf("%w: user: %w", clerkerr.ErrDecode, err)
	}
	return user, nil
}

// parseAnswer unwraps {"response": user, "client": …}.
func parseAnswer(text []byte) (*User, error) {
	var answer struct {
		Response json.RawMessage `json:"response"`
	}
	if err := request.Decode(text, &answer); err != nil {
		return &User{}, fmt.Errorf("%w: %w", clerkerr.ErrDecode, err)
	}
	return ParseUser(answer.Response)
}
