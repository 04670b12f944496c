package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// decide says whether another attempt follows, after which wait, or why not.
func (c *call) decide(ctx context.Context) (clerkerr.StopReason, time.Duration, bool) {
	switch {
	case !c.failed(), !c.last.isTransient():
		return clerkerr.StopFinal, 0, false
	case c.ended(ctx) != nil:
		return clerkerr.StopCanceled, 0, false
	case c.attempts > c.t.MaxRetries:
		return clerkerr.StopAttempts, 0, false
	}
	asked := c.last.failure.retryAfter
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

// fit draws the wait, never shorter than asked, and reports whether it ends
// before the deadline.
func (c *call) fit(ctx context.Context, asked time.Duration) (time.Duration, bool) {
	wait := c.backoffDelay()
	if asked > 0 {
		// Jitter on top, so that callers told the same do not return as one.
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

// backoffDelay is exponential backoff with full jitter: from 0 to the base
// delay doubled with every retry, capped.
func (c *call) backoffDelay() time.Duration {
	return jitter(min(c.t.MaxDelay, c.t.BaseDelay<<max(0, c.attempts-1)))
}

func jitter(ceiling time.Duration) time.Duration {
	return rand.N(ceiling + 1) //nolint:gosec // spreading load needs no secrecy
}

// isTransient reports whether the same request may fare better next time.
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
		return a.failure.has(clerkerr.CodeResourceLocked)
	default:
		return isCloudflares(a.status)
	}
}

// isCloudflares reports whether a status is one that Cloudflare, which Clerk is
// behind, answers with when it got no good answer from the server:
// https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/.
func isCloudflares(status int) bool { return 520 <= status && status <= 527 || status == 530 }

// isPermanent reports whether a connection failed for a reason that stays.
func isPermanent(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		invalid     x509.CertificateInvalidError
	)
	return errors.As(err, &certificate) || errors.As(err, &record) ||
		errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid)
}

// neverSent reports whether an attempt failed before anything was sent: while
// resolving, dialling or shaking hands.
func neverSent(err error) bool {
	var (
		dial *net.OpError
		dns  *net.DNSError
	)
	return errors.As(err, &dial) && (dial.Op == "dial" || dial.Op == "proxyconnect") || errors.As(err, &dns) || isPermanent(err)
}
