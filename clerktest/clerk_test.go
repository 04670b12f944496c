package clerktest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestInvalidSeeds(t *testing.T) {
	t.Parallel()
	user, org := clerktest.User{ID: "user_1"}, clerktest.Organization{ID: "org_1", Slug: "acme"}
	member := clerktest.Membership{OrganizationID: "org_1", UserID: "user_1"}
	broken := []int{1}
	brokenMember := member
	brokenMember.PrivateMetadata = broken
	type (
		usersOf    = []clerktest.User
		orgsOf     = []clerktest.Organization
		membersOf  = []clerktest.Membership
		sessionsOf = []clerktest.Session
	)
	for want, seed := range map[string]clerktest.Seed{
		`user 2: id "user_1" is taken`:                      {Users: usersOf{user, user}},
		`user 2: id "user_2" is taken`:                      {Users: usersOf{{ID: "user_2"}, {}}},
		`user 1: unsafe_metadata: `:                         {Users: usersOf{{UnsafeMetadata: broken}}},
		`user 1: public_metadata: `:                         {Users: usersOf{{PublicMetadata: metadata.Of(broken)}}},
		`organization 2: id "org_1" is taken`:               {Organizations: orgsOf{org, org}},
		`organization 2: slug "acme" is taken`:              {Organizations: orgsOf{org, {Slug: "acme"}}},
		`organization 1: public_metadata: `:                 {Organizations: orgsOf{{PublicMetadata: broken}}},
		`membership 1: organization "org_1" does not exist`: {Users: usersOf{user}, Memberships: membersOf{member}},
		`membership 1: user "user_1" does not exist`:        {Organizations: orgsOf{org}, Memberships: membersOf{member}},
		`membership 1: private_metadata: `:                  {Users: usersOf{user}, Organizations: orgsOf{org}, Memberships: membersOf{brokenMember}},
		`membership 2: user "user_1" is already a member of "org_1"`: {
			Memberships: membersOf{member, member}, Users: usersOf{user}, Organizations: orgsOf{org},
		},
		`webhook 1: event "user.banned" is unknown; expected one of ["user.created" `: {
			Webhooks: []clerktest.Webhook{{URL: "http://localhost", Events: []string{"user.banned"}}},
		},
		`webhook_secret is too short: `:     {WebhookSecret: "whsec_clerktest123"},
		`session 1: user "" does not exist`: {Sessions: sessionsOf{{}}},
		`session 2: id "sess_1" is taken`:   {Users: usersOf{user}, Sessions: sessionsOf{{UserID: "user_1"}, {ID: "sess_1", UserID: "user_1"}}},
		`session 2: its dev_browser belongs to another client`: {Users: usersOf{user}, Sessions: sessionsOf{
			{UserID: "user_1", DevBrowser: "dvb_1"}, {UserID: "user_1", DevBrowser: "dvb_1", ClientToken: "other"},
		}},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			_, err := clerktest.New(seed)
			require.ErrorContains(t, err, "clerktest: "+want)
		})
	}
}

func TestSeedDefaults(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{}, {PrivateMetadata: metadata.Null()}},
		Organizations: []clerktest.Organization{{}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_2"}},
		Sessions: []clerktest.Session{
			{UserID: "user_1", DevBrowser: "dvb_1"},
			{UserID: "user_2", DevBrowser: "dvb_1"}, // joins that client
		},
	})
	u, ok := c.User("user_1")
	require.True(t, ok)
	require.Equal(t, "{}", u.PublicMetadata.String())
	u, ok = c.User("user_2")
	require.True(t, ok)
	require.True(t, u.PrivateMetadata.IsNull())
	o, ok := c.Organization("org_1")
	require.True(t, ok)
	require.Equal(t, "org_1", o.Slug)
	require.Equal(t, "org_1", o.Name)
	m, ok := c.Membership("org_1", "user_2")
	require.True(t, ok)
	require.Equal(t, "org:member", m.Role)
	require.Equal(t, "org_1", m.OrganizationID)
	require.Equal(t, "user_2", m.UserID)
	require.Equal(t, "{}", m.PrivateMetadata.String())

	for _, missing := range []func() bool{
		func() bool { _, ok := c.User("user_9"); return ok },
		func() bool { _, ok := c.Organization("org_9"); return ok },
		func() bool { _, ok := c.Membership("org_1", "user_1"); return ok },
	} {
		require.False(t, missing())
	}
	r := send(t, c.Transport(), "GET", "/v1/me?_is_native=1&_clerk_session_id=sess_2", "", "Authorization", "client_token_sess_1")
	require.Equal(t, `"user_2"`, r.field(t, "response", "id"))
}

