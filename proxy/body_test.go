package proxy_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

func TestMethodsAndBodiesPass(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"} {
		var got string
		u := listen(t, func(w *wire, head string) {
			body := make([]byte, 5)
			_, _ = io.ReadFull(w.in, body)
			got = string(body)
			w.send("HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n")
			if !strings.HasPrefix(head, "HEAD ") {
				w.send("done")
			}
		})
		answer := through(t, configFor(u), method+" /__clerk/v1/x", "Content-Length: 5", "\n\x00\xffa\r\n")
		require.Contains(t, answer, " 201 Created\r\n")
		require.Equal(t, method != "HEAD", strings.HasSuffix(answer, "\r\n\r\ndone"))
		require.Equal(t, "\x00\xffa\r\n", got)
		require.True(t, strings.HasPrefix(u.seen()[0], method+" /v1/x "))
		require.Equal(t, []string{"5"}, values(u.seen()[0], "Content-Length"))
	}
}

func TestNoBodyIsInvented(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	through(t, configFor(u), "POST /__clerk/v1/x")
	require.Empty(t, values(u.seen()[0], "Transfer-Encoding"))
	require.Equal(t, []string{"0"}, values(u.seen()[0], "Content-Length"))
}

func TestTrailersStayBehind(t *testing.T) {
	t.Parallel()
	bodies := make(chan string, 1)
	u := listen(t, func(w *wire, _ string) {
		body, _ := readUntil(w, "\r\n\r\n")
		bodies <- body
		w.send(okAnswer)
	})
	answer := through(t, configFor(u), "POST /__clerk/v1/x", "Transfer-Encoding: chunked", "Trailer: Clerk-Secret-Key", "\n4\r\nbody\r\n0\r\nClerk-Secret-Key: forged\r\n\r\n")
	require.Contains(t, answer, " 200 OK\r\n")
	require.Equal(t, chunks("body"), <-bodies)
	require.Empty(t, values(u.seen()[0], "Trailer"))
}

// Each part is sent only after the one before has arrived at the other end.
func TestBodiesStreamBothWays(t *testing.T) {
	t.Parallel()
	u := listen(t, func(w *wire, _ string) {
		w.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		for range 3 {
			part := make([]byte, len("1\r\nx\r\n"))
			_, _ = io.ReadFull(w.in, part)
			w.send(strings.ToUpper(string(part)))
		}
		_, _ = io.ReadFull(w.in, make([]byte, len("0\r\n\r\n")))
		w.send("0\r\n\r\n")
	})
	w := dial(t, serve(t, newProxy(t, configFor(u))))
	w.send("POST /__clerk/v1/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
	for i, part := range []string{"a", "b", "c"} {
		w.send("1\r\n" + part + "\r\n")
		if i == 0 {
			require.Contains(t, w.head(), " 200 OK\r\n")
		}
		echoed := make([]byte, len("1\r\nx\r\n"))
		_, err := io.ReadFull(w.in, echoed)
		require.NoError(t, err)
		require.Equal(t, "1\r\n"+strings.ToUpper(part)+"\r\n", string(echoed))
	}
	w.send("0\r\n\r\n")
	end := make([]byte, len("0\r\n\r\n"))
	_, err := io.ReadFull(w.in, end)
	require.NoError(t, err)
	require.Equal(t, "0\r\n\r\n", string(end))
	// The connection is good for another request.
	w.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")
	require.Contains(t, w.head(), " 400 ")
}

func TestAnAnswerArrivesAsItComes(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 2)
	u := listen(t, func(w *wire, _ string) {
		w.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
		<-arrived
		w.send("o")
		<-arrived
		w.send("k")
	})
	w := dial(t, serve(t, newProxy(t, configFor(u))))
	w.send("GET /__clerk/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	require.Contains(t, w.head(), " 200 OK\r\n")
	arrived <- struct{}{}
	first, err := w.in.ReadByte()
	require.NoError(t, err)
	require.Equal(t, byte('o'), first)
	arrived <- struct{}{}
	text, _ := w.rest()
	require.Equal(t, "k", text)
}

func TestAnAnswerThatBreaksOff(t *testing.T) {
	t.Parallel()
	for _, start := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
	} {
		u := listen(t, func(w *wire, _ string) { w.send(start); _ = w.Close() })
		c, reports := observed(configFor(u))
		w := dial(t, serve(t, newProxy(t, c)))
		w.send("GET /__clerk/v1/me HTTP/1.1\r\nHost: a\r\n\r\n")
		require.Contains(t, w.head(), " 200 OK\r\n")
		text, whole := w.rest()
		require.NotContains(t, text, "0\r\n\r\n", "a chunked answer must not look complete")
		require.NotEqual(t, 100, len(text))
		_ = whole // either a reset or an end too early
		e := <-reports
		require.True(t, e.Aborted)
		require.Equal(t, 200, e.Status)
	}
}

func TestAClientThatLeavesCancels(t *testing.T) {
	t.Parallel()
	asked, left := make(chan struct{}), make(chan struct{})
	u := listen(t, func(w *wire, _ string) {
		close(asked)
		_, _ = w.rest() // ends when the proxy hangs up
		close(left)
	})
	c, reports := observed(configFor(u))
	w := dial(t, serve(t, newProxy(t, c)))
	w.send("GET /__clerk/v1/me HTTP/1.1\r\nHost: a\r\n\r\n")
	within(t, asked)
	_ = w.Close()
	within(t, left)
	require.Equal(t, "the client left", (<-reports).Reason)
}

func TestBodyLimit(t *testing.T) {
	t.Parallel()
	u := listen(t, func(w *wire, head string) {
		end := "12345678"
		if len(values(head, "Content-Length")) == 0 {
			end = "0\r\n\r\n"
		}
		if _, whole := readUntil(w, end); whole {
			w.send(okAnswer)
		}
	})
	c := configFor(u)
	c.MaxRequestBody = 8
	addr := serve(t, newProxy(t, c))
	require.Contains(t, ask(t, addr, "POST /__clerk/v1/x", "Content-Length: 8", "\n12345678"), " 200 OK\r\n")
	require.Contains(t, ask(t, addr, "POST /__clerk/v1/x", "Transfer-Encoding: chunked", "\n"+chunks("1234", "5678")), " 200 OK\r\n")
	seen := len(u.seen())
	requireRefused(t, ask(t, addr, "POST /__clerk/v1/x", "Content-Length: 9", "\n123456789"), "413", proxy.CodeRequestBodyTooLarge)
	require.Len(t, u.seen(), seen, "what says that it is too large is not begun")
	requireRefused(t, ask(t, addr, "POST /__clerk/v1/x", "Transfer-Encoding: chunked", "\n"+chunks("1234", "56789")), "413", proxy.CodeRequestBodyTooLarge)
	requireRefused(t, ask(t, addr, "POST /__clerk/v1/x", "Transfer-Encoding: chunked", "\n4\r\n1234\r\nnonsense\r\n"), "400", proxy.CodeRequestFailed)
}

// bare is a ResponseWriter without deadlines, flushing or anything else.
type bare struct{ http.ResponseWriter }

func TestAResponseWriterWithoutDeadlines(t *testing.T) {
	t.Parallel()
	h := newProxy(t, configFor(listen(t, func(w *wire, _ string) {
		if _, whole := readUntil(w, "body"); whole {
			w.send(okAnswer)
		}
	})))
	addr := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(bare{w}, r) }))
	require.Contains(t, ask(t, addr, "POST /__clerk/v1/x", "Content-Length: 4", "\nbody"), " 200 OK\r\n")
}
