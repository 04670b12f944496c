package faults

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
)

// fault is one thing that goes wrong: how it is done and what it means.
type fault struct {
	name string
	// carry returns what takes requests to Clerk and what lets them fail; hangUp
	// ends the call's context.
	carry func(t *testing.T, clerk *clerktest.Test, hangUp context.CancelFunc) (good, bad http.RoundTripper)
	// sockets says that it needs them, and cannot happen in a bubble.
	sockets bool
	// long says that it takes long.
	long bool
	meaning
}

// meaning is what is true of a fault; what a call must report follows from it.
type meaning struct {
	// status is the answer's, 0 where none comes, and code Clerk's.
	status int
	code   string
	// harmless: the call succeeds as if nothing had been.
	harmless bool
	// unsent: it happens before anything of the request leaves.
	unsent bool
	// runs: Clerk does what it is asked, whatever the client learns of it.
	runs bool
	// clerks: a success answer that is recognizably Clerk's; partial: and of
	// which something can be read.
	clerks, partial bool
	// transient: another attempt may succeed.
	transient bool
	// is are the sentinels of the error besides those of the status.
	is []error
	// asked is the wait that the answer asks for, as Retry-After.
	asked time.Duration
	// ends makes the context that ends while the fault lasts.
	ends func(context.Context) (context.Context, context.CancelFunc)
	// stop is why the call ends, where that is not what transient says.
	stop clerkerr.StopReason
	// unattempted: nothing is sent at all.
	unattempted bool
}

// verdict is what a call must report.
type verdict struct {
	attempts int
	outcome  clerkerr.Outcome
	stop     clerkerr.StopReason
	is       []error
	result   bool
	applied  bool
}

// expect is the rule: what the call of op must report of a fault that does not
// pass.
func (f fault) expect(op operation) verdict {
	v := verdict{attempts: 1, stop: f.stop, is: append(bySentinel(f.status, f.code), f.is...)}
	switch {
	case f.unattempted:
		v.attempts = 0
	case f.repeats(op):
		v.attempts, v.stop = 1+3, clerkerr.StopAttempts
	}
	v.outcome = clerkerr.OutcomeNotApplied
	if op.request.IsWrite() && !f.unattempted && !f.refuses(op) {
		v.outcome = clerkerr.OutcomeUnknown
		if f.clerks {
			v.outcome = clerkerr.OutcomeApplied
		}
	}
	v.applied = op.request.IsWrite() && f.runs
	v.result = op.request.Partial && f.partial
	return v
}

// refuses reports whether the fault shows that op did nothing. A server may have run a
// POST before it answers 408.
func (f fault) refuses(op operation) bool {
	timedOut := op.IsPost() && f.status == http.StatusRequestTimeout
	return f.unsent || f.status >= 400 && f.status <= 499 && !timedOut
}

// repeats reports whether another attempt of op follows the fault: a POST that could have done
// its work is not repeated.
func (f fault) repeats(op operation) bool {
	return f.transient && f.stop == clerkerr.StopFinal && (!op.IsPost() || f.refuses(op))
}

// bySentinel are the sentinels of a status and a code.
func bySentinel(status int, code string) []error {
	byStatus := map[int]error{
		400: clerkerr.ErrInvalid, 415: clerkerr.ErrInvalid, 422: clerkerr.ErrInvalid,
		401: clerkerr.ErrUnauthorized, 403: clerkerr.ErrForbidden, 404: clerkerr.ErrNotFound,
		409: clerkerr.ErrConflict, 413: clerkerr.ErrTooLarge, 429: clerkerr.ErrRateLimited,
	}
	byCode := map[string]error{
		"resource_locked": clerkerr.ErrLocked, "attribute_managed_by_scim": clerkerr.ErrManaged,
		"form_param_exceeds_allowed_size": clerkerr.ErrTooLarge,
	}
	var is []error
	if err, ok := byStatus[status]; ok {
		is = append(is, err)
	}
	if err, ok := byCode[code]; ok {
		is = append(is, err)
	}
	switch status / 100 {
	case 3:
		is = append(is, clerkerr.ErrRedirect)
	case 5:
		is = append(is, clerkerr.ErrServer)
	}
	return is
}

