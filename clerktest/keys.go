package clerktest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"
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
