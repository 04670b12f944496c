package client

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/keys"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// Key is a secret key. It prints, encodes and logs as "sk_test_…redacted", alone or
// inside another value.
type Key struct {
	secret secret.Text
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
	return Key{secret: secret.New(text, label)}
}

// IsLive reports whether the key is a production instance's (sk_live_…).
func (k Key) IsLive() bool { return strings.HasPrefix(k.secret.Reveal(), keys.SecretLive) }

// Reveal returns the key's text, to put it into a header. No other method does.
func (k Key) Reveal() string { return k.secret.Reveal() }

// String returns the key's kind and "…redacted".
func (k Key) String() string { return k.secret.String() }

// GoString returns String.
func (k Key) GoString() string { return k.String() }

// Format writes String for every verb.
func (k Key) Format(s fmt.State, verb rune) { secret.Format(s, verb, k.String()) }

// MarshalJSON encodes String.
func (k Key) MarshalJSON() ([]byte, error) { return secret.MarshalJSON(k.String()) }

// LogValue returns String for log/slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

func (k Key) check(operation string) error {
	if fault := keys.SecretFault(k.secret.Reveal(), EnvSecretKey); fault != "" {
		return invalid(operation, "key", fault)
	}
	return nil
}

// FrontendURL returns the address of the Frontend API that a publishable key
// (pk_test_… or pk_live_…) names: with https, or with http for a loopback address,
// where an emulator listens without TLS. It does no I/O. The error satisfies
// clerkerr.ErrInvalidArgument.
func FrontendURL(publishableKey string) (string, error) {
	const operation = "client.FrontendURL"
	address, fault := keys.FrontendURL(publishableKey, EnvPublishableKey)
	if fault != "" {
		return "", invalid(operation, "publishableKey", fault)
	}
	return frontendURLOf(operation, address, nil)
}
