package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// Defaults of Config.
const (
	// DefaultUpstream is the address for the proxies of production instances, according
	// to Clerk's guide to proxying the Frontend API.
	DefaultUpstream = "https://frontend-api.clerk.dev"
	// DefaultPrefix is the path under which the guide puts the proxy.
	DefaultPrefix = "/__clerk"

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

// Config configures a Handler. SecretKey, ClientAddress and one of PublicURL and
// TrustForwarded are required.
type Config struct {
	// SecretKey is the instance's secret key, which authorizes the proxy at Clerk.
	SecretKey client.Key
	// PublishableKey is the instance's publishable key. A development instance's holds
	// the host of the upstream. New refuses one of another instance than SecretKey's.
	PublishableKey string
	// Upstream is the address of the Frontend API, without a path. It defaults to
	// CLERK_FAPI_URL; without that, to the host in a development instance's
	// PublishableKey, and to DefaultUpstream for a production instance, whose own host
	// may be the proxied domain. Plain http is for loopback addresses only.
	Upstream string

	// PublicURL is the proxy's address as browsers see it: "https://app.example/__clerk".
	// Its path is the prefix of the requests that the proxy passes on, by default
	// DefaultPrefix.
	PublicURL string
	// TrustForwarded takes the public address from each request's X-Forwarded-Host and
	// X-Forwarded-Proto instead of PublicURL, for one proxy under several domains behind
	// the operator's own front, which sets both; see ForwardedHeader. If one is missing or
	// invalid, or is plain http off the loopback addresses, the answer is status 500,
	// proxy_configuration_error.
	TrustForwarded bool
	// ForwardedHost and ForwardedProto describe the two headers of TrustForwarded.
	ForwardedHost, ForwardedProto ForwardedHeader
	// Prefix is the path of the proxy with TrustForwarded; "" is DefaultPrefix.
	Prefix string

	// ClientAddress finds the end user's address.
	ClientAddress AddressSource

	// Routes selects the requests that the proxy passes on, by default AllRoutes.
	Routes Routes
	// Policies decide about the writes of unsafe metadata. The first error refuses the
	// write.
	Policies []Policy

	// Logger gets a record of each Exchange, at level Warn if the proxy itself answered
	// with an error or ended early, else at Info. The proxy logs nothing else; net/http
	// logs an unsolicited answer of the upstream with package log.
	Logger *slog.Logger
	// Hook is called at the end of each request, on the request's goroutine. It must be
	// fast and safe for concurrent use.
	Hook func(context.Context, Exchange)

	// Transport sends the requests. By default the Handler has its own connection pool,
	// which speaks HTTP/1.1 and HTTP/2 and ignores HTTPS_PROXY. DialTimeout and
	// MaxResponseHeaderBytes do not apply to a given Transport, which should neither
	// compress (see http.Transport.DisableCompression) nor set headers.
	Transport http.RoundTripper

	// The following bound times and, in bytes, sizes. 0 is the default; New refuses a
	// negative value.

	// DialTimeout bounds connecting to the upstream, and then the TLS handshake.
	DialTimeout time.Duration
	// HeaderTimeout bounds the wait for the upstream's answer once the client's request
	// is read.
	HeaderTimeout time.Duration
	// IdleTimeout bounds how long a body may be idle in either direction. A slow reader
	// must take a block of 32 KiB within it.
	IdleTimeout time.Duration
	// BodyTimeout bounds the time from the start of a request to the end of its body.
	BodyTimeout time.Duration
	// FormTimeout is BodyTimeout for a body that Policies read. The shorter one applies.
	FormTimeout time.Duration
	// MaxRequestBody bounds a request's body. The default is a guess at more than any
	// image that Clerk takes.
	MaxRequestBody int64
	// MaxFormBody bounds a body that Policies read. The smaller of MaxRequestBody and
	// MaxFormBody applies.
	MaxFormBody int64
	// MaxFormMemory bounds the memory of all bodies that Policies read, until Clerk has
	// answered them. A body counts with the bytes that have come and, while policies
	// judge it, with an estimate for its unsafe metadata, up to 200 times its size. A
	// quarter is reserved for forms of up to 64 KiB. Without room the answer is status
	// 503, proxy_overloaded. A form larger than the whole room passes if it is the only
	// large one.
	MaxFormMemory int64
	// MaxResponseHeaderBytes bounds the headers of an answer.
	MaxResponseHeaderBytes int64
}
