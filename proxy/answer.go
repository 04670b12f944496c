package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
)

var (
	errUpgrade = errors.New("proxy: the upstream switched protocols")
	errStatus  = errors.New("proxy: the upstream's status is not valid in an answer")
)

// highestStatus is the highest that net/http writes.
const highestStatus = 999

// modifyResponse prepares the upstream's answer for the client.
func modifyResponse(answer *http.Response) error {
	x := exchangeOf(answer.Request)
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
	relocate(answer.Header, x.asked, x.handler.upstream, x.public)
	answer.Trailer = nil
	answer.Body = &answerBody{ReadCloser: answer.Body, x: x, answer: answer}
	return nil
}

// answerFailure answers when the upstream has not.
func answerFailure(_ http.ResponseWriter, out *http.Request, err error) {
	x := exchangeOf(out)
	refused := x.body.refusal()
	if refused == nil {
		refused = x.unanswered(err)
	}
	x.refuse(refused)
}

func (x *exchange) unanswered(err error) *refusal {
	return failed(http.StatusBadGateway, "Clerk could not be reached", x.reason(err))
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