// The seeds' JSON form is what a seed file holds.
func TestSeedsAsJSON(t *testing.T) {
	t.Parallel()
	for want, seed := range map[string]any{
		`{"id":"user_1","unsafe_metadata":{},"first_name":"Ada"}`:                    clerktest.User{ID: "user_1", FirstName: "Ada", UnsafeMetadata: metadata.Empty()},
		`{"slug":"acme","public_metadata":{"a":1}}`:                                  clerktest.Organization{Slug: "acme", PublicMetadata: metadata.Of(object{"a": 1})},
		`{"organization_id":"org_1","user_id":"user_1"}`:                             clerktest.Membership{OrganizationID: "org_1", UserID: "user_1"},
		`{"id":"s","user_id":"user_1","client_token":"c","dev_browser":"d"}`:         clerktest.Session{ID: "s", UserID: "user_1", ClientToken: "c", DevBrowser: "d"},
		`{"id":"user_1","private_metadata":null,"last_name":"L","username":"uname"}`: clerktest.User{ID: "user_1", PrivateMetadata: metadata.Null(), LastName: "L", Username: "uname"},
	} {
		text, err := json.Marshal(seed)
		require.NoError(t, err)
		require.JSONEq(t, want, string(text))
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	c, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{}}, SecretKey: "sk_test_example"})
	require.NoError(t, err)
	u, err := c.URL()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(u, "http://127.0.0.1:"))
	again, err := c.URL()
	require.NoError(t, err)
	require.Equal(t, u, again)

	get := func() (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u+"/v1/users/user_1", nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer sk_test_example")
		return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	}
	resp, err := get()
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, string(text), `"id":"user_1"`)

	require.NoError(t, c.Close())
	require.NoError(t, c.Close())
	_, err = get()
	require.Error(t, err)
	_, err = c.URL()
	require.ErrorContains(t, err, "closed")
	_, ok := c.User("user_1")
	require.True(t, ok)
}

// A Clerk is an http.Handler for anybody's server, a broken request's included.
func TestHandler(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/users/user_1", nil)
	r.Header.Set("Authorization", "bearer "+c.SecretKey())
	c.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)

	r.Body = io.NopCloser(brokenReader{})
	require.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { c.ServeHTTP(httptest.NewRecorder(), r) })
	require.Len(t, c.Requests(), 1)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestParallelUse(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	const workers, each = 8, 25
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range each {
				body := fmt.Sprintf(`{"public_metadata":{"w%d_%d":true}}`, w, i)
				backend(t, c, "PATCH", "/users/user_2/metadata", body)
				native(t, c, "GET", "/me", "")
				_ = c.Requests(clerktest.GetMe)
				_, _ = c.User("user_2")
				_ = c.Unused()
			}
		})
	}
	wg.Wait()
	u, _ := c.User("user_2")
	members, err := u.PublicMetadata.Map()
	require.NoError(t, err)
	require.Len(t, members, workers*each)
	require.Len(t, c.Requests(), 2*workers*each)
	c.ResetRequests()
	require.Empty(t, c.Requests())
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	backend(t, c, "PATCH", "/users/user_1/metadata?x=1", `{"public_metadata":{}}`, "X-Kept", "yes")
	send(t, c.Transport(), "GET", "/v1/me?_clerk_js_version=6&__dev_session=dvb_1&__clerk_db_jwt=dvb_1&__clerk_ticket=t", "",
		"Cookie", "__client=client_token_1", "Clerk-Secret-Key", "sk_test_example", "Proxy-Authorization", "p",
		"Referer", "https://app.example.com/?__clerk_db_jwt=dvb_1", "Clerk-Proxy-Url", "https://app.example.com/__clerk")
	native(t, c, "GET", "/me", "")
	log := c.Requests()
	require.Len(t, log, 3)
	require.Equal(t, clerktest.Request{
		API: clerktest.BackendAPI, Operation: clerktest.UpdateUserMetadata, Method: "PATCH", Path: "/v1/users/user_1/metadata",
		Query:  map[string][]string{"x": {"1"}},
		Header: log[0].Header, Body: []byte(`{"public_metadata":{}}`), Credential: "secret key", Status: 200,
		Time: log[0].Time, Duration: log[0].Duration,
	}, log[0])
	require.Equal(t, "yes", log[0].Header.Get("X-Kept"))
	text := fmt.Sprintf("%+v", log)
	for _, secret := range []string{c.SecretKey(), "sk_test_example", "client_token_1", "dvb_1", "__clerk_ticket", "Proxy-Authorization", "Cookie"} {
		require.NotContains(t, text, secret)
	}
	require.Equal(t, "6", log[1].Query.Get("_clerk_js_version"))
	require.Equal(t, http.StatusUnauthorized, log[1].Status)

	// What is handed out is a copy.
	log[0].Body[0], log[0].Header["X-Kept"][0], log[0].Query["x"][0] = 'X', "no", "2"
	again := c.Requests(clerktest.UpdateUserMetadata, clerktest.GetOrganization)
	require.Len(t, again, 1)
	require.Equal(t, `{"public_metadata":{}}`, string(again[0].Body))
	require.Equal(t, "yes", again[0].Header.Get("X-Kept"))
	require.Equal(t, "1", again[0].Query.Get("x"))
}

