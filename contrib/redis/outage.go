package redislimit

import (
	"sync"
	"time"
)

// pause is how long Redis is left alone after a failure.
const pause = time.Second

// outage knows whether Redis is out of reach. The zero outage is none.
type outage struct {
	mu    sync.Mutex
	since time.Time // zero while Redis answers
	next  time.Time // when it is tried again
	cause error
}

// mayAsk reports whether Redis may be asked: always while it answers, and one request each
// pause otherwise.
func (o *outage) mayAsk(now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return true
	}
	if now.Before(o.next) {
		return false
	}
	o.next = now.Add(pause)
	return true
}

// failed reports whether this failure begins the outage.
func (o *outage) failed(now time.Time, cause error) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cause, o.next = cause, now.Add(pause)
	begins := o.since.IsZero()
	if begins {
		o.since = now
	}
	return begins
}

// answered returns how long the outage that it ends has lasted, 0 if there was none.
func (o *outage) answered(now time.Time) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.since.IsZero() {
		return 0
	}
	lasted := now.Sub(o.since)
	o.since = time.Time{}
	return max(lasted, 1)
}

func (o *outage) reason() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.cause
}
