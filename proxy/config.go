package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// DefaultUpstream is where Clerk takes the requests of proxies for production
// instances; see Clerk's guide to proxying the Frontend API.
const DefaultUpstream = "https://frontend-api.clerk.dev"

// DefaultPrefix is the path under which the guide puts the proxy.
const DefaultPrefix = "/__clerk"

// Defaults of the times and limits in Config.
const (
	DefaultDialTimeout            = 10 * time.Second
	DefaultHeaderTimeout          = 30 * time.Second
	DefaultIdleTimeout            = 30 * time.Second
	DefaultBodyTimeout            = 5 * time.Minute
	DefaultFormTimeout            = 30 * time.Second
	DefaultMaxRequestBody         = 16 << 20
	DefaultMaxFormBody            = 1 << 20
	DefaultMaxFormMemory          = 64 << 20
	DefaultMaxResponseHeaderBytes = 256 << 10
)

// Config says how New sets up a Handler. SecretKey, ClientAddress and one of
// PublicURL and TrustForwarded are required.
type Config struct {
	// SecretKey is the instance's secret key, by which Clerk knows that the proxy
	// may speak for its clients.
	SecretKey client.Key
	// PublishableKey is the instance's publishable key. That of a development
	// instance holds the host of the upstream. A live key beside a test SecretKey,
	// or the reverse, is refused.
	PublishableKey string
	// Upstream is the address of the Frontend API, without a path. Where it is
	// empty, it is CLERK_FAPI_URL; where that is not set, a development
	// instance's own host as its PublishableKey holds it; for a production
	// instance DefaultUpstream, since its own host may be the very domain that
	// is proxied. Plain http is refused off the loopback addresses.
	Upstream string

	// PublicURL is the proxy's address as browsers see it:
	// "https://app.example/__clerk". Its path is the prefix of the requests that
	// are passed on, DefaultPrefix where it has none.
	PublicURL string
	// TrustForwarded takes the public address from each request's
	// X-Forwarded-Host and X-Forwarded-Proto instead of PublicURL: for one proxy
	// under several domains, behind a front of the operator's own that sets both
	// on every request. Of a list it takes the rightmost value, see ForwardedHeader.
	// Where one is missing or no host or scheme, or is plain http off the loopback
	// addresses, the answer is status 500, proxy_configuration_error.
	TrustForwarded bool
	// ForwardedHost and ForwardedProto are for TrustForwarded: other names of its
	// two headers, and how many proxies append to each.
	ForwardedHost, ForwardedProto ForwardedHeader
	// Prefix is, together with TrustForwarded, the path that PublicURL would
	// have; "" is DefaultPrefix.
	Prefix string

	// ClientAddress says where the end user's address is read.
	ClientAddress AddressSource

	// Routes says which requests are passed on; the zero value is AllRoutes.
	Routes Routes
	// Policies decide about the writes of unsafe metadata; a write is passed on
	// if all of them let it pass.
	Policies []Policy

	// Logger gets a record for each request: at level Warn for one that the
	// proxy itself answered with an error or had to break off, at Info for any
	// other. Records hold what an Exchange holds. Nothing is logged otherwise;
	// net/http itself logs, with package log, an upstream that answers unasked.
	Logger *slog.Logger
	// Hook is called once for each request when it is over, however it ended, on
	// the request's goroutine: it must be fast and safe for concurrent use.
	Hook func(context.Context, Exchange)

	// Transport sends the requests. Without one, the Handler has a connection
	// pool of its own that speaks HTTP/1.1 and HTTP/2 and uses no proxy, whatever
	// HTTPS_PROXY says. One that is given keeps its own DialTimeout and
	// MaxResponseHeaderBytes, and should neither compress (see
	// http.Transport.DisableCompression) nor set headers.
	Transport http.RoundTripper

	// DialTimeout bounds connecting to the upstream, and the TLS handshake then;
	// 0 is DefaultDialTimeout.
	DialTimeout time.Duration
	// HeaderTimeout bounds the wait for the upstream's answer once the client's
	// request is read; 0 is DefaultHeaderTimeout.
	HeaderTimeout time.Duration
	// IdleTimeout bounds how long a body may stand still, in either direction:
	// a client that sends or takes nothing any more, or an upstream that does,
	// is cut off. 0 is DefaultIdleTimeout.
	IdleTimeout time.Duration
	// BodyTimeout bounds the time in which a request's body has to arrive as a whole,
	// from the beginning of the request; 0 is DefaultBodyTimeout. In it, a body of
	// MaxRequestBody needs half a megabit a second.
	BodyTimeout time.Duration
	// FormTimeout is BodyTimeout for a body that Policies have to read; 0 is
	// DefaultFormTimeout. Of the two, the shorter counts.
	FormTimeout time.Duration
	// MaxRequestBody bounds a request's body, in bytes; 0 is
	// DefaultMaxRequestBody, a guess at more than any image that Clerk takes.
	MaxRequestBody int64
	// MaxFormBody bounds a body that Policies have to read, in bytes; 0 is
	// DefaultMaxFormBody. Of MaxRequestBody and it, the smaller counts.
	MaxFormBody int64
	// MaxFormMemory bounds what all bodies that Policies read hold together, in bytes,
	// until Clerk has answered them; 0 is DefaultMaxFormMemory. A body counts with
	// what has come of it, and its unsafe metadata, while policies judge it, with an
	// estimate of what that takes in memory, which can be 200 times its size. A
	// quarter is for forms of up to 64 KiB alone. A form that there is no room for is
	// answered with status 503, proxy_overloaded; one that alone is larger than all of
	// the room gets in while there is no other large one.
	MaxFormMemory int64
	// MaxResponseHeaderBytes bounds the headers of an answer, in bytes; 0 is
	// DefaultMaxResponseHeaderBytes.
	MaxResponseHeaderBytes int64
}
