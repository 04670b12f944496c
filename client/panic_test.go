package client_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

type panicsAt struct{ wait, tooMany any }

func (p panicsAt) Wait(context.Context, observe.Request) error {
	if p.wait != nil {
		panic(p.wait)
	}
	return nil
}

func (p panicsAt) TooMany(context.Context, observe.Request, time.Duration) {
	if p.tooMany != nil {
		panic(p.tooMany)
	}
}

// A panic in what the client was given reaches the caller, on the caller's own
// goroutine, and the end of every call that has begun is reported. In a bubble a
// goroutine or a timer that is left behind fails the test.
func TestPanicReachesTheCaller(t *testing.T) {
	t.Parallel()
	panics := func(*http.Request) (*http.Response, error) { panic("boom") }
	limited, fine := answer(429, tooManyJSON), answer(200, userJSON)
	hook := func(context.Context, observe.Attempt) { panic("boom") }
	for name, tc := range map[string]struct {
		rt      roundTripper
		opts    []client.Option
		outcome clerkerr.Outcome
	}{
		"RoundTripper":          {panics, nil, clerkerr.OutcomeUnknown},
		"second attempt":        {play(limited, roundTripper(panics)).RoundTrip, nil, clerkerr.OutcomeUnknown},
		"attempt hook":          {limited, []client.Option{client.WithAttemptHook(hook)}, clerkerr.OutcomeNotApplied},
		"attempt hook, applied": {fine, []client.Option{client.WithAttemptHook(hook)}, clerkerr.OutcomeApplied},
		"limiter's Wait":        {fine, []client.Option{client.WithLimiter(panicsAt{wait: "boom"})}, clerkerr.OutcomeNotApplied},
		"limiter's TooMany":     {limited, []client.Option{client.WithLimiter(panicsAt{tooMany: "boom"})}, clerkerr.OutcomeNotApplied},
		"call hook": {fine, []client.Option{client.WithCallHook(func(context.Context, observe.Call) (context.Context, func(observe.Result)) {
			panic("boom")
		})}, clerkerr.OutcomeNotApplied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &watch{}
				c := newClient(t, tc.rt, append([]client.Option{w.option(), atOnce()}, tc.opts...)...)
				require.PanicsWithValue(t, "boom", func() { _, _ = update(t.Context(), c) })
				require.Len(t, w.calls, 1)
				require.Len(t, w.results, 1)
				require.Equal(t, "panic", w.results[0].ErrorType)
				require.Equal(t, tc.outcome, w.results[0].Outcome)
			})
		})
	}
}

// The functions of earlier hooks are called where a later one's panics.
func TestPanicAtTheEnd(t *testing.T) {
	t.Parallel()
	w := &watch{}
	c := newClient(t, answer(200, userJSON), w.option(), client.WithCallHook(func(ctx context.Context, _ observe.Call) (context.Context, func(observe.Result)) {
		return ctx, func(observe.Result) { panic("boom") }
	}))
	require.PanicsWithValue(t, "boom", func() { _, _ = update(t.Context(), c) })
	require.Len(t, w.results, 1)
	require.Empty(t, w.results[0].ErrorType)
}

// A runtime.Goexit (a test's FailNow in a fake, say) ends the call's goroutine as
// it would without this module.
func TestGoexitInTheRoundTripper(t *testing.T) {
	t.Parallel()
	w := &watch{}
	c := newClient(t, roundTripper(func(*http.Request) (*http.Response, error) {
		runtime.Goexit()
		return nil, nil //nolint:nilnil // not reached
	}), w.option())
	over := make(chan bool, 1)
	go func() {
		defer close(over)
		_, _ = update(context.Background(), c)
		over <- true
	}()
	require.False(t, <-over)
	require.Len(t, w.results, 1)
	require.Equal(t, "panic", w.results[0].ErrorType)
}

// Behind a writer a panic is an error: it ends neither the process nor the writer.
func TestPanicBehindAWriter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSDK(t, roundTripper(func(*http.Request) (*http.Response, error) { panic("boom") }))
		w, err := writer.Users(s.Users, writer.Config{})
		require.NoError(t, err)
		_, err = w.Update(t.Context(), "user_1", onePatch)
		var panicked *clerkerr.PanicError
		require.ErrorAs(t, err, &panicked)
		require.Equal(t, "boom", panicked.Value)
		require.Equal(t, clerkerr.OutcomeUnknown, asFailure(t, err).Outcome)
		require.NoError(t, w.Close(t.Context()))
	})
}

// The client closes what it has opened itself, and nothing else.
func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	new(client.Client).CloseIdleConnections() // has opened nothing
	closed := make(chan struct{}, 9)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(userJSON)) }))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed {
			closed <- struct{}{}
		}
	}
	server.Start()
	t.Cleanup(server.Close)

	theirs := &countsCloses{RoundTripper: &http.Transport{}}
	t.Cleanup(theirs.RoundTripper.(*http.Transport).CloseIdleConnections) //nolint:forcetypeassert // made above
	shared, err := client.New(client.SecretKey("sk_test_example"), client.WithBaseURL(server.URL), client.WithHTTPClient(&http.Client{Transport: theirs}))
	require.NoError(t, err)
	_, err = update(t.Context(), shared)
	require.NoError(t, err)
	shared.CloseIdleConnections()
	require.Zero(t, theirs.closes)

	own, err := client.New(client.SecretKey("sk_test_example"), client.WithBaseURL(server.URL))
	require.NoError(t, err)
	_, err = update(t.Context(), own)
	require.NoError(t, err)
	own.CloseIdleConnections()
	<-closed
	_, err = update(t.Context(), own)
	require.NoError(t, err, "later calls connect anew")
	own.CloseIdleConnections()
	<-closed

	frontend, err := client.NewFrontend(server.URL)
	require.NoError(t, err)
	_, _, _ = frontend.GetMe(t.Context(), calls.Valid().Credential)
	frontend.CloseIdleConnections()
	<-closed
	require.Empty(t, closed)
}

type countsCloses struct {
	http.RoundTripper

	closes int
}

func (c *countsCloses) CloseIdleConnections() { c.closes++ }
