package proxy_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	addr := serve(t, newProxy(t, configFor(u)))
	w := dial(t, addr)
	w.send("GET /__clerk/v1/me HTTP/1.1\r\nHost: app.example\r\n" +
		"Origin: https://app.example\r\nAuthorization: Bearer token\r\nCookie: __client=a; other=b\r\nAccept-Encoding: br, zstd\r\n" +
		"User-Agent: browser\r\nX-Custom: one\r\nX-Custom: two\r\nDate: yesterday\r\nTE: trailers\r\nTrailer: X-Late\r\n" +
		"Connection: keep-alive, X-Mine, Upgrade, Clerk-Secret-Key, X-Forwarded-For\r\nX-Mine: 1\r\nUpgrade: websocket\r\nKeep-Alive: 5\r\n" +
		"Proxy-Authorization: x\r\nProxy-Connection: x\r\nHTTP2-Settings: x\r\n" +
		strings.Join([]string{
			"Clerk-Secret-Key", "clerk_secret_key", "Clerk.Proxy-URL", "CLERK_PROXY_URL", "Forwarded", "X-Forwarded-For", "X_Forwarded_For",
			"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Anything", "X-Real-IP", "X_Real-Ip", "True-Client-IP",
			"CF-Connecting-IP", "Cf_Connecting_Ip", "Fly-Client-IP", "X-Original-URL", "X-Rewrite-URL", "Client-IP", "X-Client-IP",
			"X-Forwarded", "Forwarded-For", "Proxy-Client-IP", "HTTP_X_FORWARDED_FOR", "Http-Client-IP", "HTTP_CLERK_SECRET_KEY", "",
		}, ": forged\r\n") + "\r\n")
	require.Contains(t, w.head(), " 200 OK\r\n")
	head := u.seen()[0]
	require.NotContains(t, head, "forged")
	for name, want := range map[string][]string{
		"Host": {u.addr}, "Origin": {"https://app.example"}, "Authorization": {"Bearer token"}, "Cookie": {"__client=a; other=b"},
		"Accept-Encoding": {"br, zstd"}, "User-Agent": {"browser"}, "X-Custom": {"one", "two"}, "Date": {"yesterday"},
		"Clerk-Proxy-Url": {publicURL}, "Clerk-Secret-Key": {secretKey}, "X-Forwarded-For": {"127.0.0.1"},
		"X-Forwarded-Host": {"app.example"}, "X-Forwarded-Proto": {"https"},
	} {
		require.Equal(t, want, values(head, name), name)
	}
	require.Len(t, strings.Split(strings.TrimSpace(head), "\r\n"), 1+14, "nothing else: %s", head)

	// What the client does not say is not said for it.
	require.Contains(t, ask(t, addr, "GET /__clerk/v1/me"), " 200 OK\r\n")
	require.Len(t, strings.Split(strings.TrimSpace(u.seen()[1]), "\r\n"), 1+6, u.seen()[1])
}

func TestAnswerHeaders(t *testing.T) {
	t.Parallel()
	u := answering(t, "HTTP/1.1 418 Teapot\r\nSet-Cookie: b=1; Path=/\r\nset-cookie: a=2\r\nSet-Cookie: b=3\r\nX-Custom: \"odd\"\r\n"+
		"Clerk-Secret-Key: "+secretKey+"\r\nclerk_proxy_url: x\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"+
		"Proxy-Authenticate: x\r\nUpgrade: h2c\r\nTrailer: X-Late\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"3\r\nabc\r\n0\r\nX-Late: 1\r\nClerk-Secret-Key: "+secretKey+"\r\n\r\n")
	answer := through(t, configFor(u), "GET /__clerk/v1/me")
	head, body, _ := strings.Cut(answer, "\r\n\r\n")
	require.True(t, strings.HasPrefix(head, "HTTP/1.1 418 "), answer)
	require.Equal(t, []string{"b=1; Path=/", "a=2", "b=3"}, values(head, "Set-Cookie"))
	require.Equal(t, []string{`"odd"`}, values(head, "X-Custom"))
	require.Equal(t, "3\r\nabc\r\n0\r\n\r\n", body)
	for _, gone := range []string{secretKey, "proxy_url", "X-Hop", "Keep-Alive", "Proxy-Auth", "Upgrade", "Trailer", "X-Late"} {
		require.NotContains(t, answer, gone)
	}
}

func TestNoContentTypeIsGuessed(t *testing.T) {
	t.Parallel()
	u := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<script>\"hi!\";<")
	answer := through(t, configFor(u), "GET /__clerk/v1/me")
	require.Contains(t, answer, "<script>")
	require.NotContains(t, answer, "Content-Type")
}

func TestInformationalAnswers(t *testing.T) {
	t.Parallel()
	u := answering(t, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nClerk-Secret-Key: "+secretKey+"\r\nKeep-Alive: 5\r\n\r\n"+okAnswer)
	answer := through(t, configFor(u), "GET /__clerk/v1/me")
	require.True(t, strings.HasPrefix(answer, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n"), answer)
	require.NotContains(t, answer, secretKey)

	u = answering(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	answer = through(t, configFor(u), "GET /__clerk/v1/me", "Upgrade: websocket")
	requireRefused(t, answer, "502", "proxy_request_failed")
}

// TestLongListsInHeaders: a list in a header, which can be as long as the server's
// MaxHeaderBytes, takes no memory for each of its values. Not parallel: it measures
// what all goroutines allocate.
func TestLongListsInHeaders(t *testing.T) { //nolint:paralleltest // see above
	var names strings.Builder
	for i := range 200_000 {
		fmt.Fprintf(&names, "x%x,", i)
	}
	commas := strings.Repeat(",", 1<<20)
	trusted := proxy.FromTrustedProxies(netip.MustParsePrefix("10.0.0.0/8"))
	for name, tc := range map[string]struct { //nolint:paralleltest // see above
		source proxy.AddressSource
		header http.Header
	}{
		"Connection":      {proxy.FromPeer(), http.Header{"Connection": {names.String() + "X-One"}, "X-One": {"1"}}},
		"X-Forwarded-For": {trusted, http.Header{"X-Forwarded-For": {commas, "192.0.2.7"}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := configFor(&upstream{addr: "127.0.0.1:1"})
			c.ClientAddress = tc.source
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			w, s := handle(t, c, "10.0.0.1:80", tc.header)
			runtime.ReadMemStats(&after)
			require.Equal(t, http.StatusNoContent, w.Code)
			require.NotContains(t, s.Header, "X-One")
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20), "a list of values takes 16 MiB")
		})
	}
}
