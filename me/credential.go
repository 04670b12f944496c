package me

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// How credentials travel: the security schemes of Clerk's Frontend API document.
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

// kind is what prints of a Credential.
type kind string

const (
	productionBrowser  kind = clientCookie + "="
	nativeApp          kind = "native "
	developmentBrowser kind = devSessionParam + "="
)

// token is an unexported name to embed.
type token = secret.Text

// Credential is what an end user is signed in with: a Cookie, a NativeToken or a
// DevBrowser. It is immutable, is never stored by this module, and prints, encodes and
// logs as its kind only. The zero Credential is refused.
type Credential struct {
	token
	kind    kind
	session string
}

func newCredential(k kind, value string) Credential {
	return Credential{token: secret.New(value, string(k)+"…redacted"), kind: k}
}

// Cookie returns the credential of a production browser, the value of its __client cookie.
func Cookie(value string) Credential { return newCredential(productionBrowser, value) }

// NativeToken returns the credential of a native app, the client JWT with or without
// "Bearer ". It is sent in Authorization, with the query parameter _is_native.
func NativeToken(jwt string) Credential {
	return newCredential(nativeApp, strings.TrimPrefix(jwt, bearer))
}

// DevBrowser returns the credential of a browser on a development instance, its token,
// which is sent as the query parameter __dev_session.
func DevBrowser(token string) Credential { return newCredential(developmentBrowser, token) }

// WithSession returns the credential bound to one session of a client that is signed in
// with several users. It is sent as the query parameter _clerk_session_id.
func (c Credential) WithSession(sessionID string) Credential {
	c.session = sessionID
	return c
}

// Rotated returns the credential for the next call: c with what r renewed. Clerk has not
// been seen to renew a development browser's token.
func (c Credential) Rotated(r Rotation) Credential {
	if renewed := r.Token(); c.kind == nativeApp && renewed != "" {
		return NativeToken(renewed).WithSession(c.session)
	}
	isRenewed := func(cookie *http.Cookie) bool { return cookie.Name == clientCookie && cookie.Value != "" }
	cookies := r.Cookies()
	if i := slices.IndexFunc(cookies, isRenewed); c.kind == productionBrowser && i >= 0 {
		return Cookie(cookies[i].Value).WithSession(c.session)
	}
	return c
}

// reveal returns the credential's value.
func (c Credential) reveal() string { return secret.Reveal(c.token) }

// fault returns what is wrong with the credential, without its value.
func (c Credential) fault() string {
	// What RFC 6265 forbids in the value of a cookie, no token has either.
	forbidden := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",;\`, r) }
	s := c.reveal()
	switch {
	case c.kind == "":
		return "is missing: use me.FromRequest, me.Cookie, me.NativeToken or me.DevBrowser"
	case s == "":
		return "is empty"
	case len(s) > maxCredentialLen:
		return fmt.Sprintf("is %d bytes long: at most %d are allowed", len(s), maxCredentialLen)
	case strings.HasPrefix(s, "sk_"):
		return "is a secret key: the Frontend API takes the end user's own credential"
	case strings.ContainsFunc(s, forbidden):
		return "holds white space or a character that no token has"
	case len(c.session) > maxSessionLen:
		return fmt.Sprintf("has a session id of %d bytes: at most %d are allowed", len(c.session), maxSessionLen)
	case strings.ContainsFunc(c.session, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return "has a session id with white space in it"
	}
	return ""
}

// apply puts the credential into a request.
func (c Credential) apply(req *http.Request) {
	q := req.URL.Query()
	switch c.kind {
	case productionBrowser:
		// Set directly: http.Cookie quotes or drops some values.
		req.Header.Set("Cookie", clientCookie+"="+c.reveal())
	case nativeApp:
		req.Header.Set(headerAuthorize, bearer+c.reveal())
		q.Set(nativeParam, "1")
	default:
		q.Set(devSessionParam, c.reveal())
	}
	if c.session != "" {
		q.Set(sessionParam, c.session)
	}
	req.URL.RawQuery = q.Encode()
}
