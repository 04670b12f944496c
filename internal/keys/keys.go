// Package keys checks the keys of a Clerk instance without quoting them.
package keys

import (
	"encoding/base64"
	"strings"
	"unicode"

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

// SecretFault says what is wrong with a secret key, "" where nothing is. env is
// the environment variable that it is usually kept in.
func SecretFault(key, env string) string {
	trimmed := strings.TrimSpace(key)
	switch {
	case trimmed == "":
		return "is empty: set " + env + " to the instance's secret key (sk_test_… or sk_live_…)"
	case trimmed != key:
		return "has white space around it, a newline from a file perhaps: trim it"
	case strings.HasPrefix(key, publishable):
		return "is a publishable key (pk_…): the Backend API takes the secret key (sk_test_… or sk_live_…)"
	case strings.HasPrefix(key, "eyJ") && strings.Count(key, ".") == 2:
		return "is a session token (a JWT): the Backend API takes the secret key (sk_test_… or sk_live_…)"
	case strings.HasPrefix(key, "Bearer "):
		return `begins with "Bearer ": pass the key alone`
	case !strings.HasPrefix(key, secret) || key == SecretLive || key == SecretTest || key == secret:
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
// holds: https, but for a loopback address, where an emulator listens without
// TLS. fault says what is wrong with the key; env is the environment variable
// that it is usually kept in.
func FrontendURL(key, env string) (url, fault string) {
	encoded, ok := strings.CutPrefix(key, PublishableTest)
	if !ok {
		encoded, ok = strings.CutPrefix(key, PublishableLive)
	}
	if !ok {
		return "", "is not a publishable key: one begins with pk_test_ or pk_live_ (" + env + ")"
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	host, marked := strings.CutSuffix(string(raw), "$")
	if err != nil || !marked || host == "" || strings.ContainsAny(host, "/?#@$% ") {
		return "", "is damaged: it does not hold the address of a Frontend API"
	}
	if address.IsLoopback(host) {
		return "http://" + host, ""
	}
	return "https://" + host, ""
}
