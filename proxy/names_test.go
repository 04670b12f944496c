package proxy_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// claimsOfFronts are headers in which fronts pass on who the client is or what it
// asked for, by the documents of each.
var claimsOfFronts = map[string]string{
	"RFC 7239":             "Forwarded",
	"most proxies":         "X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Server X-Forwarded-Prefix X-Forwarded-By X-Forwarded X-Real-IP",
	"Akamai":               "True-Client-IP Akamai-Client-IP",
	"Alibaba Cloud":        "Ali-CDN-Real-IP",
	"Amazon CloudFront":    "CloudFront-Viewer-Address CloudFront-Viewer-Country CloudFront-Forwarded-Proto",
	"Azure":                "X-Azure-ClientIP X-Azure-SocketIP X-Original-Host Client-IP",
	"Cloudflare":           "CF-Connecting-IP CF-Connecting-IPv6 CF-Pseudo-IPv4 CF-Visitor CF-IPCountry True-Client-IP",
	"DigitalOcean":         "DO-Connecting-IP",
	"Envoy":                "X-Envoy-External-Address X-Envoy-Downstream-Remote-Address X-Envoy-Original-Path X-Envoy-Original-Host",
	"Fastly":               "Fastly-Client-IP Fastly-SSL",
	"Fly.io":               "Fly-Client-IP Fly-Forwarded-Proto Fly-Forwarded-Port Fly-Forwarded-SSL",
	"Google App Engine":    "X-Appengine-User-IP X-Appengine-Remote-Addr",
	"Imperva":              "Incap-Client-IP",
	"Kubernetes' ingress":  "X-Original-Forwarded-For X-Original-URI X-Scheme",
	"Microsoft IIS":        "X-Original-URL Front-End-Https X-Original-Proto X-Original-For",
	"Netlify":              "X-NF-Client-Connection-IP",
	"Rackspace, Riverbed":  "X-Cluster-Client-IP Cluster-Client-IP",
	"Sucuri":               "X-Sucuri-ClientIP",
	"Tencent EdgeOne":      "EO-Client-IP EO-Connecting-IP",
	"Vercel":               "X-Vercel-Forwarded-For X-Vercel-Proxied-For",
	"WebLogic":             "WL-Proxy-Client-IP Proxy-Client-IP",
	"Wangsu":               "CDN-Src-IP CDN-Real-IP X-CDN-Src-IP",
	"Zend, Symfony":        "X-Rewrite-URL X-Override-URL X-HTTP-Host-Override X-HTTP-Path-Override",
	"others":               "X-Client-IP X-ClientIP XClientIP X-Forward X-Forward-For X-Forward-Host X-Forward-Proto X-Fwd-For XFF X-XFF X-Proto X-Protocol X-SSL X-HTTPS X-Remote-IP X-Remote-Addr Remote-Addr X-RemoteAddr X-Originating-IP X-ProxyUser-IP Forwarded-For Forwarder-For X-Forwarding-For Z-Forwarded-For X-My-Forwarded-For X-Source-IP X-User-IP X-Peer-Address X-Client-Address X-Custom-IP-Authorization X-Nokia-IPAddress X-Host X-URL-Scheme X-Coming-From",
	"this proxy":           "Clerk-Proxy-Url Clerk-Secret-Key",
	"net/http":             "Content-Length Host",
	"one connection alone": "TE Trailer Transfer-Encoding Keep-Alive Proxy-Connection Proxy-Authorization HTTP2-Settings Proxy",
}

// spellings are those that some server takes for the same header.
func spellings(name string) []string {
	under := strings.ReplaceAll(name, "-", "_")
	return []string{
		name, strings.ToLower(name), strings.ToUpper(name), under, strings.ToUpper(under), strings.ToLower(under),
		"HTTP_" + strings.ToUpper(under), "Http_" + name, "http-" + name, "HTTP_HTTP_" + under, strings.ReplaceAll(name, "-", "."),
	}
}

// TestNoClaimPasses: however a name is spelled, as long as net/http takes it.
func TestNoClaimPasses(t *testing.T) {
	t.Parallel()
	for front, names := range claimsOfFronts {
		t.Run(front, func(t *testing.T) {
			t.Parallel()
			header := http.Header{"X-Custom": {"1"}}
			for name := range strings.FieldsSeq(names) {
				for _, spelled := range spellings(name) {
					header[http.CanonicalHeaderKey(spelled)] = []string{"forged"}
					header[spelled] = []string{"forged"} // as HTTP/2 or a router's middleware may leave it
				}
			}
			w, s := handle(t, configFor(&upstream{addr: "127.0.0.1:1"}), "192.0.2.7:80", header)
			require.Equal(t, http.StatusNoContent, w.Code)
			require.Equal(t, "1", s.Get("X-Custom"))
			require.Equal(t, []string{"192.0.2.7"}, s.Values("X-Forwarded-For"))
			for name, values := range s.Header {
				require.NotContains(t, values, "forged", name)
			}
		})
	}
}

