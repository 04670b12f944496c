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
	"github.com/clerkmeta/clerkmeta-go/internal/keys"
)

// fault returns an error about a field of Config, nil for an empty text.
func fault(field, text string) error {
	if text == "" {
		return nil
	}
	return clerkerr.Invalid("proxy.New", field, errors.New(text))
}

// checked returns c with the defaults in place of zeros, or its first fault.
func (c Config) checked() (Config, error) {
	switch err := keys.CheckSecret(c.SecretKey.Reveal(), client.EnvSecretKey); {
	case err != nil:
		return c, fault("SecretKey", err.Error())
	case c.ClientAddress.of == nil:
		return c, fault("ClientAddress", cmp.Or(c.ClientAddress.fault, "is missing: set it with proxy.FromPeer, FromHeader, FromCustomHeader or FromTrustedProxies"))
	case c.Routes != AllRoutes && c.Routes != MeRoutes:
		return c, fault("Routes", "is neither proxy.AllRoutes nor proxy.MeRoutes")
	case slices.ContainsFunc(c.Policies, isNil):
		return c, fault("Policies", "holds a nil")
	}
	c.Policies = slices.Clone(c.Policies)
	if err := cmp.Or(fault("ForwardedHost", c.forwardedFault(c.ForwardedHost)), fault("ForwardedProto", c.forwardedFault(c.ForwardedProto))); err != nil {
		return c, err
	}
	c.ForwardedHost.Name = cmp.Or(c.ForwardedHost.Name, forwardedHost)
	c.ForwardedProto.Name = cmp.Or(c.ForwardedProto.Name, forwardedProto)
	if fold(c.ForwardedHost.Name) == fold(c.ForwardedProto.Name) {
		return c, fault("ForwardedProto", "names the same header as ForwardedHost")
	}
	for _, limit := range []struct {
		field     string
		value     *int64
		byDefault int64
	}{
		{"DialTimeout", (*int64)(&c.DialTimeout), int64(DefaultDialTimeout)},
		{"HeaderTimeout", (*int64)(&c.HeaderTimeout), int64(DefaultHeaderTimeout)},
		{"IdleTimeout", (*int64)(&c.IdleTimeout), int64(DefaultIdleTimeout)},
		{"BodyTimeout", (*int64)(&c.BodyTimeout), int64(DefaultBodyTimeout)},
		{"FormTimeout", (*int64)(&c.FormTimeout), int64(DefaultFormTimeout)},
		{"MaxRequestBody", &c.MaxRequestBody, DefaultMaxRequestBody},
		{"MaxFormBody", &c.MaxFormBody, DefaultMaxFormBody},
		{"MaxFormMemory", &c.MaxFormMemory, DefaultMaxFormMemory},
		{"MaxResponseHeaderBytes", &c.MaxResponseHeaderBytes, DefaultMaxResponseHeaderBytes},
	} {
		if *limit.value < 0 {
			return c, fault(limit.field, "is negative: give a positive value, or 0 for the default")
		}
		*limit.value = cmp.Or(*limit.value, limit.byDefault)
	}
	if c.MaxFormMemory < c.MaxFormBody {
		return c, fault("MaxFormMemory", "is less than MaxFormBody: give at least as much")
	}
	return c, nil
}

func isNil(p Policy) bool {
	f, isFunc := p.(PolicyFunc)
	return p == nil || isFunc && f == nil
}

func (c Config) forwardedFault(header ForwardedHeader) string {
	switch {
	case header == (ForwardedHeader{}):
	case !c.TrustForwarded:
		return "is for TrustForwarded: set that, or leave this out"
	case header.Hops < 0:
		return "has negative Hops: give a positive number, or 0 for the rightmost value"
	case header.Name != "" && !isToken(header.Name):
		return "is not a valid header name: give one, such as X-Forwarded-Host"
	case strings.EqualFold(header.Name, "Host"):
		return "names Host, which is not a header that fronts add: if no other carries the public host, set PublicURL"
	}
	return ""
}

// upstream finds the address of the Frontend API.
func (c Config) upstream() (*url.URL, error) {
	var own string // the instance's own host
	if c.PublishableKey != "" {
		var err error
		if own, err = keys.FrontendURL(c.PublishableKey, client.EnvPublishableKey); err != nil {
			return nil, fault("PublishableKey", err.Error())
		}
		if strings.HasPrefix(c.PublishableKey, keys.PublishableLive) != c.SecretKey.IsLive() {
			return nil, fault("PublishableKey", "is of another instance than SecretKey: one is a production instance's (…_live_…), the other is not")
		}
	}
	environment, from := os.Getenv(client.EnvFrontendURL), ""
	if c.Upstream == "" && environment != "" {
		from = " (" + client.EnvFrontendURL + ")"
	}
	if c.SecretKey.IsLive() {
		own = DefaultUpstream
	}
	text := cmp.Or(c.Upstream, environment, own)
	if text == "" {
		return nil, fault("Upstream", "is not known: SecretKey is of a development instance, so give its PublishableKey, Upstream or "+client.EnvFrontendURL)
	}
	u, err := parseServer(text)
	switch {
	case err != nil:
		return nil, fault("Upstream", err.Error()+from)
	case u.Path != "":
		return nil, fault("Upstream", "has a path: give the address of the Frontend API alone"+from)
	}
	return u, nil
}

// public finds the proxy's own address. For TrustForwarded it is a path alone.
func (c Config) public(upstream *url.URL) (*url.URL, error) {
	const field = "PublicURL"
	switch {
	case c.TrustForwarded && c.PublicURL != "":
		return nil, fault("TrustForwarded", "is set together with PublicURL: set only one of them")
	case c.TrustForwarded:
		prefix := cmp.Or(strings.TrimRight(c.Prefix, "/"), DefaultPrefix)
		return &url.URL{Path: prefix}, fault("Prefix", badPrefix(prefix))
	case c.PublicURL == "":
		return nil, fault(field, "is missing: give the proxy's address as browsers see it, such as https://app.example/__clerk, or set TrustForwarded")
	case c.Prefix != "":
		return nil, fault("Prefix", "is for TrustForwarded: with PublicURL, the prefix is its path")
	}
	u, err := parseServer(c.PublicURL)
	switch {
	case err != nil:
		return nil, fault(field, err.Error())
	case sameServer(u, upstream):
		return nil, fault(field, "is on the same host as the upstream: requests would loop")
	}
	u.Path = cmp.Or(u.Path, DefaultPrefix)
	return u, fault(field, badPrefix(u.Path))
}

// badPrefix allows the characters that no URL escapes (RFC 3986, section 2.3).
func badPrefix(prefix string) string {
	switch {
	case !strings.HasPrefix(prefix, "/"):
		return "has a path that does not begin with a slash"
	case !isPlainPath(prefix, plain+"~"):
		return "has a path with more than letters, digits and -._~ between single slashes"
	}
	return ""
}
