// Package transport sends the requests of the services: version, timeouts, retries
// with full jitter and a budget, Retry-After, bounded reading, and one error for
// every failure. The retry loop is go-retryablehttp's; the decisions are made here.
package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Names of headers of requests and answers.
const (
	HeaderAPIVersion = "Clerk-API-Version"
	headerTraceID    = "Clerk-Trace-Id"
	headerRay        = "Cf-Ray"
	headerRetryAfter = "Retry-After"
)

// Config configures a Transport. Package client checks it; OwnPool, Limiter, Logger,
// Budget and the hooks may be nil.
type Config struct {
	// HTTPClient is used for its Transport and its Timeout, and never changed.
	HTTPClient *http.Client
	APIVersion string
	UserAgent  string
	MaxRetries int // attempts after the first
	// BaseDelay doubles with each retry up to MaxDelay; full jitter is below that.
	BaseDelay time.Duration
	MaxDelay  time.Duration
	// MaxRetryAfter is the longest Retry-After that is waited for.
	MaxRetryAfter time.Duration
	// AttemptTimeout bounds one attempt, body included; Timeout bounds a call.
	AttemptTimeout time.Duration
	Timeout        time.Duration
	Budget         *Budget
	// OwnPool holds the connections that belong to the Transport alone; nil if they
	// are the caller's.
	OwnPool      interface{ CloseIdleConnections() }
	Limiter      Limiter
	Logger       *slog.Logger
	AttemptHooks []observe.AttemptHook
	CallHooks    []observe.CallHook
}

// Limiter is client.Limiter.
type Limiter interface {
	Wait(ctx context.Context, r observe.Request) error
	TooMany(ctx context.Context, r observe.Request, retryAfter time.Duration)
}

// Transport sends calls. It is immutable and safe for concurrent use.
type Transport struct {
	Config

	base http.RoundTripper
}

// New returns a Transport.
func New(config Config) *Transport {
	base := config.HTTPClient.Transport
	if base == nil {
		base = http.DefaultTransport //nolint:forbidigo // what a nil Transport of the caller's client means
	}
	return &Transport{Config: config, base: base}
}

// CloseIdleConnections closes the idle connections of the Transport's own pool. A nil
// Transport has none.
func (t *Transport) CloseIdleConnections() {
	if t != nil && t.OwnPool != nil {
		t.OwnPool.CloseIdleConnections()
	}
}

// Call is one operation to send.
type Call struct {
	Operation string // the call's name in errors, logs and hooks
	Write     bool   // the call changes something
	// Post reports whether a repetition could create something twice, or fail since the
	// first attempt did its work. Such a call is retried only if the attempt certainly
	// changed nothing.
	Post bool
	// Entity names what a write changes, for the Limiter; "" for a read and for a call
	// that is a POST.
	Entity string
	// Request is the built request; its body must be replayable (GetBody).
	Request *http.Request
	// Secret must not occur in the text of any error; "" is none.
	Secret string
	// OnAnswer, if not nil, gets the header of every attempt's answer.
	OnAnswer func(http.Header)
}

// Send sends the call until its answer is final and parses the answer. parse may keep
// the text; it returns what it could read even if it fails, and its error becomes the
// cause. The error is always a *clerkerr.Error; a result accompanies one only if a
// success answer was cut short or not understood.
func Send[T any](ctx context.Context, t *Transport, spec Call, parse func([]byte) (*T, error)) (*T, error) {
	c := newCall(t, spec)
	errorType := panicked // in a hook, the Limiter or the caller's transport; it reaches the caller
	defer func() { c.end(errorType) }()
	ctx = c.begin(ctx)
	result, failure := send(ctx, c, parse)
	errorType = c.errorType(failure)
	if failure != nil {
		return result, failure
	}
	return result, nil
}

func send[T any](ctx context.Context, c *call, parse func([]byte) (*T, error)) (*T, *clerkerr.Error) {
	c.run(ctx)
	if c.failed() {
		var result *T
		if c.partial != nil {
			result, _ = parse(c.partial)
		}
		return result, c.asError(ctx, nil)
	}
	result, err := parse(c.last.body)
	if err == nil {
		c.t.Budget.succeed()
		return result, nil
	}
	if !c.last.isClerks() {
		result = nil
	}
	return result, c.asError(ctx, err)
}

var (
	errOverall = errors.New("the call as a whole took too long")
	errAttempt = errors.New("the attempt took too long")
)
