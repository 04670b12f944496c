package claims_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
)

type object = map[string]any

const (
	issuer = "https://clerk.test"
	origin = "https://app.example.com"
	// secret is a value of claims that no error may hold.
	secret = "s3cret-value"
)

var (
	publishableKey = "pk_test_" + base64.StdEncoding.EncodeToString([]byte("clerk.test$"))
	// ownKey is the key of the instance that most tests verify with.
	ownKey = newKey(2048)
	// otherKey is another instance's.
	otherKey = newKey(2048)
)

func newKey(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

// jwk is a key as a JSON Web Key Set has it.
func jwk(kid string, key *rsa.PrivateKey) object {
	return object{
		"use": "sig", "kty": "RSA", "alg": "RS256", "kid": kid,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}
}

func keySet(keys ...object) string {
	text, err := json.Marshal(object{"keys": keys})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// roundTrip is a transport in memory.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// served is a server of keys whose answer a test can change.
type served struct {
	body    atomic.Pointer[string]
	fetches atomic.Int32
}

func (s *served) set(body string) { s.body.Store(&body) }

func (s *served) RoundTrip(r *http.Request) (*http.Response, error) {
	s.fetches.Add(1)
	if r.URL.String() != issuer+"/.well-known/jwks.json" {
		return answer(http.StatusNotFound, ""), nil
	}
	return answer(http.StatusOK, *s.body.Load()), nil
}

func serve(keys ...object) *served {
	s := &served{}
	s.set(keySet(keys...))
	return s
}

// configOf is a Config whose keys transport serves.
func configOf(transport http.RoundTripper) claims.Config {
	return claims.Config{
		PublishableKey:    publishableKey,
		AuthorizedParties: []string{origin},
		HTTPClient:        &http.Client{Transport: transport},
	}
}

func newVerifier(t *testing.T, config claims.Config) *claims.Verifier {
	t.Helper()
	v, err := claims.New(config)
	require.NoError(t, err)
	return v
}

// verifier accepts what ownKey signed as kid_1.
func verifier(t *testing.T) *claims.Verifier {
	t.Helper()
	return newVerifier(t, configOf(serve(jwk("kid_1", ownKey))))
}

// good are the claims of a valid token, with changes; nil removes one.
func good(changes object) object {
	now := time.Now().Unix()
	all := object{
		"iss": issuer, "sub": "user_1", "sid": "sess_1", "azp": origin, "sts": "active", "v": 2,
		"iat": now, "nbf": now - 10, "exp": now + 60,
		"public_metadata": object{"role": secret},
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

// signed is a token of ownKey as kid_1, with the given claims and changes to its header.
func signed(t *testing.T, payload, header object) string {
	t.Helper()
	return signedBy(t, jwt.SigningMethodRS256, ownKey, payload, header)
}

func signedBy(t *testing.T, method jwt.SigningMethod, key any, payload, header object) string {
	t.Helper()
	token := jwt.NewWithClaims(method, jwt.MapClaims(payload))
	token.Header["kid"] = "kid_1"
	maps.Copy(token.Header, header)
	maps.DeleteFunc(token.Header, func(_ string, v any) bool { return v == nil })
	text, err := token.SignedString(key)
	require.NoError(t, err)
	return text
}

// signedText is a token with a header and claims as they are.
func signedText(tb testing.TB, key *rsa.PrivateKey, header, payload string) string {
	tb.Helper()
	text := encoded(header) + "." + encoded(payload)
	signature, err := jwt.SigningMethodRS256.Sign(text, key)
	require.NoError(tb, err)
	return text + "." + encoded(string(signature))
}

// get serves a request through a middleware and returns the answer, and what call found in
// the context of the handler behind it.
func get(t *testing.T, middleware func(http.Handler) http.Handler, change func(*http.Request), call func(context.Context)) *http.Response {
	t.Helper()
	handler := middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call(r.Context())
		w.WriteHeader(http.StatusNoContent)
	}))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	change(r)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// sessionToken is the token of a session of an emulator's, as a browser requests it.
func sessionToken(t *testing.T, clerk *clerktest.Test, session string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"/v1/client/sessions/"+session+"/tokens", http.NoBody)
	require.NoError(t, err)
	r.Header.Set("Cookie", "__client=client_token_"+session)
	r.Header.Set("Origin", origin)
	resp, err := clerk.Transport().RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	var body struct{ JWT string }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&body))
	return body.JWT
}

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}
