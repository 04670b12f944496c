package client

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"

	"github.com/clerkmeta/clerkmeta-go/internal/transport"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Defaults of the options. Clerk counts requests over windows of 10 s, so a call
// that may take less than that in all would never survive a 429.
const (
	DefaultMaxRetries     = 3
	DefaultBaseDelay      = 500 * time.Millisecond
	DefaultMaxDelay       = 8 * time.Second
	DefaultMaxRetryAfter  = 30 * time.Second
	DefaultAttemptTimeout = 10 * time.Second
	DefaultTimeout        = 45 * time.Second
	DefaultBudgetRetries  = 100
	DefaultBudgetRefill   = 0.2
)

// Bounds of the options.
const (
	maxRetriesAllowed = 10
	maxWaitAllowed    = time.Hour
	maxBudgetRetries  = 1_000_000
	idlePerHost       = 64
)

// Option changes what New and NewFrontend make. Options may stand in any order;
// giving one twice is an error, hooks excepted, and so is a value that makes no
// sense.
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
	limit        Limit
	writeLimit   int
}

// WithBaseURL sets the address of the Backend API, DefaultBaseURL otherwise.
// Without a path it gets /v1. Plain http is refused off the loopback addresses.
func WithBaseURL(baseURL string) Option {
	return Option{optionBaseURL, func(c *config) error {
		if baseURL == "" {
			return fmt.Errorf("is empty")
		}
		c.baseURL = baseURL
		return nil
	}}
}

// WithHTTPClient sends requests through the Transport of h and under its
// Timeout (which bounds one attempt). h is copied and never changed; its cookie
// jar and its redirect policy are not used: no cookie is kept between calls and
// no redirect is followed. Without this option there is a connection pool of
// the client's own. The Transport must return when the request's context ends:
// the timeouts work through it. A panic in it goes on to the caller of the method.
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

// WithMaxRetries sets how many attempts may follow the first, 0 to 10;
// DefaultMaxRetries otherwise. Retried are connection errors, answers cut
// short, and the statuses 408, 409 with code resource_locked, 425, 429, 500,
// 502, 503, 504, and 520 to 527 and 530, with which Cloudflare answers when it
// gets no answer from Clerk. Other 5xx statuses (501, 505, 511) are final: what
// they say does not pass. The outcome of a write answered with any 5xx status is
// unknown.
func WithMaxRetries(n int) Option {
	return Option{"WithMaxRetries", func(c *config) error {
		if n < 0 || n > maxRetriesAllowed {
			return fmt.Errorf("is %d, allowed is 0 (no retries) to %d", n, maxRetriesAllowed)
		}
		c.transport.MaxRetries = n
		return nil
	}}
}

// WithBackoff sets the waits between attempts: a random one up to base, doubled
// with each retry, never over maximum (exponential backoff with full jitter).
// DefaultBaseDelay and DefaultMaxDelay otherwise.
func WithBackoff(base, maximum time.Duration) Option {
	return Option{"WithBackoff", func(c *config) error {
		if base <= 0 || maximum < base || maximum > maxWaitAllowed {
			return fmt.Errorf("is %s up to %s, allowed is a base over 0 and a maximum from there to %s", base, maximum, maxWaitAllowed)
		}
		c.transport.BaseDelay, c.transport.MaxDelay = base, maximum
		return nil
	}}
}

// WithMaxRetryAfter sets the longest Retry-After that is waited for,
// DefaultMaxRetryAfter otherwise. A longer one ends the call at once, with the
// wait in the error. 0 waits for none.
func WithMaxRetryAfter(d time.Duration) Option {
	return Option{"WithMaxRetryAfter", func(c *config) error {
		if d < 0 || d > maxWaitAllowed {
			return fmt.Errorf("is %s, allowed is 0 to %s", d, maxWaitAllowed)
		}
		c.transport.MaxRetryAfter = d
		return nil
	}}
}

