package proxy

import (
	"bytes"
	"strings"
)

// Header names are compared folded, in any spelling that a server could take for the
// same: in any case, with an underscore, which many servers take for a hyphen, and
// with the HTTP_ that CGI puts before a name.

// private are headers that only the proxy sets, and that no client ever sees.
var private = nameSet(headerProxyURL, headerSecretKey)

// hopByHop are headers of one connection (RFC 9110, section 7.6.1), trailers
// among them: Clerk's documents know none. Proxy is no header of HTTP; under CGI it
// becomes the variable HTTP_PROXY.
var hopByHop = nameSet("Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Proxy")

// framing are headers that net/http writes by itself, from the request's length
// and URL.
var framing = nameSet("Content-Length", "Host")

// methodHeaders are those by which servers elsewhere let a POST stand for another
// method.
var methodHeaders = nameSet("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Method", "Method-Override")

// claimNames are headers in which proxies and CDNs pass on who the client is, or
// which host, scheme or path it asked for, and that no pattern below covers.
var claimNames = nameSet("CF-Visitor", "Fastly-SSL", "Front-End-Https", "X-Host", "X-HTTP-Host-Override", "X-HTTP-Path-Override",
	"X-Scheme", "X-URL-Scheme", "X-Proto", "X-Protocol", "X-SSL", "X-HTTPS", "X-Rewrite-URL", "X-Override-URL", "X-Remote-Host", "X-Remote-Port", "X-Coming-From", "Coming-From")

// A header is also a claim if its name contains one of claimParts, or has a word that
// is one of claimWords or ends with one of claimEndings: new fronts make new names of
// the same words. Clerk's documents know no header that this catches by mistake, such
// as X-Postal-Address.
var (
	claimParts   = parts("forwarded", "forwarder", "forwarding", "imforwards", "proxied")
	claimWords   = nameSet("ip", "ips", "ipv4", "ipv6", "ipaddr", "ipaddress", "ipcountry", "forward", "fwd", "xff", "original", "viewer", "proxyuser")
	claimEndings = parts("addr", "address", "clientip", "realip", "remoteip", "socketip", "userip", "peerip", "sourceip", "srcip",
		"originip", "connectingip", "originatingip", "viewerip", "visitorip", "customerip")
)

func parts(texts ...string) [][]byte {
	all := make([][]byte, len(texts))
	for i, text := range texts {
		all[i] = []byte(text)
	}
	return all
}

func nameSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[fold(name)] = true
	}
	return set
}

// longestName is at least the length of any name above.
const longestName = 64

// fold makes names equal that a server may take for the same header: letters become
// small, anything but a letter or digit a hyphen, and CGI's prefix is removed.
func fold(name string) string { return string(appendFolded(nil, name)) }

// cgiPrefix is what CGI puts before the name of a header, folded.
var cgiPrefix = []byte("http-")

// appendFolded writes over room, and returns the folded name.
func appendFolded(room []byte, name string) []byte {
	folded := room[:0]
	for _, c := range []byte(name) {
		switch {
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case ('a' > c || c > 'z') && ('0' > c || c > '9'):
			c = '-'
		}
		folded = append(folded, c)
	}
	for bytes.HasPrefix(folded, cgiPrefix) {
		folded = folded[len(cgiPrefix):]
	}
	return folded
}

// withheld reports whether a client's header, by its folded name, must not pass.
func withheld(name []byte) bool {
	return private[string(name)] || hopByHop[string(name)] || framing[string(name)] || isClaim(name)
}

// isClaim reports whether a folded name states who the client is or what it requested.
func isClaim(name []byte) bool {
	if claimNames[string(name)] {
		return true
	}
	for _, part := range claimParts {
		if bytes.Contains(name, part) {
			return true
		}
	}
	for word := range bytes.SplitSeq(name, []byte("-")) {
		if claimWords[string(word)] {
			return true
		}
		for _, ending := range claimEndings {
			if bytes.HasSuffix(word, ending) {
				return true
			}
		}
	}
	return false
}

// isToken reports whether text can be a header's name (RFC 9110, section 5.1).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
