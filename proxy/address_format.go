package proxy

import (
	"net/netip"
	"strconv"
	"strings"
)

// AddressFormat is the form in which a header holds an address. A value has one
// reading in each form, or none.
type AddressFormat int

const (
	// AddressAlone is an IPv4 or IPv6 address without brackets and port:
	// 192.0.2.7, 2001:db8::1.
	AddressAlone AddressFormat = iota + 1
	// AddressAndPort is an address, a colon and a port. The last colon separates them,
	// so IPv6 may lack brackets: 192.0.2.7:46532, 2001:db8::1:46532,
	// [2001:db8::1]:46532.
	AddressAndPort
	// AddressOptionalPort is an address that has a port only if it is IPv4 or in
	// brackets: 192.0.2.7, 192.0.2.7:46532, 2001:db8::1, [2001:db8::1],
	// [2001:db8::1]:46532.
	AddressOptionalPort
)

// headersByFormat are the headers that FromHeader knows, as documented by the fronts that
// set them.
var headersByFormat = map[AddressFormat][]string{
	AddressAlone: {
		"CF-Connecting-IP", "CF-Connecting-IPv6", "True-Client-IP", "X-Real-IP",
		"Fastly-Client-IP", "Fly-Client-IP", "DO-Connecting-IP", "X-NF-Client-Connection-IP",
		"X-Azure-ClientIP", "X-Azure-SocketIP", "X-Appengine-User-IP", "X-Envoy-External-Address",
		"Ali-CDN-Real-IP", "Incap-Client-IP", "X-Sucuri-ClientIP",
	},
	AddressAndPort:      {"CloudFront-Viewer-Address"},
	AddressOptionalPort: {"X-Forwarded-For", "X-Vercel-Forwarded-For"},
}

// parse returns an IPv4 address that is written as IPv6 as IPv4. It refuses a zone, which
// means nothing to another machine.
func (f AddressFormat) parse(text string) (netip.Addr, bool) {
	hasPort := f == AddressAndPort
	if f == AddressOptionalPort {
		hasPort = strings.Contains(text, "]:") || strings.Count(text, ":") == 1
	}
	if hasPort {
		i := strings.LastIndexByte(text, ':')
		if i < 0 || !isPort(text[i+1:]) {
			return netip.Addr{}, false
		}
		text = text[:i]
	}
	if inner, opened := strings.CutPrefix(text, "["); opened && f != AddressAlone {
		var closed bool
		if text, closed = strings.CutSuffix(inner, "]"); !closed || !strings.Contains(text, ":") {
			return netip.Addr{}, false
		}
	}
	address, err := netip.ParseAddr(text)
	return address.Unmap(), err == nil && address.Zone() == ""
}

// isPort reports whether text is a port of TCP in decimal digits.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && len(text) <= len("65535")
}
