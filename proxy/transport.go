package proxy

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// What is kept for the next request to the same upstream.
const (
	idlePerHost = 256
	idleFor     = 60 * time.Second
	pingEvery   = 15 * time.Second
)

// How an answer is copied: in blocks, of which none waits longer for the next, so
// that a short one leaves in one piece with its headers. One whose length is not
// known, and an event stream, wait for nothing: ReverseProxy flushes them at once.
const (
	bufferSize = 32 << 10
	flushAfter = time.Millisecond
)

// newTransport returns a connection pool. Timeouts of the exchange as a whole are
// the watch's.
func newTransport(c Config) *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: c.DialTimeout}).DialContext,
		TLSHandshakeTimeout:    c.DialTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: c.MaxResponseHeaderBytes,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleFor,
		DisableCompression:     true, // what is compressed is between client and Clerk
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingEvery, PingTimeout: pingEvery},
	}
}

// sender sets Response.Request, which the http.RoundTripper of a caller need not do.
type sender struct{ transport http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s sender) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.transport.RoundTrip(r)
	if err == nil {
		answer.Request = r
	}
	return answer, err
}

// buffers is an httputil.BufferPool.
type buffers struct{ pool sync.Pool }

// Get implements httputil.BufferPool.
func (b *buffers) Get() []byte {
	if kept, ok := b.pool.Get().(*[bufferSize]byte); ok {
		return kept[:]
	}
	return make([]byte, bufferSize)
}

// Put implements httputil.BufferPool.
func (b *buffers) Put(buffer []byte) { b.pool.Put((*[bufferSize]byte)(buffer)) }
