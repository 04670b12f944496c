// Package signature signs and verifies deliveries of webhooks as Svix does, which sends
// Clerk's: https://www.standardwebhooks.com.
package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// Prefix is what a signing secret begins with.
const Prefix = "whsec_"

const (
	version = "v1,"
	// minKey is the least number of bytes that Standard Webhooks gives a key; Clerk's have
	// as many.
	minKey = 24
)

// hidden is an unexported name to embed.
type hidden = secret.Value[[]byte]

// Key is the key of a signing secret. It prints, encodes and logs as "whsec_…redacted".
// Nothing is signed or verified with the zero Key.
type Key struct {
	hidden
}

// ParseKey returns the Key of a signing secret, "whsec_" and base64. The error does not
// quote it.
func ParseKey(text string) (Key, error) {
	trimmed := strings.TrimSpace(text)
	encoded, prefixed := strings.CutPrefix(text, Prefix)
	switch {
	case trimmed == "":
		return Key{}, errors.New("is empty: Clerk's dashboard shows the signing secret of the endpoint (whsec_…)")
	case trimmed != text:
		return Key{}, errors.New("has white space around it, perhaps a newline from a file: trim it")
	case !prefixed:
		return Key{}, errors.New("is not a signing secret: expected whsec_ and base64, as Clerk's dashboard shows it")
	case strings.ContainsAny(encoded, "\r\n"): // the decoder ignores them
		return Key{}, errors.New("is damaged: it contains a line break")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return Key{}, errors.New("is damaged: what follows whsec_ is not base64")
	}
	if len(key) < minKey {
		return Key{}, fmt.Errorf("is too short: its base64 holds %d bytes; expected at least %d", len(key), minKey)
	}
	return Key{secret.New(key, Prefix+"…redacted")}, nil
}

// Sign returns the signature of a delivery, "v1," and base64, as the header svix-signature
// has it. The timestamp is in Unix seconds. The id must not contain a dot, which separates
// the parts of what is signed.
func (k Key) Sign(id string, timestamp int64, body []byte) string {
	mac := hmac.New(sha256.New, secret.Reveal(k.hidden))
	mac.Write([]byte(id + "." + strconv.FormatInt(timestamp, 10) + "."))
	mac.Write(body)
	return version + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify reports whether one of the signatures in a header, which spaces separate, is that
// of the delivery. It compares in constant time and skips versions that it does not know.
// It is false for an id with a dot: the signature of one delivery would also be that of
// another, with a part of the body moved into the id.
func (k Key) Verify(id string, timestamp int64, body []byte, header string) bool {
	if len(secret.Reveal(k.hidden)) == 0 || strings.Contains(id, ".") {
		return false
	}
	expected := []byte(k.Sign(id, timestamp, body))
	verified := 0
	for signature := range strings.SplitSeq(header, " ") {
		verified |= subtle.ConstantTimeCompare([]byte(signature), expected)
	}
	return verified == 1
}
