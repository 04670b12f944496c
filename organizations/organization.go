package organizations

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
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
	// CreatedAt and UpdatedAt have millisecond precision, in UTC; they are
	// zero where the answer did not hold them.
	CreatedAt time.Time
	UpdatedAt time.Time
	// Raw is the whole JSON as received.
	Raw json.RawMessage
}

// ParseOrganization reads an organization object as the Backend API answers it.
// It does no I/O. Where the text is not what is documented, it returns what
// could be read together with an error that satisfies clerkerr.ErrDecode and
// names the field; the organization is never nil.
func ParseOrganization(text []byte) (*Organization, error) {
	var o bapi.Organization
	err := request.Decode(text, &o)
	organization := &Organization{
		ID:              o.ID,
		Slug:            o.Slug,
		Name:            o.Name,
		PublicMetadata:  request.Object(request.PublicMetadata, o.PublicMetadata, &err),
		PrivateMetadata: request.Object(request.PrivateMetadata, o.PrivateMetadata, &err),
		CreatedAt:       request.Time(o.CreatedAt),
		UpdatedAt:       request.Time(o.UpdatedAt),
		Raw:             bytes.Clone(text),
	}
	if err = request.RequireID(o.ID, err); err != nil {
		return organization, fmt.Errorf("%w: organization: %w", clerkerr.ErrDecode, err)
	}
	return organization, nil
}

// ParseOrganizationWebhook reads the organization of a webhook event of type
// organization.created or organization.updated from the payload. It does no I/O
// and verifies no signature: do that first. Errors are ParseOrganization's; an
// event of another type is an error too, and then the organization is nil.
func ParseOrganizationWebhook(payload []byte) (*Organization, error) {
	data, err := webhook.Data(payload, "organization.created", "organization.updated")
	if err != nil {
		return nil, err
	}
	return ParseOrganization(data)
}
