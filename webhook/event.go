package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/answer"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/typed"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Types of the events that carry metadata, or end what did. Clerk has more: an event of
// another type has its data too.
const (
	UserCreated = "user.created"
	UserUpdated = "user.updated"
	UserDeleted = "user.deleted"

	OrganizationCreated = "organization.created"
	OrganizationUpdated = "organization.updated"
	OrganizationDeleted = "organization.deleted"

	MembershipCreated = "organizationMembership.created"
	MembershipUpdated = "organizationMembership.updated"
	MembershipDeleted = "organizationMembership.deleted"

	InvitationCreated  = "organizationInvitation.created"
	InvitationAccepted = "organizationInvitation.accepted"
	InvitationRevoked  = "organizationInvitation.revoked"
)

// Event is what Clerk reports. It shares no memory with the request.
type Event struct {
	// ID identifies the event, "msg_…". It is the same whenever the event is sent again:
	// remember it to handle an event once. It is in the headers, so Parse leaves it "".
	ID string
	// Type says what happened, such as UserUpdated.
	Type string
	// Timestamp is when the event was made, in UTC; zero if the payload does not say.
	Timestamp time.Time
	// Data is the JSON of what the event is about, private metadata included. It is a part
	// of Payload.
	Data json.RawMessage
	// Payload is the whole body as received. Parse reads it again.
	Payload json.RawMessage
}

// Parse reads the event of a payload that was verified before, for example one from a queue,
// and copies the payload. It does no I/O. A payload that is not a JSON object with a type and
// data is clerkerr.ErrDecode; the error does not quote it.
func Parse(payload []byte) (Event, error) {
	e := Event{Payload: bytes.Clone(payload)}
	var timestamp int64
	err := answer.Object(e.Payload, answer.To("type", &e.Type), answer.To("timestamp", &timestamp), answer.To("data", &e.Data))
	switch {
	case err != nil:
	case e.Type == "":
		err = errors.New(`field "type" is missing`)
	case e.Data == nil:
		err = errors.New(`field "data" is missing`)
	}
	if err != nil {
		return Event{}, fmt.Errorf("webhook payload: %w: %w", clerkerr.ErrDecode, err)
	}
	e.Timestamp = timeOf(timestamp)
	return e, nil
}

// timeOf reads the seconds of Clerk's document of events, and milliseconds, which the times
// of its entities have (guess: an event could too). Seconds of that size are 3,000 years
// away.
func timeOf(timestamp int64) time.Time {
	const leastMillis = 100_000_000_000
	switch {
	case timestamp == 0:
		return time.Time{}
	case timestamp < leastMillis:
		return time.Unix(timestamp, 0).UTC()
	default:
		return time.UnixMilli(timestamp).UTC()
	}
}

// User reads the user of an event of type UserCreated or UserUpdated. An event of another
// type is clerkerr.ErrInvalidArgument; other errors are those of users.ParseUser.
func (e Event) User() (*users.User, error) {
	return read(e, "User", users.ParseUser, UserCreated, UserUpdated)
}

// Organization reads the organization of an event of type OrganizationCreated or
// OrganizationUpdated. An event of another type is clerkerr.ErrInvalidArgument; other errors
// are those of organizations.ParseOrganization.
func (e Event) Organization() (*organizations.Organization, error) {
	return read(e, "Organization", organizations.ParseOrganization, OrganizationCreated, OrganizationUpdated)
}

// Membership reads the membership of an event of type MembershipCreated, MembershipUpdated or
// MembershipDeleted, which carries the membership as it was. An event of another type is
// clerkerr.ErrInvalidArgument; other errors are those of organizations.ParseMembership.
func (e Event) Membership() (*organizations.Membership, error) {
	return read(e, "Membership", organizations.ParseMembership, MembershipCreated, MembershipUpdated, MembershipDeleted)
}

// Invitation reads the invitation of an event of type InvitationCreated, InvitationAccepted or
// InvitationRevoked. An event of another type is clerkerr.ErrInvalidArgument; other errors are
// those of organizations.ParseInvitation.
func (e Event) Invitation() (*organizations.Invitation, error) {
	return read(e, "Invitation", organizations.ParseInvitation, InvitationCreated, InvitationAccepted, InvitationRevoked)
}

// Deleted is what is left of a user or an organization.
type Deleted struct {
	ID         string // Clerk's id
	ExternalID string // of a user, in another system; "" for none
	Slug       string // of an organization, "" for none
}

// Deleted reads what an event of type UserDeleted or OrganizationDeleted says. An event of
// another type is clerkerr.ErrInvalidArgument. Data that are not as documented are
// clerkerr.ErrDecode; what could be read is returned too.
func (e Event) Deleted() (*Deleted, error) {
	return read(e, "Deleted", parseDeleted, UserDeleted, OrganizationDeleted)
}

func parseDeleted(text []byte) (*Deleted, error) {
	d := &Deleted{}
	return d, answer.Entity("deleted object", text,
		answer.To("id", &d.ID),
		answer.To("external_id", &d.ExternalID),
		answer.To("slug", &d.Slug))
}

func read[E any](e Event, method string, parse func([]byte) (*E, error), types ...string) (*E, error) {
	if !slices.Contains(types, e.Type) {
		return nil, clerkerr.Invalid("webhook.Event."+method, "Type", fmt.Errorf("is not one of %s", strings.Join(types, ", ")))
	}
	return parse(e.Data)
}

// Decode decodes the data of an event of any type into a T, as the typed views of users and
// organizations do: T is a struct whose fields have the names of Clerk's own JSON, as many of
// them as the caller needs. Names match in exact case, and numbers keep their digits.
//
//	type Account struct {
//		ID      string  `json:"id"`
//		Private Billing `json:"private_metadata"`
//	}
//
// A T that is no view of what the event is about is clerkerr.ErrInvalidArgument and
// metadata.ErrType. Data whose fields do not fit T's are metadata.ErrMismatch and
// clerkerr.ErrDecode; data that are no object are clerkerr.ErrDecode.
func Decode[T any](e Event) (*T, error) {
	fields := entity.User.Fields() // all that Clerk has
	if strings.HasPrefix(e.Type, "organization") {
		fields = entity.Organization.Fields()
	}
	view := typed.New[T](typed.Entity[Event]{
		Name: "what the event is about", Fields: fields,
		Text: func(e *Event) (id string, raw []byte) { return e.ID, e.Data },
	})
	return view.Decode("webhook.Decode", &e)
}
