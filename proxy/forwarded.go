package proxy

import (
	"net/http"
	"strings"
)

// ForwardedHeader says how TrustForwarded reads one of its headers. The zero value
// is right behind one front that sets X-Forwarded-Host and X-Forwarded-Proto, or
// appends to them.
//
// Each proxy of a chain appends its value to the header, or replaces all of it, so
// that the rightmost one is of the nearest front. The leftmost one is what a client
// can forge: a front that appends leaves it there.
type ForwardedHeader struct {
	// Name is the header's name; "" is X-Forwarded-Host or X-Forwarded-Proto.
	Name string
	// Hops is how many of the operator's own proxies append to the header: the value
	// is the one at that place from the right, 0 and 1 for the rightmost. With 2, it
	// is the value of the second nearest proxy, which is right only if the nearest
	// one appends and never replaces. A proxy that passes the header on as it came
	// does not count.
	Hops int
}

// fault says what is wrong with it, "" for nothing.
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

// named puts the default where there is no name.
func (f ForwardedHeader) named(name string) ForwardedHeader {
	f.Name = or(f.Name, name)
	return f
}

// value finds the value among all lines of the header, or reports false where there
// are not as many.
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

// cutLast takes the rightmost value off a list; more says that there are others.
func cutLast(list string) (rest, value string, more bool) {
	i := strings.LastIndexByte(list, ',')
	return list[:max(i, 0)], strings.Trim(list[i+1:], " \t"), i >= 0
}
