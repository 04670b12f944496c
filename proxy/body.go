package proxy

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

var errTooLarge = errors.New("proxy: the request's body is over the limit")

// requestBody is the client's body. The transport may read it on another goroutine
// while the answer is under way.
type requestBody struct {
	io.ReadCloser
	x   *exchange
	max int64

	read     atomic.Int64
	waiting  atomic.Bool // for the client
	ended    atomic.Bool
	tooLarge atomic.Bool
	broken   atomic.Bool
}

func (b *requestBody) Read(p []byte) (int, error) {
	b.waiting.Store(true)
	n, err := b.ReadCloser.Read(p)
	b.waiting.Store(false)
	b.x.watch.touch()
	if b.read.Add(int64(n)) > b.max {
		b.tooLarge.Store(true)
		return 0, errTooLarge
	}
	switch {
	case errors.Is(err, io.EOF):
		b.ended.Store(true)
		b.x.watch.until(forever)
		if !b.x.answering.Load() {
			b.x.watch.allow(b.x.handler.config.HeaderTimeout)
		}
	case err != nil:
		b.broken.Store(true)
	}
	return n, err
}

// sentBody is the body that the transport reads.
type sentBody struct {
	io.ReadCloser
	x *exchange
}

// Close ends BodyTimeout: the transport reads no further, though the answer may
// still be under way.
func (b *sentBody) Close() error {
	b.x.watch.until(forever)
	return b.ReadCloser.Close()
}

// refusal returns the answer to a body that could not be read, or nil.
func (b *requestBody) refusal() *refusal {
	switch {
	case b == nil:
		return nil
	case b.tooLarge.Load():
		return tooLarge()
	case b.x.slowClient.Load():
		return failed(http.StatusRequestTimeout, "The request's body did not come in time", "the client's body did not come in time")
	case b.broken.Load():
		return failed(http.StatusBadRequest, "The request's body could not be read", "the client's body broke off")
	}
	return nil
}

// answerBody is the upstream's body.
type answerBody struct {
	io.ReadCloser
	x      *exchange
	answer *http.Response
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.x.watch.touch()
	return n, err
}

// Close also drops the trailers, which come with the end of a body.
func (b *answerBody) Close() error {
	err := b.ReadCloser.Close()
	b.answer.Trailer = nil
	return err
}
