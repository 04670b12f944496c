package proxy

import (
	"sync"
	"sync/atomic"
	"time"
)

// watch calls a function once when nothing has moved for as long as it allows.
type watch struct {
	started time.Time
	moved   atomic.Int64 // when something last did, in ns since started

	mu      sync.Mutex // guards what follows
	timer   *time.Timer
	limit   time.Duration
	over    bool // idle has been called, or never will be
	expired bool
}

// start comes before all else. idle is never called after stop has returned.
func (w *watch) start(limit time.Duration, idle func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started, w.limit = time.Now(), limit
	w.timer = time.AfterFunc(limit, func() { w.check(idle) })
}

// touch says that something has moved.
func (w *watch) touch() { w.moved.Store(int64(time.Since(w.started))) }

// allow says that something has moved, and sets the time that the next may take.
func (w *watch) allow(limit time.Duration) {
	w.touch()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = limit
	if !w.over {
		w.timer.Reset(limit)
	}
}

func (w *watch) check(idle func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	if left := w.limit - (time.Since(w.started) - time.Duration(w.moved.Load())); left > 0 {
		w.timer.Reset(left)
		return
	}
	w.over, w.expired = true, true
	idle()
}

// stop ends the watch and reports whether it has expired.
func (w *watch) stop() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.timer.Stop()
	return w.expired
}

// elapsed is how long ago the watch started.
func (w *watch) elapsed() time.Duration { return time.Since(w.started) }
