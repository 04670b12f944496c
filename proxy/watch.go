package proxy

import (
	"sync"
	"sync/atomic"
	"time"
)

// watch calls a function once: when an exchange is idle for too long, or takes too long as
// a whole.
type watch struct {
	started time.Time
	limit   atomic.Int64 // how long nothing may move, in ns
	still   *time.Timer  // fires when nothing has moved for limit
	whole   *time.Timer

	mu      sync.Mutex // guards what follows
	over    bool       // the function has been called, or never will be
	expired bool
}

// start must be called first. idle is never called after stop has returned.
func (w *watch) start(limit, end time.Duration, idle func()) {
	w.started = time.Now()
	w.limit.Store(int64(limit))
	expire := func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.over {
			w.over, w.expired = true, true
			idle()
		}
	}
	w.still, w.whole = time.AfterFunc(limit, expire), time.AfterFunc(end, expire)
}

// until sets how long the whole may take, from start.
func (w *watch) until(end time.Duration) { w.whole.Reset(end - w.elapsed()) }

// endless lets the whole take any time.
func (w *watch) endless() { w.whole.Stop() }

// touch records that something has moved.
func (w *watch) touch() { w.still.Reset(time.Duration(w.limit.Load())) }

// allow records that something has moved, and sets how long the next move may take.
func (w *watch) allow(limit time.Duration) {
	w.limit.Store(int64(limit))
	w.touch()
}

// stop ends the watch and reports whether it has expired.
func (w *watch) stop() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.still.Stop()
	w.whole.Stop()
	return w.expired
}

// elapsed returns the time since start.
func (w *watch) elapsed() time.Duration { return time.Since(w.started) }
