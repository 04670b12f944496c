package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

var (
	errDial  = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	errReset = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
)

func TestSendOverLoopback(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 9)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		bodies <- r.Method + " " + string(body) + " " + r.Header.Get("Clerk-API-Version") + " " + r.UserAgent() + " " + r.Header.Get("Accept")
		if len(bodies) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, thing)
	}))
	t.Cleanup(server.Close)
	call := newCall(t)
	call.Request, _ = http.NewRequestWithContext(t.Context(), http.MethodPatch, server.URL, strings.NewReader("body"))
	seen := 0
	call.OnAnswer = func(h http.Header) {
		require.NotEmpty(t, h.Get("Date"))
		seen++
	}
	got, err := send(t.Context(), t, config(nil), call) // over net/http's own transport
	require.NoError(t, err)
	require.Equal(t, "1", got.ID)
	require.Equal(t, 3, seen)
	for range 3 {
		require.Equal(t, "PATCH body 2000-01-01 test/1 application/json", <-bodies)
	}
}

func TestResultAndOutcome(t *testing.T) {
	t.Parallel()
	html := answer(200, "<html>", "Content-Type", "text/html")
	const applied, not, unknown = clerkerr.OutcomeApplied, clerkerr.OutcomeNotApplied, clerkerr.OutcomeUnknown
	for name, tc := range map[string]struct {
		steps    []roundTripper
		attempts int
		status   int
		outcome  clerkerr.Outcome
		is       error
		id       string // "-" for a result without one
	}{
		"not found":         {[]roundTripper{answer(404, "")}, 1, 404, not, clerkerr.ErrNotFound, ""},
		"reset, then 404":   {[]roundTripper{broken(errReset), answer(404, "")}, 2, 404, unknown, clerkerr.ErrNotFound, ""},
		"404 after nothing": {[]roundTripper{broken(errDial), answer(404, "")}, 2, 404, not, clerkerr.ErrNotFound, ""},
		"nothing for ever":  {[]roundTripper{broken(errDial)}, 3, 0, not, clerkerr.ErrTransport, ""},
		"503, then nothing": {[]roundTripper{answer(503, ""), broken(errDial)}, 3, 503, unknown, clerkerr.ErrServer, ""},
		"locked":            {[]roundTripper{answer(409, `{"errors":[{"code":"resource_locked"}]}`)}, 3, 409, not, clerkerr.ErrLocked, ""},
		"conflict":          {[]roundTripper{answer(409, "")}, 1, 409, not, clerkerr.ErrConflict, ""},
		"cut":               {[]roundTripper{cut(200, thing)}, 3, 200, applied, io.ErrUnexpectedEOF, "1"},
		"cut, then 422":     {[]roundTripper{cut(200, thing), answer(422, "")}, 2, 422, applied, clerkerr.ErrInvalid, "1"},
		"cut page":          {[]roundTripper{cut(200, "<html>")}, 3, 200, unknown, clerkerr.ErrTransport, ""},
		"404 cut":           {[]roundTripper{cut(404, "{")}, 1, 404, not, clerkerr.ErrNotFound, ""},
		"page":              {[]roundTripper{html}, 1, 200, unknown, clerkerr.ErrDecode, ""},
		"other shape":       {[]roundTripper{answer(200, "{}")}, 1, 200, applied, clerkerr.ErrDecode, "-"},
		"empty":             {[]roundTripper{answer(204, "")}, 1, 204, applied, clerkerr.ErrDecode, "-"},
		"redirect":          {[]roundTripper{answer(301, "", "Location", "%zz")}, 1, 301, unknown, clerkerr.ErrRedirect, ""},
		"switched":          {[]roundTripper{answer(101, "")}, 1, 101, unknown, nil, ""},
		"too large":         {[]roundTripper{answer(200, "{"+strings.Repeat(" ", 32<<20))}, 1, 200, applied, clerkerr.ErrResponseTooLarge, ""},
		"long error":        {[]roundTripper{answer(400, strings.Repeat("x", tooLong))}, 1, 400, not, clerkerr.ErrInvalid, ""},
		"neither nor":       {[]roundTripper{broken(nil)}, 3, 0, unknown, clerkerr.ErrTransport, ""},
		"no body, no headers": {[]roundTripper{func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusForbidden}, nil
		}}, 1, 403, not, clerkerr.ErrForbidden, ""},
	} {
		if testing.Short() && name == "too large" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := 0
			got, e := fails(t, config(inTurn(&count, tc.steps...)))
			require.Equal(t, tc.attempts, count)
			require.Equal(t, tc.attempts, e.Attempts)
			require.Equal(t, tc.status, e.Status)
			require.Equal(t, tc.outcome, e.Outcome)
			require.False(t, e.Read)
			require.Equal(t, "Op", e.Operation)
			require.Less(t, len(e.Body), tooLong)
			if tc.is != nil {
				require.ErrorIs(t, e, tc.is)
			}
			require.Equal(t, tc.id != "", got != nil)
			if got != nil {
				require.Equal(t, strings.Trim(tc.id, "-"), got.ID)
			}
			read := newCall(t)
			read.Write = false
			_, err := send(t.Context(), t, config(tc.steps[0]), read)
			require.ErrorAs(t, err, &e)
			require.Equal(t, not, e.Outcome)
			require.True(t, e.Read)
			require.NotContains(t, e.Error(), "applied")
		})
	}
}

