package proxy_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

const formType = "Content-Type: application/x-www-form-urlencoded"

// arrival is what reached the upstream.
type arrival struct {
	target  string
	header  http.Header
	length  int64
	framing []string
	trailer http.Header
	body    string
}

// gate is a proxy with policies, between a raw socket and a server that notes
// what arrives.
type gate struct {
	address string
	mu      sync.Mutex
	seen    []arrival
}

func guardedConfig(upstream string, policies ...proxy.Policy) proxy.Config {
	return proxy.Config{
		SecretKey:     client.SecretKey("sk_test_example"),
		Upstream:      upstream,
		PublicURL:     "https://app.example/__clerk",
		ClientAddress: proxy.FromPeer(),
		Policies:      policies,
	}
}

func newGate(t *testing.T, change func(*proxy.Config), policies ...proxy.Policy) *gate {
	t.Helper()
	g := &gate{}
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			body = fmt.Append(nil, "broken off: ", err)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		g.seen = append(g.seen, arrival{r.RequestURI, r.Header, r.ContentLength, r.TransferEncoding, r.Trailer, string(body)})
	}))
	t.Cleanup(upstream.Close)
	config := guardedConfig(upstream.URL, policies...)
	if change != nil {
		change(&config)
	}
	handler, err := proxy.New(config)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a policy panics here
	server.Start()
	t.Cleanup(server.Close)
	g.address = server.Listener.Addr().String()
	return g
}

func (g *gate) arrivals() []arrival {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.seen
}

// reply is the answer.
type reply struct {
	status int
	body   string
	Errors []struct {
		Code        string `json:"code"`
		Message     string `json:"message"`
		LongMessage string `json:"long_message"`
		Meta        struct {
			ParamName string `json:"param_name"`
		} `json:"meta"`
	} `json:"errors"`
}

func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Code
}

// send writes a request as it is.
func (g *gate) send(t *testing.T, raw string) reply {
	t.Helper()
	return g.write(t, raw, false)
}

// breakOff writes a request that ends too early.
func (g *gate) breakOff(t *testing.T, raw string) reply {
	t.Helper()
	return g.write(t, raw, true)
}

func (g *gate) write(t *testing.T, raw string, over bool) reply {
	t.Helper()
	conn, err := net.Dial("tcp", g.address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, raw)
	require.NoError(t, err)
	if tcp, ok := conn.(*net.TCPConn); ok && over {
		require.NoError(t, tcp.CloseWrite())
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	r := reply{status: answer.StatusCode, body: string(body)}
	_ = json.Unmarshal(body, &r) // net/http's own answers are no JSON
	return r
}

// request writes a request; line is "METHOD /path?query", below the prefix.
func request(line, body string, headers ...string) string {
	method, target, _ := strings.Cut(line, " ")
	var b strings.Builder
	fmt.Fprintf(&b, "%s /__clerk%s HTTP/1.1\r\nHost: app.example\r\n", method, target)
	framed := body == ""
	for _, h := range headers {
		b.WriteString(h + "\r\n")
		framed = framed || strings.HasPrefix(h, "Transfer-Encoding") || strings.HasPrefix(h, "Content-Length")
	}
	if !framed {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	return b.String() + "\r\n" + body
}

// update writes a form to the metadata endpoint, as browsers do.
func update(body string, headers ...string) string {
	return request("POST /v1/me/metadata?_method=PATCH&_clerk_session_id=sess_1", body, append([]string{formType}, headers...)...)
}
