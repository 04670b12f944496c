package proxy

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// watch calls a function once, when nothing has moved for too long or the whole takes
// too long.
type watch struct {
	started time.Time
	moved   atomic.Int64 // when something last did, in ns since started

	mu      sync.Mutex // guards what follows
	timer   *time.Timer
	limit   time.Duration
	end     time.Duration // since started
	over    bool          // idle has been called, or never will be
	expired bool
}

// forever is no end.
const forever time.Duration = math.MaxInt64

// start must be called first. idle is never called after stop has returned.
func (w *watch) start(limit, end time.Duration, idle func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started, w.limit, w.end = time.Now(), limit, end
	w.timer = time.AfterFunc(min(limit, end), func() { w.check(idle) })
}

// until sets how long the whole may take, from start.
func (w *watch) until(end time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end = end
	w.reset()
}

// allow records that something has moved, and sets how long the next move may take.
func (w *watch) allow(limit time.Duration) {
	w.touch()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = limit
	w.reset()
}

// touch records that something has moved.
func (w *watch) touch() { w.moved.Store(int64(w.elapsed())) }

// reset waits for the next check. The caller holds mu.
func (w *watch) reset() {
	if !w.over {
		w.timer.Reset(w.left())
	}
}

// left returns the time until the next check. The caller holds mu.
func (w *watch) left() time.Duration {
	now := w.elapsed()
	return min(w.limit-(now-time.Duration(w.moved.Load())), w.end-now)
}

func (w *watch) check(idle func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	if w.left() > 0 {
		w.reset()
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

// elapsed returns the time since start.
func (w *watch) elapsed() time.Duration { return time.Since(w.started) }
