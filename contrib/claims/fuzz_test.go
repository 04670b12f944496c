package claims_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
)

// Whatever a token says, it is valid only if the instance's key signed it for this issuer,
// this party and this time.
func FuzzVerify(f *testing.F) {
	const head = `{"alg":"RS256","typ":"JWT","kid":"kid_1"}`
	const body = `{"iss":"https://clerk.test","sub":"user_1","sid":"sess_1","azp":"https://app.example.com","iat":1764500000,"exp":4102444800}`
	f.Add(head, body, "own")
	f.Add(head, body, "other")
	f.Add(`{"alg":"HS256","kid":"kid_1"}`, body, "modulus")
	f.Add(`{"alg":"none","kid":"kid_1"}`, body, "")
	f.Add(`{"alg":"RS512","kid":"kid_1","crit":["b64"],"b64":false}`, body, "own")
	f.Add(`{"alg":"RS256","kid":"kid_1","ALG":"none","kid":"kid_2"}`, `{"exp":4102444800,"exp":1,"EXP":4102444800}`, "own")
	f.Add(head, strings.Replace(body, "4102444800", `"4102444800"`, 1), "own")
	f.Add(head, strings.Replace(body, "4102444800", "4.1e9,\"nbf\":1e300", 1), "own")
	f.Add(head, strings.Replace(body, "user_1", "mch_1", 1), "own")
	v, err := claims.New(configOf(serve(jwk("kid_1", ownKey))))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, header, payload, signer string) {
		if len(header) > 1<<12 || len(payload) > 1<<12 {
			return
		}
		token := encoded(header) + "." + encoded(payload) + "." + encoded(signer)
		switch signer {
		case "own":
			token = signedText(t, ownKey, header, payload)
		case "other":
			token = signedText(t, otherKey, header, payload)
		case "modulus":
			text := encoded(header) + "." + encoded(payload)
			signature, err := jwt.SigningMethodHS256.Sign(text, ownKey.N.Bytes())
			require.NoError(t, err)
			token = text + "." + base64.RawURLEncoding.EncodeToString(signature)
		}
		now := time.Now()
		session, err := v.Verify(t.Context(), token)
		if err != nil {
			require.Nil(t, session)
			require.ErrorIs(t, err, claims.ErrInvalidToken)
			return
		}
		require.Equal(t, "own", signer)
		if hasTwins(payload) {
			return // which of the two counts differs among decoders; Clerk signs none
		}
		said, all := fields(t, header), fields(t, payload)
		require.Equal(t, "RS256", said["alg"])
		require.Equal(t, "kid_1", said["kid"])
		require.Equal(t, issuer, all["iss"])
		require.Contains(t, []any{nil, "", origin}, all["azp"])
		require.NotEqual(t, "pending", all["sts"])
		require.Equal(t, session.UserID, all["sub"])
		require.Equal(t, session.SessionID, all["sid"])
		require.True(t, strings.HasPrefix(session.UserID, "user_"))
		require.NotEmpty(t, session.SessionID)
		require.True(t, session.ExpiresAt.After(now.Add(-claims.DefaultLeeway)))
		require.False(t, session.IssuedAt.After(time.Now().Add(claims.DefaultLeeway)))
	})
}

// hasTwins reports whether two members of a JSON object have a name.
func hasTwins(object string) bool {
	d := json.NewDecoder(strings.NewReader(object))
	_, _ = d.Token()
	names := map[json.Token]bool{}
	var value json.RawMessage
	for d.More() {
		name, err := d.Token()
		if err != nil || names[name] || d.Decode(&value) != nil {
			return true
		}
		names[name] = true
	}
	return false
}

// fields are the members of a JSON object, the last of a name.
func fields(t *testing.T, text string) (all map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &all))
	return all
}

// Whatever the headers of a request are, it passes as no one but a user whose token is in
// them, and as the bearer's if there is one.
func FuzzTokenOfARequest(f *testing.F) {
	for _, seed := range [][2]string{
		{"Bearer A", ""}, {"bearer  A ", "__session=B"}, {"Basic A", "__session=B"}, {"A", "__session=B"}, {"Bearer", "__session=B"},
		{"Bearer A, Bearer B", ""}, {"Bearer A\nBearer B", ""}, {"", "__session=A; __session=B"}, {"", `__session="A"`},
		{"", "__session_aaaaaaaa=A;__session=B"}, {"Bearer\tA", "__session=B"}, {"", "__session=A.B"}, {"Bearer AB", "__session=B=;"},
	} {
		f.Add(seed[0], seed[1])
	}
	v, err := claims.New(configOf(serve(jwk("kid_1", ownKey))))
	require.NoError(f, err)
	middleware, err := claims.For[struct{}](v)
	require.NoError(f, err)
	token := func(user string) string {
		return signedText(f, ownKey, `{"alg":"RS256","kid":"kid_1"}`, fmt.Sprintf(`{"iss":%q,"sub":%q,"sid":"sess_1","iat":1764500000,"exp":4102444800}`, issuer, user))
	}
	fill := strings.NewReplacer("A", token("user_A"), "B", token("user_B"))
	f.Fuzz(func(t *testing.T, authorization, cookie string) {
		header := http.Header{"Authorization": strings.Split(authorization, "\n"), "Cookie": strings.Split(cookie, "\n")}
		bearer, isBearer := strings.CutPrefix(header.Get("Authorization"), "Bearer ")
		isBearer = isBearer && strings.TrimSpace(bearer) != ""
		for _, values := range header {
			for i, value := range values {
				values[i] = fill.Replace(value)
			}
		}
		get(t, middleware, func(r *http.Request) { r.Header = header }, func(ctx context.Context) {
			session, ok := claims.SessionFrom(ctx)
			require.True(t, ok)
			user := strings.TrimPrefix(session.UserID, "user_")
			require.Contains(t, authorization+cookie, user)
			if isBearer {
				require.Contains(t, bearer, user)
			}
		})
	})
}
