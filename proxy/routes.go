package proxy

import (
	"net/http"
	"net/url"
	"strings"
)

// Routes selects the requests that the proxy passes on. It never passes CONNECT and
// TRACE, which address a proxy itself (the answer to TRACE would show the secret key),
// nor TRACK, another name of TRACE.
type Routes int

const (
	// AllRoutes passes on the whole Frontend API, which Clerk's browser client needs
	// to sign users in.
	AllRoutes Routes = iota
	// MeRoutes passes on only what package me calls: GET and HEAD /v1/me, PATCH
	// /v1/me and PATCH /v1/me/metadata, each PATCH also as the POST with the query
	// _method=PATCH that browsers send instead, and the OPTIONS requests for them.
	// Paths must match exactly. MeRoutes reads no bodies: whether Clerk also takes a
	// _method in a form for the method is not known. With Policies, the proxy refuses
	// that form.
	MeRoutes
)

// The paths of MeRoutes; see Clerk's Frontend API document.
const (
	pathMe         = "/v1/me"
	pathMeMetadata = "/v1/me/metadata"
)

// methodParam is the query parameter by which a POST stands for another method, as
// Clerk's browser client uses it.
const methodParam = "_method"

// methodTrack is another name of TRACE, to some servers.
const methodTrack = "TRACK"

// allow reports whether a request is one of the routes.
func (routes Routes) allow(r *http.Request, t target) bool {
	switch strings.ToUpper(r.Method) { // which a server may do, too
	case http.MethodConnect, http.MethodTrace, methodTrack:
		return false
	}
	if routes == AllRoutes {
		return true
	}
	if t.path != pathMe && t.path != pathMeMetadata {
		return false
	}
	for name := range r.Header {
		if methodHeaders[fold(name)] {
			return false
		}
	}
	if strings.Contains(t.query, "#") { // what follows may be no query to the upstream
		return false
	}
	override, overrides := methodOverride(t.query)
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return t.path == pathMe && overrides == 0
	case http.MethodPatch, http.MethodOptions:
		return overrides == 0
	case http.MethodPost:
		return overrides == 1 && override == http.MethodPatch
	}
	return false
}

// methodOverride returns the value of the query's _method as it is written, and
// how many parameters a server may take for one.
func methodOverride(query string) (value string, count int) {
	for name, v := range looseParams(query) {
		if _, err := url.QueryUnescape(name); err != nil || resemblesMethod(name) {
			value, count = v, count+1
		}
	}
	return value, count
}
