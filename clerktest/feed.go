package clerktest

import (
	"errors"
	"maps"
	"sync"
)

const (
	feedEvents  = 1024 // kept for readers that are behind
	feedReaders = 16   // at the same time
)

// event is something that happened in an instance.
type event struct {
	id   int // from 1
	name string
	data any // encoded by each reader, so that what happened does not wait for that
}

// feed has the newest events of an instance for those who watch it. A reader has only a
// place in it, so that a slow one costs no memory: it loses its place. Without readers the
// feed keeps no event. It is safe for concurrent use.
type feed struct {
	done chan struct{} // closed at the end

	mu      sync.Mutex
	events  []event // a ring: event n is at n % feedEvents
	last    int     // the id of the newest event
	marks   map[string]int
	more    chan struct{} // closed by the next event or mark
	readers int
	ended   bool
}

func newFeed() *feed {
	return &feed{done: make(chan struct{}), more: make(chan struct{}), marks: map[string]int{}}
}

// publish adds an event, of which data returns the content.
func (f *feed) publish(name string, data func() any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers == 0 {
		return
	}
	f.last++
	f.events[f.last%feedEvents] = event{f.last, name, data()}
	f.wake()
}

// mark announces that something changed which readers then ask for. Marks that come
// together reach a reader as one.
func (f *feed) mark(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.marks[name]++
	f.wake()
}

func (f *feed) wake() {
	if f.readers > 0 {
		close(f.more)
		f.more = make(chan struct{})
	}
}

// view is what a reader finds new.
type view struct {
	events []event
	marks  map[string]int
	last   int
	more   <-chan struct{}
	lagged bool // some events since the reader's place are no longer there
}

// since returns what came after the event with an id.
func (f *feed) since(id int) view {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := view{marks: maps.Clone(f.marks), last: f.last, more: f.more, lagged: f.last-id > feedEvents}
	for id++; id <= f.last && !v.lagged; id++ {
		v.events = append(v.events, f.events[id%feedEvents])
	}
	return v
}

// enter adds a reader, who starts at the view. It fails where there are too many.
func (f *feed) enter() (view, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.ended:
		return view{}, errors.New("the instance is closed")
	case f.readers == feedReaders:
		return view{}, errors.New("too many streams of events are open: close one")
	}
	if f.readers == 0 {
		f.events = make([]event, feedEvents)
	}
	f.readers++
	return view{marks: maps.Clone(f.marks), last: f.last}, nil
}

func (f *feed) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers--; f.readers == 0 {
		f.events = nil
	}
}

// end makes every reader leave.
func (f *feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ended {
		f.ended = true
		close(f.done)
	}
}
