package organizations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/organizations"
)

func TestParseOrganization(t *testing.T) {
	t.Parallel()
	text := []byte(`{"object":"organization","id":"org_1","name":"Acme","slug":"acme","public_metadata":{"n":9007199254740993},
		"private_metadata":{"stripe_id":"cus_Example"},"created_at":1778544000123,"updated_at":1778544000456}`)
	received := string(text)
	o, err := organizations.ParseOrganization(text)
	require.NoError(t, err)
	clear(text) // the organization shares no memory with it
	require.Equal(t, "org_1", o.ID)
	require.Equal(t, "Acme", o.Name)
	require.Equal(t, "acme", o.Slug)
	require.Equal(t, `{"n":9007199254740993}`, o.PublicMetadata.String())
	require.Equal(t, `{"stripe_id":"cus_Example"}`, o.PrivateMetadata.String())
	require.Equal(t, time.Date(2026, 5, 12, 0, 0, 0, 123e6, time.UTC), o.CreatedAt)
	require.Equal(t, time.Date(2026, 5, 12, 0, 0, 0, 456e6, time.UTC), o.UpdatedAt)
	require.Equal(t, received, string(o.Raw))

	o, err = organizations.ParseOrganization([]byte(`{"id":"org_1","public_metadata":null}`))
	require.NoError(t, err)
	require.True(t, o.PublicMetadata.IsNull())
	require.True(t, o.PrivateMetadata.IsZero())
	require.True(t, o.CreatedAt.IsZero())
}

func TestParseMembership(t *testing.T) {
	t.Parallel()
	text := []byte(`{"object":"organization_membership","id":"orgmem_1","role":"org:admin","organization":{"id":"org_1","private_metadata":{}},
		"public_user_data":{"user_id":"user_1"},"public_metadata":{"n":9007199254740993},"private_metadata":{"a":null},
		"created_at":1778544000123,"updated_at":1778544000456}`)
	received := string(text)
	m, err := organizations.ParseMembership(text)
	require.NoError(t, err)
	clear(text) // the membership shares no memory with it
	require.Equal(t, "orgmem_1", m.ID)
	require.Equal(t, "org_1", m.OrganizationID)
	require.Equal(t, "user_1", m.UserID)
	require.Equal(t, "org:admin", m.Role)
	require.Equal(t, `{"n":9007199254740993}`, m.PublicMetadata.String())
	require.Equal(t, `{"a":null}`, m.PrivateMetadata.String())
	require.Equal(t, time.Date(2026, 5, 12, 0, 0, 0, 123e6, time.UTC), m.CreatedAt)
	require.Equal(t, time.Date(2026, 5, 12, 0, 0, 0, 456e6, time.UTC), m.UpdatedAt)
	require.Equal(t, received, string(m.Raw))

	m, err = organizations.ParseMembership([]byte(`{"id":"orgmem_1","organization":null,"private_metadata":null}`))
	require.NoError(t, err)
	require.Empty(t, m.OrganizationID)
	require.Empty(t, m.UserID)
	require.True(t, m.PublicMetadata.IsZero())
	require.True(t, m.PrivateMetadata.IsNull())
}

// TestParseFaultyText: what could be read is there, and the error names the
// field and quotes nothing.
func TestParseFaultyText(t *testing.T) {
	t.Parallel()
	const rest = `,"public_metadata":{"read":true},"updated_at":1778544000456}`
	for name, test := range map[string]struct {
		text, says, id string
		read           bool
	}{
		"no id":              {`{"unknown":"private"` + rest, `field "id" is missing`, "", true},
		"id of another type": {`{"id":{"a":"private"}` + rest, `field "id" has a type`, "", true},
		"time as text":       {`{"id":"x_1","created_at":"private"` + rest, `field "created_at" has a type`, "x_1", true},
		"metadata as text":   {`{"id":"x_1","private_metadata":"private"` + rest, `field "private_metadata": metadata must be a JSON object: it is a string`, "x_1", true},
		"cut short":          {`{"id":"x_1","private_metadata":{"a":"private"`, "not valid JSON, 45 bytes", "x_1", false},
		"nothing":            {``, "not valid JSON, 0 bytes", "", false},
		"null":               {`null`, `field "id" is missing`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, err := organizations.ParseOrganization([]byte(test.text))
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.ErrorContains(t, err, "organization: "+test.says)
			require.NotContains(t, strings.ReplaceAll(err.Error(), "private_metadata", ""), "private")
			require.Equal(t, test.id, o.ID)
			require.Equal(t, test.text, string(o.Raw))
			require.Equal(t, test.read, o.PublicMetadata.String() == `{"read":true}`)
			require.Equal(t, test.read, !o.UpdatedAt.IsZero())

			m, err := organizations.ParseMembership([]byte(test.text))
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.ErrorContains(t, err, "membership: "+test.says)
			require.Equal(t, test.id, m.ID)
			require.Equal(t, test.text, string(m.Raw))
			require.Equal(t, test.read, m.PublicMetadata.String() == `{"read":true}`)
			require.Equal(t, test.read, !m.UpdatedAt.IsZero())
		})
	}
	m, err := organizations.ParseMembership([]byte(`{"id":"orgmem_1","public_user_data":{"user_id":7},"organization":{"id":"org_1"},"role":"org:member"}`))
	require.ErrorContains(t, err, `field "public_user_data.user_id"`)
	require.Equal(t, "org_1", m.OrganizationID)
	require.Equal(t, "org:member", m.Role)
}
