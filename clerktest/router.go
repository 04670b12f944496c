package clerktest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/operations"
)

// documented is every operation of one of Clerk's APIs, those that the fake has
// included. They have no handle.
func documented(api API) []route {
	var all []route
	for o := range operations.All() {
		if o.API == string(api) {
			all = append(all, newRoute(Operation(o.ID), api, o.Method, o.Path, nil))
		}
	}
	return all
}

// newRoute ties an address to an operation. A "*" in a path is an id.
func newRoute(op Operation, api API, method, path string, handle handler) route {
	return route{operation: op, api: api, method: method, path: path, segments: strings.Split(path, "/"), handle: handle}
}

// find returns the route of a request and the ids in its path: one of those that
// the fake has, else one that Clerk's documents have, else none. Paths are taken
// literally: no dot segment is resolved and no slash is dropped, so that a client
// that escapes an id wrongly gets a 404 and not another resource.
func (c *Clerk) find(r *http.Request) (route, []string) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	apis := []API{BackendAPI, FrontendAPI}
	if fromFrontend(r) {
		slices.Reverse(apis)
	}
	for _, api := range apis {
		method := methodFor(api, r)
		found, ids := pick(c.routes, api, method, segments)
		if found.operation == "" {
			found, ids = pick(documented(api), api, method, segments)
		}
		if found.operation != "" {
			return found, ids
		}
	}
	return route{}, nil
}

// pick returns the route that fits: of several the one with the fewest ids, so
// that users/count is no user.
func pick(routes []route, api API, method string, segments []string) (found route, ids []string) {
	for _, candidate := range routes {
		if candidate.api != api || candidate.method != method {
			continue
		}
		if its, ok := match(candidate.segments, segments); ok && (found.operation == "" || len(its) < len(ids)) {
			found, ids = candidate, its
		}
	}
	return found, ids
}

// fromFrontend says whether a request comes from a browser or an app, which is
// how the addresses that both APIs have are told apart.
func fromFrontend(r *http.Request) bool {
	in := &call{Request: r, query: r.URL.Query()}
	how, _ := in.credential()
	return how != "" || r.Header.Get("Origin") != "" && r.Header.Get("Authorization") == ""
}

// methodFor is the method that counts: a browser may POST to the Frontend API
// with the real method in the query, to be spared a CORS preflight.
func methodFor(api API, r *http.Request) string {
	if override := r.URL.Query().Get("_method"); api == FrontendAPI && r.Method == http.MethodPost && override != "" {
		return strings.ToUpper(override)
	}
	return r.Method
}

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

// known says whether an operation is one of Clerk's.
func known(op Operation) bool {
	is := func(r route) bool { return r.operation == op }
	return op == AnyOperation || slices.ContainsFunc(documented(BackendAPI), is) || slices.ContainsFunc(documented(FrontendAPI), is)
}
