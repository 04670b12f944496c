package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// hangs is an upstream that reads and never answers.
func hangs(w *wire, _ string) { _, _ = w.rest() }

var anything = proxy.PolicyFunc(func(*http.Request, metadata.Patch) error { return nil })

func judged(c *proxy.Config) { c.Policies = []proxy.Policy{anything} }

const formHead = "PATCH /__clerk/v1/me/metadata HTTP/1.1\r\nHost: a\r\n" + formType + "\r\nContent-Length: 1000\r\n\r\n"

// TestNothingMoves: with servers, connections and their deadlines, on a clock that
// nobody waits for.
func TestNothingMoves(t *testing.T) {
	t.Parallel()
	t.Run("the client's body", func(t *testing.T) {
		t.Parallel()
		inBubble(t, hangs, nil, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
			t.Helper()
			w.send("POST /__clerk/v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
			text, _ := w.rest()
			requireRefused(t, text, "408", proxy.CodeRequestFailed)
			e := <-reports
			require.Equal(t, "the client's body did not arrive in time", e.Reason)
			require.Equal(t, proxy.DefaultIdleTimeout, e.Duration)
		})
	})
	t.Run("the body of a refused request", func(t *testing.T) {
		t.Parallel()
		inBubble(t, hangs, nil, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
			t.Helper()
			started := time.Now()
			w.send("POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
			text, _ := w.rest()
			requireRefused(t, text, "400", proxy.CodePathMismatch)
			require.Zero(t, (<-reports).Duration)
			require.Less(t, time.Since(started), proxy.DefaultIdleTimeout, "the rest is not waited for as long as a body")
		})
	})
	for name, rest := range map[string]string{
		"the upstream before its answer":              "\r\n",
		"the upstream before its answer to a body":    "Content-Length: 4\r\n\r\nbody",
		"the upstream before its answer to chunks":    "Transfer-Encoding: chunked\r\n\r\n" + chunks("body"),
		"the upstream before its answer, with a form": formType + "\r\nContent-Length: 4\r\n\r\na=bc",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, hangs, judged, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
				t.Helper()
				w.send("POST /__clerk/v1/me/profile_image HTTP/1.1\r\nHost: a\r\nConnection: close\r\n")
				if !strings.Contains(rest, formType) && rest != "\r\n" {
					w.send("Content-Type: application/octet-stream\r\n")
				}
				w.send(rest)
				text, _ := w.rest()
				requireRefused(t, text, "502", proxy.CodeRequestFailed)
				e := <-reports
				require.Equal(t, "the upstream did not answer in time", e.Reason)
				require.Equal(t, proxy.DefaultHeaderTimeout, e.Duration)
			})
		})
	}
	t.Run("a form that policies wait for", func(t *testing.T) {
		t.Parallel()
		asked := false
		inBubble(t, func(*wire, string) { asked = true }, judged, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
			t.Helper()
			w.send(formHead + "half")
			text, _ := w.rest()
			requireRefused(t, text, "408", proxy.CodeRequestFailed)
			require.Equal(t, proxy.DefaultIdleTimeout, (<-reports).Duration)
		})
		require.False(t, asked)
	})
	t.Run("the upstream in its answer", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(w *wire, _ string) {
			w.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
			_, _ = w.rest()
		}, nil, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
			t.Helper()
			w.send("GET /__clerk/v1/x HTTP/1.1\r\nHost: a\r\n\r\n")
			require.Contains(t, w.head(), " 200 OK\r\n")
			_, _ = w.rest()
			e := <-reports
			require.True(t, e.Aborted)
			require.Equal(t, "the exchange was idle for too long", e.Reason)
			require.Equal(t, proxy.DefaultIdleTimeout, e.Duration)
		})
	})
	t.Run("a body that the upstream does not take", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(w *wire, _ string) { _, _ = io.ReadFull(w.in, make([]byte, 10)); time.Sleep(time.Hour) }, nil,
			func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
				t.Helper()
				const size = 1 << 20
				w.send(fmt.Sprintf("POST /__clerk/v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", size))
				go w.send(strings.Repeat("x", size))
				require.Contains(t, w.head(), " 502 ")
				require.Equal(t, proxy.DefaultIdleTimeout, (<-reports).Duration)
			})
	})
}

// stuck is a ResponseWriter whose client reads nothing: what is written stays until
// the deadline.
type stuck struct {
	*httptest.ResponseRecorder
	over chan struct{}
}

func (w *stuck) Write([]byte) (int, error) {
	<-w.over
	return 0, os.ErrDeadlineExceeded
}

func (w *stuck) SetWriteDeadline(time.Time) error {
	close(w.over)
	return nil
}

func TestAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, reports := observed(configFor(&upstream{addr: "127.0.0.1:1"}))
		c.Transport = taking{0, &trickle{time.Second, 1000}}
		w := &stuck{httptest.NewRecorder(), make(chan struct{})}
		require.PanicsWithValue(t, http.ErrAbortHandler, func() {
			r := httptest.NewRequest(http.MethodGet, "/__clerk/v1/x", nil)
			ctx := context.WithValue(r.Context(), http.ServerContextKey, &http.Server{}) // by which ReverseProxy knows a server
			newProxy(t, c).ServeHTTP(w, r.WithContext(ctx))
		})
		e := <-reports
		require.True(t, e.Aborted)
		require.Zero(t, e.ResponseBytes)
		require.Equal(t, "the exchange was idle for too long", e.Reason)
		require.Equal(t, time.Second+proxy.DefaultIdleTimeout, e.Duration)
	})
}

// TestBodiesEnd: a body of which a byte comes every 29 s always moves, and is ended
// all the same.
func TestBodiesEnd(t *testing.T) {
	t.Parallel()
	const image = "POST /__clerk/v1/me/profile_image HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\n"
	echoes := func(w *wire, _ string) {
		w.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		_, _ = w.rest()
	}
	for name, tc := range map[string]struct {
		head   string
		answer func(*wire, string)
		change func(*proxy.Config)
		ends   time.Duration
		status int
	}{
		"a form":                     {formHead, hangs, judged, proxy.DefaultFormTimeout, 408},
		"a form, a longer time":      {formHead, hangs, func(c *proxy.Config) { judged(c); c.FormTimeout = 2 * time.Minute }, 2 * time.Minute, 408},
		"a form, a shorter time":     {formHead, hangs, func(c *proxy.Config) { judged(c); c.BodyTimeout = 10 * time.Second }, 10 * time.Second, 408},
		"a form that nobody judges":  {formHead, hangs, nil, proxy.DefaultBodyTimeout, 408},
		"an image":                   {image, hangs, judged, proxy.DefaultBodyTimeout, 408},
		"an image, a shorter time":   {image, hangs, func(c *proxy.Config) { c.BodyTimeout = time.Minute }, time.Minute, 408},
		"a body behind its answer":   {image, echoes, nil, proxy.DefaultBodyTimeout, 200},
		"a form, shorter than it is": {formHead, hangs, func(c *proxy.Config) { judged(c); c.FormTimeout = time.Second }, time.Second, 408},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, tc.answer, tc.change, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
				t.Helper()
				w.send(tc.head)
				go func() {
					for {
						if _, err := io.WriteString(w, "a"); err != nil {
							return
						}
						time.Sleep(29 * time.Second)
					}
				}()
				head := w.head()
				require.Contains(t, head, fmt.Sprintf("HTTP/1.1 %d ", tc.status))
				_, _ = w.rest()
				e := <-reports
				require.Equal(t, tc.ends, e.Duration)
				require.Equal(t, tc.status != 408, e.Aborted)
			})
		})
	}
}

// TestBodyTimeoutIsForTheBody: the answer may take longer.
func TestBodyTimeoutIsForTheBody(t *testing.T) {
	t.Parallel()
	inBubble(t, func(w *wire, _ string) {
		_, _ = io.ReadFull(w.in, make([]byte, 4))
		time.Sleep(20 * time.Second)
		w.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
		time.Sleep(20 * time.Second)
		w.send("k")
	}, func(c *proxy.Config) { judged(c); c.BodyTimeout = 10 * time.Second }, func(t *testing.T, w *wire, reports <-chan proxy.Exchange) {
		t.Helper()
		w.send("POST /__clerk/v1/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + formType + "\r\nContent-Length: 4\r\n\r\na=bc")
		text, whole := w.rest()
		require.True(t, whole)
		require.True(t, strings.HasSuffix(text, "\r\n\r\nok"), text)
		require.Equal(t, 40*time.Second, (<-reports).Duration)
	})
}

// TestAnswerToAnUnreadBody: where the upstream answers without the body, the answer
// may take longer than the body.
func TestAnswerToAnUnreadBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, reports := observed(configFor(&upstream{addr: "127.0.0.1:1"}))
		c.BodyTimeout = 10 * time.Second
		c.Transport = unread{&trickle{9 * time.Second, 10}}
		r := httptest.NewRequest(http.MethodPost, "/__clerk/v1/x", &trickle{time.Second, 5})
		w := httptest.NewRecorder()
		newProxy(t, c).ServeHTTP(bare{w}, r)
		require.Equal(t, strings.Repeat("x", 10), w.Body.String())
		require.Equal(t, 90*time.Second, (<-reports).Duration)
	})
}

// unread closes the request's body, as a http.RoundTripper has to, and answers.
type unread struct{ answer io.ReadCloser }

func (u unread) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &cancelled{u.answer, r.Context()}
	return &http.Response{StatusCode: http.StatusOK, ContentLength: -1, Header: http.Header{}, Body: answer}, r.Body.Close()
}

// cancelled is a body that ends with its request's context, as a connection's does.
type cancelled struct {
	io.ReadCloser
	ctx context.Context
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.ReadCloser.Read(p)
}
