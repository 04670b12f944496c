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

// passable returns the headers of a client that may go on to the upstream. own are
// those that the proxy itself reads, folded.
func passable(in http.Header, own map[string]bool) http.Header {
	out := make(http.Header, len(in)+len(private)+3) // and the X-Forwarded ones
	listed := connectionNames(in["Connection"])
	room := make([]byte, 0, longestName)
	for name, values := range in {
		folded := appendFolded(room, name)
		if !withheld(folded) && !own[string(folded)] && !listed[string(folded)] {
			out[name] = values
		}
	}
	return out
}

// connectionNames are the headers that Connection lists, folded, nil for none.
func connectionNames(lines []string) map[string]bool {
	var names map[string]bool
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.Trim(name, " \t"); name == "" || strings.EqualFold(name, "close") || strings.EqualFold(name, "keep-alive") {
				continue // those of almost every request
			}
			if names == nil {
				names = map[string]bool{}
			}
			names[fold(name)] = true
		}
	}
	return names
}

// scrub takes what the client must not see out of the headers of an answer.
func scrub(h http.Header) {
	room := make([]byte, 0, longestName)
	for name := range h {
		if folded := appendFolded(room, name); private[string(folded)] || hopByHop[string(folded)] {
			delete(h, name)
		}
	}
}
