package metadata

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// ErrUnverified reports a token, or a part of one, in place of the payload of a
// verified token.
var ErrUnverified = errors.New("token is not verified")

// FromClaims returns the metadata that an instance puts into its session tokens under
// the claim name. claims are those of a token that the caller has verified, as a JWT
// library returns them; FromClaims verifies nothing. A missing claim is the zero
// Object; a claim that is not an object is a *PathError. Decode gives it a type:
//
//	public, err := metadata.FromClaims(claims, "public_metadata")
//	account, err := metadata.Decode[Account](public)
//
// Claims show metadata as of the token's last refresh, up to 60 s ago. Libraries that
// decode numbers to float64 lose digits beyond 2^53; ParseClaims keeps them.
func FromClaims(claims map[string]any, name string) (Object, error) {
	claim, ok := claims[name]
	if !ok {
		return Object{}, nil
	}
	raw, err := encode(claim, inValue)
	if err != nil {
		return Object{}, under([]string{name}, err)
	}
	o, err := ParseObject(raw)
	return o, under([]string{name}, err)
}

// ParseClaims is FromClaims for the payload of a verified token as JSON text; numbers
// keep their digits. A whole token, or a part of one that is still base64, is
// ErrUnverified: it may not have been verified, and this package verifies nothing.
func ParseClaims(payload []byte, name string) (Object, error) {
	if hint := tokenHint(payload); hint != "" {
		return Object{}, &PathError{Reason: ErrUnverified, Hint: hint}
	}
	tree, err := parse(payload, jsonscan.Nulls{})
	if err != nil {
		return Object{}, err
	}
	claims, ok := tree.(map[string]any)
	if !ok {
		return Object{}, &PathError{Reason: ErrNotObject, Hint: "the payload of a token is a JSON object"}
	}
	return FromClaims(claims, name)
}

// tokenHint describes a text that has the shape of a token or of a part of one:
// base64url that begins like {"…, in one part, in the three of a signed JWT or the
// five of an encrypted one. It is "" for any other text.
func tokenHint(text []byte) string {
	text = bytes.Trim(bytes.TrimSpace(text), `"`)
	text = bytes.TrimPrefix(text, []byte("Bearer "))
	const base64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=."
	if !bytes.HasPrefix(text, []byte("ey")) || strings.Trim(string(text), base64URL) != "" {
		return ""
	}
	switch bytes.Count(text, []byte(".")) {
	case 0:
		return "this is a part of a JWT in base64; verify the JWT, then pass its payload as JSON"
	case 2, 4:
		return "this is a whole JWT; verify it, then pass its payload as JSON"
	default:
		return ""
	}
}

// MaxClaimSize is the size in bytes of metadata that fits a session token: Clerk's
// guide says that the cookie is not set with more than 1.2 KB. That this means 1200
// bytes, the lower of two readings, is a guess.
const MaxClaimSize = 1200

// Size returns the length in bytes of v as a Patch or Of(v) sends it; for an Object,
// that of the JSON as received. The error is a *PathError.
func Size(v any) (int, error) {
	switch v := v.(type) {
	case Object:
		return v.Size(), nil
	case Value:
		return v.Size(), v.Err()
	case Patch:
		raw, err := v.MarshalJSON()
		return len(raw), err
	}
	raw, err := encode(v, inValue)
	return len(raw), err
}

// CheckClaims checks that the given metadata together stays within MaxClaimSize, for
// an instance that puts it into session tokens. No call of this module makes this
// check. The error is a *ClaimSizeError that names the largest keys.
func CheckClaims(objects ...Object) error {
	var total int
	var keys []KeySize
	for _, o := range objects {
		if o.IsZero() {
			continue
		}
		total += o.Size()
		var members map[string]json.RawMessage
		if err := o.Decode(&members); err != nil {
			return err
		}
		for key, raw := range members {
			keys = append(keys, KeySize{Key: key, Size: len(raw)})
		}
	}
	if total <= MaxClaimSize {
		return nil
	}
	slices.SortFunc(keys, func(a, b KeySize) int {
		return cmp.Or(b.Size-a.Size, strings.Compare(a.Key, b.Key))
	})
	return &ClaimSizeError{Size: total, Largest: keys[:min(len(keys), 3)]}
}

// ClaimSizeError reports metadata that is too large for a session token.
type ClaimSizeError struct {
	// Size is the size in bytes of all the metadata that was checked.
	Size int
	// Largest are the keys that take most, the largest first, at most three.
	Largest []KeySize
}

// KeySize is a key of an object and the size in bytes of its value.
type KeySize struct {
	// Key is a top-level key as received.
	Key string
	// Size is the length in bytes of the key's JSON value; the key itself is not
	// counted.
	Size int
}

// Error names the size, the limit and the largest keys.
func (e *ClaimSizeError) Error() string {
	var largest []string
	for _, k := range e.Largest {
		largest = append(largest, fmt.Sprintf("\"%s\" (%d)", pointer.Printable(k.Key), k.Size))
	}
	return fmt.Sprintf("metadata of %d bytes is too large for a session token, whose limit is %d; largest keys: %s",
		e.Size, MaxClaimSize, strings.Join(largest, ", "))
}
