package proxy

import (
	"net/http"
	"net/netip"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// AddressSource finds the address of the end user, by which Clerk limits sign-ins. A
// client can send any header, so one is trustworthy only if the operator's own front sets
// it on every request. New refuses the zero AddressSource.
type AddressSource struct {
	of     func(*http.Request) (at netip.Addr, fault string)
	header string
	fault  string
}

// FromPeer takes the address of the connection, for a server that browsers reach directly.
func FromPeer() AddressSource { return AddressSource{of: peer} }

// FromHeader takes the address from a header that the operator's CDN or load balancer
// sets on every request, replacing what the client sent. It knows these:
//
//   - AddressAlone: CF-Connecting-IP, CF-Connecting-IPv6, True-Client-IP, X-Real-IP,
//     Fastly-Client-IP, Fly-Client-IP, DO-Connecting-IP, X-NF-Client-Connection-IP,
//     X-Azure-ClientIP, X-Azure-SocketIP, X-Appengine-User-IP,
//     X-Envoy-External-Address, Ali-CDN-Real-IP, Incap-Client-IP, X-Sucuri-ClientIP
//   - AddressAndPort: CloudFront-Viewer-Address
//   - AddressOptionalPort: X-Forwarded-For and X-Vercel-Forwarded-For, where the
//     front sets them to the one address
//
// For any other header use FromCustomHeader. A request without the header, with two, or
// with a value in another format did not come through that front: the answer is status
// 500, proxy_configuration_error.
func FromHeader(name string) AddressSource {
	format := AddressAlone
	switch strings.ToLower(name) {
	case "cf-connecting-ip", "cf-connecting-ipv6", "true-client-ip", "x-real-ip", "fastly-client-ip", "fly-client-ip",
		"do-connecting-ip", "x-nf-client-connection-ip", "x-azure-clientip", "x-azure-socketip", "x-appengine-user-ip",
		"x-envoy-external-address", "ali-cdn-real-ip", "incap-client-ip", "x-sucuri-clientip":
	case "cloudfront-viewer-address":
		format = AddressAndPort
	case "x-forwarded-for", "x-vercel-forwarded-for":
		format = AddressOptionalPort
	default:
		if isToken(name) {
			return AddressSource{fault: "names a header whose format is not known: give it with proxy.FromCustomHeader, such as proxy.FromCustomHeader(name, proxy.AddressAlone)"}
		}
	}
	return FromCustomHeader(name, format)
}

// FromCustomHeader is FromHeader for a header of any name in the given format.
func FromCustomHeader(name string, format AddressFormat) AddressSource {
	switch {
	case !isToken(name):
		return AddressSource{fault: "is not a valid header name: give one, such as CF-Connecting-IP"}
	case format < AddressAlone || format > AddressOptionalPort:
		return AddressSource{fault: "has an unknown AddressFormat: give proxy.AddressAlone, AddressAndPort or AddressOptionalPort"}
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	return AddressSource{header: name, of: func(r *http.Request) (netip.Addr, string) {
		values := r.Header.Values(name)
		if len(values) != 1 {
			return netip.Addr{}, "the header of the client's address is missing or sent twice"
		}
		address, ok := format.parse(values[0])
		if !ok {
			return netip.Addr{}, "the header of the client's address does not hold one address in its format"
		}
		return address, ""
	}}
}

// FromTrustedProxies takes the address from X-Forwarded-For, to which each proxy appends
// the address of its caller. It walks leftwards from the address of the connection and
// takes the first address outside prefixes, or the leftmost if there is none: a client
// can forge everything left of it. Addresses are in the format AddressOptionalPort. If a
// trusted proxy sends no header, or anything but addresses on the way, the answer is
// status 500, proxy_configuration_error.
func FromTrustedProxies(prefixes ...netip.Prefix) AddressSource {
	switch {
	case len(prefixes) == 0:
		return AddressSource{fault: "trusts no proxy: list the networks of your proxies, or use proxy.FromPeer"}
	case slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return !p.IsValid() || p.Addr().Is4In6() }):
		return AddressSource{fault: "has a network that is not valid, or an IPv4 network that is written as IPv6"}
	}
	prefixes = slices.Clone(prefixes)
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return AddressSource{of: func(r *http.Request) (netip.Addr, string) {
		address, fault := peer(r)
		if fault != "" || !trusted(address) {
			return address, fault
		}
		for hop := range fromRight(r.Header.Values(forwardedFor)) {
			var ok bool
			if address, ok = AddressOptionalPort.parse(hop); !ok {
				return netip.Addr{}, "a trusted proxy sent no X-Forwarded-For, or one that holds more than addresses"
			}
			if !trusted(address) {
				break
			}
		}
		return address, ""
	}}
}

// peer returns the address of the connection without its zone.
func peer(r *http.Request) (netip.Addr, string) {
	withPort, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}, "the connection has no IP address"
	}
	return withPort.Addr().Unmap().WithZone(""), ""
}

// AddressFormat is the form in which a header holds an address. A value has one reading
// in each form, or none.
type AddressFormat int

const (
	// AddressAlone is an IPv4 or IPv6 address without brackets and port: 192.0.2.7,
	// 2001:db8::1.
	AddressAlone AddressFormat = iota + 1
	// AddressAndPort is an address, a colon and a port. The last colon separates them, so
	// IPv6 may lack brackets: 192.0.2.7:46532, 2001:db8::1:46532, [2001:db8::1]:46532.
	AddressAndPort
	// AddressOptionalPort is an address that has a port only if it is IPv4 or in
	// brackets: 192.0.2.7, 192.0.2.7:46532, 2001:db8::1, [2001:db8::1],
	// [2001:db8::1]:46532.
	AddressOptionalPort
)

// parse returns IPv4 that is written as IPv6 as IPv4. It refuses a zone.
func (f AddressFormat) parse(text string) (netip.Addr, bool) {
	looksPorted := strings.Contains(text, "]:") || strings.Count(text, ":") == 1
	if f == AddressAndPort || f == AddressOptionalPort && looksPorted {
		i := strings.LastIndexByte(text, ':')
		if i < 0 || !isPort(text[i+1:]) {
			return netip.Addr{}, false
		}
		text = text[:i]
	}
	if f != AddressAlone && strings.HasPrefix(text, "[") {
		if !strings.HasSuffix(text, "]") || !strings.Contains(text, ":") {
			return netip.Addr{}, false
		}
		text = text[1 : len(text)-1]
	}
	address, err := netip.ParseAddr(text)
	return address.Unmap(), err == nil && address.Zone() == ""
}

// isPort reports whether text is a port of TCP in decimal digits.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && len(text) <= len("65535")
}
