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

// An answer is copied in blocks. None waits longer than flushAfter for the next, so a
// short answer leaves in one piece with its headers. ReverseProxy flushes an event
// stream, and an answer of unknown length, at once.
const (
	bufferSize = 32 << 10
	flushAfter = time.Millisecond
)

// newTransport returns a connection pool. The watch bounds the whole exchange.
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
