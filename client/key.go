package client

import (
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/keys"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// hidden is an unexported name to embed.
type hidden = secret.Text

// Key is a secret key. It prints, encodes and logs as "sk_test_…redacted", alone or
// inside another value.
type Key struct {
	hidden
}

// SecretKey returns the Key with the given text, as the Clerk dashboard shows it. New
// checks it.
func SecretKey(text string) Key {
	label := ""
	for _, prefix := range []string{keys.SecretLive, keys.SecretTest} {
		if strings.HasPrefix(text, prefix) {
			label = prefix
		}
	}
	return Key{secret.New(text, label+"…redacted")}
}

// IsLive reports whether the key is a production instance's (sk_live_…).
func (k Key) IsLive() bool { return strings.HasPrefix(k.Reveal(), keys.SecretLive) }

// Reveal returns the key's text, to put it into a header. No other method does.
func (k Key) Reveal() string { return secret.Reveal(k.hidden) }

// FrontendURL returns the address of the Frontend API that a publishable key
// (pk_test_… or pk_live_…) names: with https, or with http for a loopback address,
// where an emulator listens without TLS. It does no I/O. The error satisfies
// clerkerr.ErrInvalidArgument.
func FrontendURL(publishableKey string) (string, error) {
	url, err := keys.FrontendURL(publishableKey, EnvPublishableKey)
	if err != nil {
		return "", clerkerr.Invalid("client.FrontendURL", "publishableKey", err)
	}
	return url, nil
}

// CookieSuffix returns the end of the names of an application's cookies, such as
// "__session_" + CookieSuffix(publishableKey), by which several applications share a domain
// (seen in Clerk's browser client). It does no I/O.
func CookieSuffix(publishableKey string) string { return keys.CookieSuffix(publishableKey) }
