package client_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Every method reports its calls, and none of them an id.
func TestCallHookSeesTheRoute(t *testing.T) {
	t.Parallel()
	// Ids that are words of the path, and one that is escaped, stay ids.
	for _, ids := range [][2]string{{"s3cret-user", "s3cret_org"}, {"users", "org_memberships"}, {"s3cret^é", "organizations_"}} {
		in := calls.Valid().WithID("user_id", ids[0]).WithID("organization_id", ids[1])
		for _, c := range calls.All() {
			w := &watch{}
			rt := play(answer(200, `{"response":{"id":"user_1","unsafe_metadata":{}}}`), answer(500, ""))
			_ = c.Do(t.Context(), newSDK(t, rt, w.option(), client.WithRetry(client.Retry{MaxRetries: client.None})), in)
			require.NotEmpty(t, w.calls)
			require.Len(t, w.results, len(w.calls), c.Name)
			for i, begun := range w.calls {
				want := c.Requests[i]
				require.Equal(t, want.Operation, begun.Operation)
				require.Equal(t, want.Method+" "+want.Route, begun.Method+" "+begun.Route, "%s, user %s", c.Name, in.User)
				require.Equal(t, want.IsWrite(), begun.Write)
				require.Equal(t, 443, begun.Port)
				require.Contains(t, []string{"api.clerk.com", "clerk.example.com"}, begun.Host)
			}
		}
	}
}

func TestCallHookSeesTheAddress(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]observe.Call{
		"https://clerk.example:8443/proxy/v1/": {Host: "clerk.example", Port: 8443, Route: "/proxy/v1/users/{user_id}"},
		"http://127.0.0.1":                     {Host: "127.0.0.1", Port: 80, Route: "/v1/users/{user_id}"},
		"http://[::1]:7654":                    {Host: "::1", Port: 7654, Route: "/v1/users/{user_id}"},
	} {
		w := &watch{}
		_, err := newClient(t, answer(200, userJSON), w.option(), client.WithBaseURL(base)).Users.GetUser(t.Context(), "user_1")
		require.NoError(t, err)
		want.Operation, want.Method = "GetUser", http.MethodGet
		require.Equal(t, []observe.Call{want}, w.calls)
	}
}
