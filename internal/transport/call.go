package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// call is the state of one Send. go-retryablehttp has no data of a call, and loses the
// last answer when a wait is canceled.
type call struct {
	Call

	t *Transport
	// deadline ends the call. Attempts and waits end by it, so it needs no timer.
	deadline time.Time

	retry retryablehttp.Client
	http  http.Client

	attempts int
	last     attempt
	answered attempt // the latest that was answered
	partial  []byte  // the latest success answer that was cut short, nil if none was
	outcome  clerkerr.Outcome
	stop     clerkerr.StopReason
	again    bool
	wait     time.Duration
	// queued is how long the attempt waited for the Limiter, queuedInAll how long all
	// attempts did; refused reports that the Limiter returned an error.
	queued      time.Duration
	queuedInAll time.Duration
	refused     bool
	started     time.Time
	ends        []func(observe.Result) // what the call hooks returned
}

func newCall(t *Transport, spec Call) *call {
	now := time.Now()
	c := &call{Call: spec, t: t, outcome: clerkerr.OutcomeNotApplied, started: now, deadline: now.Add(t.Timeout)}
	// Redirects and cookies are off, whatever the caller's client does: no
	// credential may follow a redirect or mix with another user's.
	c.http = http.Client{
		Transport:     c,
		Timeout:       t.HTTPClient.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.retry = retryablehttp.Client{
		HTTPClient:   &c.http,
		RetryMax:     t.MaxRetries,
		CheckRetry:   c.checkRetry,
		Backoff:      func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return c.wait },
		PrepareRetry: c.prepare,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	return c
}

// run makes the attempts. Their results are in c, not in what go-retryablehttp
// returns.
func (c *call) run(ctx context.Context) {
	h := c.Request.Header
	h.Set("Accept", "application/json")
	h.Set("User-Agent", c.t.UserAgent)
	h.Set(HeaderAPIVersion, c.t.APIVersion)
	if err := c.admit(ctx); err != nil {
		c.breakOff(ctx, err)
		return
	}
	resp, err := c.retry.Do(&retryablehttp.Request{Request: c.Request.WithContext(ctx)})
	if resp != nil {
		_ = resp.Body.Close()
	}
	if err != nil && c.again {
		// The wait, or the preparation of the next attempt, was interrupted.
		c.breakOff(ctx, err)
	}
}

// breakOff ends the call before its next attempt.
func (c *call) breakOff(ctx context.Context, err error) {
	c.stop, c.last.err = clerkerr.StopFinal, err
	switch {
	case c.ended(ctx) != nil:
		c.stop = clerkerr.StopCanceled
	case errors.Is(err, clerkerr.ErrLocalLimit):
		c.stop = clerkerr.StopDeadline
	}
}

// admit waits for the limiter, outside http.Client, whose Timeout bounds an attempt. If
// the call ends when the wait does, nothing is sent.
func (c *call) admit(ctx context.Context) error {
	if err := c.ended(ctx); err != nil || c.t.Limiter == nil {
		return err
	}
	started := time.Now()
	bounded, cancel := context.WithDeadlineCause(ctx, c.deadline, errOverall)
	defer cancel()
	err := c.t.Limiter.Wait(bounded, c.limited())
	c.queued = time.Since(started)
	c.queuedInAll += c.queued
	c.refused = err != nil
	if err == nil {
		err = c.ended(ctx)
	}
	return err
}

// limited is what the limiter counts.
func (c *call) limited() observe.Request {
	return observe.Request{Operation: c.Operation, Entity: c.Entity}
}

// ended is the error of a call whose context has ended, with its cause, or whose
// deadline has passed; nil otherwise.
func (c *call) ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if err == nil && !time.Now().Before(c.deadline) {
		err, cause = context.DeadlineExceeded, errOverall
	}
	if cause == err { //nolint:errorlint // a cause that wraps the error is worth naming
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// prepare is go-retryablehttp's hook before each attempt but the first.
func (c *call) prepare(req *http.Request) error {
	if err := rewind(req); err != nil {
		return err
	}
	return c.admit(req.Context())
}

// rewind gives every attempt the same body: go-retryablehttp does so only for
// requests that it has wrapped itself, at the cost of another copy.
func rewind(req *http.Request) (err error) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
	case req.GetBody == nil:
		err = errors.New("the request's body cannot be sent again")
	default:
		req.Body, err = req.GetBody()
	}
	return err
}

// checkRetry is go-retryablehttp's hook after each attempt. An error of http.Client
// itself, such as a malformed Location, counts only without an answer, whose status it
// must not hide.
func (c *call) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if err != nil && c.last.err == nil && c.last.status == 0 {
		c.last.err = err
	}
	c.judge()
	if c.t.Limiter != nil && c.last.status == http.StatusTooManyRequests {
		c.t.Limiter.TooMany(ctx, c.limited(), c.last.failure.RetryAfter)
	}
	c.stop, c.wait, c.again = c.decide(ctx)
	c.observe(ctx)
	return c.again, nil
}

// judge adds the attempt's effect to the outcome of the call.
func (c *call) judge() {
	if c.last.status != 0 {
		c.answered = c.last
	}
	if c.last.isSuccess() && c.last.err != nil && len(c.last.body) <= maxPartial && c.last.isClerks() {
		c.partial = c.last.body
	}
	if !c.Write {
		return
	}
	switch effect := c.effect(); {
	case effect == clerkerr.OutcomeApplied:
		c.outcome = effect
	case effect == clerkerr.OutcomeUnknown && c.outcome == clerkerr.OutcomeNotApplied:
		c.outcome = effect
	}
}

// effect is that of the last attempt. Servers answer 408 also where their own handler took
// too long, after which a POST may have done its work.
func (c *call) effect() clerkerr.Outcome {
	if c.Post && c.last.status == http.StatusRequestTimeout {
		return clerkerr.OutcomeUnknown
	}
	return c.last.effect()
}

func (c *call) failed() bool { return !c.last.isSuccess() || c.last.err != nil }
