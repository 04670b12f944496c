package claims_test

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type member struct {
	Public struct {
		Role string `json:"role"`
	} `json:"public_metadata"`
}

func TestFrom(t *testing.T) {
	t.Parallel()
	accounts, err := claims.For[account](verifier(t))
	require.NoError(t, err)
	token := signed(t, good(object{
		"id": "user_1", "unsafe_metadata": nil, "Public_metadata": object{"role": "wrong"},
		"public_metadata": object{"role": "admin", "ROLE": "wrong", "plan": object{"limit": int64(9007199254740993), "Name": "wrong"}, "Seats": nil, "more": 1},
	}), nil)
	resp := get(t, accounts, bearer(token), func(context.Context) { require.Fail(t, "passed") })
	require.Equal(t, http.StatusInternalServerError, resp.StatusCode, "unsafe_metadata is missing")

	token = signed(t, good(object{
		"o": object{"id": "org_1", "rol": "admin"}, "id": "user_1", "unsafe_metadata": object{"n": 1.50}, "Public_metadata": object{"role": "wrong"},
		"public_metadata": object{"role": "admin", "ROLE": "wrong", "plan": object{"limit": int64(9007199254740993), "Name": "wrong"}, "more": 1},
	}), nil)
	resp = get(t, accounts, bearer(token), func(ctx context.Context) {
		value, ok := claims.From[account](ctx)
		require.True(t, ok)
		require.Equal(t, account{
			ID: "user_1", Public: profile{Role: "admin", Plan: &plan{Limit: 9007199254740993}}, Unsafe: value.Unsafe,
		}, value, "exact case, and the digits")
		session, ok := claims.SessionFrom(ctx)
		require.True(t, ok)
		require.Equal(t, "user_1", session.UserID)
		require.Contains(t, session.Claims.String(), `"o":{"id":"org_1","rol":"admin"}`)
		_, ok = claims.From[member](ctx)
		require.False(t, ok, "of another type")
	})
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	_, ok := claims.From[account](t.Context())
	require.False(t, ok)
	_, ok = claims.SessionFrom(t.Context())
	require.False(t, ok)
}

// A refused request reaches no handler; what the answer is, Config.Refuse decides.
func TestRefuse(t *testing.T) {
	t.Parallel()
	var refused *claims.Error
	config := configOf(serve(jwk("kid_1", ownKey)))
	config.Refuse = func(w http.ResponseWriter, _ *http.Request, err *claims.Error) {
		refused = err
		w.WriteHeader(err.Status)
	}
	own, err := claims.For[member](newVerifier(t, config))
	require.NoError(t, err)
	standard, err := claims.For[member](verifier(t))
	require.NoError(t, err)
	down, err := claims.For[member](newVerifier(t, configOf(body(""))))
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		middleware func(http.Handler) http.Handler
		token      string
		status     int
	}{
		"invalid":         {standard, secret, 401},
		"unavailable":     {down, signed(t, good(nil), nil), 503},
		"without a claim": {standard, signed(t, good(object{"public_metadata": nil}), nil), 500},
		"a mismatch":      {standard, signed(t, good(object{"public_metadata": object{"role": 1}}), nil), 403},
		"text":            {standard, signed(t, good(object{"public_metadata": secret}), nil), 403},
	} {
		resp := get(t, tc.middleware, bearer(tc.token), func(context.Context) { require.Fail(t, name) })
		require.Equal(t, tc.status, resp.StatusCode, name)
		require.Equal(t, tc.status == 401, resp.Header.Get("WWW-Authenticate") != "", name)
	}
	resp := get(t, own, func(*http.Request) {}, func(context.Context) { require.Fail(t, "passed") })
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	require.ErrorIs(t, refused, claims.ErrNoToken)
	get(t, own, bearer(signed(t, good(object{"public_metadata": object{"role": []string{secret}}}), nil)), func(context.Context) {})
	require.ErrorIs(t, refused, metadata.ErrMismatch)
	requireSilent(t, refused, "")
	get(t, own, bearer(signed(t, good(object{"public_metadata": nil}), nil)), func(context.Context) {})
	require.ErrorIs(t, refused, claims.ErrTemplate)
	require.ErrorContains(t, refused, "public_metadata")
}

// Where the token of a request is, and which one counts.
func TestTokenOfARequest(t *testing.T) {
	t.Parallel()
	sum := sha1.Sum([]byte(publishableKey))
	own := "__session_" + base64.URLEncoding.EncodeToString(sum[:])[:8]
	token := func(user string) string { return signed(t, good(object{"sub": user}), nil) }
	a, b := token("user_a"), token("user_b")
	middleware, err := claims.For[member](verifier(t))
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		header http.Header
		want   string
	}{
		"a bearer":                        {http.Header{"Authorization": {"Bearer " + a}}, "user_a"},
		"in lower case, with white space": {http.Header{"Authorization": {"bearer  " + a + " "}}, "user_a"},
		"the same bearer twice":           {http.Header{"Authorization": {"Bearer " + a, "Bearer " + a}}, "user_a"},
		"the cookie":                      {http.Header{"Cookie": {"__session=" + a}}, "user_a"},
		"the cookie with the suffix":      {http.Header{"Cookie": {own + "=" + a}}, "user_a"},
		"both cookies":                    {http.Header{"Cookie": {"__session=" + b + "; " + own + "=" + a}}, "user_a"},
		"the suffix of another one":       {http.Header{"Cookie": {"__session_aaaaaaaa=" + a}}, ""},
		"another one's and the bare one":  {http.Header{"Cookie": {"__session_aaaaaaaa=" + b + "; __session=" + a}}, "user_a"},
		"a bearer and another cookie":     {http.Header{"Authorization": {"Bearer " + a}, "Cookie": {own + "=" + b}}, "user_a"},
		"an invalid bearer and a cookie":  {http.Header{"Authorization": {"Bearer x"}, "Cookie": {own + "=" + b}}, ""},
		"another scheme and a cookie":     {http.Header{"Authorization": {"Basic eDp5"}, "Cookie": {own + "=" + b}}, "user_b"},
		"two bearers":                     {http.Header{"Authorization": {"Bearer " + a, "Bearer " + b}}, ""},
		"two cookies of a name":           {http.Header{"Cookie": {"__session=" + a + "; __session=" + b}}, ""},
		"an empty bearer":                 {http.Header{"Authorization": {"Bearer "}, "Cookie": {"__session=" + a}}, "user_a"},
		"an empty cookie":                 {http.Header{"Cookie": {own + "=; __session=" + a}}, "user_a"},
		"nothing":                         {http.Header{}, ""},
	} {
		var got string
		resp := get(t, middleware, func(r *http.Request) { r.Header = tc.header }, func(ctx context.Context) {
			session, _ := claims.SessionFrom(ctx)
			got = session.UserID
		})
		require.Equal(t, tc.want, got, name)
		if tc.want == "" {
			require.Equal(t, http.StatusUnauthorized, resp.StatusCode, name)
		}
	}
}
