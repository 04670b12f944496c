package ratelimit

import "time"

// bucket is a sliding log: the moments of the last sends, as many as may be
// sent in one span. The next may go when the oldest of them is a span old, which
// holds for every window wherever it begins, and wastes nothing. A nil bucket
// has no limit. Moments are counted from the limiter's start.
type bucket struct {
	sent []time.Duration // a ring; sent[next] is the oldest
	next int
	// held is until when nothing is sent, after a 429.
	held time.Duration
	// queued is how many wait for this bucket.
	queued int
}

func newBucket(limit int) *bucket {
	b := &bucket{sent: make([]time.Duration, limit)}
	for i := range b.sent {
		b.sent[i] = -span
	}
	return b
}

// free is the earliest moment for the request that comes after so many others.
func (b *bucket) free(now time.Duration, others int) time.Duration {
	if b == nil {
		return now
	}
	n := len(b.sent)
	oldest := b.sent[(b.next+others%n)%n]
	return max(now, b.held, oldest+span) + time.Duration(others/n)*span
}

func (b *bucket) send(now time.Duration) {
	if b == nil {
		return
	}
	b.sent[b.next] = now
	b.next = (b.next + 1) % len(b.sent)
}

// queue adds to the number of those that wait.
func (b *bucket) queue(n int) {
	if b != nil {
		b.queued += n
	}
}

// isIdle reports whether the bucket says no more than a new one would.
func (b *bucket) isIdle(now time.Duration) bool {
	last := b.sent[(b.next+len(b.sent)-1)%len(b.sent)]
	return b.queued == 0 && b.held <= now && last+span <= now
}
