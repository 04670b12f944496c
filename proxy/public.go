package proxy

import (
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
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
	u, fault := address.Parse(p.scheme + "://" + p.host)
	switch {
	case fault != "" || u.Host != p.host || !isHost(u):
		return public{}, "the header of the public host is not a host"
	case address.InTheClear(u):
		return public{}, "the header of the public scheme is http off the loopback addresses"
	}
	return p, ""
}

// isHost reports whether u has a valid DNS name or IP address and, if any, a valid
// port.
func isHost(u *url.URL) bool {
	if n, err := strconv.ParseUint(port(u), 10, 16); err != nil || n == 0 || strings.HasSuffix(u.Host, ":") {
		return false
	}
	host := u.Hostname()
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Zone() == ""
	}
	const longest = 253 // RFC 1035
	if len(host) > longest {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if !isLabel(label) {
			return false
		}
	}
	return true
}

// isLabel also allows underscores, which container networks have in names.
func isLabel(label string) bool {
	return label != "" && !strings.ContainsFunc(label, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
	})
}

// sameOrigin reports whether two URLs are of one server: host names in any case, with
// or without the root's dot, and the scheme's default port equal to none.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && sameServer(a, b)
}

// sameServer is sameOrigin without the scheme.
func sameServer(a, b *url.URL) bool {
	name := func(u *url.URL) string { return strings.TrimSuffix(u.Hostname(), ".") }
	return strings.EqualFold(name(a), name(b)) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "http"):
		return "80"
	default:
		return "443"
	}
}
