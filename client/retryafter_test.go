package client_test

import (
	"context"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

const tooManyJSON = `{"errors":[{"code":"too_many_requests","message":"Too many"}],"clerk_trace_id":"trace_429"}`

// in is a date that lies d from now, as a header has it.
func in(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }

func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	const base = time.Second
	for _, tc := range []struct {
		name    string
		headers func() []string
		asked   time.Duration // 0: plain backoff
	}{
		{"none", func() []string { return nil }, 0},
		{"empty", func() []string { return []string{"Retry-After", ""} }, 0},
		{"seconds", func() []string { return []string{"Retry-After", "7"} }, 7 * time.Second},
		{"white space", func() []string { return []string{"Retry-After", " 7 "} }, 7 * time.Second},
		{"leading zeros", func() []string { return []string{"Retry-After", "007"} }, 7 * time.Second},
		{"the cap itself", func() []string { return []string{"Retry-After", "30"} }, 30 * time.Second},
		{"zero", func() []string { return []string{"Retry-After", "0"} }, 0},
		{"negative", func() []string { return []string{"Retry-After", "-5"} }, 0},
		{"words", func() []string { return []string{"Retry-After", "abc"} }, 0},
		{"fraction", func() []string { return []string{"Retry-After", "5.5"} }, 0},
		{"plus sign", func() []string { return []string{"Retry-After", "+5"} }, 0},
		{"list", func() []string { return []string{"Retry-After", "5, 6"} }, 0},
		{"date", func() []string { return []string{"Retry-After", in(7 * time.Second)} }, 7 * time.Second},
		{"date and malformed Date", func() []string { return []string{"Retry-After", in(7 * time.Second), "Date", "now"} }, 7 * time.Second},
		{"date and Date", func() []string { return []string{"Retry-After", in(7 * time.Second), "Date", in(0)} }, 7 * time.Second},
		{"server's clock an hour ahead", func() []string {
			return []string{"Retry-After", in(time.Hour + 7*time.Second), "Date", in(time.Hour)}
		}, 7 * time.Second},
		{"server's clock an hour behind", func() []string {
			return []string{"Retry-After", in(7*time.Second - time.Hour), "Date", in(-time.Hour)}
		}, 7 * time.Second},
		{"past date", func() []string { return []string{"Retry-After", in(-7 * time.Second)} }, 0},
		{"date before Date", func() []string { return []string{"Retry-After", in(7 * time.Second), "Date", in(9 * time.Second)} }, 0},
		{"date that is none", func() []string { return []string{"Retry-After", "Mon, 99 Foo 2000 00:00:07 GMT"} }, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			for _, refuse := range []struct {
				status int
				body   string
			}{{429, tooManyJSON}, {503, ""}, {409, lockedJSON}, {500, ""}} {
				synctest.Test(t, func(t *testing.T) {
					step := answer(refuse.status, refuse.body, tc.headers()...)
					_, err := update(t.Context(), newClient(t, step, client.WithRetry(client.Retry{MaxRetries: client.None})))
					require.Equal(t, tc.asked, asFailure(t, err).RetryAfter)

					rt := play(step, answer(200, userJSON))
					_, err = update(t.Context(), newClient(t, rt, client.WithRetry(client.Retry{BaseDelay: base})))
					require.NoError(t, err)
					require.Len(t, rt.waits(), 1)
					require.GreaterOrEqual(t, rt.waits()[0], tc.asked)
					require.LessOrEqual(t, rt.waits()[0], tc.asked+base)
				})
			}
		})
	}
}

func TestRetryAfterHasJitterOnTop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		distinct := map[time.Duration]bool{}
		for range 20 {
			rt := play(answer(429, "", "Retry-After", "7"), answer(200, userJSON))
			_, err := update(t.Context(), newClient(t, rt))
			require.NoError(t, err)
			distinct[rt.waits()[0]] = true
		}
		require.Greater(t, len(distinct), 10)
	})
}

func TestRetryAfterTooLong(t *testing.T) {
	t.Parallel()
	const longest = time.Duration(math.MaxInt64)
	for _, tc := range []struct {
		name     string
		value    string
		opts     []client.Option
		deadline time.Duration
		stop     clerkerr.StopReason
		asked    time.Duration
	}{
		{"over the cap", "31", nil, 0, clerkerr.StopRetryAfter, 31 * time.Second},
		{"over the cap of an option", "3", []client.Option{client.WithRetry(client.Retry{MaxRetryAfter: 2 * time.Second})}, 0, clerkerr.StopRetryAfter, 3 * time.Second},
		{"no wait", "1", []client.Option{client.WithRetry(client.Retry{MaxRetryAfter: client.None})}, 0, clerkerr.StopRetryAfter, time.Second},
		{"date over the cap", "Sat, 01 Jan 2000 00:01:00 GMT", nil, 0, clerkerr.StopRetryAfter, time.Minute},
		{"more than a Duration", "9223372037", nil, 0, clerkerr.StopRetryAfter, longest},
		{"the longest of a Duration", "9223372036", nil, 0, clerkerr.StopRetryAfter, 9223372036 * time.Second},
		{"more than 64 bits", "99999999999999999999", nil, 0, clerkerr.StopRetryAfter, longest},
		{"far date", "Fri, 31 Dec 9999 23:59:59 GMT", nil, 0, clerkerr.StopRetryAfter, longest},
		{"over the context's deadline", "7", nil, 5 * time.Second, clerkerr.StopDeadline, 7 * time.Second},
		{"the context's deadline itself", "7", nil, 7 * time.Second, clerkerr.StopDeadline, 7 * time.Second},
		{"over the call's timeout", "7", []client.Option{client.WithRetry(client.Retry{Timeout: 5 * time.Second})}, 0, clerkerr.StopDeadline, 7 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if tc.deadline != 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tc.deadline)
					defer cancel()
				}
				start := time.Now()
				rt := play(answer(429, tooManyJSON, "Retry-After", tc.value))
				_, err := update(ctx, newClient(t, rt, tc.opts...))
				e := asFailure(t, err)
				require.Zero(t, time.Since(start))
				require.Equal(t, 1, rt.count())
				require.Equal(t, tc.stop, e.Stop)
				require.Equal(t, tc.asked, e.RetryAfter)
				require.Equal(t, "too_many_requests", e.Code())
				require.Equal(t, "trace_429", e.TraceID)
				require.ErrorIs(t, err, clerkerr.ErrRateLimited)
				require.NotErrorIs(t, err, context.DeadlineExceeded)
			})
		})
	}
}

// Where the jitter on top would pass the deadline, the wait is what was asked.
func TestRetryAfterJustBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second+2*time.Nanosecond)
			rt := play(answer(429, "", "Retry-After", "7"), answer(200, userJSON))
			_, err := update(ctx, newClient(t, rt))
			cancel()
			require.NoError(t, err)
			require.InDelta(t, 7*time.Second, rt.waits()[0], 1)
		}
	})
}

// A plain backoff does not sleep past the deadline either.
func TestBackoffPastTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		early := 0
		for range 50 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			start := time.Now()
			_, err := update(ctx, newClient(t, play(answer(500, "")), client.WithRetry(client.Retry{MaxRetries: 1, BaseDelay: 10 * time.Second})))
			cancel()
			require.Less(t, time.Since(start), time.Second)
			e := asFailure(t, err)
			if e.Stop == clerkerr.StopDeadline {
				require.Equal(t, 1, e.Attempts)
				require.Zero(t, time.Since(start))
				early++
			}
		}
		require.Greater(t, early, 25) // nine of ten draws are too long
	})
}
