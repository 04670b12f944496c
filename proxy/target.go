package proxy

import (
	"net/http"
	"net/url"
	"strings"
)

// target is the part of a request's target after the prefix, byte for byte.
type target struct {
	path     string // begins with a slash
	query    string
	hasQuery bool
}

// splitTarget cuts the prefix off the target. Only RequestURI has the target as it came:
// r.URL is decoded, and routers and http.StripPrefix shorten it. A target in another form
// than a path ("http://…", "*") is outside every prefix.
func splitTarget(r *http.Request, prefix string) (target, bool) {
	raw := r.RequestURI
	if raw == "" { // not from a server
		raw = r.URL.RequestURI()
	}
	rest, ok := strings.CutPrefix(raw, prefix)
	if !ok {
		return target{}, false
	}
	var t target
	t.path, t.query, t.hasQuery = strings.Cut(rest, "?")
	if t.path == "" {
		t.path = "/"
	}
	return t, t.path[0] == '/'
}

// on returns the URL of t at the upstream, which net/http writes byte for byte. It
// reports false if it would not, and for a space, which a client can send over HTTP/2:
// over HTTP/1.1 it would end the target.
func (t target) on(upstream *url.URL) (*url.URL, bool) {
	u := &url.URL{Scheme: upstream.Scheme, Host: upstream.Host, Path: t.path, RawQuery: t.query, ForceQuery: t.hasQuery}
	if path, err := url.PathUnescape(t.path); err == nil {
		u.Path, u.RawPath = path, t.path
	}
	if u.EscapedPath() != t.path {
		u.Opaque = t.path // is written unchanged, but with "//" it would name another host
	}
	return u, !strings.HasPrefix(u.Opaque, "//") && !strings.Contains(t.path+t.query, " ")
}

// relocate rewrites the URLs of an answer that point at the upstream so that the client
// reaches the same through the proxy. Relative URLs are relative to asked. Refresh, which
// Clerk's documents lack, passes as it is.
func relocate(answer http.Header, asked *url.URL, to string) {
	for _, name := range []string{"Location", "Content-Location"} {
		values := answer[name]
		for i, value := range values {
			values[i] = relocated(value, asked, to)
		}
	}
}

// relocated returns a URL unchanged that points elsewhere or cannot be parsed.
func relocated(value string, asked *url.URL, to string) string {
	base := *asked
	base.Opaque = ""
	at, err := base.Parse(value)
	if err != nil || at.User != nil || !strings.EqualFold(at.Scheme, asked.Scheme) || !sameServer(at, asked) {
		return value
	}
	moved := to + "/" + strings.TrimPrefix(at.EscapedPath(), "/")
	if at.ForceQuery || at.RawQuery != "" {
		moved += "?" + at.RawQuery
	}
	if at.Fragment != "" {
		moved += "#" + at.EscapedFragment()
	}
	return moved
}
