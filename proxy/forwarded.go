package proxy

import (
	"net/http"
	"strings"
)

// ForwardedHeader describes how TrustForwarded reads one of its headers. The zero
// value is right behind one front that sets X-Forwarded-Host and X-Forwarded-Proto or
// appends to them.
//
// Each proxy of a chain appends its value to the header or replaces the header, so
// the rightmost value is the nearest front's. A client can forge the leftmost one,
// which a front that appends keeps.
type ForwardedHeader struct {
	// Name is the header's name; "" is X-Forwarded-Host or X-Forwarded-Proto.
	Name string
	// Hops is the number of the operator's own proxies that append to the header.
	// The value is the one at that place from the right; 0 and 1 are the rightmost.
	// 2 is right only if the nearest proxy appends and never replaces. A proxy that
	// passes the header on unchanged does not count.
	Hops int
}

// fault returns what is wrong with f, or "".
func (f ForwardedHeader) fault() string {
	switch {
	case f.Hops < 0:
		return "has negative Hops: give a positive number, or 0 for the rightmost value"
	case f.Name == "":
		return ""
	case !isToken(f.Name):
		return "is not a valid header name: give one, such as X-Forwarded-Host"
	case strings.EqualFold(f.Name, "Host"):
		return "names Host, which is not a header that fronts add: if no other carries the public host, set PublicURL"
	}
	return ""
}

// value returns the value among all lines of the header, or false if there are
// fewer.
func (f ForwardedHeader) value(in http.Header) (string, bool) {
	lines := in.Values(f.Name)
	list, value, more := cutLast(strings.Join(lines, ","))
	for range f.Hops - 1 {
		if !more {
			return "", false
		}
		list, value, more = cutLast(list)
	}
	return value, len(lines) > 0
}

// cutLast splits off the rightmost value of a list. more reports whether others
// remain.
func cutLast(list string) (rest, value string, more bool) {
	i := strings.LastIndexByte(list, ',')
	return list[:max(i, 0)], strings.Trim(list[i+1:], " \t"), i >= 0
}
