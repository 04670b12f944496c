package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
)

var (
	errUpgrade = errors.New("proxy: the upstream switched protocols")
	errStatus  = errors.New("proxy: the upstream's status is not valid in an answer")
)

// highestStatus is the highest that net/http writes.
const highestStatus = 999

// rewrite completes the request to the upstream.
func (x *exchange) rewrite(p *httputil.ProxyRequest) {
	p.Out.URL = x.url
	p.Out.Host = x.url.Host
	if p.Out.Body != nil {
		p.Out.Body = &sentBody{p.Out.Body, x}
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
	case answer.StatusCode < http.StatusOK, answer.StatusCode > highestStatus: // net/http would panic
		return errStatus
	}
	x.report.UpstreamDuration = x.watch.elapsed()
	x.answering.Store(true)
	x.watch.allow(x.handler.config.IdleTimeout)
	scrub(answer.Header)
	relocate(answer.Header, x.url, x.public.String())
	answer.Trailer = nil
	answer.Body = &answerBody{ReadCloser: answer.Body, x: x, answer: answer}
	return nil
}

// answerFailure answers when the upstream has not.
func (x *exchange) answerFailure(_ http.ResponseWriter, _ *http.Request, err error) {
	refused := x.body.refusal()
	if refused == nil {
		refused = unreachable.because(x.reason(err))
	}
	x.refuse(refused)
}

// reason states in fixed words why no answer came, since err can hold addresses.
func (x *exchange) reason(err error) string {
	var (
		dial        *net.OpError
		certificate *tls.CertificateVerificationError
		timeout     net.Error
	)
	switch {
	case x.watch.stop():
		return "the upstream did not answer in time"
	case x.request.Context().Err() != nil:
		return "the client left"
	case errors.Is(err, errUpgrade):
		return "the upstream switched protocols"
	case errors.As(err, &dial) && dial.Op == "dial":
		return "the upstream could not be connected to"
	case errors.As(err, &certificate):
		return "the upstream's certificate is not valid"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "the upstream did not answer in time"
	default:
		return "the upstream broke the connection off or answered nonsense"
	}
}
