package proxy_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

const (
	secretKey = "sk_test_example"
	publicURL = "https://app.example/__clerk"
	patience  = 2 * time.Minute // what no test waits for unless it hangs
	okAnswer  = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
)

// wire is one end of a connection on which bytes are written by hand.
type wire struct {
	net.Conn
	in *bufio.Reader
}

func newWire(c net.Conn) *wire {
	_ = c.SetDeadline(time.Now().Add(patience))
	return &wire{c, bufio.NewReader(c)}
}

func (w *wire) send(text string) { _, _ = io.WriteString(w, text) }

// head reads up to the empty line, "" where none comes.
func (w *wire) head() string {
	var b strings.Builder
	for {
		line, err := w.in.ReadString('\n')
		if err != nil {
			return ""
		}
		b.WriteString(line)
		if line == "\r\n" {
			return b.String()
		}
	}
}

// rest reads until the connection ends; whole reports whether it ended in order.
func (w *wire) rest() (text string, whole bool) {
	all, err := io.ReadAll(w.in)
	return string(all), err == nil
}

// upstream is a server on a raw socket.
type upstream struct {
	addr  string
	serve func(w *wire, head string) // set before the first request
	mu    sync.Mutex
	heads []string
	conns int // open ones
}

// listen calls serve for each request with its head.
func listen(t *testing.T, serve func(w *wire, head string)) *upstream {
	t.Helper()
	l := testkit.Listen(t)
	u := &upstream{addr: l.Addr().String(), serve: serve}
	testkit.Accept(l, func(conn net.Conn) { u.talk(newWire(conn)) })
	return u
}

func (u *upstream) talk(w *wire) {
	u.count(1)
	defer u.count(-1)
	defer w.Close()
	for {
		head := w.head()
		if head == "" {
			return
		}
		u.mu.Lock()
		u.heads = append(u.heads, head)
		u.mu.Unlock()
		u.serve(w, head)
	}
}

func (u *upstream) count(n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.conns += n
}

func (u *upstream) open() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.conns
}

func (u *upstream) seen() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]string{}, u.heads...)
}

// answering is an upstream that gives every request the same answer.
func answering(t *testing.T, text string) *upstream {
	t.Helper()
	return listen(t, func(w *wire, head string) {
		if strings.HasPrefix(head, "HEAD ") {
			w.send(strings.TrimSuffix(text, "ok"))
			return
		}
		w.send(text)
	})
}

func configFor(u *upstream) proxy.Config {
	return proxy.Config{
		SecretKey:     client.SecretKey(secretKey),
		Upstream:      "http://" + u.addr,
		PublicURL:     publicURL,
		ClientAddress: proxy.FromPeer(),
	}
}

func newProxy(t *testing.T, c proxy.Config) *proxy.Handler {
	t.Helper()
	h, err := proxy.New(c)
	require.NoError(t, err)
	t.Cleanup(h.CloseIdleConnections)
	return h
}

// serve listens with h and returns the address.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{Handler: h, DisableGeneralOptionsHandler: true, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	t.Cleanup(func() { _ = s.Close() })
	go func() { _ = s.Serve(l) }()
	return l.Addr().String()
}

func dial(t *testing.T, addr string) *wire {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return newWire(c)
}

// ask sends one request, head and body as given with Host and Connection: close
// put in, and returns the answer.
func ask(t *testing.T, addr, line string, rest ...string) string {
	t.Helper()
	w := dial(t, addr)
	w.send(line + " HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n" + lines(rest))
	text, _ := w.rest()
	return text
}

// lines ends a head: headers, one a string, and then a body, if there is a last
// one that begins with an empty line.
func lines(headers []string) string {
	var b strings.Builder
	body := ""
	for _, h := range headers {
		if after, ok := strings.CutPrefix(h, "\n"); ok {
			body = after
			continue
		}
		b.WriteString(h + "\r\n")
	}
	return b.String() + "\r\n" + body
}

// through sends one request through a proxy with this configuration.
func through(t *testing.T, c proxy.Config, line string, rest ...string) string {
	t.Helper()
	return ask(t, serve(t, newProxy(t, c)), line, rest...)
}

// requireRefused checks an answer of the proxy's own.
func requireRefused(t *testing.T, answer string, status, code string) {
	t.Helper()
	head, body, _ := strings.Cut(answer, "\r\n\r\n")
	require.True(t, strings.HasPrefix(head, "HTTP/1.1 "+status+" "), answer)
	require.Contains(t, head, "\r\nContent-Type: application/json\r\n")
	require.Contains(t, head, "\r\nCache-Control: no-store\r\n")
	var parsed struct {
		Errors []struct{ Code, Message string }
	}
	require.NoError(t, json.Unmarshal([]byte(body), &parsed), answer)
	require.Len(t, parsed.Errors, 1)
	require.Equal(t, code, parsed.Errors[0].Code)
	require.NotEmpty(t, parsed.Errors[0].Message)
	for _, hidden := range []string{secretKey, "app.example", "127.0.0.1", "hidden"} {
		require.NotContains(t, answer, hidden)
	}
}

// values are those of a header in a head, in order.
func values(head, name string) []string {
	var all []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if n, v, ok := strings.Cut(line, ": "); ok && strings.EqualFold(n, name) {
			all = append(all, v)
		}
	}
	return all
}

// observed lets a channel have the reports of a proxy.
func observed(c proxy.Config) (proxy.Config, <-chan proxy.Exchange) {
	reports := make(chan proxy.Exchange, 1000)
	c.Hook = func(_ context.Context, e proxy.Exchange) { reports <- e }
	return c, reports
}

// within waits for something that comes at once unless the test fails.
func within(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("it never happened")
	}
}

// readUntil reads until what was read ends with end.
func readUntil(w *wire, end string) (text string, whole bool) {
	for {
		b, err := w.in.ReadByte()
		if err != nil {
			return text, false
		}
		text += string(b)
		if strings.HasSuffix(text, end) {
			return text, true
		}
	}
}

// chunks is a chunked body.
func chunks(parts ...string) string {
	var b strings.Builder
	for _, part := range append(parts, "") {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(part), part)
	}
	return b.String()
}
