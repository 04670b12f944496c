package transport

import "sync"

// Budget is a token bucket that bounds the retries of a client when everything fails:
// a retry takes a token, a call that succeeds puts a part of one back. It is safe for
// concurrent use; a nil Budget sets no bound.
type Budget struct {
	capacity float64
	refill   float64

	mu     sync.Mutex
	tokens float64
}

// NewBudget returns a full Budget.
func NewBudget(retries int, refill float64) *Budget {
	return &Budget{capacity: float64(retries), refill: refill, tokens: float64(retries)}
}

func (b *Budget) take() bool {
	if b == nil {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

func (b *Budget) succeed() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.capacity, b.tokens+b.refill)
}
