package users

import (
	"encoding/json"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Invitation is an invitation to the application as the Backend API returns it. It shares
// no memory with anything else.
type Invitation struct {
	// ID is Clerk's id, "inv_…".
	ID string
	// EmailAddress is where the invitation went.
	EmailAddress string
	// Status is "pending", "accepted", "revoked" or "expired".
	Status string
	// URL is the link of the invitation, "" if the answer has none. Anyone who holds it
	// can sign up with the address and the metadata: keep it out of logs.
	URL string
	// PublicMetadata becomes the public metadata of the user who signs up.
	PublicMetadata metadata.Object
	// ExpiresAt, CreatedAt and UpdatedAt have millisecond precision, in UTC; zero if
	// absent.
	ExpiresAt time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	// Raw is the whole JSON as received.
	Raw json.RawMessage
}

// parseInvitation reads an invitation; text becomes Raw.
func parseInvitation(text []byte) (*Invitation, error) {
	i := &Invitation{Raw: text}
	return i, answer.Entity("invitation", text,
		answer.To("id", &i.ID),
		answer.To("email_address", &i.EmailAddress),
		answer.To("status", &i.Status),
		answer.To("url", &i.URL),
		answer.To(entity.PublicMetadata, &i.PublicMetadata),
		answer.To("expires_at", &i.ExpiresAt),
		answer.To("created_at", &i.CreatedAt),
		answer.To("updated_at", &i.UpdatedAt))
}
