package clerktest

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// What a feed marks.
const (
	markState   = "state"
	markFaults  = "faults"
	markGuesses = "guesses"
)

const (
	heartbeat    = 15 * time.Second
	markInterval = 250 * time.Millisecond
	writeTime    = 2 * time.Second // for a reader to take what it is sent
)

// controlEvents sends what happens from now on as server-sent events, until the client or
// the instance goes, or the client is too slow.
func (c *Clerk) controlEvents(w http.ResponseWriter, r *http.Request) error {
	at, err := c.feed.enter()
	if err != nil {
		return &statusError{err, http.StatusServiceUnavailable}
	}
	defer c.feed.leave()
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	s := &stream{w: w, http: http.NewResponseController(w), last: at.last, marks: at.marks}
	_ = s.http.SetReadDeadline(time.Time{}) // the server's is for the request
	s.comment()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	var pause <-chan time.Time
	for s.err == nil {
		now := c.feed.since(s.last)
		if now.lagged {
			s.event(now.last, "lagged", struct{}{})
			s.flush()
			return nil
		}
		for _, e := range now.events {
			s.event(e.id, e.name, e.data)
		}
		if pause == nil && !maps.Equal(s.marks, now.marks) {
			c.sendMarks(s, now.marks)
			pause = time.After(markInterval)
		}
		s.flush()
		select {
		case <-now.more:
		case <-pause:
			pause = nil
		case <-beat.C:
			s.comment()
		case <-r.Context().Done():
			return nil
		case <-c.feed.done:
			return nil
		}
	}
	return nil
}

// sendMarks sends the present content of what was marked.
func (c *Clerk) sendMarks(s *stream, marks map[string]int) {
	for _, name := range slices.Sorted(maps.Keys(marks)) {
		if marks[name] == s.marks[name] {
			continue
		}
		var data any
		switch name { // neither fails
		case markFaults:
			data, _ = c.controlFaults(nil, nil)
		case markGuesses:
			data, _ = c.controlGuesses(nil, nil)
		default:
			data = map[string]int{"revision": marks[name]}
		}
		s.event(s.last, name, data)
	}
	s.marks = marks
}

// stream writes server-sent events to one client.
type stream struct {
	w     http.ResponseWriter
	http  *http.ResponseController
	last  int            // the id of the last event sent
	marks map[string]int // as they were sent
	err   error          // of the first write that failed
}

func (s *stream) event(id int, name string, data any) {
	s.last = id
	s.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", id, name, encode(data)))
}

// comment shows both sides that the other is there.
func (s *stream) comment() {
	s.write(":\n\n")
	s.flush()
}

func (s *stream) write(text string) {
	if s.err != nil {
		return
	}
	_ = s.http.SetWriteDeadline(time.Now().Add(writeTime)) // a server without deadlines waits
	_, s.err = s.w.Write([]byte(text))
}

func (s *stream) flush() {
	if err := s.http.Flush(); err != nil && s.err == nil {
		s.err = err
	}
}
