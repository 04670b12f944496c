package proxy_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// TestOddFraming: net/http refuses contradictions itself; whatever it takes
// arrives as the guard read it, with a length.
func TestOddFraming(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		raw    string
		status int
	}{
		"chunks with extensions": {update(chunked(themed[:20], themed[20:]), "Transfer-Encoding: chunked"), 200},
		"chunks and a trailer": {update(strings.TrimSuffix(chunked(themed), "\r\n")+"Content-Type: application/json\r\nX-More: 1\r\n\r\n",
			"Transfer-Encoding: chunked", "Trailer: X-More"), 200},
		"a length and chunks":      {update(chunked(themed), "Content-Length: 3", "Transfer-Encoding: chunked"), 200},
		"two lengths":              {update(themed, "Content-Length: 46", "Content-Length: 45"), 400},
		"two equal lengths":        {update(themed, "Content-Length: 46", "Content-Length: 46"), 200},
		"a length that is none":    {update(themed, "Content-Length: +46"), 400},
		"another transfer coding":  {update(themed, "Transfer-Encoding: gzip, chunked"), 501},
		"a transfer coding, twice": {update(chunked(themed), "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 501},
		"more than the length":     {update(themed+"&"+forged, "Content-Length: 46"), 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, nil, proxy.AllowKeys("theme"))
			answer := g.send(t, test.raw)
			if test.status != http.StatusOK {
				require.NotEqual(t, http.StatusOK, answer.status)
				require.Empty(t, g.arrivals())
				return
			}
			require.Equal(t, test.status, answer.status, answer.body)
			require.Len(t, g.arrivals(), 1)
			got := g.arrivals()[0]
			require.Equal(t, themed, got.body)
			require.EqualValues(t, len(themed), got.length)
			require.Empty(t, got.framing)
			require.Empty(t, got.trailer)
			require.Empty(t, got.header["X-More"])
			require.Equal(t, []string{"application/x-www-form-urlencoded"}, got.header["Content-Type"])
		})
	}
}

func TestFormSize(t *testing.T) {
	t.Parallel()
	limit := func(c *proxy.Config) { c.MaxFormBody = int64(len(themed)) }
	for name, test := range map[string]struct {
		raw    string
		status int
		code   string
	}{
		"at the limit":         {update(themed), 200, ""},
		"over it":              {update(themed + "&"), 413, proxy.CodeRequestBodyTooLarge},
		"over it, in chunks":   {update(chunked(themed, "&"), "Transfer-Encoding: chunked"), 413, proxy.CodeRequestBodyTooLarge},
		"over it, and no form": {request("PATCH /v1/me", themed+"&", "Content-Type: text/plain"), 415, "unsupported_content_type"},
		"an image is no form":  {request("POST /v1/me/profile_image", themed+"&", "Content-Type: application/octet-stream"), 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, limit, proxy.AllowKeys("theme"))
			answer := g.send(t, test.raw)
			require.Equal(t, test.status, answer.status, answer.body)
			require.Equal(t, test.code, answer.code())
			require.Equal(t, test.status == 200, len(g.arrivals()) == 1)
		})
	}
}

func TestBrokenOffForm(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil, proxy.AllowKeys("theme"))
	for _, raw := range []string{
		update("zz\r\n"+themed+"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
		update(themed, "Content-Length: 100"),
		update(fmt.Sprintf("%X\r\n%s\r\n", len(themed), themed), "Transfer-Encoding: chunked"),
	} {
		answer := g.breakOff(t, raw)
		require.Equal(t, http.StatusBadRequest, answer.status)
		require.Equal(t, proxy.CodeRequestFailed, answer.code())
	}
	require.Empty(t, g.arrivals())
}

// TestNilBody: a request that no server made can have none.
func TestNilBody(t *testing.T) {
	t.Parallel()
	tapped := newTap(t, proxy.AllowKeys())
	r := httptest.NewRequest(http.MethodPost, "/__clerk/v1/client/sessions/sess_1/end", nil)
	r.Body = nil
	tapped.handler.ServeHTTP(httptest.NewRecorder(), r)
	require.NotNil(t, tapped.last)
}

// TestNoPolicies: without any, nothing is looked at.
func TestNoPolicies(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil)
	for _, raw := range []string{
		update(forged + "&" + forged + ";%zz"),
		request("PATCH /v1/me//metadata;x?"+forged, "{}", "Content-Type: application/json"),
	} {
		require.Equal(t, http.StatusOK, g.send(t, raw).status)
	}
	require.Len(t, g.arrivals(), 2)
}

// chunked writes a body in chunks, with extensions.
func chunked(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		fmt.Fprintf(&b, "%X;a=b;c=\"d\"\r\n%s\r\n", len(part), part)
	}
	return b.String() + "0;last\r\n\r\n"
}
