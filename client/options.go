package client

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/go-cleanhttp"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// idlePerHost is how many idle connections the client's own pool keeps.
const idlePerHost = 64

// Option changes what New and NewFrontend make. The order of options does not
// matter, except that of hooks. New refuses an option that is given twice, hooks
// excepted, and a value that makes no sense.
type Option struct {
	name    string
	fault   error // why the option is refused
	apply   func(*config)
	repeats bool // it may be given several times
}

func option(name string, fault error, apply func(*config)) Option {
	return Option{name: name, fault: fault, apply: apply}
}

// hookOption is an option that may be given several times.
func hookOption(name string, isNil bool, apply func(*config)) Option {
	return Option{name: name, fault: refuse(isNil, "is nil: leave the option out for none"), apply: apply, repeats: true}
}

// refuse returns the fault of an option with a bad argument.
func refuse(bad bool, reason string) error {
	if bad {
		return errors.New(reason)
	}
	return nil
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
	return option(optionBaseURL, refuse(baseURL == "", "is empty"), func(c *config) { c.baseURL = baseURL })
}

// WithHTTPClient sends requests through the Transport of h and under its Timeout, which
// bounds one attempt. It does not change h, and uses neither its cookie jar nor its
// redirect policy: the client keeps no cookie and follows no redirect. The default is a
// connection pool of the client. The Transport must return when the request's context
// ends, since the timeouts work through it. A panic in it reaches the caller.
func WithHTTPClient(h *http.Client) Option {
	kept := cmp.Or(h, &http.Client{})
	kept = &http.Client{Transport: kept.Transport, Timeout: kept.Timeout}
	fault := refuse(h == nil, "is nil: leave the option out for the default")
	return option("WithHTTPClient", fault, func(c *config) { c.transport.HTTPClient = kept })
}

// WithUserAgent appends suffix, such as "myapp/1.2", to the User-Agent.
func WithUserAgent(suffix string) Option {
	bad := suffix == "" || strings.ContainsFunc(suffix, func(r rune) bool { return r < ' ' || r > '~' })
	fault := refuse(bad, "is empty or holds characters other than printable ASCII")
	return option("WithUserAgent", fault, func(c *config) { c.userAgent = suffix })
}

// WithPlainHTTP allows plain http to the named hosts, such as an emulator in a compose
// network. Test keys travel there in the clear; New refuses a live key. Loopback
// addresses are always allowed.
func WithPlainHTTP(hosts ...string) Option {
	hosts = slices.Clone(hosts)
	fault := refuse(len(hosts) == 0, "names no host")
	return option("WithPlainHTTP", cmp.Or(fault, address.CheckNames(hosts)), func(c *config) { c.plainHosts = hosts })
}

// WithoutSizeCheck sends a replacement (PUT) with a field over metadata.MaxSize bytes
// instead of refusing it: Clerk's published limit of "8 KB" does not say what it counts.
func WithoutSizeCheck() Option {
	return option("WithoutSizeCheck", nil, func(c *config) { c.maxFieldSize = 0 })
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
		if given(opts[:i], o.name) && !o.repeats {
			return nil, invalid(operation, o.name, "is given twice")
		}
		if o.fault != nil {
			return nil, clerkerr.Invalid(operation, o.name, o.fault)
		}
		o.apply(c)
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
