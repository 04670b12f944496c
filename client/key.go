package client

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

const (
	secretPrefix      = "sk_"
	livePrefix        = "sk_live_"
	testPrefix        = "sk_test_"
	publishablePrefix = "pk_"
)

// Key is a secret key. However it is printed, encoded or logged, on its own or
// inside something else, it shows as "sk_test_…redacted".
type Key struct {
	secret secret.Text
}

// SecretKey returns the Key of its text, as the Clerk dashboard shows it. It is
// checked by New.
func SecretKey(text string) Key {
	label := ""
	for _, prefix := range []string{livePrefix, testPrefix} {
		if strings.HasPrefix(text, prefix) {
			label = prefix
		}
	}
	return Key{secret: secret.New(text, label)}
}

// IsLive reports whether the key is a production instance's (sk_live_…).
func (k Key) IsLive() bool { return strings.HasPrefix(k.secret.Reveal(), livePrefix) }

// String returns the key's kind and "…redacted".
func (k Key) String() string { return k.secret.String() }

// GoString returns String.
func (k Key) GoString() string { return k.String() }

// Format writes String for every verb.
func (k Key) Format(s fmt.State, verb rune) { secret.Format(s, verb, k.String()) }

// MarshalJSON encodes String.
func (k Key) MarshalJSON() ([]byte, error) { return secret.MarshalJSON(k.String()) }

// LogValue gives log/slog String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

func (k Key) check(operation string) error {
	if reason := badKey(k.secret.Reveal()); reason != "" {
		return invalid(operation, "key", reason)
	}
	return nil
}

// badKey tells wrong keys apart without quoting them.
func badKey(key string) string {
	trimmed := strings.TrimSpace(key)
	switch {
	case trimmed == "":
		return "is empty: set " + EnvSecretKey + " to the instance's secret key (sk_test_… or sk_live_…)"
	case trimmed != key:
		return "has white space around it, a newline from a file perhaps: trim it"
	case strings.HasPrefix(key, publishablePrefix):
		return "is a publishable key (pk_…): the Backend API takes the secret key (sk_test_… or sk_live_…)"
	case strings.HasPrefix(key, "eyJ") && strings.Count(key, ".") == 2:
		return "is a session token (a JWT): the Backend API takes the secret key (sk_test_… or sk_live_…)"
	case strings.HasPrefix(key, "Bearer "):
		return `begins with "Bearer ": pass the key alone`
	case !strings.HasPrefix(key, secretPrefix) || key == livePrefix || key == testPrefix || key == secretPrefix:
		return "is not a secret key: one begins with sk_test_ or sk_live_ and goes on"
	}
	for _, r := range key {
		if unicode.IsSpace(r) || r < ' ' || r > '~' {
			return "holds white space or a character that no key has"
		}
	}
	return ""
}

// FrontendURL returns the address of the Frontend API that a publishable key
// (pk_test_… or pk_live_…) holds: https, but for a loopback address, where an
// emulator listens without TLS. It does no I/O. The error satisfies
// clerkerr.ErrInvalidArgument.
func FrontendURL(publishableKey string) (string, error) {
	const operation, param = "client.FrontendURL", "publishableKey"
	encoded, ok := strings.CutPrefix(publishableKey, "pk_test_")
	if !ok {
		encoded, ok = strings.CutPrefix(publishableKey, "pk_live_")
	}
	if !ok {
		return "", invalid(operation, param, "is not a publishable key: one begins with pk_test_ or pk_live_ ("+EnvPublishableKey+")")
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	host, marked := strings.CutSuffix(string(raw), "$")
	if err != nil || !marked || host == "" || strings.ContainsAny(host, "/?#@$ ") {
		return "", invalid(operation, param, "is damaged: it does not hold the address of a Frontend API")
	}
	scheme := "https://"
	if isLoopback(hostname(host)) {
		scheme = "http://"
	}
	return frontendURLOf(operation, scheme+host, nil)
}
