package ratelimit

import "time"

// bucket is a sliding log: the moments of the latest sends, as many as may be sent in
// one span. The next may go when the oldest of them is a span old, so that the limit
// holds in every window, wherever it begins. A bucket of length 0 has no limit. Moments
// count from the limiter's start.
type bucket struct {
	span time.Duration
	sent []time.Duration // a ring; sent[next] is the oldest
	next int
	// held is until when nothing is sent, after a 429.
	held time.Duration
}

func newBucket(limit int, span time.Duration) bucket {
	b := bucket{span: span, sent: make([]time.Duration, limit)}
	for i := range b.sent {
		b.sent[i] = -span
	}
	return b
}

// free is the earliest moment for the request that comes after others other requests.
func (b *bucket) free(now time.Duration, others int) time.Duration {
	n := len(b.sent)
	if n == 0 {
		return max(now, b.held)
	}
	oldest := b.sent[(b.next+others%n)%n]
	return max(now, b.held, oldest+b.span) + time.Duration(others/n)*b.span
}

func (b *bucket) send(now time.Duration) {
	if n := len(b.sent); n > 0 {
		b.sent[b.next] = now
		b.next = (b.next + 1) % n
	}
}

// isIdle reports whether the bucket is as a new one.
func (b *bucket) isIdle(now time.Duration) bool {
	n := len(b.sent)
	return b.held <= now && (n == 0 || b.sent[(b.next+n-1)%n]+b.span <= now)
}
