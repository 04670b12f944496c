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

// addressFormats maps the headers that FromHeader knows, in lower case, to their
// formats, as documented by the fronts that set them.
var addressFormats = map[string]AddressFormat{
	"cf-connecting-ip":          AddressAlone,
	"cf-connecting-ipv6":        AddressAlone,
	"true-client-ip":            AddressAlone,
	"x-real-ip":                 AddressAlone,
	"fastly-client-ip":          AddressAlone,
	"fly-client-ip":             AddressAlone,
	"do-connecting-ip":          AddressAlone,
	"x-nf-client-connection-ip": AddressAlone,
	"x-azure-clientip":          AddressAlone,
	"x-azure-socketip":          AddressAlone,
	"x-appengine-user-ip":       AddressAlone,
	"x-envoy-external-address":  AddressAlone,
	"ali-cdn-real-ip":           AddressAlone,
	"incap-client-ip":           AddressAlone,
	"x-sucuri-clientip":         AddressAlone,
	"cloudfront-viewer-address": AddressAndPort,
	"x-forwarded-for":           AddressOptionalPort,
	"x-vercel-forwarded-for":    AddressOptionalPort,
}

// parser returns nil for an unknown format.
func (f AddressFormat) parser() func(text string) (netip.Addr, bool) {
	switch f {
	case AddressAlone:
		return parseAlone
	case AddressAndPort:
		return parseAndPort
	case AddressOptionalPort:
		return parseOptionalPort
	}
	return nil
}

// parseAlone returns an IPv4 address that is written as IPv6 as IPv4. It refuses a
// zone, which means nothing to another machine.
func parseAlone(text string) (netip.Addr, bool) {
	address, err := netip.ParseAddr(text)
	return address.Unmap(), err == nil && address.Zone() == ""
}

func parseAndPort(text string) (netip.Addr, bool) {
	i := strings.LastIndexByte(text, ':')
	if i < 0 || !isPort(text[i+1:]) {
		return netip.Addr{}, false
	}
	if text[0] == '[' {
		return parseBracketed(text[:i])
	}
	return parseAlone(text[:i])
}

func parseOptionalPort(text string) (netip.Addr, bool) {
	switch i := strings.LastIndexByte(text, ':'); {
	case strings.HasSuffix(text, "]"):
		return parseBracketed(text)
	case strings.HasPrefix(text, "["), strings.Count(text, ":") == 1 && i > 0:
		return parseAndPort(text)
	}
	return parseAlone(text)
}

// parseBracketed reads an IPv6 address in brackets.
func parseBracketed(text string) (netip.Addr, bool) {
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	address, ok := parseAlone(inner)
	return address, ok && opened && closed && strings.Contains(inner, ":")
}

// isPort reports whether text is a port of TCP in decimal digits.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && len(text) <= len("65535")
}
