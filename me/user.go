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
	// Raw is the JSON of the user as received, without the other half of the answer:
	// the client's sessions can hold tokens.
	Raw json.RawMessage
}

// ParseUser parses a user object of the Frontend API, without the {"response": …} around
// it. Everything else is as for ParseUser of package users.
func ParseUser(text []byte) (*User, error) {
	user := &User{Raw: bytes.Clone(text)}
	return user, answer.Entity("user", text, &user.ID, user.read)
}

func (u *User) read(m answer.Member) error {
	switch string(m.Name) {
	case answer.EntityID:
		return m.String(&u.ID)
	case entity.PublicMetadata:
		return m.Object(&u.PublicMetadata)
	case entity.UnsafeMetadata:
		return m.Object(&u.UnsafeMetadata)
	case answer.CreatedAt:
		return m.Time(&u.CreatedAt)
	case answer.UpdatedAt:
		return m.Time(&u.UpdatedAt)
	default:
		return nil
	}
}

// parseAnswer unwraps {"response": user, "client": …}. Raw must not be a part of
// the whole, whose other half would stay in memory with it.
func parseAnswer(text []byte) (*User, error) {
	var response json.RawMessage
	err := answer.Read(text, func(m answer.Member) error {
		if string(m.Name) == "response" {
			response = m.Raw()
		}
		return nil
	})
	user, fault := ParseUser(response)
	if err != nil {
		return user, fmt.Errorf("%w: %w", clerkerr.ErrDecode, err)
	}
	return user, fault
}
