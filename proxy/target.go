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

// splitTarget cuts the prefix off the target. Only RequestURI has the target as it
// came: r.URL is decoded, and routers and http.StripPrefix shorten it. A target in
// another form than a path ("http://…", "*") is outside every prefix.
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

// on returns the URL of t at the upstream, written byte for byte. It reports false if
// net/http would write something else, or for a space, which a client can send over
// HTTP/2: over HTTP/1.1 it would end the target, and name another version.
func (t target) on(upstream *url.URL) (*url.URL, bool) {
	if strings.Contains(t.path, " ") || strings.Contains(t.query, " ") {
		return nil, false
	}
	u := &url.URL{Scheme: upstream.Scheme, Host: upstream.Host, RawQuery: t.query, ForceQuery: t.hasQuery}
	path, err := url.PathUnescape(t.path)
	u.Path, u.RawPath = path, t.path
	if err == nil && u.EscapedPath() == t.path {
		return u, true
	}
	u.Path, u.RawPath, u.Opaque = "", "", t.path
	// Opaque is written unchanged, but with "//" it would name another host.
	return u, !strings.HasPrefix(t.path, "//")
}
