package users

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// User is a user as the Backend API returns it, as far as metadata goes; the
// rest is in Raw. It shares no memory with anything else.
type User struct {
	// ID is Clerk's id, "user_…".
	ID string
	// PublicMetadata, PrivateMetadata and UnsafeMetadata are the three fields
	// as received. An answer can leave out the last two, and hold a null as
	// private metadata.
	PublicMetadata  metadata.Object
	PrivateMetadata metadata.Object
	UnsafeMetadata  metadata.Object
	// ExternalID is the user's id in another system, "" for none.
	ExternalID string
	// Username is "" for none.
	Username string
	// LastActiveAt is the day of the last activity, in UTC; zero if there was none.
	LastActiveAt time.Time
	// CreatedAt and UpdatedAt have millisecond precision, in UTC; zero if absent.
	CreatedAt time.Time
	UpdatedAt time.Time
	// Raw is the whole JSON as received.
	Raw json.RawMessage
}

// ParseUser parses a user object of the Backend API. It does no I/O. If text is not what
// is documented, ParseUser returns what it could read together with an error that
// satisfies clerkerr.ErrDecode and names the field; the user is never nil.
func ParseUser(text []byte) (*User, error) {
	return parseUser(bytes.Clone(text))
}

// parseUser is ParseUser without the copy: text becomes Raw.
func parseUser(text []byte) (*User, error) {
	u := &User{Raw: text}
	err := answer.Entity("user", text,
		answer.To("id", &u.ID),
		answer.To("external_id", &u.ExternalID),
		answer.To("username", &u.Username),
		answer.To("last_active_at", &u.LastActiveAt),
		answer.To(entity.PublicMetadata, &u.PublicMetadata),
		answer.To(entity.PrivateMetadata, &u.PrivateMetadata),
		answer.To(entity.UnsafeMetadata, &u.UnsafeMetadata),
		answer.To("created_at", &u.CreatedAt),
		answer.To("updated_at", &u.UpdatedAt))
	return u, err
}
