package clerktest

import (
	"cmp"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Where the credential of a request travelled, in Request.Credential.
const (
	credentialSecretKey  = "secret key"
	credentialNative     = "native app"
	credentialDevBrowser = "development browser"
	credentialBrowser    = "browser"
)

// checkBackend is what every operation of the Backend API checks first.
func (c *Clerk) checkBackend(in *call) *problem {
	key, ok := bearer(in.Header.Get("Authorization"))
	switch {
	case !ok:
		return fail(http.StatusUnauthorized, "authorization_header_format_invalid")
	case !c.isSecretKey(key):
		return fail(http.StatusUnauthorized, "clerk_key_invalid")
	}
	return c.limit(in)
}

func (c *Clerk) isSecretKey(key string) bool {
	return subtle.ConstantTimeCompare([]byte(key), []byte(c.secretKey)) == 1
}

// bearer returns the token of an Authorization header.
func bearer(header string) (token string, ok bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// credential finds the end user's credential and how it travels. Authorization
// counts only with _is_native; native apps send the bare token or a bearer.
func (in *call) credential() (how, token string) {
	if header := in.Header.Get("Authorization"); header != "" && in.native() {
		if token, ok := bearer(header); ok {
			return credentialNative, token
		}
		return credentialNative, header
	}
	if token := cmp.Or(in.query.Get("__clerk_db_jwt"), in.query.Get("__dev_session")); token != "" {
		return credentialDevBrowser, token
	}
	if cookie, err := in.Cookie("__client"); err == nil && cookie.Value != "" {
		return credentialBrowser, cookie.Value
	}
	return "", ""
}

// native reports whether a request says that it comes from a native app.
func (in *call) native() bool {
	return slices.Contains([]string{"1", "true"}, in.query.Get("_is_native"))
}

// clientOf returns the client that the credential belongs to, nil if none.
func (c *Clerk) clientOf(in *call) *device {
	if in.how == credentialDevBrowser {
		return c.store.devBrowsers[in.token]
	}
	return c.store.tokens[in.token]
}

// checkFrontend is what every operation of the Frontend API checks first.
func (c *Clerk) checkFrontend(in *call) *problem {
	if in.Header.Get("Origin") != "" && in.Header.Get("Authorization") != "" {
		return fail(http.StatusBadRequest, "origin_authorization_headers_conflict")
	}
	if in.Header.Get("Clerk-Proxy-Url") != "" {
		switch key := in.Header.Get("Clerk-Secret-Key"); {
		case key == "":
			return fail(http.StatusBadRequest, "proxy_request_missing_secret_key")
		case !c.isSecretKey(key):
			return fail(http.StatusUnauthorized, "proxy_request_invalid_secret_key")
		}
	}
	return nil
}

// anyClient is the client that a request belongs to, nil for a request without a
// credential.
func (c *Clerk) anyClient(in *call) (*device, *problem) {
	switch {
	case in.how == "" || in.client != nil:
		return in.client, nil
	case in.how == credentialDevBrowser:
		return nil, fail(http.StatusUnauthorized, "dev_browser_unauthenticated")
	}
	return nil, fail(http.StatusUnauthorized, c.guess(UnknownToken))
}

// ownClient is the client that a request belongs to.
func (c *Clerk) ownClient(in *call) (*device, *problem) {
	cl, p := c.anyClient(in)
	if p == nil && cl == nil {
		p = fail(http.StatusUnauthorized, "signed_out")
	}
	return cl, p
}

// session is the session that a Frontend API request acts in.
func (c *Clerk) session(in *call) (*session, *problem) {
	cl, p := c.ownClient(in)
	switch {
	case p != nil:
		return nil, p
	case cl.current() == nil:
		return nil, fail(http.StatusUnauthorized, "signed_out")
	}
	id := in.query.Get("_clerk_session_id")
	if id == "" {
		return cl.current(), nil
	}
	if s := c.store.signedInTo(cl, id); s != nil {
		return s, nil
	}
	status := http.StatusUnauthorized
	if c.guess(UnknownSession) == "resource_not_found" {
		status = http.StatusNotFound
	}
	return nil, fail(status, c.guess(UnknownSession))
}

// rotate puts the client's next token into an answer. A development browser's
// token stays as it is.
func (c *Clerk) rotate(in *call) {
	cl := in.client
	if in.how == credentialDevBrowser {
		return
	}
	if c.guess(RotatedToken) == "refused" {
		delete(c.store.tokens, cl.token)
	}
	cl.turns++
	stem, _, _ := strings.Cut(cl.token, ".rotated")
	cl.token = fmt.Sprintf("%s.rotated%d", stem, cl.turns)
	c.store.tokens[cl.token] = cl
	in.issue(cl.token)
}

// issue adds a client token to the answer: in the Authorization header for a native
// app, as a cookie for a browser.
func (in *call) issue(token string) {
	if in.native() {
		in.reply.Set("Authorization", token)
		return
	}
	in.setCookie(token, 0)
}

// setCookie sets the client's cookie; an age below 0 removes it. Without TLS a browser
// rejects a secure cookie.
func (in *call) setCookie(token string, age int) {
	cookie := http.Cookie{ //nolint:gosec // not secure only where there is no TLS
		Name: "__client", Value: token, Path: "/", MaxAge: age, HttpOnly: true, Secure: in.secure(), SameSite: http.SameSiteLaxMode,
	}
	in.reply.Add("Set-Cookie", cookie.String())
}
