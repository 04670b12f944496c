package proxy

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/operations"
)

// Routes selects the requests that the proxy passes on. It never passes CONNECT and
// TRACE, which address a proxy itself (the answer to TRACE would show the secret key),
// nor TRACK, another name of TRACE.
type Routes int

const (
	// AllRoutes passes on the whole Frontend API, which Clerk's browser client needs to
	// sign users in.
	AllRoutes Routes = iota
	// MeRoutes passes on only what package me calls: GET and HEAD /v1/me, PATCH /v1/me
	// and PATCH /v1/me/metadata, each PATCH also as the POST with the query _method=PATCH
	// that browsers send instead, and the OPTIONS requests for them. Paths must match
	// exactly. MeRoutes reads no bodies: whether Clerk also takes a _method in a form for
	// the method is not known. With Policies, the proxy refuses that form.
	MeRoutes
)

// methodParam is the query parameter by which a POST stands for another method.
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
	const me, metadata = "/v1/me", "/v1/me/metadata"
	if t.path != me && t.path != metadata || checkHeader(r.Header) != nil ||
		checkQuery(r.Method, t.query) != nil || !isFormQuery(t.query) {
		return false
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return t.path == me
	case http.MethodPatch, http.MethodOptions:
		return true
	case http.MethodPost: // of checked parameters, this one alone can stand for a method
		query, err := url.ParseQuery(t.query)
		return err == nil && query.Get(methodParam) == http.MethodPatch
	}
	return false
}

// Labels for what a client could have chosen.
const (
	anyID = "{id}"
	other = "{other}"
)

// withoutOperations are paths that Clerk's Frontend API document of 2026-05-12 lists with
// no operation, and /npm: that its browser client is loaded from there is a guess.
const withoutOperations = `
/v1/client/hosted_auth
/v1/client/hosted_auth/complete
/v1/client/sign_ins/*/protect_check
/v1/dev_tools/enable_environment_setting
/npm
`

// shapes finds the shape of a path, "/v1/client/sessions/{id}/tokens", which may label a
// metric: it holds nothing of the client's, and there are not many.
type shapes struct {
	next  map[string]*shapes
	label string // of the path up to here
}

func newShapes() *shapes {
	root := &shapes{next: map[string]*shapes{}}
	paths := strings.Fields(withoutOperations)
	for o := range operations.All() {
		if o.API == "fapi" {
			paths = append(paths, o.Path)
		}
	}
	for _, path := range paths {
		node := root
		for segment := range strings.SplitSeq(path[1:], "/") {
			if strings.Contains(segment, "*") {
				segment = anyID
			}
			if node.next[segment] == nil {
				node.next[segment] = &shapes{next: map[string]*shapes{}, label: node.label + "/" + segment}
			}
			node = node.next[segment]
		}
	}
	return root
}

// of returns the shape of a raw path, up to its first unknown segment.
func (s *shapes) of(path string) string {
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		next := cmp.Or(s.next[segment], s.next[anyID])
		if next == nil {
			return s.label + "/" + other
		}
		s = next
	}
	return s.label
}

// methodLabel returns the method if it is one of HTTP's.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return other
}
