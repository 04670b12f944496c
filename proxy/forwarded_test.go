package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// forwardedTo is the Clerk-Proxy-Url of a request with these headers, "" where the
// proxy answers with its configuration error.
func forwardedTo(t *testing.T, h http.Header, change func(*proxy.Config)) string {
	t.Helper()
	c := configFor(&upstream{})
	c.Upstream, c.PublicURL, c.TrustForwarded, c.Prefix = "https://clerk.upstream.example", "", true, "/auth/"
	if change != nil {
		change(&c)
	}
	s := &sent{}
	c.Transport = s
	r := httptest.NewRequest(http.MethodGet, "/auth/v1/me", nil)
	r.Header = h
	w := httptest.NewRecorder()
	newProxy(t, c).ServeHTTP(w, r)
	if s.url == "" {
		require.Equal(t, http.StatusInternalServerError, w.Code)
		require.Contains(t, w.Body.String(), `"code":"proxy_configuration_error"`)
		require.NotContains(t, w.Body.String(), "example")
		return ""
	}
	at := s.Get("Clerk-Proxy-Url")
	require.Equal(t, at, s.Get("X-Forwarded-Proto")+"://"+s.Get("X-Forwarded-Host")+"/auth")
	return at
}

func TestTrustForwarded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		hosts, protos []string
		want          string // Clerk-Proxy-Url, "" for a configuration error
	}{
		"name":                   {[]string{"app.example"}, []string{"https"}, "https://app.example/auth"},
		"port, case":             {[]string{"App.Example:8443"}, []string{"HTTPS"}, "https://App.Example:8443/auth"},
		"IPv6":                   {[]string{"[2001:db8::1]:8443"}, []string{"https"}, "https://[2001:db8::1]:8443/auth"},
		"loopback":               {[]string{"localhost:3000"}, []string{"http"}, "http://localhost:3000/auth"},
		"plain http":             {[]string{"app.example"}, []string{"http"}, ""},
		"no host":                {nil, []string{"https"}, ""},
		"no scheme":              {[]string{"app.example"}, nil, ""},
		"empty host":             {[]string{""}, []string{"https"}, ""},
		"two hosts, two lines":   {[]string{"forged.example", "app.example"}, []string{"https"}, "https://app.example/auth"},
		"a list of hosts":        {[]string{"forged.example, app.example"}, []string{"https"}, "https://app.example/auth"},
		"a list without spaces":  {[]string{"forged.example,app.example"}, []string{"https"}, "https://app.example/auth"},
		"lists on lines":         {[]string{"a.example, b.example", "c.example,\tapp.example "}, []string{"https"}, "https://app.example/auth"},
		"forged nonsense":        {[]string{"https://,,/?, app.example"}, []string{"https"}, "https://app.example/auth"},
		"two schemes, two lines": {[]string{"app.example"}, []string{"http", "https"}, "https://app.example/auth"},
		"list of schemes":        {[]string{"app.example"}, []string{"http,https"}, "https://app.example/auth"},
		"a list that ends clear": {[]string{"app.example"}, []string{"https,http"}, ""},
		"an empty last host":     {[]string{"app.example,"}, []string{"https"}, ""},
		"an empty last line":     {[]string{"app.example", ""}, []string{"https"}, ""},
		"nonsense at the right":  {[]string{"app.example, a b"}, []string{"https"}, ""},
		"other scheme":           {[]string{"app.example"}, []string{"ftp"}, ""},
		"path":                   {[]string{"app.example/x"}, []string{"https"}, ""},
		"user":                   {[]string{"a@app.example"}, []string{"https"}, ""},
		"query":                  {[]string{"app.example?x"}, []string{"https"}, ""},
		"space":                  {[]string{"app example"}, []string{"https"}, ""},
		"quote":                  {[]string{`app"example`}, []string{"https"}, ""},
		"escape":                 {[]string{"app%2eexample"}, []string{"https"}, ""},
		"underscore":             {[]string{"app_1"}, []string{"https"}, "https://app_1/auth"},
		"empty label":            {[]string{"app..example"}, []string{"https"}, ""},
		"empty port":             {[]string{"app.example:"}, []string{"https"}, ""},
		"no such port":           {[]string{"app.example:99999"}, []string{"https"}, ""},
		"port 0":                 {[]string{"app.example:0"}, []string{"https"}, ""},
		"zone":                   {[]string{"[fe80::1%25eth0]"}, []string{"https"}, ""},
		"the upstream":           {[]string{"clerk.upstream.example"}, []string{"https"}, ""},
		"upstream with a dot":    {[]string{"clerk.upstream.example."}, []string{"https"}, ""},
		"upstream in caps":       {[]string{"CLERK.upstream.example:443"}, []string{"https"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, forwardedTo(t, http.Header{"X-Forwarded-Host": tc.hosts, "X-Forwarded-Proto": tc.protos}, nil))
		})
	}
}

