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

// Organization is an organization as the Backend API returns it, as far as
// metadata goes; the rest is in Raw. It shares no memory with anything else.
type Organization struct {
	// ID is Clerk's id, "org_…".
	ID string
	// Slug and Name are what the organization is called.
	Slug string
	Name string
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

// ParseOrganization parses an organization object of the Backend API. It does no I/O. If
// text is not what is documented, ParseOrganization returns what it could read together
// with an error that satisfies clerkerr.ErrDecode and names the field; the organization
// is never nil.
func ParseOrganization(text []byte) (*Organization, error) {
	return parseOrganization(bytes.Clone(text))
}

// parseOrganization is ParseOrganization without the copy: text becomes Raw.
func parseOrganization(text []byte) (*Organization, error) {
	organization := &Organization{Raw: text}
	return organization, answer.Entity("organization", text, &organization.ID, organization.read)
}

func (o *Organization) read(m answer.Member) error {
	switch string(m.Name) {
	case answer.EntityID:
		return m.String(&o.ID)
	case "slug":
		return m.String(&o.Slug)
	case "name":
		return m.String(&o.Name)
	case entity.PublicMetadata:
		return m.Object(&o.PublicMetadata)
	case entity.PrivateMetadata:
		return m.Object(&o.PrivateMetadata)
	case answer.CreatedAt:
		return m.Time(&o.CreatedAt)
	case answer.UpdatedAt:
		return m.Time(&o.UpdatedAt)
	default:
		return nil
	}
}

// ParseOrganizationWebhook reads the organization of a webhook event of type
// organization.created or organization.updated from the payload. It does no I/O
// and verifies no signature: do that first. Errors are ParseOrganization's; an
// event of another type (organization.deleted carries no metadata) is an error
// too, and then the organization is nil.
func ParseOrganizationWebhook(payload []byte) (*Organization, error) {
	data, err := webhook.Data(payload, webhook.Organization)
	if err != nil {
		return nil, err
	}
	return ParseOrganization(data)
}