func TestContextAndTimeouts(t *testing.T) {
	t.Parallel()
	errCause := errors.New("shutting down")
	hangs := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	later := answer(429, "", "Retry-After", "20")
	for name, tc := range map[string]struct {
		step     roundTripper
		cancelIn time.Duration
		timeout  time.Duration
		took     time.Duration
		stop     clerkerr.StopReason
		is       []error
	}{
		"wait canceled":     {later, 3 * time.Second, time.Hour, 3 * time.Second, clerkerr.StopCanceled, []error{context.Canceled, errCause, clerkerr.ErrRateLimited}},
		"flight canceled":   {hangs, 3 * time.Second, time.Hour, 3 * time.Second, clerkerr.StopCanceled, []error{context.Canceled, errCause}},
		"canceled before":   {hangs, 0, time.Hour, 0, clerkerr.StopCanceled, []error{context.Canceled, errCause}},
		"attempts too slow": {hangs, time.Hour, time.Hour, 30 * time.Second, clerkerr.StopAttempts, []error{context.DeadlineExceeded, clerkerr.ErrTransport}},
		"call too slow":     {hangs, time.Hour, 15 * time.Second, 15 * time.Second, clerkerr.StopCanceled, []error{context.DeadlineExceeded}},
		"wait too long":     {later, time.Hour, 15 * time.Second, 0, clerkerr.StopDeadline, []error{clerkerr.ErrRateLimited}},
		"over the cap":      {answer(503, "", "Retry-After", "61"), time.Hour, time.Hour, 0, clerkerr.StopRetryAfter, []error{clerkerr.ErrServer}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer time.AfterFunc(tc.cancelIn, func() { cancel(errCause) }).Stop()
				synctest.Wait()
				c := config(tc.step)
				c.Timeout = tc.timeout
				start := time.Now()
				_, err := send(ctx, t, c, newCall(t))
				require.InDelta(t, tc.took, time.Since(start), 10)
				var e *clerkerr.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, tc.stop, e.Stop)
				for _, is := range tc.is {
					require.ErrorIs(t, err, is)
				}
			})
		})
	}
}

// A body that cannot be had again is not sent again.
func TestBodyIsReplayed(t *testing.T) {
	t.Parallel()
	errBody := errors.New("gone")
	for name, tc := range map[string]struct {
		prepare func(*http.Request)
		count   int
		says    string
	}{
		"replayable":    {func(*http.Request) {}, 3, "status 503"},
		"none":          {func(r *http.Request) { r.Body, r.GetBody = nil, nil }, 3, "status 503"},
		"no GetBody":    {func(r *http.Request) { r.GetBody = nil }, 1, "the request's body cannot be sent again"},
		"GetBody fails": {func(r *http.Request) { r.GetBody = func() (io.ReadCloser, error) { return nil, errBody } }, 1, "gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			count := 0
			step := func(r *http.Request) (*http.Response, error) {
				if r.Body != nil {
					body, err := io.ReadAll(r.Body)
					require.NoError(t, err)
					require.Equal(t, "body", string(body))
				}
				return answer(503, "")(r)
			}
			call := newCall(t)
			tc.prepare(call.Request)
			_, err := send(t.Context(), t, config(inTurn(&count, step)), call)
			require.ErrorContains(t, err, tc.says)
			require.ErrorIs(t, err, clerkerr.ErrServer)
			require.Equal(t, tc.count, count)
		})
	}
}

// What http.Client itself refuses never reaches the transport.
func TestRequestThatIsNotSent(t *testing.T) {
	t.Parallel()
	count := 0
	call := newCall(t)
	call.Request.RequestURI = "/not for clients"
	_, err := send(t.Context(), t, config(inTurn(&count, answer(200, thing))), call)
	require.ErrorContains(t, err, "RequestURI")
	require.ErrorIs(t, err, clerkerr.ErrTransport)
	require.NotContains(t, err.Error(), "dvb_")
	require.Zero(t, count)
}
