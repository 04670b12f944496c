package proxy

import (
	"net/http"
	"strings"
)

// What stands in a label for anything that a client could have chosen.
const (
	anyID = "{id}"
	other = "{other}"
)

// shapes finds the shape of a path: "/v1/client/sessions/{id}/tokens". There are
// as many shapes as knownShapes have segments, so that they are fit for the label
// of a metric, and none holds anything of the client's.
type shapes struct {
	next    map[string]*shapes
	label   string // of the path up to here
	unknown string // of a path that goes on from here as no known one does
}

func newShapes() shapes {
	root := shapes{next: map[string]*shapes{}, unknown: "/" + other}
	for path := range strings.FieldsSeq(knownShapes) {
		node := &root
		for segment := range strings.SplitSeq(path[1:], "/") {
			if node.next[segment] == nil {
				label := node.label + "/" + segment
				node.next[segment] = &shapes{next: map[string]*shapes{}, label: label, unknown: label + "/" + other}
			}
			node = node.next[segment]
		}
	}
	return root
}

// of returns the shape of a raw path. From the first segment on that is not known
// it says no more than that.
func (s *shapes) of(path string) string {
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		next := s.next[segment]
		if next == nil {
			next = s.next[anyID]
		}
		if next == nil {
			return s.unknown
		}
		s = next
	}
	return s.label
}

// methodLabel is the method where it is one of HTTP's own.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return method
	}
	return other
}
