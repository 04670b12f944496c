package clerktest_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// everyStatus is the content with a session of each status beside those signed in.
func everyStatus() clerktest.Seed {
	seed := content()
	for i, status := range []string{"revoked", "ended", "removed", "expired", "abandoned", "replaced"} {
		seed.Sessions = append(seed.Sessions, clerktest.Session{
			ID: "sess_" + status, UserID: "user_1", ClientID: "client_" + status, Status: status, CreatedAt: int64(1000 + i),
		})
	}
	return seed
}

func TestBackendSession(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.Sessions[0].CreatedAt, seed.Sessions[0].UpdatedAt, seed.Sessions[0].ActiveOrganizationID = 1000, 2000, "org_1"
	c := clerktest.Start(t, seed)
	require.JSONEq(t, `{
		"object":"session","id":"sess_1","user_id":"user_1","client_id":"client_1","actor":null,"status":"active",
		"last_active_organization_id":"org_1","last_active_at":2000,"expire_at":604801000,"abandon_at":2592001000,
		"created_at":1000,"updated_at":2000
	}`, backend(t, c, "GET", "/sessions/sess_1", "").field(t))
	requireFailed(t, backend(t, c, "GET", "/sessions/sess_9", ""), 404, "resource_not_found", "")
	requireFailed(t, send(t, c.Transport(), "GET", "/v1/sessions/sess_1", ""), 401, "authorization_header_format_invalid", "")
}

func TestSessionList(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, everyStatus())
	for query, want := range map[string][]string{
		"limit=3":          {"sess_2", "sess_1", "sess_replaced"},
		"limit=2&offset=1": {"sess_1", "sess_replaced"},
		"user_id=user_2":   {"sess_2"},
		"status=active":    {"sess_2", "sess_1"},
		"status=ended":     {"sess_ended"},
		"user_id=user_1&status=active&client_id=client_1": {"sess_1"},
		"client_id=client_expired":                        {"sess_expired"},
		"user_id=user_9":                                  {},
	} {
		require.Equal(t, want, backend(t, c, "GET", "/sessions?"+query, "").isList(t), query)
	}
	page := backend(t, c, "GET", "/sessions?paginated=true&user_id=user_1&limit=1", "")
	require.Equal(t, "7", page.field(t, "total_count"))
	requireFailed(t, backend(t, c, "GET", "/sessions?status=pending", ""), 422, "form_param_value_invalid", "")
	requireFailed(t, backend(t, c, "GET", "/sessions?order_by=created_at", ""), 400, "clerktest_unsupported", "order_by")
}

func TestCreateSession(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	made := backend(t, c, "POST", "/sessions", `{"user_id":"user_1","active_organization_id":"acme"}`)
	require.Equal(t, `"active"`, made.field(t, "status"))
	require.Equal(t, `"org_1"`, made.field(t, "last_active_organization_id"))
	require.Equal(t, string(made.body), backend(t, c, "GET", "/sessions/"+made.id(t), "").field(t))
	other := backend(t, c, "POST", "/sessions", `{"user_id":"user_1"}`)
	require.NotEqual(t, made.field(t, "client_id"), other.field(t, "client_id"))
	require.Equal(t, "null", other.field(t, "last_active_organization_id"))

	requireFailed(t, backend(t, c, "POST", "/sessions", `{}`), 422, "form_param_missing", "user_id")
	requireFailed(t, backend(t, c, "POST", "/sessions", `{"user_id":"user_1","x":1}`), 422, "form_param_unknown", "x")
	requireFailed(t, backend(t, c, "POST", "/sessions", `{"user_id":"user_9"}`), 404, "resource_not_found", "")
	requireFailed(t, backend(t, c, "POST", "/sessions", `{"user_id":"user_1","active_organization_id":"org_9"}`), 404, "resource_not_found", "")
	requireFailed(t, backend(t, c, "POST", "/sessions", `{"user_id":"user_1","active_organization_id":"org_2"}`), 403, "not_a_member_in_organization", "")

	seed := content()
	seed.SecretKey = "sk_live_" + "example"
	live := clerktest.Start(t, seed)
	requireFailed(t, backend(t, live, "POST", "/sessions", `{"user_id":"user_1"}`), 400, "request_invalid_for_environment", "")
	require.Equal(t, []string{"sess_2", "sess_1"}, backend(t, live, "GET", "/sessions", "").isList(t))
}

