package me

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// How each credential travels; see Clerk's Frontend API document, security
// schemes.
const (
	clientCookie     = "__client"
	devSessionParam  = "__dev_session"
	devBrowserName   = "__clerk_db_jwt" // query parameter and cookie of current browser clients
	nativeParam      = "_is_native"
	sessionParam     = "_clerk_session_id"
	headerAuthorize  = "Authorization"
	bearer           = "Bearer "
	maxCredentialLen = 8 << 10
	maxSessionLen    = 255
)

type kind int

const (
	none kind = iota
	productionBrowser
	nativeApp
	developmentBrowser
)

// Credential is what an end user is signed in with: one of Cookie, NativeToken
// and DevBrowser, or whichever FromRequest finds. It is immutable, is never stored
// by this module and prints as its kind only, whatever the verb. The zero
// Credential is refused.
type Credential struct {
	kind    kind
	secret  secret.Text
	session string
}

// Cookie is the credential of a production browser: the value of its __client
// cookie. It is sent as that cookie.
func Cookie(value string) Credential {
	return Credential{kind: productionBrowser, secret: secret.New(value, clientCookie+"=")}
}

// NativeToken is the credential of a native app: the client JWT, with or
// without "Bearer " in front. It is sent as the Authorization header together
// with the query parameter _is_native.
func NativeToken(jwt string) Credential {
	return Credential{kind: nativeApp, secret: secret.New(strings.TrimPrefix(jwt, bearer), "native ")}
}

// DevBrowser is the credential of a browser on a development instance: its
// development browser token. It is sent as the query parameter __dev_session.
func DevBrowser(token string) Credential {
	return Credential{kind: developmentBrowser, secret: secret.New(token, devSessionParam+"=")}
}

// WithSession returns the credential bound to one of the client's sessions, for
// a client that is signed in with several users. It is sent as the query
// parameter _clerk_session_id, which Clerk's browser client is seen to use.
func (c Credential) WithSession(sessionID string) Credential {
	c.session = sessionID
	return c
}

// Rotated returns the credential to use from now on: c with what r renewed.
func (c Credential) Rotated(r Rotation) Credential {
	switch c.kind {
	case nativeApp:
		if t := r.Token(); t != "" {
			return NativeToken(t).WithSession(c.session)
		}
	case productionBrowser:
		for _, cookie := range r.Cookies() {
			if cookie.Name == clientCookie && cookie.Value != "" {
				return Cookie(cookie.Value).WithSession(c.session)
			}
		}
	default:
		// A development browser's token is not seen to be renewed.
	}
	return c
}

// fault says what is wrong with the credential, without quoting it.
func (c Credential) fault() string {
	s := c.secret.Reveal()
	switch {
	case c.kind == none:
		return "is missing: use me.FromRequest, me.Cookie, me.NativeToken or me.DevBrowser"
	case s == "":
		return "is empty"
	case len(s) > maxCredentialLen:
		return fmt.Sprintf("is %d bytes long, at most %d are allowed", len(s), maxCredentialLen)
	case strings.HasPrefix(s, "sk_"):
		return "is a secret key: the Frontend API takes the end user's own credential"
	}
	for _, r := range []byte(s) {
		// What RFC 6265 allows in a cookie's value; tokens are a part of it.
		if r <= ' ' || r >= 0x7f || strings.IndexByte(`",;\`, r) >= 0 {
			return "holds white space or a character that no token has"
		}
	}
	if len(c.session) > maxSessionLen {
		return fmt.Sprintf("has a session id of %d bytes, at most %d are allowed", len(c.session), maxSessionLen)
	}
	if strings.ContainsFunc(c.session, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "has a session id with white space in it"
	}
	return ""
}

// apply puts the credential into the request.
func (c Credential) apply(req *http.Request) {
	q := req.URL.Query()
	switch c.kind {
	case productionBrowser:
		// Set directly: http.Cookie would quote or drop what it finds odd.
		req.Header.Set("Cookie", clientCookie+"="+c.secret.Reveal())
	case nativeApp:
		req.Header.Set(headerAuthorize, bearer+c.secret.Reveal())
		q.Set(nativeParam, "1")
	default:
		q.Set(devSessionParam, c.secret.Reveal())
	}
	if c.session != "" {
		q.Set(sessionParam, c.session)
	}
	req.URL.RawQuery = q.Encode()
}

// String names the kind of the credential and nothing of its value.
func (c Credential) String() string {
	if c.kind == none {
		return "no credential"
	}
	return c.secret.String()
}

// Format writes String for every verb.
func (c Credential) Format(s fmt.State, verb rune) { secret.Format(s, verb, c.String()) }

// MarshalJSON encodes String.
func (c Credential) MarshalJSON() ([]byte, error) { return secret.MarshalJSON(c.String()) }

// LogValue gives log/slog String.
func (c Credential) LogValue() slog.Value { return slog.StringValue(c.String()) }
