package claims_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
)

func publicPEM(t *testing.T, bits int) string {
	t.Helper()
	key := ownKey
	if bits != 2048 {
		key = newKey(bits)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	v := verifier(t)
	now := time.Now().Unix()
	for name, payload := range map[string]object{
		"plain":                       good(nil),
		"without azp":                 good(object{"azp": nil}),
		"without nbf":                 good(object{"nbf": nil}),
		"without sts":                 good(object{"sts": nil}),
		"expired within the leeway":   good(object{"exp": now - 3}),
		"not yet within the leeway":   good(object{"nbf": now + 3}),
		"issued within the leeway":    good(object{"iat": now + 3}),
		"times with fractions":        good(object{"exp": float64(now) + 30.5}),
		"other claims in other cases": good(object{"SUB": "user_2", "Exp": 1, "ISS": "x"}),
	} {
		s, err := v.Verify(t.Context(), signed(t, payload, nil))
		require.NoError(t, err, name)
		require.Equal(t, "user_1", s.UserID, name)
		require.Equal(t, "sess_1", s.SessionID, name)
		require.False(t, s.Pending, name)
	}
	s, err := v.Verify(t.Context(), signed(t, good(object{"n": int64(9007199254740993), "iat": now, "exp": now + 60}), object{"typ": "jwt"}))
	require.NoError(t, err)
	require.Contains(t, s.Claims.String(), `"n":9007199254740993`)
	require.Equal(t, now, s.IssuedAt.Unix())
	require.Equal(t, now+60, s.ExpiresAt.Unix())
	_, err = v.Verify(t.Context(), signed(t, good(nil), object{"typ": nil}))
	require.NoError(t, err)
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, configOf(serve(jwk("kid_1", ownKey), jwk("kid_2", otherKey))))
	now := time.Now().Unix()
	valid := signed(t, good(nil), nil)
	parts := strings.Split(valid, ".")
	other := strings.Split(signed(t, good(object{"sub": "user_2"}), nil), ".")
	for name, tc := range map[string]struct {
		token string
		is    error
		says  string
	}{
		"nothing":                  {"", jwt.ErrTokenMalformed, "malformed"},
		"a word":                   {secret, jwt.ErrTokenMalformed, "malformed"},
		"two parts":                {parts[0] + "." + parts[1], jwt.ErrTokenMalformed, ""},
		"five parts":               {valid + ".a.b", jwt.ErrTokenMalformed, ""},
		"no base64":                {parts[0] + ".{" + secret + "}." + parts[2], jwt.ErrTokenMalformed, ""},
		"no JSON":                  {parts[0] + "." + encoded(secret) + "." + parts[2], jwt.ErrTokenMalformed, ""},
		"no object":                {parts[0] + "." + encoded(`"`+secret+`"`) + "." + parts[2], jwt.ErrTokenMalformed, ""},
		"a header of no JSON":      {encoded(secret) + "." + parts[1] + "." + parts[2], jwt.ErrTokenMalformed, ""},
		"no signature":             {parts[0] + "." + parts[1] + ".", jwt.ErrTokenSignatureInvalid, "signature"},
		"another's signature":      {parts[0] + "." + parts[1] + "." + other[2], jwt.ErrTokenSignatureInvalid, ""},
		"another's claims":         {parts[0] + "." + other[1] + "." + parts[2], jwt.ErrTokenSignatureInvalid, ""},
		"another key":              {signedBy(t, jwt.SigningMethodRS256, otherKey, good(nil), nil), jwt.ErrTokenSignatureInvalid, ""},
		"none":                     {signedBy(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good(nil), nil), jwt.ErrTokenSignatureInvalid, ""},
		"HS256 with the modulus":   {signedBy(t, jwt.SigningMethodHS256, ownKey.N.Bytes(), good(nil), nil), jwt.ErrTokenSignatureInvalid, ""},
		"HS256 with the PEM":       {signedBy(t, jwt.SigningMethodHS256, []byte(publicPEM(t, 2048)), good(nil), nil), jwt.ErrTokenSignatureInvalid, ""},
		"RS512":                    {signedBy(t, jwt.SigningMethodRS512, ownKey, good(nil), nil), jwt.ErrTokenSignatureInvalid, ""},
		"PS256":                    {signedBy(t, jwt.SigningMethodPS256, ownKey, good(nil), nil), jwt.ErrTokenSignatureInvalid, ""},
		"an unknown algorithm":     {encoded(`{"alg":"`+secret+`","kid":"kid_1"}`) + "." + parts[1] + "." + parts[2], jwt.ErrTokenUnverifiable, ""},
		"no algorithm":             {encoded(`{"kid":"kid_1"}`) + "." + parts[1] + "." + parts[2], jwt.ErrTokenUnverifiable, ""},
		"an unknown kid":           {signed(t, good(nil), object{"kid": secret}), nil, "no RSA key of its kid"},
		"no kid":                   {signed(t, good(nil), object{"kid": nil}), nil, "no kid"},
		"a kid that is a number":   {signed(t, good(nil), object{"kid": 1}), nil, "no kid"},
		"an OAuth access token":    {signed(t, good(nil), object{"typ": "at+jwt"}), nil, "typ"},
		"a typ that is a number":   {signed(t, good(nil), object{"typ": 1}), nil, "typ"},
		"a critical extension":     {signed(t, good(nil), object{"crit": []string{"b64"}, "b64": false}), nil, "crit"},
		"expired":                  {signed(t, good(object{"exp": now - 10}), nil), jwt.ErrTokenExpired, "expired"},
		"no exp":                   {signed(t, good(object{"exp": nil}), nil), jwt.ErrTokenRequiredClaimMissing, ""},
		"an exp that is text":      {signed(t, good(object{"exp": secret}), nil), jwt.ErrTokenMalformed, ""},
		"not yet":                  {signed(t, good(object{"nbf": now + 30}), nil), jwt.ErrTokenNotValidYet, ""},
		"issued in the future":     {signed(t, good(object{"iat": now + 30}), nil), jwt.ErrTokenUsedBeforeIssued, ""},
		"no iat":                   {signed(t, good(object{"iat": nil}), nil), nil, "no iat"},
		"another issuer":           {signed(t, good(object{"iss": "https://clerk.other.test"}), nil), jwt.ErrTokenInvalidIssuer, "issuer"},
		"the issuer with a slash":  {signed(t, good(object{"iss": issuer + "/"}), nil), jwt.ErrTokenInvalidIssuer, ""},
		"no issuer":                {signed(t, good(object{"iss": nil}), nil), jwt.ErrTokenRequiredClaimMissing, ""},
		"another party":            {signed(t, good(object{"azp": "https://evil.example.com"}), nil), nil, "azp"},
		"a party that is an array": {signed(t, good(object{"azp": []string{origin}}), nil), jwt.ErrTokenMalformed, ""},
		"pending":                  {signed(t, good(object{"sts": "pending"}), nil), nil, "pending"},
		"no sub":                   {signed(t, good(object{"sub": nil}), nil), nil, "not a session's"},
		"of a JWT template":        {signed(t, good(object{"sid": nil}), nil), nil, "not a session's"},
		"of a machine":             {signed(t, good(object{"sub": "mch_2abcdefghijklmnopqrstuvwxyz0"}), nil), nil, "not a user's"},
		"an exp that is in quotes": {signed(t, good(object{"exp": fmt.Sprint(now + 60)}), nil), jwt.ErrTokenMalformed, ""},
		"an exp below 0":           {signed(t, good(object{"exp": -1}), nil), jwt.ErrTokenMalformed, ""},
		"an exp that overflows":    {signed(t, good(object{"exp": 1e300}), nil), jwt.ErrTokenMalformed, ""},
		"an exp of no float64":     {signed(t, good(object{"exp": json.Number("1e400")}), nil), jwt.ErrTokenMalformed, ""},
		"an iat that overflows":    {signed(t, good(object{"iat": -1e300}), nil), jwt.ErrTokenMalformed, ""},
		"an nbf that overflows":    {signed(t, good(object{"nbf": 1e300}), nil), jwt.ErrTokenMalformed, ""},
		"two exp":                  {signedText(t, ownKey, `{"alg":"RS256","kid":"kid_1"}`, fmt.Sprintf(`{"iss":%q,"sub":"user_1","sid":"sess_1","iat":%d,"exp":%d,"exp":%d}`, issuer, now, now+60, now-60)), jwt.ErrTokenExpired, ""},
		"a line break":             {valid[:len(valid)-5] + "\n" + valid[len(valid)-5:], nil, "line break"},
		"other bits of padding":    {valid[:len(valid)-1] + nextLetter(valid[len(valid)-1]), jwt.ErrTokenMalformed, ""},
		"a JWE":                    {"eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d", jwt.ErrTokenMalformed, ""},
		"a JWS in JSON":            {fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, parts[0], parts[1], parts[2]), jwt.ErrTokenMalformed, ""},
		"a key in its header":      {signedBy(t, jwt.SigningMethodRS256, otherKey, good(nil), object{"jwk": jwk("kid_1", otherKey), "jku": "https://evil.example.com"}), jwt.ErrTokenSignatureInvalid, ""},
		"another key's kid":        {signed(t, good(nil), object{"kid": "kid_2"}), jwt.ErrTokenSignatureInvalid, ""},
		"10,000 parts":             {strings.Repeat("a.", 10_000), jwt.ErrTokenMalformed, ""},
		"1 MB":                     {parts[0] + "." + strings.Repeat("a", 1<<20) + "." + parts[2], nil, "longer than 32768 bytes"},
	} {
		s, err := v.Verify(t.Context(), tc.token)
		require.ErrorIs(t, err, claims.ErrInvalidToken, name)
		require.Nil(t, s, name)
		if tc.is != nil {
			require.ErrorIs(t, err, tc.is, name)
		}
		require.ErrorContains(t, err, tc.says, name)
		requireSilent(t, err, tc.token)
		var refused *claims.Error
		require.ErrorAs(t, err, &refused, name)
		require.Equal(t, 401, refused.Status, name)
	}
}