// sentinels are all that errors are compared with.
var sentinels = []error{
	clerkerr.ErrInvalidArgument, clerkerr.ErrNothingToWrite, clerkerr.ErrInvalid, clerkerr.ErrTooLarge,
	clerkerr.ErrUnauthorized, clerkerr.ErrForbidden, clerkerr.ErrNotFound, clerkerr.ErrConflict, clerkerr.ErrLocked,
	clerkerr.ErrManaged, clerkerr.ErrRateLimited, clerkerr.ErrLocalLimit, clerkerr.ErrConcurrentChange, clerkerr.ErrServer,
	clerkerr.ErrRedirect, clerkerr.ErrTransport, clerkerr.ErrDecode, clerkerr.ErrResponseTooLarge,
	context.Canceled, context.DeadlineExceeded,
}

// fails runs op while the fault lasts.
func (f fault) fails(t *testing.T, op operation) {
	t.Helper()
	want := f.expect(op)
	ctx, cancel := f.context(t)
	defer cancel()
	w := newWorld(t, op, f, want.attempts, cancel)
	initial := w.fields(t)
	result, err := op.do(ctx, w.SDK)
	if f.harmless {
		require.NoError(t, err)
		require.True(t, result)
		require.Len(t, w.line.seen, 1)
		w.requireDone(t, initial, op)
		return
	}
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	for _, sentinel := range sentinels {
		require.Equal(t, slices.Contains(want.is, sentinel), errors.Is(err, sentinel), "%v: %v", sentinel, err)
	}
	require.Equal(t, op.request.Operation, e.Operation)
	require.Equal(t, want.attempts, e.Attempts, "%v", err)
	require.Equal(t, want.outcome, e.Outcome, "%v", err)
	require.Equal(t, want.stop, e.Stop, "%v", err)
	require.Equal(t, want.result, result)
	require.Equal(t, f.status, e.Status)
	require.Equal(t, f.code, e.Code())
	require.Equal(t, f.asked, e.RetryAfter)
	require.Equal(t, !op.request.IsWrite(), e.Read)
	require.Len(t, w.line.seen, want.attempts)

	if want.applied {
		op.change(initial)
	}
	require.Equal(t, initial, w.fields(t))
	w.requireSameRequests(t)
	w.requireWaits(t, f.asked)
	w.requireSilence(t, fmt.Sprintf("%v %+v %#v", err, err, err))
}

// passes runs op while the fault happens once.
func (f fault) passes(t *testing.T, op operation) {
	t.Helper()
	w := newWorld(t, op, f, 1, nil)
	initial := w.fields(t)
	result, err := op.do(t.Context(), w.SDK)
	require.NoError(t, err)
	require.True(t, result)
	require.Len(t, w.line.seen, 2)
	w.requireDone(t, initial, op)
	w.requireSameRequests(t)
	w.requireWaits(t, f.asked)
	w.requireSilence(t, "")
}

func (f fault) context(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	if f.ends == nil {
		return context.WithCancel(t.Context())
	}
	return f.ends(t.Context())
}

// options are few retries' worth of waiting where time is real.
func (f fault) options() []client.Option {
	if f.sockets {
		return []client.Option{client.WithRetry(client.Retry{BaseDelay: client.None})}
	}
	return nil
}

// requireDone checks that the call did what it should, and nothing else.
func (w world) requireDone(t *testing.T, initial map[string]string, op operation) {
	t.Helper()
	after := maps.Clone(initial)
	op.change(after)
	require.Equal(t, after, w.fields(t))
}

// requireSameRequests: every attempt says the same, to the same host.
func (w world) requireSameRequests(t *testing.T) {
	t.Helper()
	for _, s := range w.line.seen {
		require.Contains(t, s.what, " http://"+host+"/v1/")
		require.Equal(t, w.line.seen[0].what, s.what)
	}
}

// requireWaits checks that a wait that was asked for was waited, in a bubble.
func (w world) requireWaits(t *testing.T, asked time.Duration) {
	t.Helper()
	for i := 1; asked > 0 && i < len(w.line.seen); i++ {
		wait := w.line.seen[i].at.Sub(w.line.seen[i-1].at)
		require.GreaterOrEqual(t, wait, asked)
		require.LessOrEqual(t, wait, asked+500*time.Millisecond)
	}
}

// requireSilence: neither key nor token nor value is in what the SDK wrote.
func (w world) requireSilence(t *testing.T, text string) {
	t.Helper()
	text += w.told.String()
	for _, hidden := range []string{w.clerk.SecretKey(), calls.Token, secret, "plan"} {
		if strings.Contains(text, hidden) {
			require.Failf(t, "leaked", "%q in %s", hidden, text)
		}
	}
}
