package proxy

import (
	"net/http"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/operations"
)

// Labels for what a client could have chosen.
const (
	anyID = "{id}"
	other = "{other}"
)

// withoutOperations are paths that Clerk's Frontend API document of 2026-05-12 lists
// with no operation, and /npm: that its browser client is loaded from there is a guess.
const withoutOperations = `
/v1/client/hosted_auth
/v1/client/hosted_auth/complete
/v1/client/sign_ins/*/protect_check
/v1/dev_tools/enable_environment_setting
/npm
`

// shapes finds the shape of a path: "/v1/client/sessions/{id}/tokens". Shapes are
// bounded in number by the known paths and hold nothing of the client's, so they may
// label a metric.
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
		next := s.next[segment]
		if next == nil {
			next = s.next[anyID]
		}
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
