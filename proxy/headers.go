package proxy

import (
	"bytes"
	"net/http"
	"strings"
)

// Headers of a proxied request; see Clerk's guide to proxying the Frontend API.
const (
	headerProxyURL  = "Clerk-Proxy-Url"
	headerSecretKey = "Clerk-Secret-Key"
	forwardedFor    = "X-Forwarded-For"
	forwardedHost   = "X-Forwarded-Host"
	forwardedProto  = "X-Forwarded-Proto"
)

// private are headers that only the proxy sets, and that no client ever sees.
var private = nameSet(headerProxyURL, headerSecretKey)

// hopByHop are headers of one connection (RFC 9110, section 7.6.1), trailers
// among them: Clerk's documents know none.
var hopByHop = nameSet("Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings")

// claims are headers in which proxies and CDNs tell the next server who the
// client is, or which host, scheme or path it asked for. What a client claims
// about itself there must not reach the upstream.
var claims = nameSet("Forwarded", "Client-IP", "True-Client-IP", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP",
	"X-ProxyUser-IP", "Proxy-Client-IP", "Forwarded-For", "X-Originating-IP", "DO-Connecting-IP", "X-NF-Client-Connection-IP",
	"X-Vercel-Forwarded-For", "CloudFront-Viewer-Address",
	"X-Remote-IP", "X-Remote-Addr", "WL-Proxy-Client-IP", "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Pseudo-IPv4",
	"CF-Visitor", "CF-IPCountry", "Fastly-Client-IP", "Fastly-SSL", "Fly-Client-IP", "Fly-Forwarded-Proto", "X-Appengine-User-IP",
	"X-Azure-ClientIP", "X-Azure-SocketIP", "X-Envoy-External-Address", "X-Host", "X-HTTP-Host-Override", "X-Scheme",
	"X-URL-Scheme", "Front-End-Https", "X-Rewrite-URL")

// claimPrefixes are what further ones begin with.
var claimPrefixes = []string{"x-forwarded", "x-original-"}

// cgiPrefix is what CGI puts before the name of a header: some servers look for
// a header by that name.
var cgiPrefix = []byte("http-")

func nameSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[fold(name)] = true
	}
	return set
}

// longestName is room for the name of any header above.
const longestName = 32

// fold makes names equal that a server may take for the same header: what is
// neither a letter nor a digit is an underscore to many.
func fold(name string) string { return string(appendFolded(nil, name)) }

func appendFolded(to []byte, name string) []byte {
	for _, c := range []byte(name) {
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case ('a' > c || c > 'z') && ('0' > c || c > '9'):
			c = '-'
		}
		to = append(to, c)
	}
	return to
}

// passable returns the headers of a client that may go on to the upstream; source
// is the header that the client's address is read from, "" for none.
func passable(in http.Header, source string) http.Header {
	out := make(http.Header, len(in)+len(private)+3) // and the X-Forwarded ones
	folded, own := make([]byte, 0, longestName), []byte(fold(source))
	for name, values := range in {
		if folded = appendFolded(folded[:0], name); !bytes.Equal(folded, own) && !withheld(folded) {
			out[name] = values
		}
	}
	for _, line := range in["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			out.Del(strings.Trim(name, " \t"))
		}
	}
	return out
}

// withheld takes a folded name.
func withheld(name []byte) bool {
	name = bytes.TrimPrefix(name, cgiPrefix)
	if private[string(name)] || hopByHop[string(name)] || claims[string(name)] {
		return true
	}
	for _, prefix := range claimPrefixes {
		if bytes.HasPrefix(name, []byte(prefix)) {
			return true
		}
	}
	return false
}

// scrub takes what the client must not see out of the headers of an answer.
func scrub(h http.Header) {
	folded := make([]byte, 0, longestName)
	for name := range h {
		if folded = appendFolded(folded[:0], name); private[string(folded)] || hopByHop[string(folded)] {
			delete(h, name)
		}
	}
}

// isToken reports whether text can be a header's name (RFC 9110, section 5.1).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
