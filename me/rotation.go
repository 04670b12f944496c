package me

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/secret"
)

// Rotation is what Clerk renewed of a credential with its answers: a token for
// a native app (the answer's Authorization header, as Clerk's own clients are
// seen to read it), cookies for a browser. Return it to the client that
// the credential came from, in a handler with Apply, and use Credential.Rotated for the next
// call. The zero Rotation renewed nothing. It is immutable and prints none of
// its values.
type Rotation struct {
	// authorization is the header as received.
	authorization secret.Text
	// setCookie are the Set-Cookie lines as received: an http.Cookie keeps
	// neither an attribute that it does not know nor a value that it finds odd.
	setCookie func() []string
}

// Token returns the renewed client JWT of a native app, "" where there is none.
func (r Rotation) Token() string { return strings.TrimPrefix(r.authorization.Reveal(), bearer) }

// Cookies returns the cookies that Clerk set, in its order; of two that a
// browser takes for the same only the later. What net/http cannot read as a
// cookie is left to Apply.
func (r Rotation) Cookies() []*http.Cookie {
	var cookies []*http.Cookie
	for _, line := range r.lines() {
		if cookie, err := http.ParseSetCookie(line); err == nil {
			cookies = append(cookies, cookie)
		}
	}
	return cookies
}

// Apply returns what was renewed to the client that the credential came from: it adds
// every cookie to w's header as Clerk set it, attribute by attribute, sets
// Authorization for a native app, and sets Cache-Control to no-store, so that no
// cache keeps either. The zero Rotation touches nothing. Call it before
// WriteHeader and before the body, whether the call failed or not.
//
// The cookies keep the names that Clerk gave them: __client, which has no suffix.
// The suffixed cookies on the application's domain are written by Clerk's browser
// client itself, and a development browser's token is not seen to be renewed.
//
// A browser takes a cookie only from a host within the cookie's domain. The
// Authorization header is for native apps, to which CORS does not apply: no
// answer to a web page should expose it.
func (r Rotation) Apply(w http.ResponseWriter) {
	if r.IsZero() {
		return
	}
	h := w.Header()
	for _, line := range r.lines() {
		h.Add("Set-Cookie", line)
	}
	if r.Token() != "" {
		h.Set(headerAuthorize, r.authorization.Reveal())
	}
	h.Set("Cache-Control", "no-store")
}

// IsZero reports whether nothing was renewed.
func (r Rotation) IsZero() bool { return r.Token() == "" && r.setCookie == nil }

func (r Rotation) lines() []string {
	if r.setCookie == nil {
		return nil
	}
	return r.setCookie()
}

// then is r followed by next.
func (r Rotation) then(next Rotation) Rotation {
	if next.Token() != "" {
		r.authorization = next.authorization
	}
	if next.setCookie == nil {
		return r
	}
	lines := slices.Concat(r.lines(), next.lines())
	last := map[cookieIdentity]int{}
	for i, line := range lines {
		last[identityOf(line)] = i
	}
	all := make([]string, 0, len(last))
	for _, i := range slices.Sorted(maps.Values(last)) {
		all = append(all, lines[i])
	}
	r.setCookie = func() []string { return all }
	return r
}

// cookieIdentity distinguishes cookies: a browser keeps the last of those that share
// one.
type cookieIdentity struct {
	name, domain, path string
	partitioned        bool
	// unread is a line that net/http does not take for a cookie.
	unread string
}

func identityOf(line string) cookieIdentity {
	c, err := http.ParseSetCookie(line)
	if err != nil {
		return cookieIdentity{unread: line}
	}
	return cookieIdentity{name: c.Name, domain: c.Domain, path: c.Path, partitioned: c.Partitioned}
}

// readRotation reads what one answer renewed.
func readRotation(h http.Header) Rotation {
	var r Rotation
	r.authorization = secret.New(h.Get(headerAuthorize), "native ")
	if lines := h.Values("Set-Cookie"); len(lines) > 0 {
		r.setCookie = func() []string { return lines }
	}
	return r
}

// String says how much was renewed and nothing of the values.
func (r Rotation) String() string {
	if r.IsZero() {
		return "nothing renewed"
	}
	return fmt.Sprintf("renewed: token %t, cookies %d", r.Token() != "", len(r.lines()))
}

// Format writes String for every verb.
func (r Rotation) Format(s fmt.State, verb rune) { secret.Format(s, verb, r.String()) }

// MarshalJSON encodes String.
func (r Rotation) MarshalJSON() ([]byte, error) { return secret.MarshalJSON(r.String()) }

// LogValue gives log/slog String.
func (r Rotation) LogValue() slog.Value { return slog.StringValue(r.String()) }
