package transport

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

const (
	maxAnswer    = 32 << 20 // of a success; the largest is a page of 500 users with some 30 KB each
	maxErrorBody = 64 << 10 // of what is read and kept of any other body
	maxPartial   = 1 << 20  // of what is parsed of a success body that was cut short
	maxTrusted   = 1 << 20  // of the memory that a Content-Length alone reserves
	usualAnswer  = 4 << 10  // room for most compressed answers, whose length is unknown
)

// attempt is the result of one attempt.
type attempt struct {
	status   int
	header   http.Header
	body     []byte
	failure  clerkerr.Error // what a failed answer says, and the trace id of any answer
	err      error          // why no complete answer came
	duration time.Duration
}

// RoundTrip makes one attempt, body included, under the attempt's timeout. Only
// the call's own http.Client calls it.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	started := time.Now()
	deadline, cause := started.Add(c.t.AttemptTimeout), errAttempt
	if c.deadline.Before(deadline) {
		deadline, cause = c.deadline, errOverall
	}
	ctx, cancel := context.WithDeadlineCause(req.Context(), deadline, cause)
	defer cancel()
	c.attempts++
	c.last = attempt{}
	defer func() { c.last.duration = time.Since(started) }()
	resp, err := c.t.base.RoundTrip(req.WithContext(ctx))
	if err == nil && resp == nil {
		err = errors.New("the HTTP transport returned neither a response nor an error")
	}
	if err != nil {
		c.last.err = c.explain(ctx, err)
		return nil, c.last.err
	}
	c.last.read(resp)
	c.redactFailure(&c.last.failure)
	c.last.err = c.explain(ctx, c.last.err)
	if c.OnAnswer != nil {
		c.OnAnswer(resp.Header)
	}
	resp.Body = http.NoBody
	return resp, nil
}

// explain names the attempt's timeout, which otherwise reads as the caller's deadline or,
// since net/http returns the cause of a context that ended, as none.
func (c *call) explain(ctx context.Context, err error) error {
	timedOut := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errAttempt)
	if timedOut && context.Cause(ctx) == errAttempt { //nolint:errorlint // identity of our own cause
		return fmt.Errorf("%w (%s): %w", errAttempt, c.t.AttemptTimeout, context.DeadlineExceeded)
	}
	return err
}

// read reads the answer's body up to the bound for its kind.
func (a *attempt) read(resp *http.Response) {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	defer resp.Body.Close() //nolint:errcheck // the answer is read; nothing is lost
	a.status, a.header = resp.StatusCode, resp.Header
	if a.status < http.StatusOK {
		// After 101 the body is the bare connection, which no timeout reaches.
		resp.Body = http.NoBody
	}
	if a.isSuccess() {
		a.body, a.err = readBounded(resp, maxAnswer)
	} else {
		// The status counts, whether or not the body is whole.
		a.body, _ = readBounded(resp, maxErrorBody)
		a.failure = parseFailure(a.header, a.body)
	}
	a.failure.TraceID = cmp.Or(a.failure.TraceID, a.header.Get(headerTraceID), a.header.Get(headerRay))
}

var errTooLarge = fmt.Errorf("%w: %w: more than %d bytes", clerkerr.ErrDecode, clerkerr.ErrResponseTooLarge, maxAnswer)

// readBounded reads at most limit bytes, and what came before a failure.
func readBounded(resp *http.Response, limit int64) ([]byte, error) {
	var b bytes.Buffer
	switch n := resp.ContentLength; {
	case n > 0 && n <= maxTrusted:
		b.Grow(int(min(n, limit)) + bytes.MinRead)
	case n < 0:
		b.Grow(usualAnswer)
	}
	n, err := b.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if err == nil && n > limit {
		err = errTooLarge
	}
	text := b.Bytes()
	if cap(text) > 2*len(text) {
		text = bytes.Clone(text) // a result may keep it
	}
	return text, err
}

func (a *attempt) isSuccess() bool { return a.status >= 200 && a.status <= 299 }

// isClerks reports whether a success answer can be Clerk's: a proxy on the way may answer
// 200 with an HTML page.
func (a *attempt) isClerks() bool {
	start := bytes.TrimLeft(a.body, " \t\r\n")
	if len(start) > 0 {
		return start[0] == '{' || start[0] == '['
	}
	ct := a.header.Get("Content-Type")
	return ct == "" || strings.Contains(ct, "json")
}

// effect is what the attempt did to the entity, as far as is known.
func (a *attempt) effect() clerkerr.Outcome {
	switch {
	case a.status == 0 && neverSent(a.err):
		return clerkerr.OutcomeNotApplied
	case a.isSuccess() && a.isClerks():
		return clerkerr.OutcomeApplied
	case a.status >= 400 && a.status <= 499:
		return clerkerr.OutcomeNotApplied
	default:
		return clerkerr.OutcomeUnknown
	}
}
