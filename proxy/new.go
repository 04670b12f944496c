package proxy

import (
	"cmp"
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/internal/keys"
)

// invalid returns an error about a field of Config, nil for a nil cause.
func invalid(field string, cause error) error {
	if cause == nil {
		return nil
	}
	return clerkerr.Invalid("proxy.New", field, cause)
}

// fault is invalid for a text, "" for none.
func fault(field, text string) error {
	if text == "" {
		return nil
	}
	return invalid(field, errors.New(text))
}

// check returns the first fault of the fields.
func (c Config) check() error {
	faults := []error{
		invalid("SecretKey", keys.CheckSecret(c.SecretKey.Reveal(), client.EnvSecretKey)),
		fault("ClientAddress", c.ClientAddress.problem()),
		c.checkForwarded(),
	}
	if c.Routes != AllRoutes && c.Routes != MeRoutes {
		faults = append(faults, fault("Routes", "is neither proxy.AllRoutes nor proxy.MeRoutes"))
	}
	if slices.ContainsFunc(c.Policies, isNil) {
		faults = append(faults, fault("Policies", "holds a nil"))
	}
	for _, f := range []struct {
		field string
		value int64
	}{
		{"DialTimeout", int64(c.DialTimeout)},
		{"HeaderTimeout", int64(c.HeaderTimeout)},
		{"IdleTimeout", int64(c.IdleTimeout)},
		{"BodyTimeout", int64(c.BodyTimeout)},
		{"FormTimeout", int64(c.FormTimeout)},
		{"MaxRequestBody", c.MaxRequestBody},
		{"MaxFormBody", c.MaxFormBody},
		{"MaxFormMemory", c.MaxFormMemory},
		{"MaxResponseHeaderBytes", c.MaxResponseHeaderBytes},
	} {
		if f.value < 0 {
			faults = append(faults, fault(f.field, "is negative: give a positive value, or 0 for the default"))
		}
	}
	if limits := c.withDefaults(); limits.MaxFormMemory < limits.MaxFormBody {
		faults = append(faults, fault("MaxFormMemory", "is less than MaxFormBody: give at least as much"))
	}
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

func isNil(p Policy) bool {
	f, isFunc := p.(PolicyFunc)
	return p == nil || isFunc && f == nil
}

func (s AddressSource) problem() string {
	if s.of == nil && s.fault == "" {
		return "is missing: say with proxy.FromPeer, FromHeader, FromCustomHeader or FromTrustedProxies where the end user's address is read"
	}
	return s.fault
}

// checkForwarded returns the fault of ForwardedHost and ForwardedProto.
func (c Config) checkForwarded() error {
	var none ForwardedHeader
	for _, f := range []struct {
		field  string
		header ForwardedHeader
	}{{"ForwardedHost", c.ForwardedHost}, {"ForwardedProto", c.ForwardedProto}} {
		problem := f.header.fault()
		if f.header != none && !c.TrustForwarded {
			problem = "is for TrustForwarded: set that, or leave this out"
		}
		if problem != "" {
			return fault(f.field, problem)
		}
	}
	if fold(cmp.Or(c.ForwardedHost.Name, forwardedHost)) == fold(cmp.Or(c.ForwardedProto.Name, forwardedProto)) {
		return fault("ForwardedProto", "names the same header as ForwardedHost")
	}
	return nil
}

// withDefaults replaces zeros by the defaults.
func (c Config) withDefaults() Config {
	c.ForwardedHost.Name = cmp.Or(c.ForwardedHost.Name, forwardedHost)
	c.ForwardedProto.Name = cmp.Or(c.ForwardedProto.Name, forwardedProto)
	c.DialTimeout = cmp.Or(c.DialTimeout, DefaultDialTimeout)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, DefaultHeaderTimeout)
	c.IdleTimeout = cmp.Or(c.IdleTimeout, DefaultIdleTimeout)
	c.BodyTimeout = cmp.Or(c.BodyTimeout, DefaultBodyTimeout)
	c.FormTimeout = cmp.Or(c.FormTimeout, DefaultFormTimeout)
	c.MaxRequestBody = cmp.Or(c.MaxRequestBody, DefaultMaxRequestBody)
	c.MaxFormBody = cmp.Or(c.MaxFormBody, DefaultMaxFormBody)
	c.MaxFormMemory = cmp.Or(c.MaxFormMemory, DefaultMaxFormMemory)
	c.MaxResponseHeaderBytes = cmp.Or(c.MaxResponseHeaderBytes, DefaultMaxResponseHeaderBytes)
	return c
}

