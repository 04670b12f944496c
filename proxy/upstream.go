package proxy

import (
	"cmp"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errTooLarge = errors.New("proxy: the request's body is over the limit")
	errUpgrade  = errors.New("proxy: the upstream switched protocols")
	errStatus   = errors.New("proxy: the upstream's status is not valid in an answer")
)

// newTransport returns a connection pool. The watch bounds the whole exchange.
func newTransport(c Config) *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: c.DialTimeout}).DialContext,
		TLSHandshakeTimeout:    c.DialTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: c.MaxResponseHeaderBytes,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        time.Minute,
		DisableCompression:     true, // what is compressed is between client and Clerk
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 15 * time.Second},
	}
}

const bufferSize = 32 << 10

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

// forward sends the request to the upstream and passes the answer on.
func (x *exchange) forward() {
	if x.body != nil && !x.body.ended.Load() {
		// The upstream may answer before it has read all.
		_ = http.NewResponseController(x.ResponseWriter).EnableFullDuplex()
	}
	x.in.URL = &url.URL{} // or ReverseProxy would parse the query, only to tidy it up
	reverse := httputil.ReverseProxy{
		Transport:      x.handler.config.Transport,
		Rewrite:        x.rewrite,
		ModifyResponse: x.modifyResponse,
		ErrorHandler:   x.answerFailure,
		FlushInterval:  time.Millisecond, // a short answer leaves in one piece with its headers
		BufferPool:     &x.handler.buffers,
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would quote addresses
	}
	reverse.ServeHTTP(x, x.in)
}

// rewrite completes the request to the upstream.
func (x *exchange) rewrite(p *httputil.ProxyRequest) {
	p.Out.URL, p.Out.Host = x.url, x.url.Host
	if p.Out.Body != nil {
		// A closed body ends BodyTimeout, also while the answer is under way.
		p.Out.Body = &tapped{p.Out.Body, func() {}, x.watch.endless}
	}
	p.Out.Header.Set(headerProxyURL, x.public.String())
	p.Out.Header.Set(headerSecretKey, x.handler.config.SecretKey.Reveal())
	p.Out.Header.Set(forwardedFor, x.address.String())
	p.Out.Header.Set(forwardedHost, x.public.Host)
	p.Out.Header.Set(forwardedProto, x.public.Scheme)
}

// modifyResponse prepares the upstream's answer for the client.
func (x *exchange) modifyResponse(answer *http.Response) error {
	switch {
	case answer.StatusCode == http.StatusSwitchingProtocols:
		return errUpgrade
	case answer.StatusCode < http.StatusOK, answer.StatusCode > 999: // net/http would panic
		return errStatus
	}
	x.report.UpstreamDuration = x.watch.elapsed()
	x.answering.Store(true)
	x.watch.allow(x.handler.config.IdleTimeout)
	scrub(answer.Header)
	relocate(answer.Header, x.url, x.public)
	dropTrailers := func() { answer.Trailer = nil } // which come with the end of a body
	dropTrailers()
	answer.Body = &tapped{answer.Body, x.watch.touch, dropTrailers}
	return nil
}

// answerFailure answers when the upstream has not.
func (x *exchange) answerFailure(_ http.ResponseWriter, _ *http.Request, err error) {
	x.refuse(cmp.Or(x.failed.Load(), unreachable.because(x.reason(err))))
}

// reason states in fixed words why no answer came, since err can hold addresses.
func (x *exchange) reason(err error) string {
	dial, _ := errors.AsType[*net.OpError](err)
	certificate, _ := errors.AsType[*tls.CertificateVerificationError](err)
	timeout, _ := errors.AsType[net.Error](err)
	switch {
	case x.watch.stop():
		return "the upstream did not answer in time"
	case x.in.Context().Err() != nil:
		return "the client left"
	case errors.Is(err, errUpgrade):
		return "the upstream switched protocols"
	case dial != nil && dial.Op == "dial":
		return "connecting to the upstream failed"
	case certificate != nil:
		return "the upstream's certificate is not valid"
	case timeout != nil && timeout.Timeout():
		return "the upstream did not answer in time"
	default:
		return "the upstream closed the connection or sent an invalid answer"
	}
}

// requestBody is the client's body, which the transport may read on another goroutine.
type requestBody struct {
	io.ReadCloser
	x *exchange

	read    atomic.Int64
	waiting atomic.Bool // for the client
	ended   atomic.Bool
}

func (b *requestBody) Read(p []byte) (int, error) {
	config := b.x.handler.config
	b.waiting.Store(true)
	n, err := b.ReadCloser.Read(p)
	b.waiting.Store(false)
	b.x.watch.touch()
	if b.read.Add(int64(n)) > config.MaxRequestBody {
		b.x.failed.CompareAndSwap(nil, tooLarge)
		return 0, errTooLarge
	}
	switch {
	case errors.Is(err, io.EOF):
		b.ended.Store(true)
		b.x.watch.endless()
		if !b.x.answering.Load() {
			b.x.watch.allow(config.HeaderTimeout)
		}
	case err != nil:
		b.x.failed.CompareAndSwap(nil, brokenBody)
	}
	return n, err
}

// tapped is a body that calls functions after each Read and after Close.
type tapped struct {
	io.ReadCloser
	read, closed func()
}

func (t *tapped) Read(p []byte) (int, error) {
	defer t.read()
	return t.ReadCloser.Read(p)
}

// Close implements io.Closer.
func (t *tapped) Close() error {
	defer t.closed()
	return t.ReadCloser.Close()
}
