package me

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

const headerSetCookie = "Set-Cookie"

// renewed is an unexported name to embed: the headers as received, since an http.Cookie
// drops attributes that it does not know.
type renewed = secret.Value[http.Header]

// Rotation is what Clerk renewed of a credential with its answers: a token for a native
// app (the answer's Authorization header, which Clerk's own clients read), cookies for a
// browser. Return it with Apply to where the credential came from, and make the next call
// with Credential.Rotated. The zero Rotation renewed nothing. It is immutable, and
// prints, encodes and logs as how much was renewed.
type Rotation struct{ renewed }

// renewedBy returns what answers with these headers renewed, one after the other.
func renewedBy(answers ...http.Header) Rotation {
	all := http.Header{}
	for _, h := range answers {
		if tokenOf(h) != "" {
			all[headerAuthorize] = h[headerAuthorize]
		}
		all[headerSetCookie] = append(all[headerSetCookie], h[headerSetCookie]...)
	}
	all[headerSetCookie] = latest(all[headerSetCookie])
	count := len(all[headerSetCookie])
	if count == 0 && tokenOf(all) == "" {
		return Rotation{}
	}
	return Rotation{secret.New(all, fmt.Sprintf("renewed: token %t, cookies %d", tokenOf(all) != "", count))}
}

func tokenOf(h http.Header) string { return strings.TrimPrefix(h.Get(headerAuthorize), bearer) }

// latest drops each cookie that a later line sets again, as a browser does.
func latest(lines []string) []string {
	type identity struct {
		name, domain, path string
		partitioned        bool
	}
	last := map[identity]int{}
	for i, line := range lines {
		id := identity{domain: line} // if net/http cannot read it
		if c, err := http.ParseSetCookie(line); err == nil {
			id = identity{c.Name, c.Domain, c.Path, c.Partitioned}
		}
		last[id] = i
	}
	var kept []string
	for _, i := range slices.Sorted(maps.Values(last)) {
		kept = append(kept, lines[i])
	}
	return kept
}

// headers returns what was renewed; nil if nothing was.
func (r Rotation) headers() http.Header { return secret.Reveal(r.renewed) }

// then returns r followed by next.
func (r Rotation) then(next Rotation) Rotation { return renewedBy(r.headers(), next.headers()) }

// IsZero reports whether nothing was renewed.
func (r Rotation) IsZero() bool { return r.headers() == nil }

// Token returns the renewed client JWT of a native app, "" if there is none.
func (r Rotation) Token() string { return tokenOf(r.headers()) }

// Cookies returns the cookies that Clerk set, in its order; of two that a browser takes
// for the same, only the later. It omits lines that net/http cannot read as a cookie,
// which Apply writes.
func (r Rotation) Cookies() []*http.Cookie {
	var cookies []*http.Cookie
	for _, line := range r.headers()[headerSetCookie] {
		if cookie, err := http.ParseSetCookie(line); err == nil {
			cookies = append(cookies, cookie)
		}
	}
	return cookies
}

// Apply returns what was renewed to the client that the credential came from: it adds
// every cookie to w's header as Clerk set it, sets Authorization for a native app, and
// sets Cache-Control to no-store. Call it before WriteHeader and before the body, whether
// the call failed or not. The zero Rotation changes nothing.
//
// The cookies keep Clerk's names: __client, without a suffix. A browser takes a cookie
// only from a host within the cookie's domain. The Authorization header is for native
// apps, to which CORS does not apply: no answer to a web page should expose it.
func (r Rotation) Apply(w http.ResponseWriter) {
	if r.IsZero() {
		return
	}
	h := w.Header()
	for _, line := range r.headers()[headerSetCookie] {
		h.Add(headerSetCookie, line)
	}
	if r.Token() != "" {
		h.Set(headerAuthorize, r.headers().Get(headerAuthorize))
	}
	h.Set("Cache-Control", "no-store")
}
