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
	x *exchange

	read    atomic.Int64
	waiting atomic.Bool // for the client
	ended   atomic.Bool
	failed  atomic.Pointer[refusal]
}

func (b *requestBody) Read(p []byte) (int, error) {
	config := b.x.handler.config
	b.waiting.Store(true)
	n, err := b.ReadCloser.Read(p)
	b.waiting.Store(false)
	b.x.watch.touch()
	if b.read.Add(int64(n)) > config.MaxRequestBody {
		b.failed.Store(tooLarge)
		return 0, errTooLarge
	}
	switch {
	case errors.Is(err, io.EOF):
		b.ended.Store(true)
		b.x.watch.until(forever)
		if !b.x.answering.Load() {
			b.x.watch.allow(config.HeaderTimeout)
		}
	case err != nil:
		b.failed.Store(brokenBody)
	}
	return n, err
}

// sentBody is the body that the transport reads.
type sentBody struct {
	io.ReadCloser
	x *exchange
}

// Close ends BodyTimeout: the transport reads no further, though the answer may still be
// under way.
func (b *sentBody) Close() error {
	b.x.watch.until(forever)
	return b.ReadCloser.Close()
}

// refusal returns the answer to a body that could not be read, or nil.
func (b *requestBody) refusal() *refusal {
	switch {
	case b == nil:
		return nil
	case b.x.slowClient.Load():
		return slowBody
	}
	return b.failed.Load()
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
