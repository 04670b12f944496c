package proxy

import (
	"cmp"
	"net/http"
	"net/url"
	"sync/atomic"
)

// Handler is the proxy. It is safe for concurrent use. Mount it for all requests under
// its prefix, with or without http.StripPrefix: it reads http.Request.RequestURI, which
// routers do not change. http.ServeMux itself redirects a path with "//" or ".."; served
// directly, that path goes to Clerk unchanged.
type Handler struct {
	config   Config
	upstream *url.URL
	public   *url.URL        // a path alone for TrustForwarded
	own      map[string]bool // headers that it reads, folded
	shapes   *shapes
	room     *room
	buffers  buffers
	draining atomic.Bool
}

// New returns a Handler. It reads CLERK_FAPI_URL if config leaves Upstream empty, and does
// no other I/O. The error satisfies clerkerr.ErrInvalidArgument and names the field of config.
func New(config Config) (*Handler, error) {
	config, err := config.checked()
	if err != nil {
		return nil, err
	}
	upstream, err := config.upstream()
	if err != nil {
		return nil, err
	}
	public, err := config.public(upstream)
	if err != nil {
		return nil, err
	}
	if config.Transport == nil {
		config.Transport = newTransport(config)
	}
	return &Handler{
		config: config, upstream: upstream, public: public,
		own:    nameSet(config.ClientAddress.header, config.ForwardedHost.Name, config.ForwardedProto.Name),
		shapes: newShapes(), room: newRoom(config.MaxFormMemory),
	}, nil
}

// ServeHTTP passes a request on to Clerk's Frontend API, or answers with an error that has
// one of the codes of this package. If the upstream's answer ends early, it panics with
// http.ErrAbortHandler, so that the server ends its own early.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := h.begin(w, r)
	defer x.end(r.Context())
	if refused := x.prepare(); refused != nil { //nolint:contextcheck // x.in has the context
		x.refuse(refused)
	} else {
		x.forward()
	}
	x.report.Aborted = false
}

// prepare finds where the request goes and whether it may. Policies judge exactly the
// headers that the upstream will see.
func (x *exchange) prepare() *refusal {
	h, header := x.handler, x.in.Header
	asked, ok := splitTarget(x.in, h.public.Path)
	if !ok {
		return mismatch.because("outside the prefix")
	}
	x.report.Route = h.shapes.of(asked.path)
	if !h.config.Routes.allow(x.in, asked) {
		return notAllowed
	}
	if x.url, ok = asked.on(h.upstream); !ok {
		return mismatch.because("cannot be sent byte for byte")
	}
	if fault := x.locate(); fault != "" {
		return misconfigured.because(fault)
	}
	x.in.Header = passable(header, h.own)
	if x.in.ContentLength > h.config.MaxRequestBody {
		return tooLarge
	}
	if len(h.config.Policies) == 0 {
		return nil
	}
	if refused := x.guard(header, asked); refused != nil {
		return cmp.Or(x.failed.Load(), refused)
	}
	return nil
}

// locate finds the client's address and, with TrustForwarded, the proxy's.
func (x *exchange) locate() (fault string) {
	h := x.handler
	if x.address, fault = h.config.ClientAddress.of(x.in); fault != "" || !h.config.TrustForwarded {
		return fault
	}
	if x.public, fault = h.config.forwardedPublic(x.in.Header, h.public.Path); fault != "" {
		return fault
	}
	if sameServer(x.public, h.upstream) {
		return "the header of the public host is the upstream"
	}
	return ""
}

// Health returns a handler for health checks: status 200 with {"status":"ok"}, or 503
// with {"status":"draining"} after Drain. It makes no request, so an outage of Clerk's
// does not take the application down.
func (h *Handler) Health() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body := http.StatusOK, `{"status":"ok"}`
		if h.draining.Load() {
			status, body = http.StatusServiceUnavailable, `{"status":"draining"}`
		}
		answer(w, r.Method, status, []byte(body))
	})
}

// Drain prepares a shutdown: Health reports it, and each answer closes its connection.
// The Handler still serves requests. Wait until the load balancer has noticed, then call
// http.Server.Shutdown, which waits for the requests under way.
func (h *Handler) Drain() { h.draining.Store(true) }

// CloseIdleConnections closes unused connections to the upstream, if the Transport can.
func (h *Handler) CloseIdleConnections() {
	(&http.Client{Transport: h.config.Transport}).CloseIdleConnections()
}
