package clerktest

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
)

// Where the credential of a request travelled, in Request.Credential.
const (
	credentialSecretKey  = "secret key"
	credentialNative     = "native app"
	credentialDevBrowser = "development browser"
	credentialBrowser    = "browser"
)

func (c *Clerk) checkSecretKey(in *call) *problem {
	key, ok := bearer(in.Header.Get("Authorization"))
	switch {
	case !ok:
		return fail(http.StatusUnauthorized, "authorization_header_format_invalid")
	case !c.isSecretKey(key):
		return fail(http.StatusUnauthorized, "clerk_key_invalid")
	}
	return nil
}

func (c *Clerk) isSecretKey(key string) bool {
	return subtle.ConstantTimeCompare([]byte(key), []byte(c.secretKey)) == 1
}

// bearer takes the token out of an Authorization header.
func bearer(header string) (token string, ok bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// credential finds the end user's credential and how it travels. Authorization
// counts only with _is_native; native apps send the bare token or a bearer.
func (in *call) credential() (how, token string) {
	if in.native() {
		header := in.Header.Get("Authorization")
		if token, ok := bearer(header); ok {
			return credentialNative, token
		}
		return credentialNative, header
	}
	if token := or(in.query.Get("__clerk_db_jwt"), in.query.Get("__dev_session")); token != "" {
		return credentialDevBrowser, token
	}
	if cookie, err := in.Cookie("__client"); err == nil && cookie.Value != "" {
		return credentialBrowser, cookie.Value
	}
	return "", ""
}

func (in *call) native() bool {
	flag := in.query.Get("_is_native")
	return (flag == "1" || flag == "true") && in.Header.Get("Authorization") != ""
}

// clientOf returns the client that the credential belongs to, nil if none.
func (c *Clerk) clientOf(in *call) *device {
	switch how, token := in.credential(); how {
	case credentialDevBrowser:
		return c.store.devBrowsers[token]
	default:
		return c.store.tokens[token]
	}
}

// session is the session that a Frontend API request acts in.
func (c *Clerk) session(in *call) (*session, *problem) {
	if in.Header.Get("Origin") != "" && in.Header.Get("Authorization") != "" {
		return nil, fail(http.StatusBadRequest, "origin_authorization_headers_conflict")
	}
	if in.Header.Get("Clerk-Proxy-Url") != "" {
		switch key := in.Header.Get("Clerk-Secret-Key"); {
		case key == "":
			return nil, fail(http.StatusBadRequest, "proxy_request_missing_secret_key")
		case !c.isSecretKey(key):
			return nil, fail(http.StatusUnauthorized, "proxy_request_invalid_secret_key")
		}
	}
	how, _ := in.credential()
	switch {
	case how == "":
		return nil, fail(http.StatusUnauthorized, "signed_out")
	case in.client == nil && how == credentialDevBrowser:
		return nil, fail(http.StatusUnauthorized, "dev_browser_unauthenticated")
	case in.client == nil:
		return nil, fail(http.StatusUnauthorized, c.guess(UnknownToken))
	}
	id := in.query.Get("_clerk_session_id")
	if id == "" {
		return in.client.sessions[0], nil
	}
	if s := c.store.sessions[id]; s != nil && s.client == in.client {
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
func (c *Clerk) rotate(in *call, header http.Header) {
	cl := in.client
	how, _ := in.credential()
	if how == credentialDevBrowser {
		return
	}
	if c.guess(RotatedToken) == "refused" {
		delete(c.store.tokens, cl.token)
	}
	cl.turns++
	stem, _, _ := strings.Cut(cl.token, ".rotated")
	cl.token = fmt.Sprintf("%s.rotated%d", stem, cl.turns)
	c.store.tokens[cl.token] = cl
	if how == credentialNative {
		header.Set("Authorization", cl.token)
		return
	}
	cookie := http.Cookie{Name: "__client", Value: cl.token, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode}
	header.Add("Set-Cookie", cookie.String())
}
