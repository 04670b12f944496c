package me

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/keys"
)

const operationFromRequest = "me.FromRequest"

// FromRequest returns the end user's credential in a request that a handler serves, so
// that the handler can call Clerk on that user's behalf:
//
//   - a production browser's cookie __client, which a browser sends if the Frontend API is
//     proxied under the application's own domain;
//   - a native app's Authorization header, with or without "Bearer ", together with the
//     query parameter _is_native=1 or true;
//   - a development browser's token: the query parameter __dev_session or __clerk_db_jwt,
//     or the cookie __clerk_db_jwt with or without a suffix, which Clerk's browser client
//     sets on the application's domain.
//
// publishableKey is the application's own, or "" if it is not known. It distinguishes the
// development cookies of applications that share a domain, as on localhost: since
// clerk-js 5.10 (observed), each sets a bare cookie and one with a suffix made of its
// key. With the key, the application's suffixed cookie counts and the bare one does not.
// If only others have suffixed cookies, a bare cookie with one of their values does not
// count, and one with another value is a conflict. Without the key, all count alike.
//
// The query parameter _clerk_session_id becomes Credential.WithSession. Empty values
// count as absent. The body and the cookies __session and __client_uat are not read.
// Without _is_native, Authorization carries a session token, which a browser sends beside
// its cookies (Clerk documents it), or something else: it conflicts with nothing.
//
// FromRequest never chooses between two users. Two values or two kinds of credential,
// _is_native beside a browser's credential, and _is_native with Authorization and Origin,
// which Clerk refuses too, are clerkerr.ErrCredentialConflict (answer 400). No credential
// is clerkerr.ErrUnauthorized (answer 401), with Param Authorization if that header is
// present. A malformed query, a faulty publishable key and a credential that cannot be
// valid (white space, over 8 KiB, a secret key) are clerkerr.ErrInvalidArgument (answer
// 400; with Param publishableKey, the program is wrong). No error holds the key or a
// value of the request.
//
// FromRequest does no I/O and is safe for concurrent use. Only the call to Clerk shows
// whether the credential is signed in. Browsers send cookies with requests of other sites
// too: put a handler that writes behind http.CrossOriginProtection.
func FromRequest(r *http.Request, publishableKey string) (Credential, error) {
	if r == nil || r.URL == nil {
		return Credential{}, unusable("r", "is nil or has no URL")
	}
	if publishableKey != "" {
		if _, err := keys.FrontendURL(publishableKey, "CLERK_PUBLISHABLE_KEY"); err != nil {
			return Credential{}, unusable("publishableKey", err.Error())
		}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil { // it would quote the query
		return Credential{}, unusable("query", "is malformed")
	}
	for _, param := range []string{nativeParam, sessionParam} {
		if len(distinct(query[param])) > 1 {
			return Credential{}, conflicting(param, several)
		}
	}
	native := query[nativeParam]
	credential, err := found(r.Header, query, publishableKey, slices.Contains(native, "1") || slices.Contains(native, "true"))
	if err != nil {
		return Credential{}, err
	}
	credential = credential.WithSession(cmp.Or(query[sessionParam]...))
	if fault := credential.fault(); fault != "" {
		return Credential{}, unusable("credential", fault)
	}
	return credential, nil
}

const (
	several = "has more than one value"
	blank   = " \t" // may surround a value in a header
)

// found returns the one credential of a request.
func found(h http.Header, query url.Values, publishableKey string, native bool) (credential Credential, err error) {
	cookies, authorization := cookies(h), distinct(bearerTokens(h))
	development, unclear := developmentTokens(cookies, publishableKey)
	if unclear {
		return credential, conflicting(devBrowserName, "may belong to another application: there are suffixed cookies of others, and none of this one")
	}
	var tokens []string // without native, a session token is not a credential
	if native {
		tokens = authorization
	}
	for _, source := range []struct {
		param  string
		values []string
		of     func(string) Credential
	}{
		{headerAuthorize, tokens, NativeToken},
		{clientCookie, cookies[clientCookie], Cookie},
		{devBrowserName, slices.Concat(query[devSessionParam], query[devBrowserName], development), DevBrowser},
	} {
		values := distinct(source.values)
		switch {
		case len(values) == 0:
			continue
		case len(values) > 1:
			return credential, conflicting(source.param, several)
		case source.param == headerAuthorize && h.Get("Origin") != "":
			return credential, conflicting(headerAuthorize, "is present together with Origin: a native app sends none, and a browser's credential is not sent in Authorization")
		case credential.kind != "":
			return credential, conflicting("credential", "there is more than one kind: a native app's Authorization, the cookie __client and a development browser's token exclude each other")
		}
		credential = source.of(values[0])
	}
	switch {
	case credential.kind == "" && len(authorization) == 0:
		return credential, unauthorized("", "the request has no end user's credential")
	case credential.kind == "":
		return credential, unauthorized(headerAuthorize, "is not a client token without the query parameter _is_native=1: a session token cannot be used here")
	case native && credential.kind != nativeApp:
		return credential, conflicting(nativeParam, "is present together with a browser's credential")
	}
	return credential, nil
}

// bearerTokens returns the values of the Authorization header without their scheme, whose
// case does not matter (RFC 9110, section 11.1).
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

// distinct drops empty values, and those that equal the one before. More than one remains
// only if they differ.
func distinct(values []string) []string {
	return slices.Compact(slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" }))
}

func unusable(param, reason string) error {
	return clerkerr.Invalid(operationFromRequest, param, errors.New(reason))
}

func conflicting(param, reason string) error {
	return clerkerr.Invalid(operationFromRequest, param, fmt.Errorf("%w: %s", clerkerr.ErrCredentialConflict, reason))
}

// unauthorized returns an error that is not clerkerr.ErrInvalid, which a handler answers
// with 400.
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

// cookies returns the values of a request's cookies by name, without empty ones.
// http.Request.Cookies would drop a value that it cannot read, and with it a conflict.
func cookies(h http.Header) map[string][]string {
	all := map[string][]string{}
	for _, line := range h.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(pair, "=")
			if value = strings.Trim(value, blank); value != "" {
				name = strings.Trim(name, blank)
				all[name] = append(all[name], value)
			}
		}
	}
	return all
}

// developmentTokens returns the development browser's tokens of the application with this
// key, or of any without a key. unclear reports one that may be another application's.
func developmentTokens(all map[string][]string, publishableKey string) (values []string, unclear bool) {
	bare := all[devBrowserName]
	own := all[devBrowserName+"_"+keys.CookieSuffix(publishableKey)]
	var others []string
	for name, values := range all {
		if suffix, ok := strings.CutPrefix(name, devBrowserName+"_"); ok && isSuffix(suffix) {
			others = append(others, values...)
		}
	}
	switch {
	case publishableKey == "":
		return slices.Concat(bare, others), false
	case len(own) > 0:
		return own, false
	case len(others) == 0:
		return bare, false
	}
	slices.Sort(others)
	return nil, slices.ContainsFunc(bare, func(value string) bool {
		_, found := slices.BinarySearch(others, value)
		return !found
	})
}

// isSuffix reports whether s can be the suffix of a publishable key.
func isSuffix(s string) bool {
	_, err := base64.RawURLEncoding.DecodeString(s)
	return err == nil && len(s) == keys.SuffixLen
}
