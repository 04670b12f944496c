package clerktest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// verify checks a session token with the published key set and nothing else.
func verify(t *testing.T, token string, keySet []byte) object {
	t.Helper()
	var set struct {
		Keys []struct{ Kid, Kty, Alg, Use, N, E string }
	}
	require.NoError(t, json.Unmarshal(keySet, &set))
	parts := strings.Split(token, ".")
	require.Len(t, parts, 3)
	decode := func(s string) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(s)
		require.NoError(t, err)
		return raw
	}
	var header struct{ Alg, Kid, Typ string }
	require.NoError(t, json.Unmarshal(decode(parts[0]), &header))
	require.Equal(t, "RS256", header.Alg)
	require.Equal(t, "JWT", header.Typ)
	for _, k := range set.Keys {
		if k.Kid != header.Kid {
			continue
		}
		require.Equal(t, []string{"RSA", "RS256", "sig"}, []string{k.Kty, k.Alg, k.Use})
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(decode(k.N)), E: int(new(big.Int).SetBytes(decode(k.E)).Int64())}
		require.Equal(t, 2048, key.N.BitLen())
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		require.NoError(t, rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], decode(parts[2])))
		var claims object
		require.NoError(t, json.Unmarshal(decode(parts[1]), &claims))
		return claims
	}
	require.Fail(t, "no key has the token's id", header.Kid)
	return nil
}

func jwtOf(t *testing.T, r reply) string {
	t.Helper()
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var answer map[string]string
	require.NoError(t, json.Unmarshal(r.body, &answer))
	require.Len(t, answer, 1, "not wrapped")
	return answer["jwt"]
}

func TestSessionTokens(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.SessionClaims = map[string]any{"metadata": "{{user.public_metadata}}", "prefs": "{{ user.unsafe_metadata }}"}
	c := clerktest.Start(t, seed)
	public := send(t, c.Transport(), "GET", "/.well-known/jwks.json", "")
	require.Equal(t, http.StatusOK, public.status)
	require.JSONEq(t, string(public.body), backend(t, c, "GET", "/jwks", "").field(t))
	requireFailed(t, send(t, c.Transport(), "GET", "/v1/jwks", ""), 401, "authorization_header_format_invalid", "")

	before := time.Now().Unix()
	r := native(t, c, "POST", "/client/sessions/sess_1/tokens", "")
	claims := verify(t, jwtOf(t, r), public.body)
	iat, _ := claims["iat"].(float64)
	require.GreaterOrEqual(t, int64(iat), before)
	require.LessOrEqual(t, int64(iat), time.Now().Unix())
	require.InDelta(t, iat+60, claims["exp"], 0)
	require.InDelta(t, iat-10, claims["nbf"], 0)
	require.NotEmpty(t, claims["jti"])
	for _, name := range []string{"iat", "exp", "nbf", "jti"} {
		delete(claims, name)
	}
	require.Equal(t, object{
		"iss": "https://clerk.test", "sub": "user_1", "sid": "sess_1", "sts": "active", "v": 2.0, "fva": []any{0.0, -1.0},
		"metadata": object{"role": "shopper", "nested": object{"a": 1.0, "b": 2.0}},
		"prefs":    object{"theme": "dark"},
	}, claims)

	// The next token has what was written meanwhile; azp is who asked, iss whom.
	native(t, c, "PATCH", "/me/metadata", "unsafe_metadata=%7B%22theme%22%3Anull%7D").field(t)
	r = send(t, c.Transport(), "POST", "/v1/client/sessions/sess_1/tokens", "", "Cookie", "__client=client_token_1",
		"Origin", "https://app.example.com", "Clerk-Proxy-Url", "https://app.example.com/__clerk", "Clerk-Secret-Key", c.SecretKey())
	claims = verify(t, jwtOf(t, r), public.body)
	require.Equal(t, "https://app.example.com", claims["azp"])
	require.Equal(t, "https://app.example.com/__clerk", claims["iss"])
	require.Equal(t, object{}, claims["prefs"])
}

func TestTokenOfAnOrganization(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	keys := send(t, c.Transport(), "GET", "/.well-known/jwks.json", "").body
	claims := func(body string) object {
		return verify(t, jwtOf(t, native(t, c, "POST", "/client/sessions/sess_1/tokens", body)), keys)
	}
	require.Equal(t, object{"id": "org_1", "slg": "acme", "rol": "admin"}, claims("organization_id=org_1")["o"])
	require.NotNil(t, claims("")["o"], "stays active")
	require.NotContains(t, claims("organization_id="), "o")
	requireFailed(t, native(t, c, "POST", "/client/sessions/sess_1/tokens", "organization_id=org_9"), 404, "resource_not_found", "")
	requireFailed(t, native(t, c, "POST", "/client/sessions/sess_1/tokens", "organization_id=org_2"), 403, "not_a_member_in_organization", "")

	off := configured(t, clerktest.Config{OrganizationsDisabled: true})
	requireFailed(t, native(t, off, "POST", "/client/sessions/sess_1/tokens", "organization_id=org_1"), 403, "organization_not_enabled_in_instance", "")
}

// The publishable key alone leads to the instance, and so do its tokens.
func TestPublishableKey(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	key, err := c.PublishableKey()
	require.NoError(t, err)
	require.Regexp(t, `^pk_test_[A-Za-z0-9+/]+=*$`, key)
	found, err := client.FrontendURL(key)
	require.NoError(t, err)
	require.Equal(t, c.URL(), found)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, found+"/v1/client/sessions/sess_1/tokens?__clerk_db_jwt=dvb_1", nil)
	require.NoError(t, err)
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	var answer map[string]string
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
	claims := verify(t, answer["jwt"], backend(t, c, "GET", "/jwks", "").body)
	require.Equal(t, found, claims["iss"])

	require.NoError(t, c.Close())
	_, err = c.PublishableKey()
	require.ErrorContains(t, err, "closed")
}
