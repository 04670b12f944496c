package proxy

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Exchange describes a request that is over. It holds nothing that a client could have
// chosen: it is fit for logs and for the labels of metrics.
type Exchange struct {
	// Method is the request's method, "{other}" if it is not one of HTTP's.
	Method string
	// Route is the shape of the path after the prefix, from Clerk's Frontend API
	// document: "/v1/client/sessions/{id}/tokens". "{other}" stands for segments that the
	// document lacks. Route is empty for a path outside the prefix.
	Route string
	// Status is the status of the answer, 0 if the exchange ended before any.
	Status int
	// Code is the code of the proxy's own error, and Reason its cause in fixed words.
	// Both are "" if the upstream answered.
	Code, Reason string
	// Aborted reports that the answer ended early: the upstream's did, one side was idle for
	// too long, or the client left.
	Aborted bool
	// Duration is the time from the request to its end, and UpstreamDuration that until
	// the upstream's answer began, 0 if none came.
	Duration, UpstreamDuration time.Duration
	// RequestBytes and ResponseBytes are the bytes of the bodies that passed.
	RequestBytes, ResponseBytes int64
}

// exchange is one request on its way, and the http.ResponseWriter of its answer.
type exchange struct {
	http.ResponseWriter // the client's

	handler *Handler
	in      *http.Request // a copy of the client's
	cancel  context.CancelFunc
	report  Exchange
	watch   watch

	body    *requestBody // nil for none
	form    share        // what of the room for forms it holds
	url     *url.URL     // at the upstream
	public  *url.URL     // the proxy's own address
	address netip.Addr   // the client's

	failed    atomic.Pointer[refusal] // the answer to a body that could not be read
	answering atomic.Bool             // the upstream's answer has begun
}

// begin returns the exchange of a request.
func (h *Handler) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{
		ResponseWriter: w, handler: h, public: h.public, form: share{of: h.room},
		report: Exchange{Method: methodLabel(r.Method), Aborted: true},
	}
	ctx, cancel := context.WithCancel(r.Context())
	x.cancel = cancel
	x.in = r.WithContext(ctx)
	x.in.Trailer = nil
	if r.Body == nil || r.Body == http.NoBody {
		x.watch.start(h.config.HeaderTimeout, h.config.HeaderTimeout, x.idle)
		x.watch.endless()
		return x
	}
	x.body = &requestBody{ReadCloser: r.Body, x: x}
	x.in.Body = x.body
	x.watch.start(h.config.IdleTimeout, h.config.BodyTimeout, x.idle)
	return x
}

// idle ends the exchange, wherever it waits.
func (x *exchange) idle() {
	c, now := http.NewResponseController(x.ResponseWriter), time.Now()
	if x.answering.Load() {
		_ = c.SetWriteDeadline(now) // not every server has deadlines
	} else if x.body != nil && x.body.waiting.Load() {
		x.failed.CompareAndSwap(nil, slowBody)
	}
	if x.body != nil && !x.body.ended.Load() { // after its end, net/http would conclude that the client has left
		_ = c.SetReadDeadline(now)
	}
	x.cancel()
}

// end reports the exchange, also when the handler panics.
func (x *exchange) end(ctx context.Context) {
	if x.report.Aborted && x.report.Status != 0 { // the client gets the part of the answer that has come
		_ = http.NewResponseController(x.ResponseWriter).Flush()
	}
	expired := x.watch.stop()
	x.cancel()
	x.form.set(0)
	if x.body != nil {
		if !x.body.ended.Load() {
			// The client can read the answer once the rest of its body has come.
			_ = http.NewResponseController(x.ResponseWriter).SetReadDeadline(time.Now().Add(5 * time.Second))
		}
		x.report.RequestBytes = x.body.read.Load()
	}
	x.report.Duration = x.watch.elapsed()
	if x.report.Aborted && expired {
		x.report.Reason = "the exchange was idle for too long"
	}
	if x.handler.config.Logger != nil {
		x.log(ctx)
	}
	if hook := x.handler.config.Hook; hook != nil {
		hook(ctx, x.report)
	}
}

func (x *exchange) log(ctx context.Context) {
	level, e := slog.LevelInfo, x.report
	if (e.Code != "" || e.Aborted) && ctx.Err() == nil { // with an error, the client has left
		level = slog.LevelWarn
	}
	x.handler.config.Logger.LogAttrs(ctx, level, "clerk proxy request",
		slog.String("method", e.Method),
		slog.String("route", e.Route),
		slog.Int("status", e.Status),
		slog.String("code", e.Code),
		slog.String("reason", e.Reason),
		slog.Bool("aborted", e.Aborted),
		slog.Duration("duration", e.Duration),
		slog.Duration("upstream_duration", e.UpstreamDuration),
		slog.Int64("request_bytes", e.RequestBytes),
		slog.Int64("response_bytes", e.ResponseBytes),
	)
}

// refuse answers with one of the proxy's own errors.
func (x *exchange) refuse(r *refusal) {
	x.report.Code, x.report.Reason = r.Code, r.reason
	switch r.status {
	case http.StatusServiceUnavailable:
		x.Header().Set("Retry-After", "1") // in seconds; most forms take less time
	case http.StatusRequestTimeout:
		x.Header().Set("Connection", "close")
	}
	body, _ := json.Marshal(map[string][]*refusal{"errors": {r}}) // strings always encode
	answer(x, x.in.Method, r.status, body)
}

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	h := x.Header()
	if status < http.StatusOK { // passed on by ReverseProxy as it came
		scrub(h)
	} else {
		x.report.Status = status
		if _, has := h["Content-Type"]; !has {
			h["Content-Type"] = nil // or net/http would guess one
		}
		if x.handler.draining.Load() {
			h.Set("Connection", "close")
		}
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(p []byte) (int, error) {
	n, err := x.ResponseWriter.Write(p)
	x.report.ResponseBytes += int64(n)
	x.watch.touch()
	return n, err
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// watch calls a function once: when an exchange is idle or takes, as a whole, too long.
type watch struct {
	started time.Time
	limit   atomic.Int64 // how long nothing may move, in ns
	still   *time.Timer  // fires when nothing has moved for limit
	whole   *time.Timer

	mu      sync.Mutex // guards what follows
	over    bool       // the function has been called, or never will be
	expired bool
}

// start must be called first. idle is never called after stop has returned.
func (w *watch) start(limit, end time.Duration, idle func()) {
	w.started = time.Now()
	w.limit.Store(int64(limit))
	expire := func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !w.over {
			w.over, w.expired = true, true
			idle()
		}
	}
	w.still, w.whole = time.AfterFunc(limit, expire), time.AfterFunc(end, expire)
}

// until sets how long the whole may take, from start.
func (w *watch) until(end time.Duration) { w.whole.Reset(end - w.elapsed()) }

// endless lets the whole take any time.
func (w *watch) endless() { w.whole.Stop() }

// touch records that something has moved.
func (w *watch) touch() { w.still.Reset(time.Duration(w.limit.Load())) }

// allow records that something has moved, and sets how long the next move may take.
func (w *watch) allow(limit time.Duration) {
	w.limit.Store(int64(limit))
	w.touch()
}

// stop ends the watch and reports whether it has expired.
func (w *watch) stop() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	w.still.Stop()
	w.whole.Stop()
	return w.expired
}

// elapsed returns the time since start.
func (w *watch) elapsed() time.Duration { return time.Since(w.started) }
