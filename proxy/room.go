package proxy

import (
	"bytes"
	"sync"
)

// room is the memory for all forms together. A quarter is reserved for small forms,
// so that a few large ones do not keep them out.
type room struct {
	smallest int64 // a form is large from here on
	allLarge int64 // what large forms may take

	mu           sync.Mutex
	small, large int64 // what is left
}

const largeForm = 64 << 10

func newRoom(total int64) *room {
	const formsAtLeast = 64
	large := total - total/4
	return &room{smallest: min(largeForm, total/formsAtLeast), allLarge: large, small: total - large, large: large}
}

// share is what one form has of a room.
type share struct {
	of   *room
	held int64
	big  bool
}

// set resizes the share, or reports false without room and keeps it. A form larger
// than the room of large forms passes if it is the only one.
func (s *share) set(size int64) bool {
	r := s.of
	big := size > r.smallest
	if big {
		size = min(size, r.allLarge)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	from, to := r.left(s.big), r.left(big)
	*from += s.held
	if size > *to {
		*from -= s.held
		return false
	}
	*to -= size
	s.held, s.big = size, big
	return true
}

// end returns the share to the room.
func (s *share) end() {
	if s.of != nil { // there was a form
		s.set(0)
	}
}

func (r *room) left(big bool) *int64 {
	if big {
		return &r.large
	}
	return &r.small
}

// weight estimates the memory that a JSON text takes while policies judge it: up to
// eight copies, which Strict and the buffers of encoding/json hold, and the tree, in
// which an object takes hundreds of bytes and an element or a member tens.
func weight(text []byte) int64 {
	const copies, perObject, perValue = 8, 512, 64
	count := func(char string) int64 { return int64(bytes.Count(text, []byte(char))) }
	return copies*int64(len(text)) + perObject*count("{") + perValue*(count(",")+count("["))
}
