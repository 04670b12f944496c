package proxy_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// publishable returns a publishable key; keys of tests are never written out.
func publishable(kind, host string) string {
	return "pk_" + kind + "_" + base64.StdEncoding.EncodeToString([]byte(host+"$"))
}

func liveConfig() proxy.Config {
	return proxy.Config{
		SecretKey: client.SecretKey("sk_live_example"), PublicURL: publicURL, ClientAddress: proxy.FromPeer(),
	}
}

func TestBadConfigs(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change      func(*proxy.Config)
		field, says string
	}{
		"no key":          {func(c *proxy.Config) { c.SecretKey = client.Key{} }, "SecretKey", "CLERK_SECRET_KEY"},
		"publishable key": {func(c *proxy.Config) { c.SecretKey = client.SecretKey(publishable("live", "a.example")) }, "SecretKey", "is a publishable key"},
		"no address":      {func(c *proxy.Config) { c.ClientAddress = proxy.AddressSource{} }, "ClientAddress", "is missing"},
		"no header":       {func(c *proxy.Config) { c.ClientAddress = proxy.FromHeader("") }, "ClientAddress", "not a valid header name"},
		"odd header":      {func(c *proxy.Config) { c.ClientAddress = proxy.FromHeader("A: b") }, "ClientAddress", "not a valid header name"},
		"unknown header":  {func(c *proxy.Config) { c.ClientAddress = proxy.FromHeader("X-Edge-Peer") }, "ClientAddress", "proxy.FromCustomHeader"},
		"unknown format":  {func(c *proxy.Config) { c.ClientAddress = proxy.FromCustomHeader("X-Edge-Peer", 0) }, "ClientAddress", "proxy.AddressAlone"},
		"no proxies":      {func(c *proxy.Config) { c.ClientAddress = proxy.FromTrustedProxies() }, "ClientAddress", "trusts no proxy"},
		"odd proxies":     {func(c *proxy.Config) { c.ClientAddress = proxy.FromTrustedProxies(netip.Prefix{}) }, "ClientAddress", "not valid"},
		"mapped proxies": {func(c *proxy.Config) {
			c.ClientAddress = proxy.FromTrustedProxies(netip.MustParsePrefix("::ffff:10.0.0.0/104"))
		}, "ClientAddress", "written as IPv6"},
		"routes":               {func(c *proxy.Config) { c.Routes = 7 }, "Routes", "AllRoutes"},
		"nil policy":           {func(c *proxy.Config) { c.Policies = []proxy.Policy{nil} }, "Policies", "holds a nil"},
		"dial timeout":         {func(c *proxy.Config) { c.DialTimeout = -1 }, "DialTimeout", "is negative"},
		"header timeout":       {func(c *proxy.Config) { c.HeaderTimeout = -time.Second }, "HeaderTimeout", "is negative"},
		"idle timeout":         {func(c *proxy.Config) { c.IdleTimeout = -1 }, "IdleTimeout", "is negative"},
		"body":                 {func(c *proxy.Config) { c.MaxRequestBody = -1 }, "MaxRequestBody", "is negative"},
		"form":                 {func(c *proxy.Config) { c.MaxFormBody = -1 }, "MaxFormBody", "is negative"},
		"header bytes":         {func(c *proxy.Config) { c.MaxResponseHeaderBytes = -1 }, "MaxResponseHeaderBytes", "is negative"},
		"damaged":              {func(c *proxy.Config) { c.PublishableKey = "pk_live_x" }, "PublishableKey", "is damaged"},
		"other instance":       {func(c *proxy.Config) { c.PublishableKey = publishable("test", "a.example") }, "PublishableKey", "another instance"},
		"no upstream":          {func(c *proxy.Config) { c.SecretKey = client.SecretKey(secretKey) }, "Upstream", "CLERK_FAPI_URL"},
		"upstream":             {func(c *proxy.Config) { c.Upstream = "frontend-api.clerk.dev" }, "Upstream", "must begin with https://"},
		"upstream's path":      {func(c *proxy.Config) { c.Upstream = "https://frontend-api.clerk.dev/v1" }, "Upstream", "has a path"},
		"plain upstream":       {func(c *proxy.Config) { c.Upstream = "http://clerk.example" }, "Upstream", "is plain http"},
		"upstream's port":      {func(c *proxy.Config) { c.Upstream = "https://clerk.example:0" }, "Upstream", "a port that is not valid"},
		"no public URL":        {func(c *proxy.Config) { c.PublicURL = "" }, "PublicURL", "TrustForwarded"},
		"public URL":           {func(c *proxy.Config) { c.PublicURL = "https://a.example?x" }, "PublicURL", "has a query"},
		"plain public URL":     {func(c *proxy.Config) { c.PublicURL = "http://a.example" }, "PublicURL", "is plain http"},
		"public prefix":        {func(c *proxy.Config) { c.PublicURL = "https://a.example/a:b" }, "PublicURL", "single slashes"},
		"two prefixes":         {func(c *proxy.Config) { c.Prefix = "/x" }, "Prefix", "is for TrustForwarded"},
		"two public URLs":      {func(c *proxy.Config) { c.TrustForwarded = true }, "TrustForwarded", "together with PublicURL"},
		"hops, not trusted":    {func(c *proxy.Config) { c.ForwardedHost.Hops = 1 }, "ForwardedHost", "is for TrustForwarded"},
		"negative hops":        {func(c *proxy.Config) { c.PublicURL, c.TrustForwarded, c.ForwardedProto.Hops = "", true, -1 }, "ForwardedProto", "negative Hops"},
		"odd forwarded header": {func(c *proxy.Config) { c.PublicURL, c.TrustForwarded, c.ForwardedHost.Name = "", true, "a b" }, "ForwardedHost", "not a valid header name"},
		"Host":                 {func(c *proxy.Config) { c.PublicURL, c.TrustForwarded, c.ForwardedHost.Name = "", true, "host" }, "ForwardedHost", "set PublicURL"},
		"one header for both": {func(c *proxy.Config) {
			c.PublicURL, c.TrustForwarded, c.ForwardedProto.Name = "", true, "x-forwarded_HOST"
		}, "ForwardedProto", "same header"},
		"odd prefix":        {func(c *proxy.Config) { c.PublicURL, c.TrustForwarded, c.Prefix = "", true, "x" }, "Prefix", "begin with a slash"},
		"escaped prefix":    {func(c *proxy.Config) { c.PublicURL, c.TrustForwarded, c.Prefix = "", true, "/%41" }, "Prefix", "single slashes"},
		"dots in prefix":    {func(c *proxy.Config) { c.PublicURL, c.TrustForwarded, c.Prefix = "", true, "/a/.." }, "Prefix", "single slashes"},
		"slashes in prefix": {func(c *proxy.Config) { c.PublicURL, c.TrustForwarded, c.Prefix = "", true, "//a" }, "Prefix", "single slashes"},
		"a loop, by a dot":  {func(c *proxy.Config) { c.Upstream = "https://app.example." }, "PublicURL", "would loop"},
		"a loop":            {func(c *proxy.Config) { c.Upstream = "https://APP.example:443" }, "PublicURL", "would loop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := liveConfig()
			tc.change(&c)
			h, err := proxy.New(c)
			require.Nil(t, h)
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
			var e *clerkerr.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "proxy.New", e.Operation)
			require.Equal(t, tc.field, e.Param())
			require.ErrorContains(t, err, tc.says)
		})
	}
}

