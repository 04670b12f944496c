package users_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func TestParseUser(t *testing.T) {
	t.Parallel()
	text := []byte(`{"object":"user","id":"user_1","first_name":"Ada","public_metadata":{"role":"admin","n":9007199254740993,"price":1.10},
		"private_metadata":{"stripe_id":"cus_Example"},"unsafe_metadata":{},"created_at":1778544000123,"updated_at":1778544000456}`)
	received := string(text)
	u, err := users.ParseUser(text)
	require.NoError(t, err)
	clear(text) // the user shares no memory with it
	require.Equal(t, "user_1", u.ID)
	require.Equal(t, `{"role":"admin","n":9007199254740993,"price":1.10}`, u.PublicMetadata.String())
	require.Equal(t, `{"stripe_id":"cus_Example"}`, u.PrivateMetadata.String())
	require.Equal(t, `{}`, u.UnsafeMetadata.String())
	require.Equal(t, time.Date(2026, 5, 12, 0, 0, 0, 123e6, time.UTC), u.CreatedAt)
	require.Equal(t, time.Date(2026, 5, 12, 0, 0, 0, 456e6, time.UTC), u.UpdatedAt)
	require.Equal(t, received, string(u.Raw))
	clear(u.Raw)
	require.Equal(t, `{"stripe_id":"cus_Example"}`, u.PrivateMetadata.String())
}

func TestParseUserWithoutFields(t *testing.T) {
	t.Parallel()
	u, err := users.ParseUser([]byte(`{"id":"user_1","private_metadata":null}`))
	require.NoError(t, err)
	require.True(t, u.PublicMetadata.IsZero())
	require.True(t, u.PrivateMetadata.IsNull())
	require.False(t, u.PrivateMetadata.IsZero())
	require.True(t, u.UnsafeMetadata.IsZero())
	require.True(t, u.CreatedAt.IsZero())
	require.True(t, u.UpdatedAt.IsZero())
}

func TestParseUserIdentifiers(t *testing.T) {
	t.Parallel()
	u, err := users.ParseUser([]byte(`{"id":"user_1","external_id":"4711","username":"ada","last_active_at":86400000,
		"email_addresses":[{"id":"idn_1","email_address":"ada@example.com","verification":{"status":"verified","strategy":"admin"}},
			{"id":"idn_2","email_address":"a@example.com","verification":null}],
		"phone_numbers":[{"id":"idn_3","phone_number":"+15550100","verification":{"status":"unverified"}}]}`))
	require.NoError(t, err)
	require.Equal(t, "4711", u.ExternalID)
	require.Equal(t, "ada", u.Username)
	require.Equal(t, time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC), u.LastActiveAt)
	addresses, err := u.EmailAddresses()
	require.NoError(t, err)
	require.Equal(t, []users.EmailAddress{{ID: "idn_1", Address: "ada@example.com", Verification: "verified"}, {ID: "idn_2", Address: "a@example.com"}}, addresses)
	require.True(t, addresses[0].Verified())
	require.False(t, addresses[1].Verified())
	numbers, err := u.PhoneNumbers()
	require.NoError(t, err)
	require.Equal(t, []users.PhoneNumber{{ID: "idn_3", Number: "+15550100", Verification: "unverified"}}, numbers)
	require.False(t, numbers[0].Verified())

	for says, member := range map[string]string{
		`user: field "email_addresses" has a type`:                 `"email_addresses":{}`,
		`user: email_address: field "email_address" has a type`:    `"email_addresses":[{"id":"idn_1"},{"id":"idn_2","email_address":7}]`,
		`user: phone_number: field "verification.status" has a ty`: `"phone_numbers":[{"id":"idn_1","verification":{"status":{}}}]`,
	} {
		u, err := users.ParseUser([]byte(`{"id":"user_1",` + member + `}`))
		require.NoError(t, err, "a write of metadata does not fail for an address")
		_, addressErr := u.EmailAddresses()
		_, numberErr := u.PhoneNumbers()
		err = cmp.Or(addressErr, numberErr)
		require.ErrorIs(t, err, clerkerr.ErrDecode)
		require.ErrorContains(t, err, says)
	}
	_, err = (&users.User{}).EmailAddresses()
	require.ErrorIs(t, err, clerkerr.ErrDecode)
}

// TestParseUserOfFaultyText: what could be read is there, and the error names
// the field and quotes nothing.
func TestParseUserOfFaultyText(t *testing.T) {
	t.Parallel()
	const rest = `,"public_metadata":{"read":true},"updated_at":1778544000456}`
	for name, test := range map[string]struct {
		text, says, id string
		read           bool
	}{
		"no id":                {`{"unknown":"private"` + rest, `field "id" is missing`, "", true},
		"empty id":             {`{"id":""` + rest, `field "id" is missing`, "", true},
		"null id":              {`{"id":null` + rest, `field "id" is missing`, "", true},
		"id of another type":   {`{"id":["private"]` + rest, `field "id" has a type`, "", true},
		"time as text":         {`{"id":"user_1","created_at":"private"` + rest, `field "created_at" has a type`, "user_1", true},
		"time with a fraction": {`{"id":"user_1","created_at":1.5` + rest, `field "created_at" has a type`, "user_1", true},
		"metadata as text":     {`{"id":"user_1","private_metadata":"private"` + rest, `field "private_metadata": metadata must be a JSON object: it is a string`, "user_1", true},
		"metadata as a list":   {`{"id":"user_1","unsafe_metadata":["private"]` + rest, `field "unsafe_metadata": metadata must be a JSON object: it is an array`, "user_1", true},
		"two faults":           {`{"id":"user_1","created_at":"x","private_metadata":1` + rest, `field "created_at"`, "user_1", true},
		"cut short":            {`{"id":"user_1","private_metadata":{"a":"private"`, "not valid JSON, 48 bytes", "user_1", false},
		"HTML":                 {`<html>private</html>`, "not valid JSON, 20 bytes", "", false},
		"nothing":              {``, "not valid JSON, 0 bytes", "", false},
		"null":                 {`null`, `field "id" is missing`, "", false},
		"a list":               {`[{"id":"private"}]`, "the whole has a type that is not documented", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, err := users.ParseUser([]byte(test.text))
			require.NotNil(t, u)
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, strings.ReplaceAll(err.Error(), "private_metadata", ""), "private", "no value is quoted")
			require.Equal(t, test.id, u.ID)
			require.Equal(t, test.text, string(u.Raw))
			require.Equal(t, test.read, u.PublicMetadata.String() == `{"read":true}`)
			require.Equal(t, test.read, !u.UpdatedAt.IsZero())
		})
	}
}

// TestDuplicateKeysInAnswer: an answer with a key twice is read, and what would
// have to choose between the two says so.
func TestDuplicateKeysInAnswer(t *testing.T) {
	t.Parallel()
	text := []byte(`{"id":"user_1","public_metadata":{"a":1,"a":2}}`)
	u, err := users.ParseUser(slices.Clone(text))
	require.NoError(t, err)
	_, err = metadata.Merge(u.PublicMetadata, metadata.Patch{"b": 1})
	require.ErrorIs(t, err, metadata.ErrDuplicateKey)
}
