package proxy

import (
	"net/http"
	"net/url"
	"strings"
)

// target is what a request asks the upstream for: what follows the prefix, byte
// for byte as the client sent it.
type target struct {
	path     string // begins with a slash
	query    string
	hasQuery bool
}

// splitTarget takes the prefix off the target as it came. Neither r.URL, in which
// escapes are decoded, nor what routers and http.StripPrefix leave there has
// it; RequestURI does. A target in another form than a path ("http://…", "*")
// lies outside every prefix.
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

// on is the URL of t at the upstream, written out byte for byte, or false where
// net/http would write something else, or a space, which a client can put there
// over HTTP/2: over HTTP/1.1 it would end the target, and name another version.
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
	// That is written out as it is, but here it would name another host.
	return u, !strings.HasPrefix(t.path, "//")
}
