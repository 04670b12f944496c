package goclient_test

import (
	"net/http"
	"testing"
	"time"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestUserMetadata(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		params user.UpdateMetadataParams
		public string
	}{
		"a key is added, the others stay": {
			user.UpdateMetadataParams{PublicMetadata: raw(`{"role":"admin"}`)},
			`{"plan":"free","limits":{"seats":3,"trial":true},"role":"admin"}`,
		},
		"a nested object is merged": {
			user.UpdateMetadataParams{PublicMetadata: raw(`{"limits":{"seats":5}}`)},
			`{"plan":"free","limits":{"seats":5,"trial":true}}`,
		},
		"null removes a key": {
			user.UpdateMetadataParams{PublicMetadata: raw(`{"plan":null}`)},
			`{"limits":{"seats":3,"trial":true}}`,
		},
		"null removes a nested key": {
			user.UpdateMetadataParams{PublicMetadata: raw(`{"limits":{"trial":null}}`)},
			`{"plan":"free","limits":{"seats":3}}`,
		},
		"an array is replaced": {
			user.UpdateMetadataParams{PublicMetadata: raw(`{"limits":[1,null]}`)},
			`{"plan":"free","limits":[1,null]}`,
		},
		"an empty object changes nothing": {
			user.UpdateMetadataParams{PublicMetadata: raw(`{}`)},
			`{"plan":"free","limits":{"seats":3,"trial":true}}`,
		},
		"another field is not touched": {
			user.UpdateMetadataParams{UnsafeMetadata: raw(`{"theme":null}`)},
			`{"plan":"free","limits":{"seats":3,"trial":true}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			u, err := c.users.UpdateMetadata(t.Context(), "user_1", &tt.params)
			require.NoError(t, err)
			require.JSONEq(t, tt.public, string(u.PublicMetadata))
			require.JSONEq(t, `{"crm":{"id":7}}`, string(u.PrivateMetadata))
			again, err := c.users.Get(t.Context(), "user_1")
			require.NoError(t, err)
			require.JSONEq(t, tt.public, string(again.PublicMetadata))
		})
	}
}

func TestUserMetadataIsReplaced(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ sent, stored string }{
		"an object":              {`{"only":{"this":null}}`, `{"only":{"this":null}}`},
		"an empty object clears": {`{}`, `{}`},
		"null is stored":         {`null`, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			u, err := c.users.ReplaceMetadata(t.Context(), "user_1", &user.ReplaceMetadataParams{PublicMetadata: raw(tt.sent)})
			require.NoError(t, err)
			require.JSONEq(t, tt.stored, string(u.PublicMetadata))
			require.JSONEq(t, `{"theme":"dark"}`, string(u.UnsafeMetadata), "a field left out stays")
		})
	}
}

func TestUpdateWithMetadataBecomesTwoCalls(t *testing.T) {
	t.Parallel()
	c := start(t)
	u, err := c.users.Update(t.Context(), "user_1", &user.UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: raw(`{"a":1}`)})
	require.NoError(t, err)
	require.Equal(t, "Ada", *u.FirstName)
	require.JSONEq(t, `{"a":1}`, string(u.PublicMetadata))
	require.Len(t, c.emulator.Requests(clerktest.UpdateUser), 1)
	require.Len(t, c.emulator.Requests(clerktest.ReplaceUserMetadata), 1)
}

func TestUsersComeAndGo(t *testing.T) {
	t.Parallel()
	c := start(t)
	made, err := c.users.Create(t.Context(), &user.CreateParams{
		FirstName: clerk.String("Grace"), Username: clerk.String("grace"), SkipPasswordRequirement: clerk.Bool(true),
		PublicMetadata: raw(`{"a":{"b":1}}`), PrivateMetadata: raw(`{"c":2}`), UnsafeMetadata: raw(`{"d":[3]}`),
	})
	require.NoError(t, err)
	require.NotEmpty(t, made.ID)
	require.JSONEq(t, `{"a":{"b":1}}`, string(made.PublicMetadata))
	require.JSONEq(t, `{"c":2}`, string(made.PrivateMetadata))
	require.JSONEq(t, `{"d":[3]}`, string(made.UnsafeMetadata))

	list, err := c.users.List(t.Context(), &user.ListParams{UserIDs: []string{made.ID, "user_1", "user_unknown"}})
	require.NoError(t, err)
	require.Len(t, list.Users, 2)
	require.EqualValues(t, 2, list.TotalCount)

	params := &user.ListParams{OrderBy: clerk.String("+created_at")}
	params.Limit = clerk.Int64(1)
	list, err = c.users.List(t.Context(), params)
	require.NoError(t, err)
	require.Len(t, list.Users, 1)
	require.EqualValues(t, 2, list.TotalCount)

	gone, err := c.users.Delete(t.Context(), made.ID)
	require.NoError(t, err)
	require.True(t, gone.Deleted)
	require.Equal(t, made.ID, gone.ID)
	_, err = c.users.Get(t.Context(), made.ID)
	require.Equal(t, http.StatusNotFound, refusal(t, err).HTTPStatusCode)
}

func TestErrors(t *testing.T) {
	t.Parallel()
	t.Run("401", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		_, err := connect(c.emulator, c.url, "sk_test_wrong").users.Get(t.Context(), "user_1")
		e := refusal(t, err)
		require.Equal(t, http.StatusUnauthorized, e.HTTPStatusCode)
		require.Equal(t, "clerk_key_invalid", e.Errors[0].Code)
		require.NotEmpty(t, e.TraceID)
	})
	t.Run("404", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		_, err := c.users.UpdateMetadata(t.Context(), "user_unknown", &user.UpdateMetadataParams{PublicMetadata: raw(`{}`)})
		e := refusal(t, err)
		require.Equal(t, http.StatusNotFound, e.HTTPStatusCode)
		require.Equal(t, "resource_not_found", e.Errors[0].Code)
	})
	t.Run("422 names the field", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		_, err := c.users.UpdateMetadata(t.Context(), "user_1", &user.UpdateMetadataParams{PrivateMetadata: raw(`[1]`)})
		e := refusal(t, err)
		require.Equal(t, http.StatusUnprocessableEntity, e.HTTPStatusCode)
		require.Equal(t, "form_param_value_invalid", e.Errors[0].Code)
		require.JSONEq(t, `{"param_name":"private_metadata"}`, string(e.Errors[0].Meta))
	})
	t.Run("409 is not tried again", func(t *testing.T) {
		t.Parallel()
		c := start(t)
		c.emulator.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusConflict, "resource_locked"))
		_, err := c.users.UpdateMetadata(t.Context(), "user_1", &user.UpdateMetadataParams{PublicMetadata: raw(`{"a":1}`)})
		require.Equal(t, "resource_locked", refusal(t, err).Errors[0].Code)
		require.Len(t, c.emulator.Requests(), 1)
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	c := startWith(t, clerktest.Config{Limits: clerktest.LimitsDevelopment}, content(t))
	for range 10 {
		_, err := c.users.UpdateMetadata(t.Context(), "user_1", &user.UpdateMetadataParams{PublicMetadata: raw(`{"a":1}`)})
		require.NoError(t, err)
	}
	_, err := c.users.UpdateMetadata(t.Context(), "user_1", &user.UpdateMetadataParams{PublicMetadata: raw(`{"a":1}`)})
	e := refusal(t, err)
	require.Equal(t, http.StatusTooManyRequests, e.HTTPStatusCode)
	require.Equal(t, "too_many_requests", e.Errors[0].Code)
	wait, err := time.ParseDuration(e.Response.Header.Get("Retry-After") + "s")
	require.NoError(t, err)
	require.LessOrEqual(t, wait, 10*time.Second)
	require.Positive(t, wait)
	_, err = c.users.Get(t.Context(), "user_1")
	require.NoError(t, err, "reads are not writes to the user")
}

// Clerk's own client finds the users that the filters name, on every exchange as documented.
func TestUsersAreFound(t *testing.T) {
	t.Parallel()
	c := startWith(t, clerktest.Config{}, clerktest.Seed{Users: []clerktest.User{
		{ID: "user_1", EmailAddresses: []string{"ada@example.com"}, PhoneNumbers: []string{"+15550100"}, Username: "ada", ExternalID: "4711"},
		{ID: "user_2", EmailAddresses: []string{"bob@example.com"}, UnverifiedEmailAddresses: []string{"ada@example.com"}, UnverifiedPhoneNumbers: []string{"+15550100"}},
	}})
	for name, tc := range map[string]struct {
		params user.ListParams
		want   []string
	}{
		"address":     {user.ListParams{EmailAddresses: []string{"ada@example.com", "nobody@example.com"}}, []string{"user_2", "user_1"}},
		"number":      {user.ListParams{PhoneNumbers: []string{"+15550100"}}, []string{"user_2", "user_1"}},
		"username":    {user.ListParams{Usernames: []string{"ada", "nobody"}}, []string{"user_1"}},
		"external id": {user.ListParams{ExternalIDs: []string{"4711", "9"}}, []string{"user_1"}},
	} {
		list, err := c.users.List(t.Context(), &tc.params)
		require.NoError(t, err, name)
		var found []string
		for _, u := range list.Users {
			found = append(found, u.ID)
		}
		require.Equal(t, tc.want, found, name)
	}
	list, err := c.users.List(t.Context(), &user.ListParams{UserIDs: []string{"user_2"}})
	require.NoError(t, err)
	require.Equal(t, "verified", list.Users[0].EmailAddresses[0].Verification.Status)
	require.Equal(t, "unverified", list.Users[0].EmailAddresses[1].Verification.Status)
	require.Equal(t, "unverified", list.Users[0].PhoneNumbers[0].Verification.Status)
}
