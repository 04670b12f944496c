package proxy

import (
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

// passable returns the client's headers that may reach the upstream. own are the folded
// names of those that the proxy itself reads.
func passable(in http.Header, own map[string]bool) http.Header {
	out := make(http.Header, len(in))
	for name, values := range in {
		if folded := fold(name); !unpassed[folded] && !framing[folded] && !own[folded] && !isClaim(folded) {
			out[name] = values
		}
	}
	dropListed(out, in["Connection"])
	return out
}

// dropListed deletes the headers that Connection lists. It stores no listed name: a
// client can list hundreds of thousands.
func dropListed(h http.Header, lines []string) {
	var spelled map[string][]string // the names in h by how they fold
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.Trim(name, " \t"); name == "" || strings.EqualFold(name, "close") || strings.EqualFold(name, "keep-alive") {
				continue // those of almost every request
			}
			if spelled == nil {
				spelled = make(map[string][]string, len(h))
				for name := range h {
					spelled[fold(name)] = append(spelled[fold(name)], name)
				}
			}
			for _, listed := range spelled[fold(name)] {
				delete(h, listed)
			}
		}
	}
}

// scrub deletes the headers of an answer that the client must not see.
func scrub(h http.Header) {
	for name := range h {
		if unpassed[fold(name)] {
			delete(h, name)
		}
	}
}
