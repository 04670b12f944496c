package organizations

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/webhook"
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
	membership := &Membership{Raw: text}
	return membership, answer.Entity("membership", text, &membership.ID, membership.read)
}

func (m *Membership) read(member answer.Member) error {
	switch string(member.Name) {
	case answer.EntityID:
		return member.String(&m.ID)
	case "role":
		return member.String(&m.Role)
	case "organization":
		return member.Inner(answer.EntityID, &m.OrganizationID)
	case "public_user_data":
		return member.Inner(entity.UserID, &m.UserID)
	case entity.PublicMetadata:
		return member.Object(&m.PublicMetadata)
	case entity.PrivateMetadata:
		return member.Object(&m.PrivateMetadata)
	case answer.CreatedAt:
		return member.Time(&m.CreatedAt)
	case answer.UpdatedAt:
		return member.Time(&m.UpdatedAt)
	default:
		return nil
	}
}

// ParseMembershipWebhook reads the membership of a webhook event of type
// organizationMembership.created, organizationMembership.updated or
// organizationMembership.deleted from the payload; the last one carries the
// membership as it was, metadata included. It does no I/O and verifies no
// signature: do that first. Errors are ParseMembership's; an event of another
// type is an error too, and then the membership is nil.
func ParseMembershipWebhook(payload []byte) (*Membership, error) {
	data, err := webhook.Data(payload, webhook.Membership)
	if err != nil {
		return nil, err
	}
	return ParseMembership(data)
}
