package metadata

import (
	"bytes"
	"errors"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
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
