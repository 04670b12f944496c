// Package keys checks the keys of a Clerk instance without quoting them.
package keys

import (
	"crypto/sha1" //nolint:gosec // for a name, as Clerk's browser client does, and not for protection
	"encoding/base64"
	"errors"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// What each kind of key begins with.
const (
	SecretLive      = "sk_live_"
	SecretTest      = "sk_test_"
	PublishableLive = "pk_live_"
	PublishableTest = "pk_test_"

	secret      = "sk_"
	publishable = "pk_"
)

// CheckSecret returns an error if key is no secret key. env is the environment variable
// that usually holds it.
func CheckSecret(key, env string) error {
	trimmed := strings.TrimSpace(key)
	switch {
	case trimmed == "":
		return errors.New("is empty: set " + env + " to the instance's secret key (sk_test_… or sk_live_…)")
	case trimmed != key:
		return errors.New("has white space around it, perhaps a newline from a file: trim it")
	case strings.HasPrefix(key, publishable):
		return errors.New("is a publishable key (pk_…): the Backend API takes the secret key (sk_test_… or sk_live_…)")
	case strings.HasPrefix(key, "eyJ") && strings.Count(key, ".") == 2:
		return errors.New("is a session token (a JWT): the Backend API takes the secret key (sk_test_… or sk_live_…)")
	case strings.HasPrefix(key, "Bearer "):
		return errors.New(`begins with "Bearer ": pass the key alone`)
	case !strings.HasPrefix(key, secret) || key == SecretLive || key == SecretTest || key == secret:
		return errors.New("is not a secret key: expected sk_test_ or sk_live_ and more characters")
	case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("holds white space or a character that no key has")
	}
	return nil
}

// FrontendURL returns the address of the Frontend API that a publishable key holds:
// with https, or with http for a loopback address, where an emulator listens without
// TLS. env is the environment variable that usually holds the key.
func FrontendURL(key, env string) (string, error) {
	encoded, ok := strings.CutPrefix(key, PublishableTest)
	if !ok {
		encoded, ok = strings.CutPrefix(key, PublishableLive)
	}
	if !ok {
		return "", errors.New("is not a publishable key: one begins with pk_test_ or pk_live_ (" + env + ")")
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	host, marked := strings.CutSuffix(string(raw), "$")
	u, invalid := address.Parse("https://" + host)
	if err != nil || !marked || invalid != nil || u.Host != host {
		return "", errors.New("is damaged: it does not hold the address of a Frontend API")
	}
	if address.IsLoopback(host) {
		u.Scheme = "http"
	}
	return u.String(), nil
}

// SuffixLen is the length of what CookieSuffix returns.
const SuffixLen = 8

// CookieSuffix returns the end of the names of the cookies of a publishable key's
// application (seen in Clerk's browser client).
func CookieSuffix(publishableKey string) string {
	sum := sha1.Sum([]byte(publishableKey)) //nolint:gosec // as above
	return base64.URLEncoding.EncodeToString(sum[:])[:SuffixLen]
}