// A revoked session no longer signs in, although its client shows it.
func TestRevokeSession(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	native(t, c, "POST", "/client/sessions/sess_1/touch", "").field(t)
	for range 2 {
		require.Equal(t, `"revoked"`, backend(t, c, "POST", "/sessions/sess_1/revoke", "").field(t, "status"))
	}
	requireFailed(t, backend(t, c, "POST", "/sessions/sess_9/revoke", ""), 404, "resource_not_found", "")
	requireFailed(t, backend(t, c, "POST", "/sessions/sess_1/tokens", ""), 404, "resource_not_found", "")
	requireFailed(t, native(t, c, "POST", "/client/sessions/sess_1/tokens", ""), 404, "resource_not_found", "")
	requireFailed(t, native(t, c, "GET", "/me?_clerk_session_id=sess_1", ""), 401, "authentication_invalid", "")
	require.Equal(t, `"user_2"`, native(t, c, "GET", "/me", "").field(t, "response", "id"), "the client's other session")
	r := native(t, c, "GET", "/client", "")
	require.Equal(t, []string{"sess_1", "sess_2"}, sessionIDs(t, r, "response"))
	require.Equal(t, `"sess_2"`, r.field(t, "response", "last_active_session_id"))

	again := clerktest.Start(t, c.State())
	require.Equal(t, c.State(), again.State())
	require.Equal(t, r.field(t, "response", "sessions"), native(t, again, "GET", "/client", "").field(t, "response", "sessions"))

	native(t, c, "DELETE", "/client/sessions", "").field(t)
	require.Empty(t, sessionIDs(t, native(t, c, "GET", "/client", ""), "response"))
	require.Equal(t, []string{"sess_2", "sess_1"}, backend(t, c, "GET", "/sessions?status=removed", "").isList(t))
	backend(t, c, "DELETE", "/users/user_1", "").field(t)
	require.Equal(t, []string{"sess_2"}, backend(t, c, "GET", "/sessions", "").isList(t), "those of a deleted user are gone")
}

func TestStatusesSurviveTheState(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, everyStatus())
	require.Equal(t, c.State(), clerktest.Start(t, c.State()).State())
	for want, s := range map[string]clerktest.Session{
		`"signed_in" is no status of a session`:                                     {Status: "signed_in"},
		`a session that is revoked is no client's current one`:                      {Status: "revoked", Active: true},
		`a session that is ended has neither client_token nor dev_browser`:          {Status: "ended", ClientToken: "token"},
		`a session that is replaced has neither client_token nor dev_browser`:       {Status: "replaced", DevBrowser: "dvb_7"},
		`session 3: a session that is expired has neither client_token nor dev_bro`: {Status: "expired", ClientToken: "client_token_1"},
	} {
		seed := content()
		s.UserID = "user_1"
		seed.Sessions = append(seed.Sessions, s)
		_, err := clerktest.New(seed)
		require.ErrorContains(t, err, want)
	}
}

func TestBackendSessionTokens(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	keys := backend(t, c, "GET", "/jwks", "").body
	for body, life := range map[string]float64{
		"": 60, `{}`: 60, `{"expires_in_seconds":null}`: 60, `{"expires_in_seconds":30}`: 30, `{"expires_in_seconds":315360000}`: 315360000,
	} {
		r := backend(t, c, "POST", "/sessions/sess_1/tokens", body)
		require.Equal(t, `"token"`, r.field(t, "object"))
		var token string
		require.NoError(t, json.Unmarshal([]byte(r.field(t, "jwt")), &token))
		claims := verify(t, token, keys)
		require.Equal(t, []any{"user_1", "sess_1", "active"}, []any{claims["sub"], claims["sid"], claims["sts"]})
		iat, _ := claims["iat"].(float64)
		require.InDelta(t, time.Now().Unix(), iat, 60)
		require.InDelta(t, iat+life, claims["exp"], 0, body)
		require.NotContains(t, claims, "azp")
	}
	for _, seconds := range []string{"29", "315360001", "-1", "30.5", `"60"`, "9223372036854775808"} {
		body := fmt.Sprintf(`{"expires_in_seconds":%s}`, seconds)
		requireFailed(t, backend(t, c, "POST", "/sessions/sess_1/tokens", body), 422, "form_param_value_invalid", "expires_in_seconds")
	}
	requireFailed(t, backend(t, c, "POST", "/sessions/sess_9/tokens", ""), 404, "resource_not_found", "")
	requireFailed(t, backend(t, c, "POST", "/sessions/sess_1/tokens/custom", ""), 400, "clerktest_unsupported", "")
}

// The organization switcher of the browser client reads the memberships page by page.
func TestOwnMemberships(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.Memberships[0].PrivateMetadata, seed.Organizations[0].PrivateMetadata = object{"hidden": 1}, object{"hidden": 1}
	seed.Memberships = append(seed.Memberships, clerktest.Membership{OrganizationID: "org_2", UserID: "user_1", CreatedAt: 1})
	c := clerktest.Start(t, seed)
	r := native(t, c, "GET", "/me/organization_memberships?paginated=true&limit=1", "")
	require.Equal(t, "2", r.field(t, "response", "total_count"))
	require.Contains(t, r.field(t, "response", "data"), `"slug":"acme"`)
	require.Contains(t, r.field(t, "response", "data"), `"desk":1`)
	require.NotContains(t, string(r.body), "hidden")
	require.Equal(t, []string{"sess_1", "sess_2"}, sessionIDs(t, r, "client"))
	r = native(t, c, "GET", "/me/organization_memberships?paginated=true&offset=1", "")
	require.Contains(t, r.field(t, "response", "data"), `"org_2"`)
	for query, want := range map[string]int{"": 2, "?paginated=false&offset=1&_clerk_js_version=5": 1, "?_clerk_session_id=sess_2": 0} {
		var all []any
		require.NoError(t, json.Unmarshal([]byte(native(t, c, "GET", "/me/organization_memberships"+query, "").field(t, "response")), &all), query)
		require.Len(t, all, want, query)
	}
	requireFailed(t, native(t, c, "GET", "/me/organization_memberships?paginated=1", ""), 422, "form_param_value_invalid", "")
	requireFailed(t, native(t, c, "GET", "/me/organization_memberships?order_by=role", ""), 400, "clerktest_unsupported", "order_by")
}
