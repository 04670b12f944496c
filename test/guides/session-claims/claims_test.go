package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// sessionToken requests a token as a browser does, and returns its payload.
func sessionToken(t *testing.T, clerk *clerktest.Test) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://clerk.test/v1/client/sessions/sess_1/tokens", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Cookie", "__client=client-token-1")
	resp, err := clerk.Transport().RoundTrip(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var answer struct{ JWT string }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	parts := strings.Split(answer.JWT, ".")
	require.Len(t, parts, 3)
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	return payload
}

func TestClaims(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{
		Organizations: []clerktest.Organization{{ID: "org_1", PublicMetadata: map[string]any{"tier": "gold"}}},
		Users:         []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{"plan": "pro", "limit": int64(9007199254740993)}}},
		Sessions:      []clerktest.Session{{UserID: "user_1", ClientToken: "client-token-1", ActiveOrganizationID: "org_1"}},
		SessionClaims: map[string]any{"metadata": "{{user.public_metadata}}", "tier": "{{org.public_metadata.tier || 'free'}}"},
	})
	c := clerk.Client()
	payload := sessionToken(t, clerk)
	plan, err := planFromPayload(payload)
	require.NoError(t, err)
	require.Equal(t, Plan{"pro", 9007199254740993}, plan)

	var claims map[string]any
	require.NoError(t, json.Unmarshal(payload, &claims))
	require.Equal(t, "gold", claims["tier"])
	plan, err = planFromClaims(claims)
	require.NoError(t, err)
	require.Equal(t, Plan{"pro", 9007199254740992}, plan, "float64 has lost a digit")
	dec := json.NewDecoder(strings.NewReader(string(payload)))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&claims))
	plan, err = planFromClaims(claims)
	require.NoError(t, err)
	require.Equal(t, Plan{"pro", 9007199254740993}, plan)

	// The token is as old as it is; Clerk knows.
	require.NoError(t, setPublic(t.Context(), c, "user_1", metadata.Patch{"plan": "free"}))
	plan, err = planFromPayload(payload)
	require.NoError(t, err)
	require.Equal(t, "pro", plan.Name)
	plan, err = planNow(t.Context(), c, "user_1")
	require.NoError(t, err)
	require.Equal(t, "free", plan.Name)
	plan, err = planFromPayload(sessionToken(t, clerk))
	require.NoError(t, err)
	require.Equal(t, "free", plan.Name, "the next token has it")

	_, err = planNow(t.Context(), c, "user_unknown")
	require.Error(t, err)
}

func TestUnverified(t *testing.T) {
	t.Parallel()
	_, err := planFromPayload([]byte("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyXzEifQ."))
	require.ErrorIs(t, err, metadata.ErrUnverified)
	plan, err := planFromPayload([]byte(`{"sub":"user_1"}`))
	require.NoError(t, err)
	require.Zero(t, plan, "no claim is no plan")
}

func TestBound(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{"plan": "pro", "notes": strings.Repeat("n", 900)}}}})
	err := setPublic(t.Context(), clerk.Client(), "user_1", metadata.Patch{"bio": strings.Repeat("b", 300)})
	var tooLarge *metadata.ClaimSizeError
	require.ErrorAs(t, err, &tooLarge)
	require.Equal(t, "notes", tooLarge.Largest[0].Key)
	require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata), "nothing is written")
	require.NoError(t, setPublic(t.Context(), clerk.Client(), "user_1", metadata.Patch{"bio": strings.Repeat("b", 300), "notes": metadata.Delete}))
}

func Example_main() {
	fake, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{"plan": "pro", "limit": 7}}}})
	if err != nil {
		panic(err)
	}
	server := httptest.NewServer(fake)
	defer server.Close()
	os.Setenv(client.EnvSecretKey, fake.SecretKey())
	os.Setenv(client.EnvAPIURL, server.URL)
	os.Args = []string{"plan", "user_1"}
	main()
	// Output: plan pro, limit 7
}
