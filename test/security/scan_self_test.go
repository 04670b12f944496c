package security

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// names are the secrets of a scanner, each once.
func (s scanner) names() map[string]bool {
	names := map[string]bool{}
	for _, form := range s {
		names[form.name] = true
	}
	return names
}

// TestScannerFindsPlantedLeaks plants each secret in each way that a program may
// write it, whole and in part.
func TestScannerFindsPlantedLeaks(t *testing.T) {
	t.Parallel()
	ways := map[string]func(string) string{
		"raw":            func(s string) string { return s },
		"query":          url.QueryEscape,
		"path":           url.PathEscape,
		"lower escapes":  func(s string) string { return lowerEscapes(url.QueryEscape(s)) },
		"quoted":         strconv.Quote,
		"JSON":           func(s string) string { return string(mustJSON(s)) },
		"JSON in JSON":   func(s string) string { return string(mustJSON(string(mustJSON(object{"plan": s})))) },
		"base64":         func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"basic auth":     func(s string) string { return base64.StdEncoding.EncodeToString([]byte("user:" + s)) },
		"base64 further": func(s string) string { return base64.URLEncoding.EncodeToString([]byte("abcd" + s + "z")) },
		"bytes as JSON":  func(s string) string { return string(mustJSON([]byte(s))) },
		"hex":            func(s string) string { return hex.EncodeToString([]byte(s)) },
		"%X":             func(s string) string { return fmt.Sprintf("%X", s) },
		"%v of bytes":    func(s string) string { return fmt.Sprintf("%v", []byte(s)) },
		"%#v of bytes":   func(s string) string { return fmt.Sprintf("%#v", []byte(s)) },
		"first letters":  func(s string) string { return s[:shortest] + "…" },
		"last letters":   func(s string) string { return "…" + s[len(s)-shortest:] },
		"most of it":     func(s string) string { return "…" + s[3:] },
	}
	secrets := map[string]string{
		"the secret key": keyText, "the cookie": cookieToken, "the native token": nativeToken,
		"the development browser's token": devToken, "the renewed native token": turnedToken,
		"the renewed cookie": turnedCookie, "the password": webPassword, "the signing secret": signingKey,
		"a stored string": storedText, "a stored number": storedNumber,
		"a sent string": sentText, "a sent number": sentNumber,
	}
	require.Len(t, everything.names(), len(secrets), "every secret is planted")
	for name, text := range secrets {
		for way, write := range ways {
			found := strings.Join(everything.in("clerk: GetUser: "+write(text)+", attempts 1"), "\n")
			require.Contains(t, found, name+" as ", "%s, %s: %s", name, way, write(text))
		}
	}
}

func TestScannerFindsNothingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "sk_test_…redacted", "__client=…redacted", "plan", "seats", secretKey[:len("sk_test_")+shortest-1],
		base64.StdEncoding.EncodeToString([]byte("something else")),
	} {
		require.Empty(t, everything.in(text), text)
	}
}

// TestSinksShowWhatTheyAreGiven is the same for what the tests write outputs with:
// whatever is printed, something of a secret would be seen.
func TestSinksShowWhatTheyAreGiven(t *testing.T) {
	t.Parallel()
	leaks := map[string]any{
		"text":             secretKey,
		"error":            fmt.Errorf("bad key %q", secretKey),
		"wrapped error":    silent{fmt.Errorf("bad key %s", secretKey)},
		"joined errors":    silents{[]error{nil, fmt.Errorf("bad key %s", secretKey)}},
		"field":            struct{ Key string }{secretKey},
		"unexported field": struct{ key string }{secretKey},
		"bytes":            []byte(secretKey),
		"raw JSON":         json.RawMessage(mustJSON(secretKey)),
		"behind a pointer": &struct{ Inner *struct{ key string } }{&struct{ key string }{secretKey}},
	}
	for name, leak := range leaks {
		require.NotEmpty(t, credentials.in(everyPrint(leak)), name)
	}
}

// silent says nothing of what it wraps.
type silent struct{ cause error }

func (silent) Error() string                { return "failed" }
func (s silent) Unwrap() error              { return s.cause }
func (silent) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte("failed")) }
func (silent) MarshalJSON() ([]byte, error) { return []byte(`"failed"`), nil }

// silents is silent of several.
type silents struct{ causes []error }

func (silents) Error() string                { return "failed" }
func (s silents) Unwrap() []error            { return s.causes }
func (silents) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte("failed")) }
func (silents) MarshalJSON() ([]byte, error) { return []byte(`"failed"`), nil }
