package proxy

import (
	"net/http"
	"net/url"
	"strings"
)

// locations are the headers of an answer that hold a URL which a client goes to.
// Refresh, which no document of Clerk's has, is passed on as it is.
var locations = []string{"Location", "Content-Location"}

// relocate rewrites the URLs of an answer that point at the upstream so that the
// client reaches the same through the proxy. Relative URLs are relative to asked.
func relocate(answer http.Header, asked target, upstream *url.URL, to public) {
	for _, name := range locations {
		values := answer[name]
		for i, value := range values {
			values[i] = relocated(value, asked, upstream, to)
		}
	}
}

// relocated returns a URL that points elsewhere, or cannot be parsed, unchanged.
func relocated(value string, asked target, upstream *url.URL, to public) string {
	ref, err := url.Parse(value)
	if err != nil {
		return value
	}
	base := &url.URL{Scheme: upstream.Scheme, Host: upstream.Host, Path: asked.path, RawQuery: asked.query, ForceQuery: asked.hasQuery}
	if path, err := url.PathUnescape(asked.path); err == nil {
		base.Path, base.RawPath = path, asked.path
	}
	at := base.ResolveReference(ref)
	if at.Opaque != "" || at.User != nil || !sameOrigin(at, upstream) {
		return value
	}
	moved := to.url() + "/" + strings.TrimPrefix(at.EscapedPath(), "/")
	if at.ForceQuery || at.RawQuery != "" {
		moved += "?" + at.RawQuery
	}
	if at.Fragment != "" {
		moved += "#" + at.EscapedFragment()
	}
	return moved
}
