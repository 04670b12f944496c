package proxy

import (
	"cmp"
	"errors"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// target is the part of a request's target after the prefix, byte for byte.
type target struct {
	path     string // begins with a slash
	query    string
	hasQuery bool
}

// splitTarget cuts the prefix off the target. Only RequestURI has the target as it came:
// r.URL is decoded and may be shortened. A target that is no path is outside every prefix.
func splitTarget(r *http.Request, prefix string) (target, bool) {
	raw := r.RequestURI
	if raw == "" { // not from a server
		raw = r.URL.RequestURI()
	}
	rest, ok := strings.CutPrefix(raw, prefix)
	if !ok {
		return target{}, false
	}
	path, query, hasQuery := strings.Cut(rest, "?")
	path = cmp.Or(path, "/")
	return target{path, query, hasQuery}, path[0] == '/'
}

// on returns the URL of t at the upstream. It reports false if net/http would not write it
// byte for byte, and for a space, which HTTP/2 allows and which ends a target of HTTP/1.1.
func (t target) on(upstream *url.URL) (*url.URL, bool) {
	u := &url.URL{Scheme: upstream.Scheme, Host: upstream.Host, Path: t.path, RawQuery: t.query, ForceQuery: t.hasQuery}
	if path, err := url.PathUnescape(t.path); err == nil {
		u.Path, u.RawPath = path, t.path
	}
	if u.EscapedPath() != t.path {
		u.Opaque = t.path // is written unchanged, but with "//" it would name another host
	}
	return u, !strings.HasPrefix(u.Opaque, "//") && !strings.Contains(t.path+t.query, " ")
}

// relocate makes the URLs of an answer that point at the upstream point at the proxy.
// Refresh, which Clerk's documents lack, passes as it is.
func relocate(answer http.Header, asked, public *url.URL) {
	base := *asked
	base.Opaque = ""
	for _, name := range []string{"Location", "Content-Location"} {
		for i, value := range answer[name] {
			at, err := base.Parse(value)
			if err != nil || at.User != nil || !strings.EqualFold(at.Scheme, asked.Scheme) || !sameServer(at, asked) {
				continue // it points elsewhere
			}
			at.RawPath = public.Path + "/" + strings.TrimPrefix(at.EscapedPath(), "/")
			at.Path = public.Path + "/" + strings.TrimPrefix(at.Path, "/")
			at.Scheme, at.Host = public.Scheme, public.Host
			answer[name][i] = at.String()
		}
	}
}

// ForwardedHeader describes how TrustForwarded reads one of its headers. The zero value
// is right behind one front that sets X-Forwarded-Host and X-Forwarded-Proto or appends
// to them; a client can forge what is left of that.
type ForwardedHeader struct {
	// Name is the header's name; "" is X-Forwarded-Host or X-Forwarded-Proto.
	Name string
	// Hops is the number of the operator's own proxies that append to the header, and the
	// place of the value from the right; 0 and 1 are the rightmost. 2 is right only if
	// the nearest proxy appends and never replaces. A proxy that passes the header on
	// unchanged does not count.
	Hops int
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

// forwardedPublic returns the public address in the headers, or what is wrong with them.
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