// TestOtherHeadersPass: names that hold a part of a pattern only by chance, and what
// browsers and Clerk's clients send.
func TestOtherHeadersPass(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	for name := range strings.FieldsSeq(`Accept Accept-Encoding Accept-Language Authorization Cache-Control Cdn-Loop Cf-Ray
		Clerk-Api-Version Content-Encoding Content-Type Cookie Date Dnt Idempotency-Key If-None-Match Max-Forwards Origin Pragma Priority
		Range Referer Sec-Ch-Ua Sec-Fetch-Site Sec-Gpc Traceparent Tracestate User-Agent Via X-Clerk-Client X-Ios-Sdk-Version X-Mobile
		X-Zip X-Shipping-Tip X-Requested-With X-Request-Id X-Client-Version X-Recipient`) {
		header[name] = []string{"1"}
	}
	_, s := handle(t, configFor(&upstream{addr: "127.0.0.1:1"}), "192.0.2.7:80", header)
	for name := range header {
		require.Equal(t, []string{"1"}, s.Header[name], name)
	}
	require.Len(t, s.Header, len(header)+5)
}

// TestConnectionListsHeaders: what Connection lists stays here, however it is
// spelled there and in the header itself.
func TestConnectionListsHeaders(t *testing.T) {
	t.Parallel()
	_, s := handle(t, configFor(&upstream{addr: "127.0.0.1:1"}), "192.0.2.7:80", http.Header{
		"Connection": {"close, x_one", "\tX-TWO ,keep-alive,,"}, "X-One": {"1"}, "X_one": {"1"}, "X-Two": {"1"}, "Http_x_two": {"1"}, "X-Three": {"1"},
	})
	require.Equal(t, "1", s.Get("X-Three"))
	for _, gone := range []string{"X-One", "X_one", "X-Two", "Http_x_two", "Connection"} {
		require.NotContains(t, s.Header, gone)
	}
}

// TestGuardKnowsEverySpelling: a header that stands for another method, type or
// length is refused where policies judge, in every spelling but its own.
func TestGuardKnowsEverySpelling(t *testing.T) {
	t.Parallel()
	tapped := newTap(t, proxy.AllowKeys("theme"))
	asked := func(name string) *passedOn {
		return tapped.pass(update(themed, name+": PATCH"))
	}
	require.NotNil(t, asked("X-Custom"))
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Method", "Method-Override"} {
		for _, spelled := range spellings(name) {
			require.Nil(t, asked(spelled), spelled)
		}
		require.Nil(t, tapped.pass(request("GET /v1/me", "", name+": PATCH", "Connection: "+name)), "listed by Connection")
	}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Length", "Transfer-Encoding"} {
		for _, spelled := range spellings(name) {
			if !strings.EqualFold(spelled, name) {
				require.Nil(t, asked(spelled), spelled)
			}
		}
	}
}

// TestMeRoutesKnowEverySpelling: without policies, too.
func TestMeRoutesKnowEverySpelling(t *testing.T) {
	t.Parallel()
	for _, spelled := range spellings("X-HTTP-Method-Override") {
		c := configFor(&upstream{addr: "127.0.0.1:1"})
		c.Routes = proxy.MeRoutes
		w, s := handle(t, c, "192.0.2.7:80", http.Header{spelled: {"DELETE"}})
		require.Equal(t, http.StatusForbidden, w.Code, spelled)
		require.Empty(t, s.url)
	}
}

// TestNoSecondLength: beside chunked framing, a length in another spelling would
// make some servers see the start of another request.
func TestNoSecondLength(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Content_Length", "HTTP_CONTENT_LENGTH", "content.length", "Transfer_Encoding", "HTTP_TRANSFER_ENCODING", "HTTP_HOST"} {
		g := newGate(t, nil)
		raw := request("POST /v1/x", chunks("a=1"), formType, "Transfer-Encoding: chunked", name+": 3")
		require.Equal(t, http.StatusOK, g.send(t, raw).status)
		got := g.arrivals()[0]
		require.Equal(t, "a=1", got.body)
		require.Equal(t, []string{"chunked"}, got.framing)
		require.NotContains(t, got.header, http.CanonicalHeaderKey(name))

		guarded := newGate(t, nil, proxy.PolicyFunc(func(*http.Request, metadata.Patch) error { return nil }))
		if name != "HTTP_HOST" { // which is dropped
			require.Equal(t, "malformed_request_parameters", guarded.send(t, raw).code(), name)
			require.Empty(t, guarded.arrivals())
		}
	}
}
