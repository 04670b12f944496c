package inprocess_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A bubble fails its test when a goroutine is still blocked at the end: that is
// the check for leaks in the tests below.

func TestContextEndsBeforeHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		pr, _ := io.Pipe() // a body that never comes
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://x/", pr)
		require.NoError(t, err)
		var readErr, writeErr, ctxErr error
		start := time.Now()
		_, err = do(t, func(w http.ResponseWriter, r *http.Request) {
			_, readErr = io.ReadAll(r.Body)
			<-r.Context().Done()
			ctxErr = r.Context().Err()
			_, writeErr = io.WriteString(w, "too late")
		}, req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		synctest.Wait()
		require.ErrorIs(t, readErr, io.ErrClosedPipe)
		require.ErrorIs(t, ctxErr, context.Canceled)
		require.ErrorIs(t, writeErr, io.ErrClosedPipe)
	})
}

func TestContextEndsWhileBodyIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		resp, err := do(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "half")
			<-r.Context().Done()
		}, get(ctx, t))
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, "half", string(body))
		require.NoError(t, resp.Body.Close())
	})
}

func TestContextAlreadyEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := &trackedBody{strings.NewReader("data"), make(chan struct{})}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://x/", body)
	require.NoError(t, err)
	_, err = do(t, func(http.ResponseWriter, *http.Request) { panic("called") }, req)
	require.ErrorIs(t, err, context.Canceled)
	<-body.closed
}

func TestSlowBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		resp, err := do(t, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Second)
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Hour)
			_, _ = io.WriteString(w, "at last")
		}, get(t.Context(), t))
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(start))
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, "at last", string(body))
		require.Equal(t, time.Hour+time.Second, time.Since(start))
	})
}

func TestClosingEarlyEndsTheHandler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var writeErr, ctxErr error
		resp, err := do(t, func(w http.ResponseWriter, r *http.Request) {
			for writeErr == nil {
				_, writeErr = io.WriteString(w, "endless ")
			}
			<-r.Context().Done()
			ctxErr = r.Context().Err()
		}, get(t.Context(), t))
		require.NoError(t, err)
		_, err = io.CopyN(io.Discard, resp.Body, 1<<16)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		synctest.Wait()
		require.ErrorIs(t, writeErr, io.ErrClosedPipe)
		require.ErrorIs(t, ctxErr, context.Canceled)
	})
}
