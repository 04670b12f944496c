package inprocess

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

var (
	errLost   = fmt.Errorf("inprocess: connection lost: %w", io.ErrUnexpectedEOF)
	errExited = errors.New("inprocess: handler ended its goroutine")
)

// answer is what RoundTrip returns.
type answer struct {
	resp *http.Response
	err  error
}

// responseWriter is used by the handler's goroutine only.
type responseWriter struct {
	request *http.Request
	header  http.Header
	pipe    *io.PipeWriter
	body    io.ReadCloser
	answer  chan answer // holds one, since nothing may wait for it any more

	sent     bool
	bodiless bool  // a status that has no body
	declared int64 // Content-Length, -1 for none
	written  int64
}

// run serves one request and settles how the answer ends.
func (w *responseWriter) run(h http.Handler, r *http.Request) {
	returned := false
	defer func() {
		switch p := recover(); {
		case returned:
			w.end()
		case p == nil: // runtime.Goexit, as when a test fails in the handler
			w.fail(errExited)
		case p == http.ErrAbortHandler: //nolint:errorlint // net/http compares it bare
			w.lose()
		default:
			w.fail(fmt.Errorf("inprocess: handler panicked: %v", p))
		}
	}()
	h.ServeHTTP(w, r)
	returned = true
}

func (w *responseWriter) end() {
	w.WriteHeader(http.StatusOK)
	if w.declared > w.written && !w.bodiless && w.request.Method != http.MethodHead {
		w.lose()
		return
	}
	_ = w.pipe.Close()
}

// lose is fail for a lost connection. The body's reader gets the bare error, as from
// net/http.
func (w *responseWriter) lose() {
	_ = w.pipe.CloseWithError(io.ErrUnexpectedEOF)
	w.fail(errLost)
}

// fail ends the answer: RoundTrip returns err, or the body's reader gets it.
func (w *responseWriter) fail(err error) {
	_ = w.pipe.CloseWithError(err)
	if !w.sent {
		w.answer <- answer{err: err}
	}
}

// Header returns the headers that WriteHeader will send.
func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader hands the headers to the client. It drops informational statuses.
func (w *responseWriter) WriteHeader(status int) {
	if w.sent || status < http.StatusOK {
		return
	}
	w.sent = true
	w.bodiless = status == http.StatusNoContent || status == http.StatusNotModified
	w.declared = -1
	if n, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		w.declared = n
	}
	w.answer <- answer{resp: &http.Response{
		Status:        fmt.Sprintf("%d %s", status, http.StatusText(status)),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.header.Clone(),
		Body:          w.body,
		ContentLength: w.declared,
		Request:       w.request,
	}}
}

// Write waits until the client has read p, closed the body or gone away.
func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.request.Method == http.MethodHead:
		return len(p), nil
	case w.bodiless:
		return 0, http.ErrBodyNotAllowed
	case w.declared >= 0 && w.written+int64(len(p)) > w.declared:
		return 0, http.ErrContentLength
	}
	n, err := w.pipe.Write(p)
	w.written += int64(n)
	return n, err
}

// Flush sends the headers: the writer holds nothing else back.
func (w *responseWriter) Flush() { w.WriteHeader(http.StatusOK) }
