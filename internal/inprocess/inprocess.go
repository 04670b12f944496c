// Package inprocess runs an http.Handler behind an http.RoundTripper, without
// a socket. Bodies stream through pipes, and every wait is durable in a
// testing/synctest bubble, so that slow, endless and broken answers can be tested on
// a fake clock.
//
// Unlike a network it has no buffer (a Write waits for its reader, WriteHeader
// delivers the headers at once), no TLS, no trailers, no sniffed Content-Type and no
// Date.
package inprocess

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// Transport returns a RoundTripper that answers every request, whatever its
// host, with h. It is safe for concurrent use when h is.
//
// The handler runs in a separate goroutine, which ends when the handler returns. When the client's context ends or the client closes the answer's
// body, the context of the handler's request ends and its writes fail.
//
// A handler that panics with http.ErrAbortHandler, or that writes less than the
// Content-Length it declared, is a lost connection: an error that wraps
// io.ErrUnexpectedEOF, from RoundTrip before the headers are out and from the
// body after. Any other panic becomes an error that quotes it.
func Transport(h http.Handler) http.RoundTripper {
	return transport{handler: h}
}

type transport struct {
	handler http.Handler
}

// RoundTrip returns when the handler has sent headers, has failed, or the
// request's context has ended.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) { //nolint:contextcheck // the server's context is its own
	sent := &requestBody{ReadCloser: http.NoBody}
	if req.Body != nil {
		sent.ReadCloser = req.Body
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		_ = sent.Close()
		return nil, err
	}
	received, err := serverRequest(req, sent)
	if err != nil {
		_ = sent.Close()
		return nil, err
	}
	// Of the client's context the server sees only the end: neither values nor a
	// deadline.
	serverCtx, cancel := context.WithCancel(context.Background())
	pr, pw := io.Pipe()
	w := &responseWriter{
		request: req,
		header:  http.Header{},
		pipe:    pw,
		headers: make(chan *http.Response, 1),
		failed:  make(chan error, 1),
	}
	stop := context.AfterFunc(ctx, func() {
		_ = pw.CloseWithError(ctx.Err())
		cancel()
		_ = sent.Close()
	})
	w.body = &responseBody{PipeReader: pr, stop: stop, cancel: cancel}

	go func() {
		w.run(t.handler, received.WithContext(serverCtx))
		stop()
		cancel()
		_ = sent.Close()
	}()

	select {
	case resp := <-w.headers:
		return resp, nil
	case err := <-w.failed:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serverRequest is what a server would have read from the connection.
func serverRequest(req *http.Request, body io.ReadCloser) (*http.Request, error) {
	uri := req.URL.RequestURI()
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, fmt.Errorf("inprocess: %w", err)
	}
	r := &http.Request{
		Method:        req.Method,
		URL:           u,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        req.Header.Clone(),
		Body:          body,
		ContentLength: req.ContentLength,
		Host:          req.Host,
		RequestURI:    uri,
		RemoteAddr:    "127.0.0.1:0",
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header.Set("User-Agent", "Go-http-client/1.1")
	}
	if req.Body != nil && req.Body != http.NoBody && req.ContentLength <= 0 {
		r.ContentLength = -1
		r.TransferEncoding = []string{"chunked"}
	}
	return r, nil
}

// requestBody is closed once, by whichever of the client's context and the
// handler's end comes first.
type requestBody struct {
	io.ReadCloser
	once sync.Once
	err  error
}

// Close closes the client's body, the first time.
func (b *requestBody) Close() error {
	b.once.Do(func() { b.err = b.ReadCloser.Close() })
	return b.err
}

// responseBody is the client's end; closing it ends the handler's context.
type responseBody struct {
	*io.PipeReader
	stop   func() bool
	cancel context.CancelFunc
}

// Close makes the handler's writes fail and ends its context.
func (b *responseBody) Close() error {
	b.stop()
	err := b.PipeReader.Close()
	b.cancel()
	return err
}
