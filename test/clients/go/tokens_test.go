package goclient_test

import (
	"encoding/json"
	"net/http"
	"testing"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestSessionTokenIsVerified(t *testing.T) {
	t.Parallel()
	seed := content(t)
	seed.Sessions = []clerktest.Session{{ID: "sess_1", UserID: "user_1", ClientToken: "client-1"}}
	c := startWith(t, clerktest.Config{}, seed)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+"/v1/client/sessions/sess_1/tokens", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Cookie", "__client=client-1")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	var token struct{ JWT string }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&token))

	claims, err := jwt.Verify(t.Context(), &jwt.VerifyParams{
		Token: token.JWT, JWKSClient: c.jwks,
		// This client takes no issuer but Clerk's own domains and that of a proxy.
		ProxyURL: clerk.String(c.url),
	})
	require.NoError(t, err)
	require.Equal(t, "user_1", claims.Subject)
	require.Equal(t, "sess_1", claims.SessionID)
}
