package proxy

import (
	"bytes"
	"cmp"
	"sync"
)

// room is the memory for all forms together. A quarter is reserved for small forms, so
// that a few large ones do not block them.
type room struct {
	smallest int64 // a form is large from here on
	allLarge int64 // what large forms may take

	mu           sync.Mutex
	small, large int64 // what is left
}

func newRoom(total int64) *room {
	large := total - total/4
	return &room{smallest: min(64<<10, total/64), allLarge: large, small: total - large, large: large}
}

// share is what one form has of a room.
type share struct {
	of   *room
	from *int64 // small or large
	held int64
}

// set resizes the share, or reports false without room and keeps it. A form larger than
// the room of large forms passes if it is the only one.
func (s *share) set(size int64) bool {
	to := &s.of.small
	if size > s.of.smallest {
		to, size = &s.of.large, min(size, s.of.allLarge)
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	from := cmp.Or(s.from, to)
	*from += s.held
	if size > *to {
		*from -= s.held
		return false
	}
	*to -= size
	s.from, s.held = to, size
	return true
}

// weight estimates the memory that a JSON text takes while policies judge it: up to eight
// copies, which Strict and the buffers of encoding/json hold, and the tree, in which an
// object takes hundreds of bytes and an element or a member tens.
func weight(text []byte) int64 {
	const copies, perObject, perValue = 8, 512, 64
	count := func(char string) int64 { return int64(bytes.Count(text, []byte(char))) }
	return copies*int64(len(text)) + perObject*count("{") + perValue*(count(",")+count("["))
}
