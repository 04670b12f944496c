package proxy

import (
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// ForwardedHeader describes how TrustForwarded reads one of its headers. The zero value
// is right behind one front that sets X-Forwarded-Host and X-Forwarded-Proto or appends
// to them.
//
// Each proxy of a chain appends its value to the header or replaces the header, so the
// rightmost value is the nearest front's. A client can forge the leftmost one, which a
// front that appends keeps.
type ForwardedHeader struct {
	// Name is the header's name; "" is X-Forwarded-Host or X-Forwarded-Proto.
	Name string
	// Hops is the number of the operator's own proxies that append to the header. The
	// value is the one at that place from the right; 0 and 1 are the rightmost. 2 is
	// right only if the nearest proxy appends and never replaces. A proxy that passes
	// the header on unchanged does not count.
	Hops int
}

// fault returns what is wrong with f, or "".
func (f ForwardedHeader) fault() string {
	switch {
	case f.Hops < 0:
		return "has negative Hops: give a positive number, or 0 for the rightmost value"
	case f.Name != "" && !isToken(f.Name):
		return "is not a valid header name: give one, such as X-Forwarded-Host"
	case strings.EqualFold(f.Name, "Host"):
		return "names Host, which is not a header that fronts add: if no other carries the public host, set PublicURL"
	}
	return ""
}

// value returns the value among all lines of the header, "" if there are fewer.
func (f ForwardedHeader) value(in http.Header) string {
	place := max(f.Hops, 1)
	for value := range fromRight(in.Values(f.Name)) {
		if place--; place == 0 {
			return value
		}
	}
	return ""
}

// fromRight yields the values of a list from the rightmost on, without storing them.
func fromRight(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		list := strings.Join(lines, ",")
		for i := len(list); i >= 0; {
			list = list[:i]
			i = strings.LastIndexByte(list, ',')
			if !yield(strings.Trim(list[i+1:], " \t")) {
				return
			}
		}
	}
}

// forwardedPublic returns the public address that the headers of the operator's own
// proxies state, or what is wrong with them.
func (c Config) forwardedPublic(in http.Header, prefix string) (u *url.URL, fault string) {
	host, scheme := c.ForwardedHost.value(in), strings.ToLower(c.ForwardedProto.value(in))
	if host == "" || scheme == "" {
		return nil, "the header of the public host or scheme is missing, or holds fewer values than trusted hops"
	}
	u, err := parseServer(scheme + "://" + host)
	switch {
	case err != nil:
		return nil, "the address in the headers of the public host and scheme " + err.Error()
	case u.Host != host || u.Path != "":
		return nil, "the headers of the public host and scheme hold more than a host and a scheme"
	}
	u.Path = prefix
	return u, ""
}

// parseServer parses the address of a server that browsers or keys go to.
func parseServer(text string) (*url.URL, error) {
	u, err := address.Parse(text)
	if err == nil && address.InTheClear(u) {
		err = errors.New("is plain http off the loopback addresses, which would show keys and sessions to the network: use https")
	}
	return u, err
}

// sameServer reports whether two URLs are of one server: host names in any case, with or
// without the root's dot, and the scheme's default port equal to none.
func sameServer(a, b *url.URL) bool {
	name := func(u *url.URL) string { return strings.TrimSuffix(u.Hostname(), ".") }
	return strings.EqualFold(name(a), name(b)) && address.Port(a) == address.Port(b)
}
