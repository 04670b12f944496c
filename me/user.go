package me

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

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
