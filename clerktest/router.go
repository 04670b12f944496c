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
	method    string
	path      string
	segments  []string // of the path; a "*" is an id
	handle    handler  // nil for one that the fake does not model
}

// routes are those of all of Clerk's operations.
var routes = sync.OnceValue(func() (all []route) {
	// Both APIs have operations with the same id.
	handlers := map[API]map[Operation]handler{BackendAPI: backendHandlers(), FrontendAPI: frontendHandlers()}
	for o := range operations.All() {
		op, api := Operation(o.ID), API(o.API)
		all = append(all, route{op, api, o.Method, o.Path, strings.Split(o.Path, "/"), handlers[api][op]})
	}
	return all
})

// known reports whether an operation is one of Clerk's, or AnyOperation.
func known(op Operation) bool {
	return op == AnyOperation || slices.ContainsFunc(routes(), func(r route) bool { return r.operation == op })
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
		method := in.methodFor(api)
		for _, r := range routes() {
			if r.api != api || r.method != method {
				continue
			}
			// The fewest ids count: users/count is not a user.
			if ids, ok := match(r.segments, segments); ok && (in.operation == "" || len(ids) < len(in.ids)) {
				in.route, in.ids = r, ids
			}
		}
		if in.operation != "" {
			return
		}
	}
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

// match returns the ids in a path that fits the pattern.
func match(pattern, segments []string) (ids []string, ok bool) {
	if len(pattern) != len(segments) {
		return nil, false
	}
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
