package proxy

import (
	"slices"
	"strconv"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// step is the way to a value, from the innermost key outwards; nil is the whole
// document. Only a refusal builds the text.
type step struct {
	outer *step
	name  string
}

func (s *step) child(key string) *step { return &step{s, key} }
func (s *step) element(i int) *step    { return &step{s, strconv.Itoa(i)} }

// String returns the JSON Pointer (RFC 6901).
func (s *step) String() string {
	var names []string
	for ; s != nil; s = s.outer {
		names = append(names, s.name)
	}
	slices.Reverse(names)
	return pointer.Of(names...)
}
