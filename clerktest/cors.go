package clerktest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// frontendPath reports whether an address belongs to the Frontend API, even without
// an operation there: a browser cannot read a 404 without CORS.
func frontendPath(path string) bool {
	if strings.HasPrefix(path, "/.well-known/") {
		return true
	}
	rest, _ := strings.CutPrefix(path, "/v1/")
	first, _, _ := strings.Cut(rest, "/")
	return slices.Contains([]string{"me", "client", "environment", "dev_browser"}, first)
}

// cors lets the page that sent the request read the answer, cookies included. The
// Backend API is not for browsers: its answers have no such headers.
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

// preflight answers a CORS preflight and reports whether r is one. A preflight has no
// credential, meets no fault and is not logged.
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

// secure reports whether the client reached the instance over TLS. A server on a
// loopback address has none; one elsewhere is behind a proxy that has.
func (in *call) secure() bool {
	name, _, _ := strings.Cut(in.Host, ":")
	return in.TLS != nil || !address.IsLoopback(in.Host) && !strings.HasSuffix(name, ".localhost")
}