// upstreamOf is where a proxy sends its requests.
func upstreamOf(t *testing.T, c proxy.Config) string {
	t.Helper()
	s := &sent{}
	c.Transport = s
	newProxy(t, c).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/__clerk/", nil))
	return s.url
}

func TestUpstream(t *testing.T) {
	const environment = "https://environment.example"
	test := liveConfig()
	test.SecretKey = client.SecretKey(secretKey)
	test.PublishableKey = publishable("test", "able-cat-1.clerk.example")
	live := liveConfig()
	live.PublishableKey = publishable("live", "app.example")
	option := test
	option.Upstream = "https://option.example/"

	require.Equal(t, "https://frontend-api.clerk.dev/", upstreamOf(t, liveConfig()))
	require.Equal(t, proxy.DefaultUpstream+"/", upstreamOf(t, live))
	require.Equal(t, "https://able-cat-1.clerk.example/", upstreamOf(t, test))
	require.Equal(t, "https://option.example/", upstreamOf(t, option))

	t.Setenv("CLERK_FAPI_URL", environment)
	require.Equal(t, environment+"/", upstreamOf(t, live))
	require.Equal(t, environment+"/", upstreamOf(t, test))
	require.Equal(t, "https://option.example/", upstreamOf(t, option))

	t.Setenv("CLERK_FAPI_URL", "nonsense")
	_, err := proxy.New(live)
	require.ErrorContains(t, err, "(CLERK_FAPI_URL)")
	_, err = proxy.New(option)
	require.NoError(t, err)
}

func TestHandlerPrintsNoKey(t *testing.T) {
	t.Parallel()
	c := liveConfig()
	h := newProxy(t, c)
	for _, v := range []any{c, &c, h} {
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", v, v, v), "sk_live_example")
	}
	encoded, err := json.Marshal(c.SecretKey)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), "example")
}
