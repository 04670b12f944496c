package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// reported is what OnError was called with.
type reported struct {
	event webhook.Event
	err   error
}

func TestHandler(t *testing.T) {
	t.Parallel()
	errHidden := errors.New("hidden")
	for name, tt := range map[string]struct {
		result   error // of the function
		request  func(*http.Request)
		status   int
		handled  bool
		reported error
	}{
		"handled":            {status: 204, handled: true},
		"failed":             {result: errHidden, status: 500, handled: true, reported: errHidden},
		"discarded":          {result: fmt.Errorf("%w: hidden", webhook.ErrDiscard), status: 204, handled: true, reported: webhook.ErrDiscard},
		"unavailable":        {result: fmt.Errorf("%w: hidden", webhook.ErrUnavailable), status: 503, handled: true, reported: webhook.ErrUnavailable},
		"a failure of Clerk": {result: &clerkerr.Error{Status: 429}, status: 500, handled: true, reported: clerkerr.ErrRateLimited},
		"unverified":         {request: func(r *http.Request) { r.Header.Set("Svix-Id", "msg_2") }, status: 401, reported: webhook.ErrUnverified},
		"old":                {request: func(r *http.Request) { r.Header.Set("Svix-Timestamp", "1") }, status: 401, reported: webhook.ErrTimestamp},
		"no headers":         {request: func(r *http.Request) { r.Header = nil }, status: 401, reported: webhook.ErrUnverified},
		"too large":          {request: func(r *http.Request) { r.ContentLength = webhook.MaxBody + 1 }, status: 413, reported: clerkerr.ErrTooLarge},
		"cut short": {request: func(r *http.Request) { r.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)) },
			status: 400, reported: io.ErrUnexpectedEOF},
		"GET":  {request: func(r *http.Request) { r.Method = http.MethodGet }, status: 405},
		"HEAD": {request: func(r *http.Request) { r.Method = http.MethodHead }, status: 405},
		"PUT":  {request: func(r *http.Request) { r.Method = http.MethodPut }, status: 405},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, observed := range []bool{true, false} {
				var reports []reported
				handled := false
				r := receiver(t, secret)
				if observed {
					r.OnError = func(ctx context.Context, e webhook.Event, err error) {
						require.NoError(t, ctx.Err())
						reports = append(reports, reported{e, err})
					}
				}
				handler := r.Handler(func(ctx context.Context, e webhook.Event) error {
					handled = true
					require.Equal(t, "msg_1", e.ID)
					require.NoError(t, ctx.Err())
					return tt.result
				})
				request := signed(t, "msg_1", event)
				if tt.request != nil {
					tt.request(request)
				}
				answer := httptest.NewRecorder()
				handler.ServeHTTP(answer, request)

				require.Equal(t, tt.status, answer.Code)
				require.Equal(t, tt.handled, handled)
				require.NotContains(t, answer.Body.String(), "hidden")
				require.NotContains(t, answer.Body.String(), "svix")
				require.Equal(t, tt.status == 405, answer.Header().Get("Allow") == "POST")
				if tt.reported == nil || !observed {
					require.Empty(t, reports)
					continue
				}
				require.Len(t, reports, 1)
				require.ErrorIs(t, reports[0].err, tt.reported)
				require.Equal(t, tt.handled, reports[0].event.ID == "msg_1", "the event of a verified delivery")
			}
		})
	}
}

func TestHandlerOfNoEvent(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	receiver(t, secret).Handler(nil).ServeHTTP(answer, signed(t, "msg_1", `{"hidden":1}`))
	require.Equal(t, http.StatusBadRequest, answer.Code)
	require.NotContains(t, answer.Body.String(), "hidden")
}

func TestHandlerWithBadTolerance(t *testing.T) {
	t.Parallel()
	r := receiver(t, secret)
	r.Tolerance = -1
	answer := httptest.NewRecorder()
	r.Handler(nil).ServeHTTP(answer, signed(t, "msg_1", event))
	require.Equal(t, http.StatusInternalServerError, answer.Code)
}

// Over a connection: the context ends when the sender stops waiting, and a panic ends the
// connection without an answer.
func TestHandlerOverHTTP(t *testing.T) {
	t.Parallel()
	begun, ended := make(chan struct{}), make(chan error, 1)
	server := httptest.NewServer(receiver(t, secret).Handler(func(ctx context.Context, e webhook.Event) error {
		switch e.ID {
		case "msg_panic":
			panic(http.ErrAbortHandler)
		case "msg_slow":
			close(begun)
			<-ctx.Done()
			ended <- ctx.Err()
		}
		return nil
	}))
	t.Cleanup(server.Close)
	outgoing := func(ctx context.Context, id string) *http.Request {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(event))
		require.NoError(t, err)
		request.Header = signed(t, id, event).Header
		return request
	}
	answer, err := server.Client().Do(outgoing(t.Context(), "msg_1"))
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusNoContent, answer.StatusCode)

	_, err = server.Client().Do(outgoing(t.Context(), "msg_panic"))
	require.Error(t, err)

	ctx, stopWaiting := context.WithCancel(t.Context())
	slow := outgoing(ctx, "msg_slow")
	go func() {
		<-begun
		stopWaiting()
	}()
	_, err = server.Client().Do(slow)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-ended, context.Canceled)
}
