package clerktest

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// frontendPath says whether an address is in the Frontend API's part, whether
// there is an operation or not: a browser could not read a 404 without CORS.
func frontendPath(path string) bool {
	if strings.HasPrefix(path, "/.well-known/") {
		return true
	}
	rest, _ := strings.CutPrefix(path, "/v1/")
	first, _, _ := strings.Cut(rest, "/")
	return slices.Contains([]string{"me", "client", "environment", "dev_browser"}, first)
}

// cors lets the page that asks read the answer, cookies included, as browsers
// want it. The Backend API is not for browsers: its answers have none of this.
func cors(r *http.Request, header http.Header) {
	if !frontendPath(r.URL.EscapedPath()) {
		return
	}
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Access-Control-Expose-Headers", "Authorization, Clerk-Trace-Id, Retry-After")
}

// preflight answers a browser's question whether a page may send a request. It
// is no request itself: it has no credential, meets no fault and is not logged.
func preflight(w http.ResponseWriter, r *http.Request) bool {
	asked := r.Header.Get("Access-Control-Request-Method")
	if r.Method != http.MethodOptions || asked == "" || !frontendPath(r.URL.EscapedPath()) {
		return false
	}
	header := w.Header()
	cors(r, header)
	header.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	header.Add("Vary", "Access-Control-Request-Headers")
	if wanted := r.Header.Get("Access-Control-Request-Headers"); wanted != "" {
		header.Set("Access-Control-Allow-Headers", wanted)
	}
	header.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// secure says whether the instance was reached over TLS, which a loopback
// address goes without. Whoever serves it elsewhere has a proxy that speaks TLS.
func (in *call) secure() bool {
	host := in.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	loopback := host == "localhost" || strings.HasSuffix(host, ".localhost") || (err == nil && ip.IsLoopback())
	return in.TLS != nil || !loopback
}
