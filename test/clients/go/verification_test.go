package goclient_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/clients/tokens"
)

// official verifies a token with Clerk's Go client; key is nil for the key of its kid.
func official(ctx context.Context, client *jwks.Client, key *clerk.JSONWebKey, token string) bool {
	_, err := jwt.Verify(ctx, &jwt.VerifyParams{
		Token: token, JWKSClient: client, JWK: key, Leeway: tokens.Leeway,
		// This client takes no issuer but Clerk's own domains and that of a proxy.
		ProxyURL:               clerk.String(tokens.Issuer),
		AuthorizedPartyHandler: func(azp string) bool { return azp == "" || azp == tokens.Party },
	})
	return err == nil
}

// The verdicts of contrib/claims on 200 tokens, and those of Clerk's Go client.
func TestVerdictsOnTokens(t *testing.T) {
	t.Parallel()
	set, err := tokens.New()
	require.NoError(t, err)
	require.Len(t, set.Tokens, 200)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(set.Keys)
	}))
	defer server.Close()
	client := jwks.NewClient(&clerk.ClientConfig{BackendConfig: clerk.BackendConfig{
		URL: clerk.String(server.URL), Key: clerk.String("sk_test_obviously_fake"), HTTPClient: server.Client(),
	}})
	own, err := set.Verifier()
	require.NoError(t, err)
	var differ []string
	for _, token := range set.Tokens {
		require.Equal(t, token.Good, own(t.Context(), token.Text), "contrib/claims: %s", token.Name)
		if official(t.Context(), client, nil, token.Text) != token.Good {
			differ = append(differ, token.Name)
		}
	}
	var explained []string
	for _, d := range tokens.Differences {
		if d.Verifier == tokens.Go {
			explained = append(explained, d.Name)
		}
	}
	slices.Sort(differ)
	require.ElementsMatch(t, explained, slices.Compact(differ))
}

// Warm verification: one token, and keys that are there. "ratio" takes turns, so that what
// else the machine does falls on both; it is our time by that of Clerk's client.
func BenchmarkVerification(b *testing.B) {
	set, err := tokens.New()
	require.NoError(b, err)
	var keys clerk.JSONWebKeySet
	require.NoError(b, json.Unmarshal(set.Keys, &keys))
	verify, err := set.Verifier()
	require.NoError(b, err)
	token := set.Tokens[0].Text
	own := func() bool { return verify(b.Context(), token) }
	clerks := func() bool { return official(b.Context(), nil, keys.Keys[0], token) }
	require.True(b, own())
	require.True(b, clerks())
	for name, call := range map[string]func() bool{"contrib/claims": own, tokens.Go: clerks} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
	b.Run("ratio", func(b *testing.B) {
		var ours, theirs time.Duration
		for b.Loop() {
			start := time.Now()
			own()
			middle := time.Now()
			clerks()
			ours, theirs = ours+middle.Sub(start), theirs+time.Since(middle)
		}
		b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ours/theirs")
	})
}