// TestForwardedHops: what a client writes comes to stand left of what the fronts
// append, and is never taken, however many values it writes.
func TestForwardedHops(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		host, proto proxy.ForwardedHeader
		header      http.Header
		want        string
	}{
		"two fronts that append": {
			proxy.ForwardedHeader{Hops: 2}, proxy.ForwardedHeader{Hops: 2},
			http.Header{"X-Forwarded-Host": {"app.example, inner.example"}, "X-Forwarded-Proto": {"https,http"}},
			"https://app.example/auth",
		},
		"and a forged value": {
			proxy.ForwardedHeader{Hops: 2}, proxy.ForwardedHeader{Hops: 2},
			http.Header{"X-Forwarded-Host": {"forged.example", "app.example, inner.example"}, "X-Forwarded-Proto": {"ftp, https", "http"}},
			"https://app.example/auth",
		},
		"one appends to the scheme alone": {
			proxy.ForwardedHeader{}, proxy.ForwardedHeader{Hops: 2},
			http.Header{"X-Forwarded-Host": {"app.example"}, "X-Forwarded-Proto": {"https", "http"}},
			"https://app.example/auth",
		},
		"one hop is the rightmost": {
			proxy.ForwardedHeader{Hops: 1}, proxy.ForwardedHeader{Hops: 1},
			http.Header{"X-Forwarded-Host": {"forged.example, app.example"}, "X-Forwarded-Proto": {"https"}},
			"https://app.example/auth",
		},
		"fewer values than hops": {
			proxy.ForwardedHeader{Hops: 2}, proxy.ForwardedHeader{},
			http.Header{"X-Forwarded-Host": {"app.example"}, "X-Forwarded-Proto": {"https"}},
			"",
		},
		"many more hops than values": {
			proxy.ForwardedHeader{Hops: 1 << 30}, proxy.ForwardedHeader{},
			http.Header{"X-Forwarded-Host": {"a.example, b.example"}, "X-Forwarded-Proto": {"https"}},
			"",
		},
		"an empty value in its place": {
			proxy.ForwardedHeader{Hops: 2}, proxy.ForwardedHeader{},
			http.Header{"X-Forwarded-Host": {"app.example,, inner.example"}, "X-Forwarded-Proto": {"https"}},
			"",
		},
		"other names": {
			proxy.ForwardedHeader{Name: "x-edge-host"}, proxy.ForwardedHeader{Name: "X-Edge-Scheme"},
			http.Header{
				"X-Edge-Host": {"app.example"}, "X-Edge-Scheme": {"https"}, "X_edge_host": {"forged.example"},
				"X-Forwarded-Host": {"forged.example"}, "X-Forwarded-Proto": {"ftp"},
			},
			"https://app.example/auth",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, forwardedTo(t, tc.header, func(c *proxy.Config) { c.ForwardedHost, c.ForwardedProto = tc.host, tc.proto }))
		})
	}
}

func TestForwardedHeadersStayHere(t *testing.T) {
	t.Parallel()
	c := configFor(&upstream{addr: "127.0.0.1:1"})
	c.PublicURL, c.TrustForwarded = "", true
	c.ForwardedHost, c.ForwardedProto = proxy.ForwardedHeader{Name: "X-Edge-Name"}, proxy.ForwardedHeader{Name: "X-Edge-Scheme"}
	_, s := handle(t, c, "192.0.2.7:80", http.Header{
		"X-Edge-Name": {"app.example"}, "X-Edge-Scheme": {"https"}, "X_edge_name": {"forged"}, "Http_x_edge_scheme": {"forged"}, "X-Edge-Other": {"1"},
	})
	require.Equal(t, "1", s.Get("X-Edge-Other"))
	for _, gone := range []string{"X-Edge-Name", "X-Edge-Scheme", "X_edge_name", "Http_x_edge_scheme"} {
		require.NotContains(t, s.Header, gone)
	}
}
