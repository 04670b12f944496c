package organizations

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
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
	o := &Organization{Raw: text}
	return o, answer.Entity("organization", text,
		answer.To("id", &o.ID),
		answer.To("slug", &o.Slug),
		answer.To("name", &o.Name),
		answer.To(entity.PublicMetadata, &o.PublicMetadata),
		answer.To(entity.PrivateMetadata, &o.PrivateMetadata),
		answer.To("created_at", &o.CreatedAt),
		answer.To("updated_at", &o.UpdatedAt))
}
