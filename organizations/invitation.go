package organizations

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Invitation is an invitation to an organization as the Backend API returns it. It shares
// no memory with anything else.
type Invitation struct {
	// ID is Clerk's id, "orginv_…".
	ID string
	// OrganizationID names the organization, "" if absent.
	OrganizationID string
	// EmailAddress is where the invitation went.
	EmailAddress string
	// Role is the role of the member-to-be, such as "org:member".
	Role string
	// Status is "pending", "accepted", "revoked" or "expired".
	Status string
	// URL is the link of the invitation, "" if the answer has none. Anyone who holds it
	// can accept the invitation: keep it out of logs.
	URL string
	// PublicMetadata and PrivateMetadata become those of the membership.
	PublicMetadata  metadata.Object
	PrivateMetadata metadata.Object
	// ExpiresAt, CreatedAt and UpdatedAt have millisecond precision, in UTC; zero if
	// absent.
	ExpiresAt time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	// Raw is the whole JSON as received.
	Raw json.RawMessage
}

// ParseInvitation parses an invitation to an organization of the Backend API. Everything else
// is as for ParseOrganization; the invitation is never nil.
func ParseInvitation(text []byte) (*Invitation, error) {
	return parseInvitation(bytes.Clone(text))
}

// parseInvitation is ParseInvitation without the copy: text becomes Raw.
func parseInvitation(text []byte) (*Invitation, error) {
	i := &Invitation{Raw: text}
	return i, answer.Entity("invitation", text,
		answer.To("id", &i.ID),
		answer.To(entity.OrganizationID, &i.OrganizationID),
		answer.To("email_address", &i.EmailAddress),
		answer.To("role", &i.Role),
		answer.To("status", &i.Status),
		answer.To("url", &i.URL),
		answer.To(entity.PublicMetadata, &i.PublicMetadata),
		answer.To(entity.PrivateMetadata, &i.PrivateMetadata),
		answer.To("expires_at", &i.ExpiresAt),
		answer.To("created_at", &i.CreatedAt),
		answer.To("updated_at", &i.UpdatedAt))
}
