package proxy

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
)

// Handler is the proxy. It is safe for concurrent use. Mount it for all requests
// under its prefix, with or without http.StripPrefix: it reads
// http.Request.RequestURI, which routers do not change. http.ServeMux itself redirects
// a path with "//" or ".."; served directly, that path goes to Clerk unchanged.
type Handler struct {
	config   Config
	upstream *url.URL
	public   public          // a prefix alone for TrustForwarded
	own      map[string]bool // headers that it reads, folded
	guard    *guard
	shapes   *shapes
	reverse  *httputil.ReverseProxy
	draining atomic.Bool
}

// New returns a Handler. It reads CLERK_FAPI_URL if config leaves Upstream empty and
// does no other I/O. The error satisfies clerkerr.ErrInvalidArgument and names the
// field of config.
func New(config Config) (*Handler, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	config = config.withDefaults()
	upstream, err := config.upstream()
	if err != nil {
		return nil, err
	}
	at, err := config.public(upstream)
	if err != nil {
		return nil, err
	}
	if config.Transport == nil {
		config.Transport = newTransport(config)
	}
	h := &Handler{config: config, upstream: upstream, public: at, shapes: newShapes()}
	h.own = nameSet(config.ClientAddress.header, config.ForwardedHost.Name, config.ForwardedProto.Name)
	h.guard = newGuard(config, h.shapes)
	h.reverse = &httputil.ReverseProxy{
		Transport:      sender{config.Transport},
		Rewrite:        h.rewrite,
		ModifyResponse: modifyResponse,
		ErrorHandler:   answerFailure,
		FlushInterval:  flushAfter,
		BufferPool:     &buffers{},
		ErrorLog:       slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // it would quote addresses
	}
	return h, nil
}

// ServeHTTP passes a request on to Clerk's Frontend API, or answers with one of the
// proxy's own errors; see the constants that begin with Code. If the upstream's answer
// breaks off, it panics with http.ErrAbortHandler, so that the server breaks off too.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, in := h.begin(w, r)
	defer x.end(r.Context())
	if refused := h.prepare(x, in); refused != nil {
		x.refuse(refused)
	} else {
		if x.body != nil && !x.body.ended.Load() {
			// The upstream may answer before it has read all.
			_ = http.NewResponseController(w).EnableFullDuplex()
		}
		in.URL = &url.URL{} // or ReverseProxy would parse the query, only to tidy it up
		h.reverse.ServeHTTP(x, in)
	}
	x.done = true
}

// prepare finds where in goes and whether it may. It reduces the headers to those
// that the upstream will see, so that policies judge exactly those.
func (h *Handler) prepare(x *exchange, in *http.Request) *refusal {
	asked, ok := splitTarget(in, h.public.prefix)
	if !ok {
		return mismatch("outside the prefix")
	}
	x.report.Route = h.shapes.of(asked.path)
	if !h.config.Routes.allow(in, asked) {
		return notAllowed()
	}
	x.asked = asked
	if x.url, ok = asked.on(h.upstream); !ok {
		return mismatch("cannot be sent byte for byte")
	}
	if refused := h.whereabouts(x, in); refused != nil {
		return refused
	}
	if h.guard != nil {
		if refused := checkHeader(in.Header); refused != nil {
			return refused
		}
	}
	in.Header = passable(in.Header, h.own)
	if in.ContentLength > h.config.MaxRequestBody {
		return tooLarge()
	}
	if h.guard == nil {
		return nil
	}
	refused := h.guard.check(x, in, asked.path, asked.query)
	if refused != nil && x.body.refusal() != nil {
		return x.body.refusal()
	}
	return refused
}

// whereabouts finds the client's address and the public address of the proxy.
func (h *Handler) whereabouts(x *exchange, in *http.Request) *refusal {
	var problem string
	if x.address, problem = h.config.ClientAddress.of(in); problem != "" {
		return misconfigured(problem)
	}
	if x.public = h.public; !h.config.TrustForwarded {
		return nil
	}
	if x.public, problem = forwardedPublic(in.Header, h.config.ForwardedHost, h.config.ForwardedProto, h.public.prefix); problem != "" {
		return misconfigured(problem)
	}
	if sameServer(&url.URL{Scheme: x.public.scheme, Host: x.public.host}, h.upstream) {
		return misconfigured("the header of the public host is the upstream")
	}
	return nil
}

// rewrite completes the request to the upstream.
func (h *Handler) rewrite(p *httputil.ProxyRequest) {
	x := exchangeOf(p.In)
	p.Out.URL = x.url
	p.Out.Host = h.upstream.Host
	if p.Out.Body != nil {
		p.Out.Body = &sentBody{p.Out.Body, x}
	}
	values := []string{x.public.url(), h.config.SecretKey.Reveal(), x.address.String(), x.public.host, x.public.scheme}
	for i, name := range []string{headerProxyURL, headerSecretKey, forwardedFor, forwardedHost, forwardedProto} {
		p.Out.Header[name] = values[i : i+1 : i+1] // one allocation instead of five
	}
}
