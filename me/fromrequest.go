package me

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/keys"
)

// FromRequest takes the end user's credential out of a request that a handler
// serves, so that it can call Clerk on that user's behalf:
//
//   - a production browser's cookie __client, which a browser sends where the
//     Frontend API is proxied under the application's own domain;
//   - a native app's Authorization header, with or without "Bearer ", together
//     with the query parameter _is_native=1 or true;
//   - a development browser's token: the query parameter __dev_session or
//     __clerk_db_jwt, or the cookie __clerk_db_jwt with or without a suffix,
//     which Clerk's browser client is seen to set on the application's domain.
//
// publishableKey is the application's own; "" where it is not known. Several
// applications can share a domain, as on localhost, and their bare cookies have
// one name. Since clerk-js 5.10 (as seen) a cookie comes with a suffix too that
// is made of the publishable key. With the key, the application's suffixed cookie
// counts and the bare one beside it does not. Where other applications have
// suffixed cookies and this one has none, a bare cookie of their value is theirs
// and does not count; one of another value is a conflict. Without the key, all
// cookies of the name count alike, and two values are a conflict: give the key.
// __client has no suffix. __session and __client_uat, suffixed or not, are no
// credentials of the Frontend API and are not read.
//
// The query parameter _clerk_session_id is taken as by Credential.WithSession.
// What is empty counts as absent. The body is not read.
//
// Without _is_native the Authorization header is no credential: it carries a
// session token, which a browser's fetch sends beside its cookies (Clerk documents
// it), or belongs to something else. It contradicts nothing, and alone it is
// clerkerr.ErrUnauthorized.
//
// FromRequest never chooses between two users: two values or two kinds of
// credential at once, _is_native beside one that is not a native app's, and
// _is_native with Authorization and Origin, which Clerk refuses too, are
// clerkerr.ErrCredentialConflict (answer 400). No credential is
// clerkerr.ErrUnauthorized (answer 401); the *clerkerr.Error names an
// Authorization header that is none as Param. A malformed query, a faulty
// publishable key and a credential that cannot be one (white space, over 8 KiB, a
// secret key) are clerkerr.ErrInvalidArgument (answer 400; the key is a mistake of
// the program, and named publishableKey as Param). No error holds a value of the
// request or the key.
//
// It does no I/O and does not know whether the credential is signed in: the call
// to Clerk shows that. Browsers send cookies with requests of other sites too: a
// handler that writes with them belongs behind http.CrossOriginProtection.
// FromRequest is safe for concurrent use.
func FromRequest(r *http.Request, publishableKey string) (Credential, error) {
	if r == nil || r.URL == nil {
		return Credential{}, unusable("r", "is nil or has no URL")
	}
	if publishableKey != "" {
		if _, fault := keys.FrontendURL(publishableKey, "CLERK_PUBLISHABLE_KEY"); fault != "" {
			return Credential{}, unusable("publishableKey", fault)
		}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		// The error itself would quote the query.
		return Credential{}, unusable("query", "is malformed")
	}
	f := found{
		native:  compact(query[nativeParam]),
		tokens:  compact(bearerTokens(r.Header)),
		clients: compact(cookieValues(r.Header, clientCookie)),
		session: compact(query[sessionParam]),
		origin:  r.Header.Get("Origin") != "",
	}
	cookies, unclear := developmentCookies(r.Header, publishableKey)
	if unclear {
		return Credential{}, conflicting(devBrowserName, "may be another application's: there are suffixed cookies of others, and none of this one")
	}
	f.dev = compact(slices.Concat(query[devSessionParam], query[devBrowserName], cookies))
	if err := f.conflict(); err != nil {
		return Credential{}, err
	}
	credential, err := f.credential()
	if err != nil {
		return Credential{}, err
	}
	if len(f.session) > 0 {
		credential = credential.WithSession(f.session[0])
	}
	if reason := credential.fault(); reason != "" {
		return Credential{}, unusable("credential", reason)
	}
	return credential, nil
}

const (
	operationFromRequest = "me.FromRequest"
	blank                = " \t" // what may surround a value in a header
	several              = "has more than one value"
)

// found holds what a request says of its user; values that differ contradict
// each other.
type found struct {
	native, tokens, clients, dev, session []string
	origin                                bool
}

func (f found) isNative() bool {
	return len(f.native) > 0 && (f.native[0] == "1" || f.native[0] == "true")
}

// conflict reports what leaves open whose request it is.
func (f found) conflict() error {
	if len(f.native) > 1 {
		return conflicting(nativeParam, several)
	}
	var tokens []string // an app's; a session token is no credential
	if f.isNative() {
		tokens = f.tokens
	}
	for _, named := range []struct {
		param  string
		values []string
	}{
		{headerAuthorize, tokens}, {clientCookie, f.clients}, {devBrowserName, f.dev}, {sessionParam, f.session},
	} {
		if len(named.values) > 1 {
			return conflicting(named.param, several)
		}
	}
	switch kinds := len(tokens) + len(f.clients) + len(f.dev); {
	case f.origin && len(tokens) > 0:
		return conflicting(headerAuthorize, "stands beside Origin: a native app sends none, and a browser's credential is not sent in Authorization")
	case kinds > 1:
		return conflicting("credential", "there is more than one kind of it: a native app's Authorization, the cookie __client and a development browser's token exclude each other")
	case f.isNative() && kinds > len(tokens):
		return conflicting(nativeParam, "stands beside a browser's credential")
	}
	return nil
}

// credential is the one that was found.
func (f found) credential() (Credential, error) {
	switch {
	case len(f.clients) > 0:
		return Cookie(f.clients[0]), nil
	case len(f.dev) > 0:
		return DevBrowser(f.dev[0]), nil
	case len(f.tokens) == 0:
		return Credential{}, unauthorized("", "the request has no end user's credential")
	case !f.isNative():
		return Credential{}, unauthorized(headerAuthorize, "is no client token without the query parameter _is_native=1: a session token cannot be used here")
	}
	return NativeToken(f.tokens[0]), nil
}

// bearerTokens are the values of the Authorization header without their scheme,
// whose case does not matter (RFC 9110, section 11.1).
func bearerTokens(h http.Header) []string {
	tokens := slices.Clone(h.Values(headerAuthorize))
	for i, t := range tokens {
		scheme, token, _ := strings.Cut(strings.Trim(t, blank), " ")
		if strings.EqualFold(scheme+" ", bearer) {
			t = token
		}
		tokens[i] = strings.Trim(t, blank)
	}
	return tokens
}

// compact drops what is empty and what repeats the value before it, in place:
// more than one is left only where values differ.
func compact(values []string) []string {
	return slices.Compact(slices.DeleteFunc(values, func(v string) bool { return v == "" }))
}

func unusable(param, reason string) error {
	return clerkerr.Invalid(operationFromRequest, param, errors.New(reason))
}

func conflicting(param, reason string) error {
	return clerkerr.Invalid(operationFromRequest, param, fmt.Errorf("%w: %s", clerkerr.ErrCredentialConflict, reason))
}

// unauthorized is no clerkerr.ErrInvalid: who answers 400 to that must not
// answer it to a user who has only to sign in.
func unauthorized(param, reason string) error {
	e := &clerkerr.Error{
		Operation: operationFromRequest, Outcome: clerkerr.OutcomeNotApplied,
		Err: fmt.Errorf("%w: %s", clerkerr.ErrUnauthorized, reason),
	}
	if param != "" {
		e.Details = []clerkerr.Detail{{Param: param}}
	}
	return e
}
