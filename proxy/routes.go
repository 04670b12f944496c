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

// allow reports whether a request is one of the routes.
func (routes Routes) allow(r *http.Request, t target) bool {
	switch strings.ToUpper(r.Method) { // which a server may do, too
	case http.MethodConnect, http.MethodTrace, "TRACK":
		return false
	}
	if routes == AllRoutes {
		return true
	}
	if t.path != pathMe && t.path != pathMeMetadata || checkHeader(r.Header) != nil ||
		checkQuery(r.Method, t.query) != nil || !isFormQuery(t.query) {
		return false
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return t.path == pathMe
	case http.MethodPatch, http.MethodOptions:
		return true
	case http.MethodPost: // of checked parameters, this one alone can stand for a method
		query, err := url.ParseQuery(t.query)
		return err == nil && query.Get(methodParam) == http.MethodPatch
	}
	return false
}
