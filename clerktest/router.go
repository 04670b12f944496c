package clerktest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/internal/operations"
)

// route is an operation of Clerk's.
type route struct {
	operation Operation
	api       API
	path      string
	segments  []string // of the path; a "*" is an id
	handle    handler  // nil for one that the fake does not model
}

// endpoint is the part of a route that a map can look up.
type endpoint struct {
	api      API
	method   string
	segments int // of the path
}

// routes are those of all of Clerk's operations.
var routes = sync.OnceValue(func() map[endpoint][]route {
	// Both APIs have operations with the same id.
	handlers := map[API]map[Operation]handler{BackendAPI: backendHandlers(), FrontendAPI: frontendHandlers()}
	routes := map[endpoint][]route{}
	for o := range operations.All() {
		op, api, segments := Operation(o.ID), API(o.API), strings.Split(o.Path, "/")
		at := endpoint{api, o.Method, len(segments)}
		routes[at] = append(routes[at], route{op, api, o.Path, segments, handlers[api][op]})
	}
	return routes
})

// known reports whether an operation is one of Clerk's.
func known(op Operation) bool {
	is := func(r route) bool { return r.operation == op }
	for _, some := range routes() {
		if slices.ContainsFunc(some, is) {
			return true
		}
	}
	return op == AnyOperation
}

// find sets the route of a request, if Clerk has one, and the ids in its path. It
// resolves no dot segment and drops no slash, so that a client that escapes an id
// wrongly gets a 404 and not another resource.
func (in *call) find() {
	segments := strings.Split(in.URL.EscapedPath(), "/")
	apis := []API{BackendAPI, FrontendAPI}
	if in.fromFrontend() {
		slices.Reverse(apis)
	}
	for _, api := range apis {
		in.route, in.ids = pick(routes()[endpoint{api, in.methodFor(api), len(segments)}], segments)
		if in.operation != "" {
			return
		}
	}
}

// pick returns the matching route with the fewest ids, so that users/count is not a
// user.
func pick(routes []route, segments []string) (found route, ids []string) {
	for _, candidate := range routes {
		if its, ok := match(candidate.segments, segments); ok && (found.operation == "" || len(its) < len(ids)) {
			found, ids = candidate, its
		}
	}
	return found, ids
}

// fromFrontend reports whether a request comes from a browser or an app. It decides
// about the addresses that both APIs have.
func (in *call) fromFrontend() bool {
	return in.how != "" || in.Header.Get("Origin") != "" && in.Header.Get("Authorization") == ""
}

// methodFor is the method that applies: to avoid a CORS preflight, a browser may POST to
// the Frontend API with the real method in the query.
func (in *call) methodFor(api API) string {
	if override := in.query.Get("_method"); api == FrontendAPI && in.Method == http.MethodPost && override != "" {
		return strings.ToUpper(override)
	}
	return in.Method
}

// match returns the ids in a path that has as many segments as the pattern.
func match(pattern, segments []string) (ids []string, ok bool) {
	for i, p := range pattern {
		suffix, isID := strings.CutPrefix(p, "*")
		if !isID {
			if p != segments[i] {
				return nil, false
			}
			continue
		}
		escaped, ok := strings.CutSuffix(segments[i], suffix)
		id, err := url.PathUnescape(escaped)
		if !ok || err != nil || id == "" {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}