// nextLetter is the letter of base64url behind A, Q, g or w, which alone end 256 bytes. It
// differs in bits that mean nothing.
func nextLetter(last byte) string { return string(last + 1) }

func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// requireSilent checks that an error holds no part of a token and no value.
func requireSilent(t *testing.T, err error, token string) {
	t.Helper()
	require.NotContains(t, err.Error(), secret)
	require.NotContains(t, err.Error(), "evil")
	for part := range strings.SplitSeq(token, ".") {
		if len(part) > 8 {
			require.NotContains(t, err.Error(), part)
		}
	}
}

func TestPending(t *testing.T) {
	t.Parallel()
	config := configOf(serve(jwk("kid_1", ownKey)))
	config.AcceptPending = true
	s, err := newVerifier(t, config).Verify(t.Context(), signed(t, good(object{"sts": "pending"}), nil))
	require.NoError(t, err)
	require.True(t, s.Pending)
}

// Without parties, only tokens without an azp are accepted.
func TestNoParties(t *testing.T) {
	t.Parallel()
	config := configOf(serve(jwk("kid_1", ownKey)))
	config.AuthorizedParties = nil
	v := newVerifier(t, config)
	_, err := v.Verify(t.Context(), signed(t, good(nil), nil))
	require.ErrorContains(t, err, "Config.AuthorizedParties")
	_, err = v.Verify(t.Context(), signed(t, good(object{"azp": nil}), nil))
	require.NoError(t, err)
}

