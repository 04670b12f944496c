// Package inprocess runs an http.Handler behind an http.RoundTripper, without a socket.
// Bodies stream through pipes, and every wait is durable in a testing/synctest bubble.
//
// Unlike a network it has no buffer (a Write waits for its reader, WriteHeader
// delivers the headers at once), no TLS, no trailers, no sniffed Content-Type and no
// Date.
package inprocess

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
)

// Transport returns a RoundTripper that answers every request, whatever its
// host, with h. It is safe for concurrent use when h is.
//
// The handler runs in a separate goroutine, which ends when the handler returns. When
// the client's context ends or the client closes the answer's body, the context of the
// handler's request ends and its writes fail.
//
// A handler that panics with http.ErrAbortHandler, or that writes less than the
// Content-Length it declared, is a lost connection: an error that wraps
// io.ErrUnexpectedEOF, from RoundTrip before the headers are out and from the
// body after. Any other panic becomes an error that quotes it.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ handler http.Handler }

// RoundTrip returns when the handler has sent headers, has failed, or the
// request's context has ended.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) { //nolint:contextcheck // the server's context is its own
	sent := req.Body
	if sent == nil {
		sent = http.NoBody
	}
	// Both the end of the client's context and that of the handler close it.
	sent = body{sent, sync.OnceValue(sent.Close)}
	ctx := req.Context()
	// Of the client's context the server sees only the end.
	serverCtx, cancel := context.WithCancel(context.Background())
	end := func() {
		cancel()
		_ = sent.Close()
	}
	received, err := serverRequest(req, sent)
	if err := cmp.Or(ctx.Err(), err); err != nil {
		end()
		return nil, err
	}
	pr, pw := io.Pipe()
	stop := context.AfterFunc(ctx, func() {
		_ = pw.CloseWithError(ctx.Err())
		end()
	})
	w := &responseWriter{
		request: req,
		header:  http.Header{},
		pipe:    pw,
		body: body{pr, func() error {
			stop()
			err := pr.Close()
			cancel()
			return err
		}},
		answer: make(chan answer, 1),
	}

	go func() {
		w.run(t.handler, received.WithContext(serverCtx))
		stop()
		end()
	}()
	select {
	case a := <-w.answer:
		return a.resp, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serverRequest is what a server would have read from the connection.
func serverRequest(req *http.Request, sent io.ReadCloser) (*http.Request, error) {
	uri := req.URL.RequestURI()
	u, err := url.ParseRequestURI(uri)
	if err != nil {
		return nil, fmt.Errorf("inprocess: %w", err)
	}
	r := &http.Request{
		Method:        cmp.Or(req.Method, http.MethodGet),
		URL:           u,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        http.Header{"User-Agent": {"Go-http-client/1.1"}},
		Body:          sent,
		ContentLength: req.ContentLength,
		Host:          cmp.Or(req.Host, req.URL.Host),
		RequestURI:    uri,
		RemoteAddr:    "127.0.0.1:0",
	}
	maps.Copy(r.Header, req.Header.Clone())
	if req.Body != nil && req.Body != http.NoBody && req.ContentLength <= 0 {
		r.ContentLength = -1
		r.TransferEncoding = []string{"chunked"}
	}
	return r, nil
}

// body is one end of a request's or an answer's body.
type body struct {
	io.Reader
	close func() error
}

// Close closes the body.
func (b body) Close() error { return b.close() }
