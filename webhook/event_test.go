package webhook_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// accessors read what an event is about; each returns its id.
var accessors = map[string]func(webhook.Event) (string, error){
	"User": func(e webhook.Event) (string, error) {
		u, err := e.User()
		if u == nil {
			return "", err
		}
		return u.ID, err
	},
	"Organization": func(e webhook.Event) (string, error) {
		o, err := e.Organization()
		if o == nil {
			return "", err
		}
		return o.ID, err
	},
	"Membership": func(e webhook.Event) (string, error) {
		m, err := e.Membership()
		if m == nil {
			return "", err
		}
		return m.ID, err
	},
	"Invitation": func(e webhook.Event) (string, error) {
		i, err := e.Invitation()
		if i == nil {
			return "", err
		}
		return i.ID, err
	},
	"Deleted": func(e webhook.Event) (string, error) {
		d, err := e.Deleted()
		if d == nil {
			return "", err
		}
		return d.ID, err
	},
}

// reader is the accessor for each type of event, "" for none.
var reader = map[string]string{
	webhook.UserCreated:         "User",
	webhook.UserUpdated:         "User",
	webhook.UserDeleted:         "Deleted",
	webhook.OrganizationCreated: "Organization",
	webhook.OrganizationUpdated: "Organization",
	webhook.OrganizationDeleted: "Deleted",
	webhook.MembershipCreated:   "Membership",
	webhook.MembershipUpdated:   "Membership",
	webhook.MembershipDeleted:   "Membership",
	webhook.InvitationCreated:   "Invitation",
	webhook.InvitationAccepted:  "Invitation",
	webhook.InvitationRevoked:   "Invitation",
	"session.created":           "",
	"user":                      "",
	"User.created":              "",
	"user.created ":             "",
}

func parse(tb testing.TB, text string) webhook.Event {
	tb.Helper()
	e, err := webhook.Parse([]byte(text))
	require.NoError(tb, err)
	return e
}

func TestAccessors(t *testing.T) {
	t.Parallel()
	for eventType, expected := range reader {
		e := parse(t, `{"type":"`+eventType+`","data":{"id":"x_1"}}`)
		for name, read := range accessors {
			id, err := read(e)
			if name == expected {
				require.NoError(t, err)
				require.Equal(t, "x_1", id)
				continue
			}
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
			require.ErrorContains(t, err, "webhook.Event."+name+": Type: is not one of ")
			require.Empty(t, id)
		}
	}
	_, err := parse(t, `{"type":"user.updated","data":{}}`).User()
	require.ErrorIs(t, err, clerkerr.ErrDecode)
	require.ErrorContains(t, err, `user: field "id" is missing`)
}

func TestParse(t *testing.T) {
	t.Parallel()
	payload := []byte(`{"type":"user.updated","data":{"id":"user_1","private_metadata":{"n":9007199254740993}},"timestamp":1716883200,"instance_id":"ins_1"}`)
	whole := string(payload)
	e, err := webhook.Parse(payload)
	require.NoError(t, err)
	clear(payload)
	require.Empty(t, e.ID)
	require.Equal(t, "user.updated", e.Type)
	require.Equal(t, time.Date(2024, 5, 28, 8, 0, 0, 0, time.UTC), e.Timestamp)
	require.Equal(t, `{"id":"user_1","private_metadata":{"n":9007199254740993}}`, string(e.Data))
	require.Equal(t, whole, string(e.Payload))
	user, err := e.User()
	require.NoError(t, err)
	require.Equal(t, `{"n":9007199254740993}`, user.PrivateMetadata.String())

	millis := parse(t, `{"type":"x","data":[],"timestamp":1716883200123}`)
	require.Equal(t, time.Date(2024, 5, 28, 8, 0, 0, 123e6, time.UTC), millis.Timestamp)
	require.Zero(t, parse(t, `{"type":"x","data":1}`).Timestamp)
}

func TestDeleted(t *testing.T) {
	t.Parallel()
	user, err := parse(t, `{"type":"user.deleted","data":{"id":"user_1","deleted":true,"external_id":"ex_1"}}`).Deleted()
	require.NoError(t, err)
	require.Equal(t, &webhook.Deleted{ID: "user_1", ExternalID: "ex_1"}, user)
	organization, err := parse(t, `{"type":"organization.deleted","data":{"id":"org_1","deleted":true,"slug":"acme"}}`).Deleted()
	require.NoError(t, err)
	require.Equal(t, &webhook.Deleted{ID: "org_1", Slug: "acme"}, organization)
	left, err := parse(t, `{"type":"organization.deleted","data":{"slug":"acme"}}`).Deleted()
	require.ErrorIs(t, err, clerkerr.ErrDecode)
	require.Equal(t, &webhook.Deleted{Slug: "acme"}, left)
}

type billing struct {
	Customer string `json:"customer"`
	Number   any    `json:"number"`
}

type account struct {
	ID      string  `json:"id"`
	Private billing `json:"private_metadata"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	data := `"data":{"id":"user_1","ID":"x","private_metadata":{"customer":"cus_1","Customer":"x","number":9007199254740993}}}`
	for _, kind := range []string{"user.updated", "organization.updated", "organizationMembership.created", "organizationInvitation.accepted", "unknown"} {
		got, err := webhook.Decode[account](parse(t, `{"type":"`+kind+`",`+data))
		require.NoError(t, err)
		require.Equal(t, "user_1", got.ID)
		require.Equal(t, "cus_1", got.Private.Customer)
		require.Equal(t, "9007199254740993", got.Private.Number.(interface{ String() string }).String())
	}

	deleted, err := webhook.Decode[account](parse(t, `{"type":"user.deleted","data":{"id":"user_1","deleted":true}}`))
	require.NoError(t, err)
	require.Equal(t, &account{ID: "user_1"}, deleted)

	session, err := webhook.Decode[struct {
		UserID string `json:"user_id"`
	}](parse(t, `{"type":"session.created","data":{"id":"sess_1","user_id":"user_1"}}`))
	require.NoError(t, err)
	require.Equal(t, "user_1", session.UserID)
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	_, err := webhook.Decode[struct {
		Private billing `json:"privateMetadata"`
	}](parse(t, `{"type":"user.updated","data":{}}`))
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, err, metadata.ErrType)
	require.ErrorContains(t, err, `tag it json:"private_metadata"`)

	_, err = webhook.Decode[struct {
		Unsafe billing `json:"unsafe_metadata"`
	}](parse(t, `{"type":"organization.updated","data":{}}`))
	require.ErrorIs(t, err, metadata.ErrType)
	require.ErrorContains(t, err, "what the event is about has no unsafe_metadata, it has public_metadata and private_metadata")

	_, err = webhook.Decode[account](parse(t, `{"type":"user.updated","data":{"private_metadata":{"customer":7}}}`))
	require.ErrorIs(t, err, metadata.ErrMismatch)
	for _, data := range []string{`{"id":"x","private_metadata":{"customer":["hidden"]}}`, `"hidden"`, `["hidden"]`} {
		_, err = webhook.Decode[account](parse(t, `{"type":"user.updated","data":`+data+`}`))
		require.ErrorIs(t, err, clerkerr.ErrDecode, data)
		require.NotContains(t, err.Error(), "hidden")
	}
}