// WithRetryBudget bounds the retries of all calls of a client together, so that
// they do not multiply the load when everything fails: a token bucket that holds
// so many retries, and to which each call that succeeds gives back refill of
// one. DefaultBudgetRetries and DefaultBudgetRefill otherwise.
func WithRetryBudget(retries int, refill float64) Option {
	return Option{"WithRetryBudget", func(c *config) error {
		if retries < 1 || retries > maxBudgetRetries || !(refill > 0 && refill <= 1) {
			return fmt.Errorf("is %d retries with refill %g, allowed are 1 to %d and a refill over 0 and up to 1 (for no retries: WithMaxRetries(0))", retries, refill, maxBudgetRetries)
		}
		c.transport.Budget = transport.NewBudget(retries, refill)
		return nil
	}}
}

// WithAttemptTimeout bounds one attempt, from connecting to the last byte of the
// answer; DefaultAttemptTimeout otherwise. An attempt that runs out is retried.
// More than the whole call may take (WithTimeout) is an error.
func WithAttemptTimeout(d time.Duration) Option {
	return Option{"WithAttemptTimeout", func(c *config) error {
		if d <= 0 || d > maxWaitAllowed {
			return fmt.Errorf("is %s, allowed is over 0 to %s", d, maxWaitAllowed)
		}
		c.transport.AttemptTimeout = d
		return nil
	}}
}

// WithTimeout bounds one call, with all its attempts and waits; DefaultTimeout
// otherwise. The context's deadline counts where it is sooner.
func WithTimeout(d time.Duration) Option {
	return Option{"WithTimeout", func(c *config) error {
		if d <= 0 || d > maxWaitAllowed {
			return fmt.Errorf("is %s, allowed is over 0 to %s", d, maxWaitAllowed)
		}
		c.transport.Timeout = d
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

// WithPlainHTTP allows plain http to the named hosts, such as an emulator in a
// compose network. Keys travel there in the clear. Loopback addresses need no
// permission.
func WithPlainHTTP(hosts ...string) Option {
	hosts = slices.Clone(hosts)
	return Option{"WithPlainHTTP", func(c *config) error {
		for _, h := range hosts {
			if h == "" || strings.ContainsAny(h, "/:*?#@ ") {
				return fmt.Errorf("has %q, allowed are host names without port, path or wildcard", h)
			}
		}
		if len(hosts) == 0 {
			return fmt.Errorf("names no host")
		}
		c.plainHosts = hosts
		return nil
	}}
}

// WithoutSizeCheck lets a replacement (PUT) through that has a field over
// metadata.MaxSize bytes, and leaves the judgement to Clerk, whose published
// limit of "8 KB" does not say what exactly it counts.
func WithoutSizeCheck() Option {
	return Option{"WithoutSizeCheck", func(c *config) error {
		c.maxFieldSize = 0
		return nil
	}}
}

func configure(operation string, opts []Option) (*config, error) {
	c := &config{
		maxFieldSize: metadata.MaxSize,
		writeLimit:   DefaultWriteLimit,
		transport: transport.Config{
			APIVersion:     APIVersion,
			MaxRetries:     DefaultMaxRetries,
			BaseDelay:      DefaultBaseDelay,
			MaxDelay:       DefaultMaxDelay,
			MaxRetryAfter:  DefaultMaxRetryAfter,
			AttemptTimeout: DefaultAttemptTimeout,
			Timeout:        DefaultTimeout,
			Budget:         transport.NewBudget(DefaultBudgetRetries, DefaultBudgetRefill),
		},
	}
	for i, o := range opts {
		if o.apply == nil {
			return nil, invalid(operation, "option", "is the zero Option")
		}
		if given(opts[:i], o.name) && !isHook(o.name) {
			return nil, invalid(operation, o.name, "is given twice")
		}
		if err := o.apply(c); err != nil {
			return nil, invalid(operation, o.name, err.Error())
		}
	}
	if given(opts, "WithAttemptTimeout") && c.transport.AttemptTimeout > c.transport.Timeout {
		return nil, invalid(operation, "WithAttemptTimeout", fmt.Sprintf("is %s, longer than the %s of the whole call: see WithTimeout", c.transport.AttemptTimeout, c.transport.Timeout))
	}
	if err := c.limitRate(operation, opts); err != nil {
		return nil, err
	}
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
