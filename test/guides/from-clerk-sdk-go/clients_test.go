package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"testing"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

func start(t *testing.T) *clerktest.Test {
	t.Helper()
	return clerktest.Start(t, clerktest.Seed{
		Users: []clerktest.User{{ID: "user_1", PublicMetadata: map[string]any{
			"plan": "free", "limit": int64(9007199254740993), "limits": map[string]any{"seats": 3, "trial": true},
		}}},
		Sessions:      []clerktest.Session{{ID: "sess_1", UserID: "user_1", ClientToken: "client-1"}},
		SessionClaims: map[string]any{"metadata": "{{user.public_metadata}}"},
	})
}

func TestBothStoreTheSame(t *testing.T) {
	t.Parallel()
	const want = `{"limit":9007199254740993,"limits":{"seats":3},"plan":"pro"}`
	before, now := start(t), start(t)
	official, _, err := sideBySide(before.SecretKey(), &http.Client{Transport: before.Transport()})
	require.NoError(t, err)
	require.NoError(t, mergeBefore(t.Context(), official, "user_1"))
	_, ours, err := sideBySide(now.SecretKey(), &http.Client{Transport: now.Transport()})
	require.NoError(t, err)
	require.NoError(t, merge(t.Context(), ours, "user_1"))
	for _, fake := range []*clerktest.Test{before, now} {
		user, _ := fake.User("user_1")
		require.Equal(t, want, user.PublicMetadata.String())
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	fake := start(t)
	official, c, err := sideBySide(fake.SecretKey(), &http.Client{Transport: fake.Transport()})
	require.NoError(t, err)
	_, refused := official.Get(t.Context(), "user_unknown")
	require.True(t, notFoundBefore(refused))
	var answer *clerk.APIErrorResponse
	require.ErrorAs(t, refused, &answer)

	err = merge(t.Context(), c, "user_unknown")
	require.True(t, notFound(err))
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, answer.Errors[0].Code, e.Code())
}

func TestTokens(t *testing.T) {
	t.Parallel()
	fake := start(t)
	shared := &http.Client{Transport: fake.Transport()}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://clerk.test/v1/client/sessions/sess_1/tokens", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Cookie", "__client=client-1")
	resp, err := shared.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var token struct{ JWT string }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&token))

	config := &clerk.ClientConfig{}
	config.Key, config.HTTPClient = clerk.String(fake.SecretKey()), shared
	params := jwt.VerifyParams{
		Token: token.JWT, JWKSClient: jwks.NewClient(config),
		// The official client accepts no issuer but Clerk's own domains and that of a proxy.
		ProxyURL: clerk.String("https://clerk.test"),
	}
	p, err := planOf(t.Context(), params)
	require.NoError(t, err)
	require.Equal(t, plan{"free", 9007199254740993}, p)
	params.Token += "x"
	_, err = planOf(t.Context(), params)
	require.Error(t, err)
}

// TestProgram runs main with the shared http.Client on the fake, whatever the address.
func TestProgram(t *testing.T) {
	fake := start(t)
	fakeURL, err := url.Parse(fake.URL())
	require.NoError(t, err)
	direct := http.DefaultTransport
	http.DefaultClient.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = fakeURL.Scheme, fakeURL.Host
		return direct.RoundTrip(r)
	})
	t.Cleanup(func() { http.DefaultClient.Transport = nil })
	t.Setenv(client.EnvSecretKey, fake.SecretKey())
	os.Args = []string{"both", "user_1"}
	main()
	require.Len(t, fake.Requests(clerktest.UpdateUserMetadata), 1)
	require.Len(t, fake.Requests(clerktest.UpdateUser), 1)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
