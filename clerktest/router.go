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

// endpoint is what a route and its requests have in common.
type endpoint struct {
	api      API
	method   string
	segments int // of the path
}

// routes are those of all of Clerk's operations.
var routes = sync.OnceValue(func() map[endpoint][]route {
	handlers := map[API]map[Operation]handler{BackendAPI: backendHandlers(), FrontendAPI: frontendHandlers()}
	routes := map[endpoint][]route{}
	for o := range operations.All() {
		op, api, segments := Operation(o.ID), API(o.API), strings.Split(o.Path, "/")
		at := endpoint{api, o.Method, len(segments)}
		routes[at] = append(routes[at], route{op, api, o.Path, segments, handlers[api][op]})
	}
	return routes
})

// find returns the route of a request, if Clerk has one, and the ids in its path. Paths
// are taken literally: no dot segment is resolved and no slash is dropped, so that a
// client that escapes an id wrongly gets a 404 and not another resource.
func find(r *http.Request) (route, []string) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	apis := []API{BackendAPI, FrontendAPI}
	if fromFrontend(r) {
		slices.Reverse(apis)
	}
	for _, api := range apis {
		found, ids := pick(routes()[endpoint{api, methodFor(api, r), len(segments)}], segments)
		if found.operation != "" {
			return found, ids
		}
	}
	return route{}, nil
}

// pick returns the route that fits: of several the one with the fewest ids, so
// that users/count is no user.
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
func fromFrontend(r *http.Request) bool {
	in := &call{Request: r, query: r.URL.Query()}
	how, _ := in.credential()
	return how != "" || r.Header.Get("Origin") != "" && r.Header.Get("Authorization") == ""
}

// methodFor is the method that counts: to avoid a CORS preflight, a browser may POST to
// the Frontend API with the real method in the query.
func methodFor(api API, r *http.Request) string {
	if override := r.URL.Query().Get("_method"); api == FrontendAPI && r.Method == http.MethodPost && override != "" {
		return strings.ToUpper(override)
	}
	return r.Method
}

// match takes the ids out of a path with as many segments as the pattern.
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

// known reports whether an operation is one of Clerk's.
func known(op Operation) bool {
	for o := range operations.All() {
		if o.ID == string(op) {
			return true
		}
	}
	return op == AnyOperation
}
