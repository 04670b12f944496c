package proxy

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// public is the application's address as browsers see it.
type public struct {
	scheme string
	host   string // with a port, if there is one
	prefix string // the path of the proxy: "/__clerk"
}

// url is the proxy's address, as in Clerk-Proxy-Url.
func (p public) url() string { return p.scheme + "://" + p.host + p.prefix }

// forwardedPublic returns the public address that the headers of the operator's own
// proxies state, or what is wrong with them.
func forwardedPublic(in http.Header, host, proto ForwardedHeader, prefix string) (p public, fault string) {
	at, hasHost := host.value(in)
	scheme, hasScheme := proto.value(in)
	if !hasHost || !hasScheme {
		return public{}, "the header of the public host or scheme is missing, or holds fewer values than trusted hops"
	}
	p = public{scheme: strings.ToLower(scheme), host: at, prefix: prefix}
	if p.scheme != "https" && p.scheme != "http" {
		return public{}, "the header of the public scheme is neither http nor https"
	}
	u, err := address.Parse(p.scheme + "://" + p.host)
	switch {
	case err != nil || u.Host != p.host:
		return public{}, "the header of the public host is not a host"
	case address.InTheClear(u):
		return public{}, "the header of the public scheme is http off the loopback addresses"
	}
	return p, ""
}

// sameOrigin reports whether two URLs are of one server: host names in any case, with
// or without the root's dot, and the scheme's default port equal to none.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && sameServer(a, b)
}

// sameServer is sameOrigin without the scheme.
func sameServer(a, b *url.URL) bool {
	name := func(u *url.URL) string { return strings.TrimSuffix(u.Hostname(), ".") }
	return strings.EqualFold(name(a), name(b)) && address.Port(a) == address.Port(b)
}
