package client

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/go-cleanhttp"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// idlePerHost is how many idle connections the client's own pool keeps.
const idlePerHost = 64

// Option changes what New and NewFrontend make. The order of options does not
// matter, except that of hooks. New refuses an option that is given twice, hooks
// excepted, and a value that makes no sense.
type Option struct {
	name  string
	apply func(*config) error
}

const optionBaseURL = "WithBaseURL"

type config struct {
	transport    transport.Config
	baseURL      string
	plainHosts   []string
	maxFieldSize int
	userAgent    string
	retry        Retry
	limit        Limit
	writeLimit   int
}

// WithBaseURL sets the address of the Backend API, DefaultBaseURL by default. /v1 is
// added to an address without a path. Plain http is refused, except to a loopback
// address and to the hosts of WithPlainHTTP.
func WithBaseURL(baseURL string) Option {
	return Option{optionBaseURL, func(c *config) error {
		if baseURL == "" {
			return fmt.Errorf("is empty")
		}
		c.baseURL = baseURL
		return nil
	}}
}

// WithHTTPClient sends requests through the Transport of h and under its Timeout,
// which bounds one attempt. h is not changed. Its cookie jar and redirect policy are
// not used: no cookie is kept between calls and no redirect is followed. The default
// is a connection pool that belongs to the client. The Transport must return when the
// request's context ends, since the timeouts work through it. A panic in it reaches
// the caller of the method.
func WithHTTPClient(h *http.Client) Option {
	var kept *http.Client
	if h != nil {
		kept = &http.Client{Transport: h.Transport, Timeout: h.Timeout}
	}
	return Option{"WithHTTPClient", func(c *config) error {
		if kept == nil {
			return fmt.Errorf("is nil: leave the option out for the default")
		}
		c.transport.HTTPClient = kept
		return nil
	}}
}

// WithUserAgent appends suffix, such as "myapp/1.2", to the User-Agent.
func WithUserAgent(suffix string) Option {
	return Option{"WithUserAgent", func(c *config) error {
		if suffix == "" || strings.ContainsFunc(suffix, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("is empty or holds characters other than printable ASCII")
		}
		c.userAgent = suffix
		return nil
	}}
}

// WithPlainHTTP allows plain http to the named hosts, such as an emulator in a compose
// network. Test keys travel there in the clear; New refuses a live key. Loopback
// addresses are always allowed.
func WithPlainHTTP(hosts ...string) Option {
	hosts = slices.Clone(hosts)
	return Option{"WithPlainHTTP", func(c *config) error {
		for _, h := range hosts {
			if h == "" || strings.ContainsAny(h, "/:*?#@ ") {
				return fmt.Errorf("has %q; expected host names without port, path or wildcard", h)
			}
		}
		if len(hosts) == 0 {
			return fmt.Errorf("names no host")
		}
		c.plainHosts = hosts
		return nil
	}}
}

// WithoutSizeCheck sends a replacement (PUT) with a field over metadata.MaxSize bytes
// instead of refusing it. Clerk's published limit of "8 KB" does not say what it
// counts.
func WithoutSizeCheck() Option {
	return Option{"WithoutSizeCheck", func(c *config) error {
		c.maxFieldSize = 0
		return nil
	}}
}

func configure(operation string, opts []Option) (*config, error) {
	c := &config{
		maxFieldSize: metadata.MaxSize,
		transport:    transport.Config{APIVersion: APIVersion},
	}
	for i, o := range opts {
		if o.apply == nil {
			return nil, invalid(operation, "option", "is the zero Option")
		}
		if given(opts[:i], o.name) && !isHook(o.name) {
			return nil, invalid(operation, o.name, "is given twice")
		}
		if err := o.apply(c); err != nil {
			return nil, clerkerr.Invalid(operation, o.name, err)
		}
	}
	if err := c.limitRate(operation); err != nil {
		return nil, err
	}
	c.retry.apply(&c.transport)
	c.transport.UserAgent = strings.TrimSpace("clerkmeta-go/" + Version + " " + c.userAgent)
	if c.transport.HTTPClient == nil {
		pool := cleanhttp.DefaultPooledTransport()
		pool.MaxIdleConnsPerHost = idlePerHost
		c.transport.HTTPClient, c.transport.OwnPool = &http.Client{Transport: pool}, pool
	}
	return c, nil
}

func given(opts []Option, name string) bool {
	return slices.ContainsFunc(opts, func(o Option) bool { return o.name == name })
}
