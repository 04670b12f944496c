package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// sent is what reaches the upstream of a request that a proxy gets in process.
type sent struct {
	http.Header
	url    string
	answer http.Header
}

func (s *sent) RoundTrip(r *http.Request) (*http.Response, error) {
	s.Header, s.url = r.Header.Clone(), r.URL.String()
	answer := s.answer
	if answer == nil {
		answer = http.Header{}
	}
	return &http.Response{StatusCode: http.StatusNoContent, Header: answer, Body: http.NoBody}, nil
}

// handleWith lets a proxy pass on an answer with this header.
func handleWith(t *testing.T, c proxy.Config, name, value string) (*httptest.ResponseRecorder, *sent) {
	t.Helper()
	s := &sent{answer: http.Header{name: {value}}}
	c.Transport = s
	w := httptest.NewRecorder()
	newProxy(t, c).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/__clerk/v1/me", nil))
	return w, s
}

// handle lets a proxy answer a request from peer.
func handle(t *testing.T, c proxy.Config, peer string, header http.Header) (*httptest.ResponseRecorder, *sent) {
	t.Helper()
	s := &sent{}
	c.Transport = s
	r := httptest.NewRequest(http.MethodGet, "/__clerk/v1/me", nil)
	r.RemoteAddr, r.Header = peer, header
	w := httptest.NewRecorder()
	newProxy(t, c).ServeHTTP(w, r)
	return w, s
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	const peer = "10.0.0.1:5000"
	header := proxy.FromHeader("cf-connecting-ip")
	trusted := proxy.FromTrustedProxies(netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"))
	forwarded := func(lines ...string) http.Header { return http.Header{"X-Forwarded-For": lines} }
	for name, tc := range map[string]struct {
		source proxy.AddressSource
		peer   string
		header http.Header
		want   string // "" for a configuration error
	}{
		"peer":                   {proxy.FromPeer(), "192.0.2.7:5000", forwarded("6.6.6.6"), "192.0.2.7"},
		"peer of IPv6":           {proxy.FromPeer(), "[2001:db8::1]:5000", nil, "2001:db8::1"},
		"peer with a zone":       {proxy.FromPeer(), "[fe80::1%eth0]:5000", nil, "fe80::1"},
		"peer of mapped IPv4":    {proxy.FromPeer(), "[::ffff:192.0.2.7]:5000", nil, "192.0.2.7"},
		"peer of a unix socket":  {proxy.FromPeer(), "@", nil, ""},
		"header":                 {header, peer, http.Header{"Cf-Connecting-Ip": {"192.0.2.7"}, "X-Forwarded-For": {"6.6.6.6"}}, "192.0.2.7"},
		"header of IPv6":         {header, peer, http.Header{"Cf-Connecting-Ip": {"2001:DB8::1"}}, "2001:db8::1"},
		"header of mapped":       {header, peer, http.Header{"Cf-Connecting-Ip": {"::ffff:192.0.2.7"}}, "192.0.2.7"},
		"header missing":         {header, peer, http.Header{"Cf_connecting_ip": {"192.0.2.7"}}, ""},
		"header twice":           {header, peer, http.Header{"Cf-Connecting-Ip": {"192.0.2.7", "192.0.2.7"}}, ""},
		"header with a list":     {header, peer, http.Header{"Cf-Connecting-Ip": {"192.0.2.7, 192.0.2.8"}}, ""},
		"header empty":           {header, peer, http.Header{"Cf-Connecting-Ip": {""}}, ""},
		"header of a name":       {header, peer, http.Header{"Cf-Connecting-Ip": {"hidden.example"}}, ""},
		"header with a port":     {header, peer, http.Header{"Cf-Connecting-Ip": {"192.0.2.7:99"}}, ""},
		"untrusted peer":         {trusted, "192.0.2.7:5000", forwarded("6.6.6.6"), "192.0.2.7"},
		"trusted peer":           {trusted, peer, forwarded("192.0.2.7"), "192.0.2.7"},
		"forged left part":       {trusted, peer, forwarded("6.6.6.6, 192.0.2.7"), "192.0.2.7"},
		"forged trusted address": {trusted, peer, forwarded("10.6.6.6, 192.0.2.7, 10.0.0.2"), "192.0.2.7"},
		"forged nonsense":        {trusted, peer, forwarded("hidden,,, 192.0.2.7,10.0.0.2:80"), "192.0.2.7"},
		"several lines":          {trusted, peer, forwarded("6.6.6.6", "192.0.2.7", "[fd00::2]:80, 10.0.0.2"), "192.0.2.7"},
		"all trusted":            {trusted, peer, forwarded("10.0.0.3, 10.0.0.2"), "10.0.0.3"},
		"trusted as mapped":      {trusted, "[::ffff:10.0.0.1]:5000", forwarded("192.0.2.7, ::ffff:10.0.0.2"), "192.0.2.7"},
		"nonsense on the way":    {trusted, peer, forwarded("192.0.2.7, unknown"), ""},
		"no header":              {trusted, peer, nil, ""},
		"trusted by no peer":     {trusted, "", forwarded("192.0.2.7"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := configFor(&upstream{addr: "127.0.0.1:1"})
			c.ClientAddress = tc.source
			w, s := handle(t, c, tc.peer, tc.header)
			if tc.want == "" {
				require.Equal(t, http.StatusInternalServerError, w.Code)
				require.Contains(t, w.Body.String(), `"code":"proxy_configuration_error"`)
				require.NotContains(t, w.Body.String(), "hidden")
				require.Empty(t, s.url)
				return
			}
			require.Equal(t, http.StatusNoContent, w.Code)
			require.Equal(t, []string{tc.want}, s.Values("X-Forwarded-For"))
			require.Empty(t, s.Values("Cf-Connecting-Ip"))
		})
	}
}

func TestSourceHeaderStaysHere(t *testing.T) {
	t.Parallel()
	c := configFor(&upstream{addr: "127.0.0.1:1"})
	c.ClientAddress = proxy.FromCustomHeader("X-Edge-Peer", proxy.AddressAlone)
	_, s := handle(t, c, "", http.Header{"X-Edge-Peer": {"192.0.2.7"}, "X_edge_peer": {"forged"}, "Http_x_edge_peer": {"forged"}, "X-Edge-Other": {"1"}})
	require.Empty(t, s.Values("X-Edge-Peer"))
	require.NotContains(t, s.Header, "X_edge_peer")
	require.NotContains(t, s.Header, "Http_x_edge_peer")
	require.Equal(t, "1", s.Get("X-Edge-Other"))
}
