package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// plain is the limiter as one would write it first: one list, searched from its
// beginning for everything.
type plain struct {
	writes   int
	now      time.Duration
	instance bucket
	entities map[string]*bucket
	waiting  []*plainWaiter
	verdicts map[int]string
}

type plainWaiter struct {
	id                 int
	bucket             *bucket
	earliest, deadline time.Duration
}

func newPlain(requests, writes int) *plain {
	return &plain{writes: writes, instance: newBucket(requests, span), entities: map[string]*bucket{}, verdicts: map[int]string{}}
}

func (p *plain) bucket(entity string) *bucket {
	if entity == "" {
		return &bucket{}
	}
	if p.entities[entity] == nil {
		b := newBucket(p.writes, span)
		p.entities[entity] = &b
	}
	return p.entities[entity]
}

func (p *plain) end(w *plainWaiter, verdict string) {
	p.verdicts[w.id] = fmt.Sprint(verdict, " at ", p.now)
	p.waiting = slices.DeleteFunc(p.waiting, func(other *plainWaiter) bool { return other == w })
}

func (p *plain) opens(w *plainWaiter) time.Duration {
	return max(p.instance.free(p.now, 0), w.bucket.free(p.now, 0))
}

// until lets pass what happens until then, step by step.
func (p *plain) until(now time.Duration) {
	for len(p.waiting) > 0 {
		var next *plainWaiter
		when, sends := never, false
		for _, w := range p.waiting {
			if opens := p.opens(w); opens < when {
				next, when, sends = w, opens, true
			}
			if w.deadline < when {
				next, when, sends = w, w.deadline, false
			}
		}
		if when > now {
			break
		}
		p.now = when
		if sends {
			p.send(next)
		} else {
			p.end(next, "late")
		}
	}
	p.now = now
}

func (p *plain) send(w *plainWaiter) {
	p.instance.send(p.now)
	w.bucket.send(p.now)
	p.end(w, "sent")
}

func (p *plain) wait(id int, entity string, deadline time.Duration) {
	w := &plainWaiter{id: id, bucket: p.bucket(entity), deadline: deadline}
	if p.opens(w) <= p.now {
		p.send(w)
		return
	}
	others, ahead := 0, 0
	for _, other := range p.waiting {
		if other.bucket == w.bucket {
			others++
		}
	}
	w.earliest = w.bucket.free(p.now, others)
	for _, other := range p.waiting {
		if other.earliest <= w.earliest {
			ahead++
		}
	}
	if max(w.earliest, p.instance.free(p.now, ahead)) >= deadline {
		p.end(w, "refused")
		return
	}
	p.waiting = append(p.waiting, w)
}

func (p *plain) leave(id int) {
	for _, w := range p.waiting {
		if w.id == id {
			p.end(w, "left")
			return
		}
	}
}

// In any order of requests each goes, fails and leaves when it would
// under the plain limiter.
func TestLikeThePlainOne(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			requests, writes, entities := 1+r.IntN(20), 1+r.IntN(6), 1+r.IntN(20)
			l, p := New(requests, writes), newPlain(requests, writes)
			// With both, it would matter by which reckoning a deadline is judged.
			deadlines := seed%2 == 0
			var mu sync.Mutex
			verdicts, cancels := map[int]string{}, map[int]context.CancelFunc{}
			for id := range 300 {
				if r.IntN(4) == 0 {
					time.Sleep(time.Duration(r.ExpFloat64() * float64(2*time.Second)))
				}
				p.until(time.Since(l.start))
				entity := ""
				if n := r.IntN(entities + 1); n > 0 {
					entity = fmt.Sprint(n)
				}
				switch d := time.Duration(r.Int64N(int64(10 * time.Second))); {
				case r.IntN(8) == 0 && id > 0:
					other := r.IntN(id)
					cancels[other]()
					p.leave(other)
				case !deadlines && r.IntN(8) == 0:
					held := p.bucket(entity)
					if entity == "" {
						held = &p.instance
					}
					held.held = max(held.held, p.now+d)
					l.refused = "" // no second entity
					l.TooMany(t.Context(), to(entity), d)
				}
				synctest.Wait()
				ctx, cancel := context.WithCancel(t.Context())
				deadline := never
				if deadlines && r.IntN(2) == 0 {
					deadline = p.now + time.Duration(r.Int64N(int64(time.Minute)))
					ctx, cancel = context.WithDeadline(t.Context(), l.start.Add(deadline))
				}
				cancels[id] = cancel
				go func() {
					verdict := "sent"
					switch err := l.Wait(ctx, to(entity)); {
					case errors.Is(err, clerkerr.ErrLocalLimit):
						verdict = "refused"
					case errors.Is(err, context.DeadlineExceeded):
						verdict = "late"
					case err != nil:
						verdict = "left"
					}
					mu.Lock()
					defer mu.Unlock()
					verdicts[id] = fmt.Sprint(verdict, " at ", time.Since(l.start))
				}()
				synctest.Wait()
				p.wait(id, entity, deadline)
			}
			time.Sleep(time.Hour)
			p.until(time.Since(l.start))
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, p.verdicts, verdicts, "seed %d", seed)
			require.Len(t, verdicts, 300)
			for _, cancel := range cancels {
				cancel()
			}
		})
	}
}
