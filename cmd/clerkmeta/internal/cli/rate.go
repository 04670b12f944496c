package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// parseRate reads --rate; "" is guessed from the key.
func parseRate(text string, key client.Key) (client.Limit, error) {
	switch text {
	case "development":
		return client.DevelopmentLimit, nil
	case "production":
		return client.ProductionLimit, nil
	case "":
		if key.IsLive() {
			return client.ProductionLimit, nil
		}
		return client.DevelopmentLimit, nil
	}
	digits, ok := strings.CutSuffix(text, "/10s")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || n > 100_000 {
		return 0, failed(ExitUsage, "--rate %q is unknown; expected development, production or N/10s, such as 500/10s%s", text, nearest.Hint(text, []string{"development", "production"}))
	}
	return client.Limit(n), nil
}

// traffic counts what the rate limits did to the requests.
type traffic struct {
	requests, waits, refused atomic.Int64
	// waiting counts the requests that are waiting for longer than a second.
	waiting atomic.Int64
}

func (t *traffic) seen(_ context.Context, a observe.Attempt) {
	t.requests.Add(1)
	if a.Queued >= 10*time.Millisecond { // a shorter wait is not noticed
		t.waits.Add(1)
	}
	if a.Status == 429 {
		t.refused.Add(1)
	}
	if a.Retry && a.Wait >= longWait {
		t.waiting.Add(1)
		time.AfterFunc(a.Wait, func() { t.waiting.Add(-1) })
	}
}

// patient is a Limiter that counts the requests that it lets wait.
type patient struct {
	client.Limiter
	traffic *traffic
}

// Wait waits for a turn.
func (p patient) Wait(ctx context.Context, r observe.Request) error {
	timer := time.AfterFunc(longWait, func() { p.traffic.waiting.Add(1) })
	defer func() {
		if !timer.Stop() {
			p.traffic.waiting.Add(-1)
		}
	}()
	return p.Limiter.Wait(ctx, r)
}

// String returns the counts.
func (t *traffic) String() string {
	return fmt.Sprintf("%d requests, %d waited for the rate limit, %d answered with 429", t.requests.Load(), t.waits.Load(), t.refused.Load())
}
