package docs_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Public is what the frontend may read and only the backend may write.
type Public struct {
	Roles map[string]bool `json:"roles,omitempty"`
}

// Member is a user of whom only the public metadata matters.
type Member struct {
	Public Public `json:"public_metadata"`
}

func grant(ctx context.Context, c *client.Client, userID, role string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"roles": metadata.Patch{role: true}},
	})
	return err
}

var errLastRole = errors.New("a member has at least one role")

func revoke(ctx context.Context, c *client.Client, userID, role string) (*users.Modified[Member], error) {
	members := users.As[Member](c.Users)
	return members.Modify(ctx, userID, func(m *Member) error {
		if m.Public.Roles[role] && len(m.Public.Roles) == 1 {
			return errLastRole
		}
		delete(m.Public.Roles, role)
		return nil
	})
}

// claimsOf returns the claims of the verified session token, as the middleware
// of your JWT library puts them into the context.
func claimsOf(ctx context.Context) map[string]any {
	claims, _ := ctx.Value(claimsKey{}).(map[string]any)
	return claims
}

type claimsKey struct{}

func requireRole(role string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		public, err := publicOf(claimsOf(r.Context()))
		if err != nil || !public.Roles[role] {
			http.Error(w, "not allowed", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func publicOf(claims map[string]any) (Public, error) {
	claim, err := metadata.FromClaims(claims, "metadata")
	if err != nil {
		return Public{}, err
	}
	return metadata.Decode[Public](claim)
}

func TestGuideRoles(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{"team": "blue"}}}})
	c := clerk.Client()
	holds := func(want string) {
		user, _ := clerk.User("user_1")
		require.Equal(t, want, user.PublicMetadata.String())
	}
	require.NoError(t, grant(t.Context(), c, "user_1", "editor"))
	require.NoError(t, grant(t.Context(), c, "user_1", "admin"))
	require.Len(t, clerk.Requests(), 2, "nothing is read")
	holds(`{"roles":{"admin":true,"editor":true},"team":"blue"}`)

	result, err := revoke(t.Context(), c, "user_1", "editor")
	require.NoError(t, err)
	sent, err := result.Sent.PublicMetadata.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"roles":{"editor":null}}`, string(sent))
	holds(`{"roles":{"admin":true},"team":"blue"}`)

	_, err = revoke(t.Context(), c, "user_1", "admin")
	require.ErrorIs(t, err, errLastRole)
	holds(`{"roles":{"admin":true},"team":"blue"}`)
}

// Two administrators at the same time: each role is a separate key.
func TestGuideRolesTwoAtATime(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{
		"roles": map[string]any{"editor": true, "viewer": true},
	}}}})
	other := clerk.Client()
	between := client.WithAttemptHook(func(ctx context.Context, a observe.Attempt) {
		if a.Operation == "GetUser" {
			require.NoError(t, grant(ctx, other, "user_1", "admin"))
		}
	})
	result, err := revoke(t.Context(), clerk.Client(between), "user_1", "editor")
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"admin": true, "viewer": true}, result.Value.Public.Roles)
	require.Equal(t, []string{"public_metadata/roles/admin"}, result.ConcurrentChanges)
}

func TestGuideRolesInTheSessionToken(t *testing.T) {
	t.Parallel()
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for name, tc := range map[string]struct {
		claims map[string]any
		status int
	}{
		"the role":         {map[string]any{"metadata": map[string]any{"roles": map[string]any{"admin": true}}}, 200},
		"another role":     {map[string]any{"metadata": map[string]any{"roles": map[string]any{"editor": true}}}, 403},
		"a role taken":     {map[string]any{"metadata": map[string]any{"roles": map[string]any{"admin": false}}}, 403},
		"no role":          {map[string]any{"metadata": map[string]any{}}, 403},
		"no claim":         {map[string]any{"sub": "user_1"}, 403},
		"half of it":       {map[string]any{"metadata": map[string]any{"roles": map[string]any{"admin": true, "editor": "yes"}}}, 403},
		"another kind":     {map[string]any{"metadata": map[string]any{"roles": []any{"admin"}}}, 403},
		"no object":        {map[string]any{"metadata": "admin"}, 403},
		"nobody signed in": {nil, 403},
	} {
		w := httptest.NewRecorder()
		ctx := context.WithValue(t.Context(), claimsKey{}, tc.claims)
		requireRole("admin", ok).ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
		require.Equal(t, tc.status, w.Code, name)
	}
}
