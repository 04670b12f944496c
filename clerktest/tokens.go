package clerktest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"math/big"
	"strings"
	"time"
)

// newSigningKey returns the instance's key. The first request for a session token or a
// key set calls it, because it is slow.
func newSigningKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// keyID names a key by its content, so that a cached key set does not match another
// instance.
func keyID(key *rsa.PublicKey) string {
	sum := sha256.Sum256(key.N.Bytes())
	return "ins_" + hex.EncodeToString(sum[:12])
}

// getKeys answers with the JSON Web Key Set that session tokens verify with.
func (c *Clerk) getKeys(*call) (any, *problem) {
	key, err := c.signingKey()
	if err != nil {
		return nil, internal(err)
	}
	return map[string]any{"keys": []any{map[string]any{
		"use": "sig",
		"kty": "RSA",
		"kid": keyID(&key.PublicKey),
		"alg": "RS256",
		"n":   base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e":   base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}}, nil
}

// PublishableKey returns a publishable key whose Frontend API is this instance,
// at the address of URL: the browser client and client.FrontendURL find it by
// the key alone. The error is URL's.
func (c *Clerk) PublishableKey() (string, error) {
	u, err := c.URL()
	if err != nil {
		return "", err
	}
	host := strings.TrimPrefix(u, "http://")
	return "pk_test_" + base64.StdEncoding.EncodeToString([]byte(host+"$")), nil
}

// How long a session token is valid, and how far back, for slow clocks.
const (
	tokenLife = 60 * time.Second
	tokenSkew = 10 * time.Second
)

// sessionToken returns a JWT of the session, with Clerk's claims.
func (c *Clerk) sessionToken(in *call, s *session, life time.Duration) (string, *problem) {
	now := time.Now()
	claims := map[string]any{
		"iss": in.issuer(),
		"sub": s.user.id,
		"sid": s.id,
		"iat": now.Unix(),
		"exp": now.Add(life).Unix(),
		"nbf": now.Add(-tokenSkew).Unix(),
		"jti": strings.ToLower(rand.Text()),
		"fva": []int{0, -1},
		"sts": s.status,
		"v":   2,
	}
	if origin := in.Header.Get("Origin"); origin != "" {
		claims["azp"] = origin
	}
	if o := s.organization; o != nil {
		active := map[string]any{"id": o.id, "slg": o.Slug}
		if m := c.store.memberships[member{o.id, s.user.id}]; m != nil {
			active["rol"] = strings.TrimPrefix(m.Role, "org:")
		}
		claims["o"] = active
	}
	custom, err := expand(c.sessionClaims, c.shortcodesOf(s))
	if err != nil {
		return "", internal(err)
	}
	if custom, ok := custom.(map[string]any); ok {
		maps.Copy(claims, custom)
	}
	key, err := c.signingKey()
	if err != nil {
		return "", internal(err)
	}
	header := map[string]any{"alg": "RS256", "typ": "JWT", "kid": keyID(&key.PublicKey)}
	token := base64.RawURLEncoding.EncodeToString(encode(header)) + "." + base64.RawURLEncoding.EncodeToString(encode(claims))
	sum := sha256.Sum256([]byte(token))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", internal(err)
	}
	return token + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// issuer is the address of the Frontend API that the client uses.
func (in *call) issuer() string {
	if proxy := in.Header.Get("Clerk-Proxy-Url"); proxy != "" {
		return proxy
	}
	if in.secure() {
		return "https://" + in.Host
	}
	return "http://" + in.Host
}
