package inprocess_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
)

func do(t *testing.T, h http.HandlerFunc, req *http.Request) (*http.Response, error) {
	t.Helper()
	return inprocess.Transport(h).RoundTrip(req)
}

func get(ctx context.Context, t *testing.T) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://clerk.test/v1/a%2Fb?q=1", nil)
	require.NoError(t, err)
	return req
}

func TestServerSideRequest(t *testing.T) {
	t.Parallel()
	type key struct{}
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "client's"), time.Hour)
	defer cancel()
	req := get(ctx, t)
	req.Header.Set("X-One", "1")
	var seen *http.Request
	resp, err := do(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		r.Header.Set("X-One", "changed")
		b, err := io.ReadAll(r.Body)
		if err != nil || len(b) != 0 {
			w.WriteHeader(http.StatusTeapot)
		}
		w.Header().Set("X-Two", "2")
		w.WriteHeader(http.StatusCreated)
		w.Header().Set("X-Two", "late")
	}, req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, "1", req.Header.Get("X-One"))
	require.Equal(t, "201 Created", resp.Status)
	require.Equal(t, "2", resp.Header.Get("X-Two"))
	require.Same(t, req, resp.Request)
	require.EqualValues(t, -1, resp.ContentLength)

	require.Equal(t, "clerk.test", seen.Host)
	require.Equal(t, "/v1/a%2Fb?q=1", seen.RequestURI)
	require.Equal(t, "/v1/a%2Fb", seen.URL.EscapedPath())
	require.Empty(t, seen.URL.Host)
	require.Equal(t, "127.0.0.1:0", seen.RemoteAddr)
	require.Equal(t, "Go-http-client/1.1", seen.UserAgent())
	require.NotNil(t, seen.Body)
	require.Zero(t, seen.ContentLength)
	require.Nil(t, seen.Context().Value(key{}))
	_, hasDeadline := seen.Context().Deadline()
	require.False(t, hasDeadline)
}

func TestBareRequest(t *testing.T) {
	t.Parallel()
	resp, err := do(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.Host)
	}, &http.Request{URL: &url.URL{Scheme: "https", Host: "clerk.test", Path: "/"}})
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "GET clerk.test", string(body))

	_, err = do(t, nil, &http.Request{URL: &url.URL{Opaque: "no path"}, Body: io.NopCloser(strings.NewReader("x"))})
	require.ErrorContains(t, err, "invalid URI")
}

type trackedBody struct {
	io.Reader
	closed chan struct{}
}

func (b *trackedBody) Close() error { close(b.closed); return nil }

func TestRequestBody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		declared int64
		chunked  []string
		length   int64
	}{
		{"length declared", 4, nil, 4},
		{"length unknown", 0, []string{"chunked"}, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			body := &trackedBody{strings.NewReader("data"), make(chan struct{})}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", body)
			require.NoError(t, err)
			req.ContentLength = tc.declared
			resp, err := do(t, func(w http.ResponseWriter, r *http.Request) {
				if r.ContentLength != tc.length || len(r.TransferEncoding) != len(tc.chunked) {
					w.WriteHeader(http.StatusTeapot)
				}
				_, _ = io.Copy(w, r.Body)
			}, req)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, resp.StatusCode)
			got, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, "data", string(got))
			<-body.closed
		})
	}
}

func TestRequestBodyStreams(t *testing.T) {
	t.Parallel()
	pr, pw := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", pr)
	require.NoError(t, err)
	resp, err := do(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		_, _ = io.Copy(w, r.Body)
	}, req)
	require.NoError(t, err)
	// The answer's headers are here while the request is still being sent.
	go func() { _, _ = io.WriteString(pw, "late"); _ = pw.Close() }()
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "late", string(got))
}

func TestHowAnswersEnd(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		method  string
		handler http.HandlerFunc
		trip    string // what RoundTrip's error says
		read    string // what the body's error says
		lost    bool
		body    string
		length  int64
	}{
		{name: "nothing written", handler: func(http.ResponseWriter, *http.Request) {}, length: -1},
		{name: "declared length", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			_, _ = io.WriteString(w, "ok")
		}, body: "ok", length: 2},
		{name: "fewer bytes than declared", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "ok")
		}, body: "ok", length: 9, read: "unexpected EOF", lost: true},
		{name: "more bytes than declared", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			_, err := io.WriteString(w, "too long")
			if errors.Is(err, http.ErrContentLength) {
				_, _ = io.WriteString(w, "ok")
			}
		}, body: "ok", length: 2},
		{name: "abort before headers", handler: func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, trip: "connection lost", lost: true},
		{name: "abort after headers", handler: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic(http.ErrAbortHandler)
		}, body: "half", length: -1, read: "unexpected EOF", lost: true},
		{name: "panic before headers", handler: func(http.ResponseWriter, *http.Request) {
			panic("boom")
		}, trip: "handler panicked: boom"},
		{name: "panic after headers", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			panic("boom")
		}, length: -1, read: "handler panicked: boom"},
		{name: "goroutine ended", handler: func(http.ResponseWriter, *http.Request) {
			runtime.Goexit()
		}, trip: "handler ended its goroutine"},
		{name: "HEAD has no body", method: http.MethodHead, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "discarded")
		}, length: 9},
		{name: "204 has no body", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusContinue) // informational: dropped
			w.WriteHeader(http.StatusNoContent)
			if _, err := io.WriteString(w, "x"); !errors.Is(err, http.ErrBodyNotAllowed) {
				panic("no error")
			}
		}, length: -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			req := get(t.Context(), t)
			if tc.method != "" {
				req.Method = tc.method
			}
			resp, err := do(t, tc.handler, req)
			if tc.trip != "" {
				require.ErrorContains(t, err, tc.trip)
				require.Equal(t, tc.lost, errors.Is(err, io.ErrUnexpectedEOF))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.length, resp.ContentLength)
			body, err := io.ReadAll(resp.Body)
			require.Equal(t, tc.body, string(body))
			if tc.read == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tc.read)
				require.Equal(t, tc.lost, err == io.ErrUnexpectedEOF) //nolint:errorlint // net/http returns it bare
			}
			require.NoError(t, resp.Body.Close())
		})
	}
}

// The same handler must look the same to a client over a socket.
func TestAgreesWithNetHTTP(t *testing.T) {
	t.Parallel()
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Add("X-Many", "1")
		w.Header().Add("X-Many", "2")
		w.WriteHeader(http.StatusAccepted)
		b, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Method+" "+r.RequestURI+" "+r.Header.Get("X-In")+" "+string(b))
	})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	call := func(c *http.Client) (int, []string, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+"/v1/x%2Fy?b=2&a=1", strings.NewReader("body"))
		require.NoError(t, err)
		req.Header.Set("X-In", "in")
		resp, err := c.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, resp.Header["X-Many"], string(b)
	}
	status, many, body := call(server.Client())
	gotStatus, gotMany, gotBody := call(&http.Client{Transport: inprocess.Transport(h)})
	require.Equal(t, status, gotStatus)
	require.Equal(t, many, gotMany)
	require.Equal(t, body, gotBody)
}