func TestPublicKey(t *testing.T) {
	t.Parallel()
	keys := serve()
	config := configOf(keys)
	config.PublicKey = publicPEM(t, 2048)
	v := newVerifier(t, config)
	_, err := v.Verify(t.Context(), signed(t, good(nil), object{"kid": "any"}))
	require.NoError(t, err)
	_, err = v.Verify(t.Context(), signedBy(t, jwt.SigningMethodRS256, otherKey, good(nil), nil))
	require.ErrorIs(t, err, jwt.ErrTokenSignatureInvalid)
	_, err = v.Verify(t.Context(), signedBy(t, jwt.SigningMethodHS256, []byte(config.PublicKey), good(nil), nil))
	require.ErrorIs(t, err, jwt.ErrTokenSignatureInvalid)
	require.Zero(t, keys.fetches.Load(), "no network")
}

// An emulator's tokens and keys, over a socket, found by the publishable key alone.
func TestEmulator(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{
		Users: []clerktest.User{{ID: "user_1"}}, Sessions: []clerktest.Session{{ID: "sess_1", UserID: "user_1"}},
	})
	clerk.URL()
	key, err := clerk.PublishableKey()
	require.NoError(t, err)
	v := newVerifier(t, claims.Config{PublishableKey: key, Issuer: clerk.URL(), AuthorizedParties: []string{origin}})
	_, err = v.Verify(t.Context(), sessionToken(t, clerk, "sess_1"))
	require.ErrorIs(t, err, jwt.ErrTokenInvalidIssuer, "the issuer is who was asked: %s", issuer)
	config := configOf(clerk.Transport())
	s, err := newVerifier(t, config).Verify(t.Context(), sessionToken(t, clerk, "sess_1"))
	require.NoError(t, err)
	require.Equal(t, "user_1", s.UserID)
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	for says, change := range map[string]func(*claims.Config){
		"Config.PublishableKey":                  func(c *claims.Config) { c.PublishableKey = "" },
		"Config.PublishableKey ":                 func(c *claims.Config) { c.PublishableKey = "sk_test_obviously_fake" },
		"Config.Issuer":                          func(c *claims.Config) { c.Issuer = "http://clerk.example.com" },
		"Config.Issuer ":                         func(c *claims.Config) { c.Issuer = "clerk.example.com" },
		`"app.example.com" is not an origin`:     func(c *claims.Config) { c.AuthorizedParties = []string{"app.example.com"} },
		`"https://a.test/" is not an origin`:     func(c *claims.Config) { c.AuthorizedParties = []string{"https://a.test/"} },
		`"*" is not an origin`:                   func(c *claims.Config) { c.AuthorizedParties = []string{"*"} },
		"Config.Leeway":                          func(c *claims.Config) { c.Leeway = -1 },
		"Config.Leeway ":                         func(c *claims.Config) { c.Leeway = time.Hour },
		"is not an RSA public key in PEM":        func(c *claims.Config) { c.PublicKey = secret },
		"has 1024 bits: 2048 to 16384 are requi": func(c *claims.Config) { c.PublicKey = publicPEM(t, 1024) },
	} {
		config := configOf(serve())
		change(&config)
		v, err := claims.New(config)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, says)
		require.ErrorContains(t, err, strings.TrimSpace(says))
		require.NotContains(t, err.Error(), secret)
		require.Nil(t, v)
	}
}
