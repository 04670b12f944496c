package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// decide returns whether another attempt follows, after which wait, or why not.
func (c *call) decide(ctx context.Context) (clerkerr.StopReason, time.Duration, bool) {
	switch {
	case !c.failed(), !c.last.isTransient():
		return clerkerr.StopFinal, 0, false
	case c.ended(ctx) != nil:
		return clerkerr.StopCanceled, 0, false
	case c.Post && c.effect() != clerkerr.OutcomeNotApplied:
		return clerkerr.StopFinal, 0, false
	case c.attempts > c.t.MaxRetries:
		return clerkerr.StopAttempts, 0, false
	}
	asked := c.last.failure.RetryAfter
	if asked > c.t.MaxRetryAfter {
		return clerkerr.StopRetryAfter, 0, false
	}
	wait, ok := c.fit(ctx, asked)
	if !ok {
		return clerkerr.StopDeadline, 0, false
	}
	if !c.t.Budget.take() {
		return clerkerr.StopBudget, 0, false
	}
	return clerkerr.StopFinal, wait, true
}

// fit draws the wait, never shorter than asked, by exponential backoff with full
// jitter, and reports whether it ends before the deadline.
func (c *call) fit(ctx context.Context, asked time.Duration) (time.Duration, bool) {
	wait := jitter(min(c.t.MaxDelay, c.t.BaseDelay<<max(0, c.attempts-1)))
	if asked > 0 {
		// Jitter on top spreads callers that got the same Retry-After.
		wait = asked + jitter(c.t.BaseDelay)
	}
	deadline := c.deadline
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	left := time.Until(deadline)
	if asked > 0 && left <= wait {
		wait = asked
	}
	return wait, wait < left
}

func jitter(ceiling time.Duration) time.Duration {
	return rand.N(ceiling + 1) //nolint:gosec // spreading load needs no secrecy
}

// isTransient reports whether the same request may succeed later.
func (a *attempt) isTransient() bool {
	if a.err != nil {
		return !errors.Is(a.err, clerkerr.ErrResponseTooLarge) && !isPermanent(a.err)
	}
	switch a.status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusConflict:
		return a.failure.HasCode(clerkerr.CodeResourceLocked)
	default:
		// Those of Cloudflare, which is in front of Clerk, for a server without a good answer:
		// https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/.
		return 520 <= a.status && a.status <= 527 || a.status == 530
	}
}

// isPermanent reports whether a connection failed for a reason that stays.
func isPermanent(err error) bool {
	return is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) ||
		is[x509.UnknownAuthorityError](err) || is[x509.HostnameError](err) || is[x509.CertificateInvalidError](err)
}

// neverSent reports whether an attempt failed before anything was sent: in name
// resolution, dialling or the TLS handshake.
func neverSent(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && (op.Op == "dial" || op.Op == "proxyconnect") {
		return true
	}
	if record, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return record.Conn != nil // the server's first record; a later one follows the request
	}
	return is[*net.DNSError](err) || isPermanent(err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}

// parseRetryAfter reads Retry-After (RFC 9110, section 10.2.3): whole seconds or a
// date. A malformed, negative or past one is 0; one that is too large for a Duration
// is the longest Duration.
func parseRetryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get(headerRetryAfter))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(math.MaxInt64/time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	// Measured by the server's clock if the answer has a Date, so that a wrong clock
	// here does not change the wait.
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return max(0, date.Sub(now))
}

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
