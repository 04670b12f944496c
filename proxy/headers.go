package proxy

import (
	"maps"
	"net/http"
	"slices"
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

// unpassed are headers that pass in neither direction: those that only the proxy sends,
// those of one connection (RFC 9110, section 7.6.1), trailers, which Clerk's documents
// lack, and Proxy, which CGI turns into the variable HTTP_PROXY.
var unpassed = nameSet(headerProxyURL, headerSecretKey, "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate",
	"Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "HTTP2-Settings", "Proxy")

// methodHeaders are those by which some servers let a POST stand for another method.
var methodHeaders = nameSet("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Method", "Method-Override")

// claimNames are Content-Length and Host, which net/http writes itself, and the headers
// of proxies and CDNs about the client or what it requested that no pattern below covers.
var claimNames = nameSet("Content-Length", "Host", "CF-Visitor", "Fastly-SSL", "Front-End-Https", "X-Host", "X-HTTP-Host-Override", "X-HTTP-Path-Override",
	"X-Scheme", "X-URL-Scheme", "X-Proto", "X-Protocol", "X-SSL", "X-HTTPS", "X-Rewrite-URL", "X-Override-URL", "X-Remote-Host", "X-Remote-Port", "X-Coming-From", "Coming-From")

// A header is also a claim if its name contains one of claimParts, or has a word that is
// one of claimWords or ends with one of claimEndings. No header of Clerk's documents is.
var (
	claimParts   = []string{"forwarded", "forwarder", "forwarding", "imforwards", "proxied"}
	claimWords   = nameSet("ip", "ips", "ipv4", "ipv6", "ipaddr", "ipaddress", "ipcountry", "forward", "fwd", "xff", "original", "viewer", "proxyuser")
	claimEndings = []string{"addr", "address", "clientip", "realip", "remoteip", "socketip", "userip", "peerip", "sourceip", "srcip",
		"originip", "connectingip", "originatingip", "viewerip", "visitorip", "customerip"}
)

func nameSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[fold(name)] = true
	}
	return set
}

// fold makes names equal that a server could take for the same header: in any case, with
// an underscore for a hyphen, and with the HTTP_ that CGI puts before a name. It allocates
// only for a name that it changes.
func fold(name string) string {
	folded := strings.Map(func(c rune) rune {
		switch {
		case 'A' <= c && c <= 'Z':
			return c + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			return c
		}
		return '-'
	}, name)
	for strings.HasPrefix(folded, "http-") {
		folded = strings.TrimPrefix(folded, "http-")
	}
	return folded
}

// isClaim reports whether a folded name states who the client is or what it requested.
func isClaim(name string) bool {
	if claimNames[name] || slices.ContainsFunc(claimParts, func(part string) bool { return strings.Contains(name, part) }) {
		return true
	}
	for word := range strings.SplitSeq(name, "-") {
		if claimWords[word] || slices.ContainsFunc(claimEndings, func(ending string) bool { return strings.HasSuffix(word, ending) }) {
			return true
		}
	}
	return false
}

// passable returns the client's headers that may reach the upstream: without those that
// Connection lists, and without own, the folded names of those that the proxy reads.
func passable(in http.Header, own map[string]bool) http.Header {
	out := make(http.Header, len(in))
	spelled := make(map[string][]string, len(in)) // the names in out by how they fold
	for name, values := range in {
		if folded := fold(name); !unpassed[folded] && !own[folded] && !isClaim(folded) {
			out[name] = values
			spelled[folded] = append(spelled[folded], name)
		}
	}
	for _, line := range in["Connection"] {
		for listed := range strings.SplitSeq(line, ",") { // a client can list hundreds of thousands
			for _, name := range spelled[fold(strings.Trim(listed, " \t"))] {
				delete(out, name)
			}
		}
	}
	return out
}

// scrub deletes the headers of an answer that the client must not see.
func scrub(h http.Header) {
	maps.DeleteFunc(h, func(name string, _ []string) bool { return unpassed[fold(name)] })
}

// Characters of names and paths.
const (
	capitals     = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	alphanumeric = capitals + "abcdefghijklmnopqrstuvwxyz0123456789"
	plain        = alphanumeric + "-._"
)

// isMadeOf reports whether text has only these characters, at least one.
func isMadeOf(text, chars string) bool { return text != "" && strings.Trim(text, chars) == "" }

// isToken reports whether text can be a header's name (RFC 9110, section 5.1).
func isToken(text string) bool { return isMadeOf(text, plain+"!#$%&'*+^`|~") }

// isPlainPath reports whether a path has only these characters between single slashes, and
// so one reading.
func isPlainPath(path, chars string) bool {
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if !isMadeOf(segment, chars) || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}
