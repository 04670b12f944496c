package proxy

import (
	"slices"
	"strconv"
	"strings"
)

// step is the way to a value, from the innermost key outwards; nil is the whole.
// It costs nothing until a refusal needs its text.
type step struct {
	outer *step
	name  string
}

func (s *step) child(key string) *step { return &step{s, key} }
func (s *step) element(i int) *step    { return &step{s, strconv.Itoa(i)} }

// String is the JSON Pointer (RFC 6901).
func (s *step) String() string {
	escaper := strings.NewReplacer("~", "~0", "/", "~1")
	var names []string
	for ; s != nil; s = s.outer {
		names = append(names, "/"+escaper.Replace(s.name))
	}
	slices.Reverse(names)
	return strings.Join(names, "")
}