// Every field that Clerk's OpenAPI documents require is in the answers.
func TestRequiredFields(t *testing.T) {
	t.Parallel()
	const (
		userFields = "id object username first_name last_name has_image primary_email_address_id primary_phone_number_id primary_web3_wallet_id " +
			"password_enabled two_factor_enabled totp_enabled backup_code_enabled email_addresses phone_numbers web3_wallets passkeys external_accounts " +
			"saml_accounts enterprise_accounts public_metadata external_id last_sign_in_at banned locked lockout_expires_in_seconds " +
			"verification_attempts_remaining created_at updated_at delete_self_enabled create_organization_enabled last_active_at mfa_enabled_at " +
			"mfa_disabled_at legal_accepted_at"
		organizationFields = "object id name slug has_image max_allowed_memberships admin_delete_enabled public_metadata created_at updated_at"
		membershipFields   = "object id role permissions public_metadata created_at updated_at organization public_user_data"
		publicUserFields   = "user_id first_name last_name profile_image_url image_url has_image identifier"
		clientFields       = "object id sessions sign_in sign_up last_active_session_id last_authentication_strategy cookie_expires_at captcha_bypass created_at updated_at"
		sessionFields      = "id object status expire_at abandon_at last_active_at last_active_organization_id public_user_data factor_verification_age created_at updated_at"
	)
	c := seeded(t)
	require.Equal(t, http.StatusOK, backend(t, c, "PATCH", "/organizations/org_1/memberships/user_1/metadata", "").status)
	member := backend(t, c, "PATCH", "/organizations/org_1/memberships/user_1/metadata", `{}`)
	me := native(t, c, "GET", "/me", "")
	var sessions []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(me.field(t, "client", "sessions")), &sessions))
	require.Len(t, sessions, 2)
	for name, tc := range map[string]struct{ fields, text string }{
		"User":                      {userFields + " private_metadata unsafe_metadata", backend(t, c, "GET", "/users/user_1", "").field(t)},
		"Organization":              {organizationFields + " private_metadata", backend(t, c, "GET", "/organizations/org_1", "").field(t)},
		"OrganizationMembership":    {membershipFields + " private_metadata", member.field(t)},
		"its organization":          {organizationFields, member.field(t, "organization")},
		"its public_user_data":      {publicUserFields, member.field(t, "public_user_data")},
		"Frontend User":             {userFields + " unsafe_metadata", me.field(t, "response")},
		"Client":                    {clientFields, me.field(t, "client")},
		"Session":                   {sessionFields, string(sessions[0])},
		"answer of the FAPI itself": {"response client", me.field(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var members object
			require.NoError(t, json.Unmarshal([]byte(tc.text), &members))
			for field := range strings.FieldsSeq(tc.fields) {
				require.Contains(t, members, field)
			}
			for _, stamp := range []string{"created_at", "updated_at"} {
				if slices.Contains(strings.Fields(tc.fields), stamp) {
					require.Greater(t, members[stamp], 1.5e12, "Unix milliseconds")
				}
			}
		})
	}
}
