package conformance_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

// TestSessionAnswers checks answers about sessions and memberships of a user with Clerk's documents.
func TestSessionAnswers(t *testing.T) {
	t.Parallel()
	vs := validators(t)
	c, err := clerktest.New(clerktest.Seed{
		Users:         []clerktest.User{{}},
		Organizations: []clerktest.Organization{{}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
		Sessions: []clerktest.Session{
			{UserID: "user_1", ClientToken: "token", ActiveOrganizationID: "org_1"}, {UserID: "user_1", Status: "ended"}, {UserID: "user_1"},
		},
	})
	require.NoError(t, err)
	for _, tt := range []struct {
		api, method, path, query, body string
		status                         int
		declared                       bool
	}{
		{"bapi", "GET", "/v1/sessions", "limit=3&status=active", "", 200, true},
		{"bapi", "GET", "/v1/sessions", "status=none", "", 422, true},
		{"bapi", "GET", "/v1/sessions/sess_2", "", "", 200, true},
		{"bapi", "GET", "/v1/sessions/sess_9", "", "", 404, true},
		{"bapi", "POST", "/v1/sessions", "", `{"user_id":"user_1","active_organization_id":"org_1"}`, 200, true},
		{"bapi", "POST", "/v1/sessions", "", `{"user_id":"user_9"}`, 404, true},
		{"bapi", "POST", "/v1/sessions", "", `{}`, 422, true},
		{"bapi", "POST", "/v1/sessions/sess_1/tokens", "", `{"expires_in_seconds":60}`, 200, true},
		{"bapi", "POST", "/v1/sessions/sess_1/tokens", "", `{"expires_in_seconds":1}`, 422, false},
		{"bapi", "POST", "/v1/sessions/sess_2/tokens", "", "", 404, true},
		{"bapi", "POST", "/v1/sessions/sess_3/revoke", "", "", 200, true},
		{"fapi", "GET", "/v1/me/organization_memberships", "", "", 200, true},
		{"fapi", "GET", "/v1/me/organization_memberships", "paginated=true&limit=1", "", 200, true},
	} {
		r := httptest.NewRequestWithContext(t.Context(), tt.method, "https://clerk.test"+tt.path+"?"+tt.query, strings.NewReader(tt.body))
		if tt.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		if tt.api == "bapi" {
			r.Header.Set("Authorization", "Bearer "+clerktest.DefaultSecretKey)
		} else {
			r.Header.Set("Cookie", "__client=token")
		}
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		require.Equal(t, tt.status, w.Code, "%s %s: %s", tt.method, tt.path, w.Body)
		request := conformance.Request{API: tt.api, Method: tt.method, Path: tt.path, Query: tt.query, Header: r.Header, Body: tt.body}
		declared, err := vs[tt.api].ValidateAnswer(t.Context(), request, conformance.Answer{Status: w.Code, Header: w.Header(), Body: w.Body.String()})
		require.NoError(t, err, "%s %s: %s", tt.method, tt.path, w.Body)
		require.Equal(t, tt.declared, declared, "%s %s", tt.method, tt.path)
	}
}