// upstream finds the address of the Frontend API.
func (c Config) upstream() (*url.URL, error) {
	const field = "Upstream"
	var own string // the instance's own host
	if c.PublishableKey != "" {
		var err error
		if own, err = keys.FrontendURL(c.PublishableKey, client.EnvPublishableKey); err != nil {
			return nil, invalid("PublishableKey", err)
		}
		if strings.HasPrefix(c.PublishableKey, keys.PublishableLive) != c.SecretKey.IsLive() {
			return nil, fault("PublishableKey", "is of another instance than SecretKey: one is a production instance's (…_live_…), the other is not")
		}
	}
	text, from := c.Upstream, ""
	if text == "" {
		text, from = os.Getenv(client.EnvFrontendURL), " ("+client.EnvFrontendURL+")"
	}
	if text == "" {
		from = ""
		switch {
		case c.SecretKey.IsLive():
			text = DefaultUpstream
		case own != "":
			text = own
		default:
			return nil, fault(field, "is not known: SecretKey is of a development instance, so give its PublishableKey, Upstream or "+client.EnvFrontendURL)
		}
	}
	u, err := parseServer(text)
	if err == nil && u.Path != "" {
		err = errors.New("has a path: give the address of the Frontend API alone")
	}
	if err != nil {
		return nil, fault(field, err.Error()+from)
	}
	return u, nil
}

// public finds the proxy's own address. For TrustForwarded it is a prefix alone.
func (c Config) public(upstream *url.URL) (public, error) {
	if c.TrustForwarded {
		if c.PublicURL != "" {
			return public{}, fault("TrustForwarded", "is set together with PublicURL: set only one of them")
		}
		prefix := cmp.Or(strings.TrimRight(c.Prefix, "/"), DefaultPrefix)
		return public{prefix: prefix}, fault("Prefix", badPrefix(prefix))
	}
	const field = "PublicURL"
	switch {
	case c.PublicURL == "":
		return public{}, fault(field, "is missing: give the proxy's address as browsers see it, such as https://app.example/__clerk, or set TrustForwarded")
	case c.Prefix != "":
		return public{}, fault("Prefix", "is for TrustForwarded: with PublicURL, the prefix is its path")
	}
	u, err := parseServer(c.PublicURL)
	if err != nil {
		return public{}, invalid(field, err)
	}
	if sameServer(u, upstream) {
		return public{}, fault(field, "is on the same host as the upstream: requests would go round in circles")
	}
	p := public{scheme: u.Scheme, host: u.Host, prefix: cmp.Or(u.Path, DefaultPrefix)}
	return p, fault(field, badPrefix(p.prefix))
}

// parseServer takes the address of a server that browsers or keys go to.
func parseServer(text string) (*url.URL, error) {
	u, err := address.Parse(text)
	if err == nil && address.InTheClear(u) {
		err = errors.New("is plain http off the loopback addresses, which would show keys and sessions to the network: use https")
	}
	return u, err
}

// badPrefix refuses what clients and servers could write in more than one way.
func badPrefix(prefix string) string {
	if prefix[0] != '/' {
		return "has a path that does not begin with a slash"
	}
	for segment := range strings.SplitSeq(prefix[1:], "/") {
		if segment == "" || segment == "." || segment == ".." || strings.Trim(segment, plain) != "" {
			return "has a path with more than letters, digits and -._~ between single slashes"
		}
	}
	return ""
}

// plain are the characters that no URL escapes (RFC 3986, section 2.3).
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
