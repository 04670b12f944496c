package client_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
)

const (
	maxAnswer    = 32 << 20
	maxErrorBody = 64 << 10
)

var xs, spaces = bytes.Repeat([]byte("x"), 4<<10), bytes.Repeat([]byte(" "), 4<<10)

// endlessBody never ends; it counts what is read of it and whether it is closed.
type endlessBody struct {
	read   atomic.Int64
	closed atomic.Bool
}

func (b *endlessBody) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], xs)
	}
	if b.read.Load() == 0 {
		copy(p, `{"id":"`)
	}
	b.read.Add(int64(len(p)))
	return len(p), nil
}

func (b *endlessBody) Close() error { b.closed.Store(true); return nil }

func endless(status int, body *endlessBody) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if body == nil {
			body = &endlessBody{}
		}
		resp, err := answer(status, "")(r)
		resp.Body, resp.ContentLength = body, -1
		return resp, err
	}
}

func TestEndlessBodies(t *testing.T) {
	t.Parallel()
	body := &endlessBody{}
	user, err := update(t.Context(), newClient(t, endless(200, body)))
	e := asFailure(t, err)
	require.ErrorIs(t, err, clerkerr.ErrResponseTooLarge)
	require.ErrorIs(t, err, clerkerr.ErrDecode)
	require.NotErrorIs(t, err, clerkerr.ErrTransport)
	require.Nil(t, user)
	require.Equal(t, clerkerr.OutcomeApplied, e.Outcome)
	require.Equal(t, 200, e.Status)
	require.Len(t, e.Body, maxErrorBody)
	require.LessOrEqual(t, body.read.Load(), int64(maxAnswer)+1)
	require.True(t, body.closed.Load())

	for _, status := range []int{302, 404, 502} {
		body = &endlessBody{}
		user, err = update(t.Context(), newClient(t, endless(status, body), client.WithRetry(client.Retry{MaxRetries: client.None})))
		e = asFailure(t, err)
		require.Nil(t, user)
		require.Equal(t, status, e.Status)
		require.Len(t, e.Body, maxErrorBody)
		require.LessOrEqual(t, body.read.Load(), int64(maxErrorBody)+1)
		require.True(t, body.closed.Load())
	}
}

func TestContentLengthIsNotTrusted(t *testing.T) {
	t.Parallel()
	claims := roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := answer(200, userJSON)(r)
		resp.ContentLength = 1 << 40
		return resp, err
	})
	user, err := update(t.Context(), newClient(t, claims))
	require.NoError(t, err)
	require.Equal(t, "user_1", user.ID)
}

// squeeze is n spaces and then text, compressed.
func squeeze(t *testing.T, n int, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	require.NoError(t, err)
	for range n / len(spaces) {
		_, err := w.Write(spaces)
		require.NoError(t, err)
	}
	_, err = io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		spaces int
		text   string
		is     error
	}{
		{"answer", 200, 0, userJSON, nil},
		{"success bomb", 200, maxAnswer, userJSON, clerkerr.ErrResponseTooLarge},
		{"error", 404, 0, codeJSON("resource_not_found"), clerkerr.ErrNotFound},
		{"error bomb", 404, maxAnswer, "", clerkerr.ErrNotFound},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			packed := squeeze(t, tc.spaces, tc.text)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Accept-Encoding") != "gzip" {
					w.WriteHeader(http.StatusTeapot)
					return
				}
				w.Header().Set("Content-Encoding", "gzip")
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(tc.status)
				_, _ = w.Write(packed)
			}))
			t.Cleanup(server.Close)
			user, err := update(t.Context(), overLoopback(t, server.URL, atOnce()))
			if tc.is == nil {
				require.NoError(t, err)
				require.JSONEq(t, userJSON, string(user.Raw))
				return
			}
			require.ErrorIs(t, err, tc.is)
			require.LessOrEqual(t, len(asFailure(t, err).Body), maxErrorBody)
		})
	}
}

// The server's ways to break off, over a real connection.
func TestCutShortOverLoopback(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		length string
	}{
		{"Content-Length", "500"},
		{"chunked", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var count, failures atomic.Int64
			failures.Store(2)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if count.Add(1) > failures.Load() {
					_, _ = io.WriteString(w, userJSON)
					return
				}
				if tc.length != "" {
					w.Header().Set("Content-Length", tc.length)
				}
				_, _ = io.WriteString(w, userJSON)
				_ = http.NewResponseController(w).Flush()
				panic(http.ErrAbortHandler)
			}))
			t.Cleanup(server.Close)
			c := overLoopback(t, server.URL, atOnce())
			user, err := update(t.Context(), c)
			require.NoError(t, err)
			require.Equal(t, "user_1", user.ID)
			require.EqualValues(t, 3, count.Load())

			count.Store(0)
			failures.Store(99)
			user, err = update(t.Context(), c)
			e := asFailure(t, err)
			require.ErrorIs(t, err, clerkerr.ErrTransport)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.EqualValues(t, 4, count.Load())
			require.Equal(t, 4, e.Attempts)
			require.Equal(t, 200, e.Status)
			require.Equal(t, clerkerr.OutcomeApplied, e.Outcome)
			require.NotNil(t, user)
			require.Equal(t, "user_1", user.ID)
			require.JSONEq(t, userJSON, string(e.Body))
		})
	}
}

// In a bubble a goroutine that is left behind fails the test.
func TestCutShortLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 404, 409, 503} {
		synctest.Test(t, func(t *testing.T) {
			h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, `{"id":"user_1","errors`)
				panic(http.ErrAbortHandler)
			})
			user, err := update(t.Context(), newClient(t, inprocess.Transport(h)))
			e := asFailure(t, err)
			require.Equal(t, status, e.Status)
			require.Equal(t, status == 200, user != nil)
			require.Equal(t, status == 200, e.Outcome == clerkerr.OutcomeApplied)
			require.Equal(t, `{"id":"user_1","errors`, string(e.Body))
		})
	}
}
