package organizations

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Membership is a user's membership in an organization as the Backend API
// returns it, as far as metadata goes; the rest is in Raw. It shares no memory
// with anything else.
type Membership struct {
	// ID is Clerk's id of the membership, "orgmem_…".
	ID string
	// OrganizationID and UserID name the organization and the member; "" if absent.
	OrganizationID string
	UserID         string
	// Role is the member's role, such as "org:admin".
	Role string
	// PublicMetadata and PrivateMetadata are the two fields as received;
	// private metadata may be absent.
	PublicMetadata  metadata.Object
	PrivateMetadata metadata.Object
	// CreatedAt and UpdatedAt have millisecond precision, in UTC; zero if absent.
	CreatedAt time.Time
	UpdatedAt time.Time
	// Raw is the whole JSON as received.
	Raw json.RawMessage
}

// ParseMembership parses a membership object of the Backend API. Everything else is as for
// ParseOrganization; the membership is never nil.
func ParseMembership(text []byte) (*Membership, error) {
	return parseMembership(bytes.Clone(text))
}

// parseMembership is ParseMembership without the copy: text becomes Raw.
func parseMembership(text []byte) (*Membership, error) {
	m := &Membership{Raw: text}
	return m, answer.Entity("membership", text,
		answer.To("id", &m.ID),
		answer.To("role", &m.Role),
		answer.To("organization", answer.To("id", &m.OrganizationID)),
		answer.To("public_user_data", answer.To(entity.UserID, &m.UserID)),
		answer.To(entity.PublicMetadata, &m.PublicMetadata),
		answer.To(entity.PrivateMetadata, &m.PrivateMetadata),
		answer.To("created_at", &m.CreatedAt),
		answer.To("updated_at", &m.UpdatedAt))
}
