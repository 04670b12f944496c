package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

func TestGrantAndRevoke(t *testing.T) {
	t.Parallel()
	fake := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{"team": "blue"}}}})
	c := fake.Client()
	holds := func(want string) {
		user, _ := fake.User("user_1")
		require.Equal(t, want, user.PublicMetadata.String())
	}
	require.NoError(t, grant(t.Context(), c, "user_1", "editor"))
	require.NoError(t, grant(t.Context(), c, "user_1", "admin"))
	require.Len(t, fake.Requests(), 2, "nothing is read")
	holds(`{"roles":{"admin":true,"editor":true},"team":"blue"}`)

	fake.ResetRequests()
	require.NoError(t, revoke(t.Context(), c, "user_1", "editor"))
	require.JSONEq(t, `{"public_metadata":{"roles":{"editor":null}}}`, string(fake.Requests()[1].Body))
	holds(`{"roles":{"admin":true},"team":"blue"}`)

	require.ErrorIs(t, revoke(t.Context(), c, "user_1", "admin"), errLastRole)
	holds(`{"roles":{"admin":true},"team":"blue"}`)
}

// Two administrators at the same time: each role is a separate key.
func TestTwoAtATime(t *testing.T) {
	t.Parallel()
	fake := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{
		"roles": map[string]any{"editor": true, "viewer": true},
	}}}})
	other := fake.Client()
	between := client.WithAttemptHook(func(ctx context.Context, a observe.Attempt) {
		if a.Operation == "GetUser" {
			require.NoError(t, grant(ctx, other, "user_1", "admin"))
		}
	})
	require.NoError(t, revoke(t.Context(), fake.Client(between), "user_1", "editor"))
	user, _ := fake.User("user_1")
	require.Equal(t, `{"roles":{"admin":true,"viewer":true}}`, user.PublicMetadata.String())
}

// signedIn is a context with the claims of a verified token.
func signedIn(t *testing.T, public string) context.Context {
	t.Helper()
	custom := &sessionClaims{}
	if public != "" {
		var err error
		custom.Metadata, err = metadata.ParseObject([]byte(public))
		require.NoError(t, err)
	}
	return clerk.ContextWithSessionClaims(t.Context(), &clerk.SessionClaims{Custom: custom})
}

func TestHandler(t *testing.T) {
	t.Parallel()
	const admin = `{"roles":{"admin":true}}`
	for name, tc := range map[string]struct {
		ctx    context.Context
		method string
		path   string
		status int
		stored string
	}{
		"granted":          {signedIn(t, admin), http.MethodPut, "/users/user_1/roles/viewer", 204, `{"roles":{"editor":true,"viewer":true}}`},
		"the last role":    {signedIn(t, admin), http.MethodDelete, "/users/user_1/roles/editor", 409, ""},
		"unknown user":     {signedIn(t, admin), http.MethodPut, "/users/user_2/roles/viewer", 502, ""},
		"another role":     {signedIn(t, `{"roles":{"editor":true}}`), http.MethodPut, "/users/user_1/roles/admin", 403, ""},
		"a role taken":     {signedIn(t, `{"roles":{"admin":false}}`), http.MethodPut, "/users/user_1/roles/admin", 403, ""},
		"no role":          {signedIn(t, `{}`), http.MethodPut, "/users/user_1/roles/admin", 403, ""},
		"no claim":         {signedIn(t, ""), http.MethodPut, "/users/user_1/roles/admin", 403, ""},
		"one wrong type":   {signedIn(t, `{"roles":{"admin":true,"editor":"yes"}}`), http.MethodPut, "/users/user_1/roles/admin", 403, ""},
		"a list":           {signedIn(t, `{"roles":["admin"]}`), http.MethodPut, "/users/user_1/roles/admin", 403, ""},
		"nobody signed in": {t.Context(), http.MethodPut, "/users/user_1/roles/admin", 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{"roles": map[string]any{"editor": true}}}}})
			w := httptest.NewRecorder()
			handler(fake.Client()).ServeHTTP(w, httptest.NewRequestWithContext(tc.ctx, tc.method, tc.path, nil))
			require.Equal(t, tc.status, w.Code)
			if tc.stored == "" {
				tc.stored = `{"roles":{"editor":true}}`
			}
			user, _ := fake.User("user_1")
			require.Equal(t, tc.stored, user.PublicMetadata.String())
		})
	}
}
