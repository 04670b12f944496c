package clerktest_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// posted starts a server for events.
func posted(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/hooks/"
}

// raw answers each connection with a text and leaves it open.
func raw(t *testing.T, answer string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var open sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		open.Wait()
	})
	open.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				_, _ = http.ReadRequest(bufio.NewReader(conn)) // net/http takes no answer before
				_, _ = io.WriteString(conn, answer)
				_, _ = io.Copy(io.Discard, conn) // until the sender closes it
				_ = conn.Close()
			})
		}
	})
	return "http://" + l.Addr().String()
}

// patient returns an instance that waits for receivers however busy the machine is.
func patient(t *testing.T, seed clerktest.Seed) *clerktest.Test {
	t.Helper()
	return clerktest.Config{WebhookTimeout: time.Hour}.Start(t, seed)
}

// eventually waits for what happens beside the test.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, time.Minute, time.Millisecond)
}

func TestWebhooksOfASeed(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.WebhookSecret = "whsec_" + strings.Repeat("A", 32)
	all, some := &receiver{secret: seed.WebhookSecret}, &receiver{secret: seed.WebhookSecret}
	var path string
	seed.Webhooks = []clerktest.Webhook{
		{URL: posted(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			path = r.RequestURI
			all.ServeHTTP(w, r)
		}))},
		{URL: posted(t, some), Events: []string{"user.deleted", "organization.created"}},
	}
	c := patient(t, seed)
	write(t, c)
	backend(t, c, "DELETE", "/users/user_2", "").field(t)
	eventually(t, func() bool { return len(all.types()) == 2 && len(some.types()) == 1 })
	require.Equal(t, []string{"user.updated", "user.deleted"}, all.types())
	require.Equal(t, []string{"user.deleted"}, some.types())
	require.True(t, all.got[0].verified)
	require.Equal(t, all.got[1].id, some.got[0].id, "one event has one id everywhere")
	require.Equal(t, "/hooks/", path, "the URL is used as it is")

	eventually(t, func() bool { return len(hooks(t, c).Deliveries) == 3 })
	shown := hooks(t, c)
	require.Equal(t, seed.Webhooks[1].URL, shown.Endpoints[1].URL)
	require.Equal(t, seed.Webhooks[1].Events, shown.Endpoints[1].Events)
	require.Equal(t, seed.Webhooks, c.State().Webhooks)

	// Reset restores the webhooks and forgets the deliveries.
	require.NoError(t, c.SetState(clerktest.Seed{Webhooks: []clerktest.Webhook{}}))
	require.Empty(t, c.State().Webhooks)
	require.NoError(t, c.ScriptDeliveries(clerktest.Delivery{Lost: true}))
	c.Reset()
	require.Equal(t, seed.Webhooks, c.State().Webhooks)
	require.Empty(t, hooks(t, c).Deliveries)
	require.Empty(t, c.Unused())

	require.NoError(t, c.Close())
	write(t, c)
	require.NoError(t, c.SetState(seed))
	write(t, c)
	require.Zero(t, hooks(t, c).Endpoints[0].Pending, "a closed instance sends no events")
}

// A receiver that hangs holds up neither the API nor the other receivers, its queue is
// bounded, and the end of the instance is the end of the attempt.
func TestSlowWebhook(t *testing.T) {
	t.Parallel()
	reached, left := make(chan struct{}), make(chan struct{})
	hanging := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the client is gone
		close(reached)
		<-r.Context().Done()
		close(left)
	})
	r := &receiver{secret: clerktest.DefaultWebhookSecret}
	seed := content()
	seed.Webhooks = []clerktest.Webhook{{URL: posted(t, hanging)}, {URL: posted(t, r)}}
	c := clerktest.Config{RequestLog: 3, WebhookTimeout: time.Hour}.Start(t, seed)
	write(t, c)
	<-reached
	eventually(t, func() bool { return len(r.types()) == 1 })
	for range 9 {
		write(t, c)
	}
	eventually(t, func() bool { return len(r.types()) >= 4 })
	shown := hooks(t, c)
	require.Equal(t, 3, shown.Endpoints[0].Pending)
	require.Equal(t, 6, shown.Endpoints[0].Dropped)
	require.NoError(t, c.Close())
	<-left
}

// Over a socket, too, the log says what a receiver does wrong.
func TestBadReceiversOverLoopback(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "http://" + l.Addr().String()
	require.NoError(t, l.Close())
	for _, tc := range []struct {
		name, url string
		status    int
		error     string
	}{
		{"refuses", closed, 0, "refused"},
		{"redirects", posted(t, http.RedirectHandler("http://192.0.2.1/", http.StatusMovedPermanently)), 301, "redirect, which is not followed"},
		{"answers 10 MB", posted(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 10<<20))
		})), 200, "the answer is over 4096 bytes"},
		{"closes at once", posted(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		})), 0, "closed the connection"},
		{"closes early", posted(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
		})), 200, "closed the connection before its answer was whole"},
		{"switches protocols", raw(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"), 101, "switches protocols, which is not followed"},
		{"answers anything but HTTP", raw(t, strings.Repeat("x", 60<<10)+"\r\n\r\n"), 0, "malformed HTTP response"},
		{"sends headers without an end", posted(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		})), 0, "headers"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			seed := content()
			seed.Webhooks = []clerktest.Webhook{{URL: tc.url}}
			c := patient(t, seed)
			write(t, c)
			eventually(t, func() bool { return len(hooks(t, c).Deliveries) > 0 })
			first := hooks(t, c).Deliveries[0]
			require.Equal(t, tc.status, first.Status, first.Error)
			require.Contains(t, first.Error, tc.error)
			require.Less(t, len(first.Error), 400)
			require.NoError(t, c.Close(), "it does not wait for the receiver")
		})
	}
}

// No seed makes the instance send requests to another machine, unless its owner names that.
func TestWebhooksOffLoopback(t *testing.T) {
	t.Parallel()
	config := clerktest.Config{WebhookHosts: []string{"receiver", "Allowed.example"}}
	for url, allowed := range map[string]bool{
		"http://127.0.0.1:3000/hook": true, "http://localhost/hook/": true, "https://[::1]:1": true, "http://[::ffff:127.0.0.1]/": true,
		"http://receiver:3000/hook": true, "https://allowed.EXAMPLE": true,
		"http://192.0.2.1/": false, "https://example.com": false, "http://0.0.0.0:80": false, "http://localhost.example": false,
		"http://receiver.example/": false, "http://169.254.0.1/": false, "http://2130706433/": false, "http://[::]/": false,
	} {
		seed := clerktest.Seed{Webhooks: []clerktest.Webhook{{URL: url}}}
		c := config.Start(t, content())
		text, err := json.Marshal(seed)
		require.NoError(t, err)
		w := control(c, "PUT", "state", string(text))
		_, err = config.New(seed)
		if allowed {
			require.NoError(t, err, url)
			require.Equal(t, http.StatusOK, w.Code, url)
			require.Equal(t, seed.Webhooks, c.State().Webhooks)
			continue
		}
		require.ErrorContains(t, err, "clerktest: webhook 1: url is not on this machine", url)
		requireRefused(t, w, http.StatusBadRequest, "webhook 1: url is not on this machine")
		require.Empty(t, c.State().Webhooks)
		require.Len(t, c.State().Users, 2, "nothing of the state is taken")
	}
	_, err := clerktest.Config{WebhookHosts: []string{"receiver:80"}}.New(clerktest.Seed{})
	require.ErrorContains(t, err, `clerktest: WebhookHosts has "receiver:80"; expected host names without port`)
}

// A receiver has as long for an answer as the Config says.
func TestWebhookTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stopped := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(10 * time.Minute):
			case <-r.Context().Done():
			}
		})
		c := clerktest.Config{Webhooks: stopped, WebhookTimeout: time.Hour}.Start(t, content())
		write(t, c)
		require.NoError(t, c.Deliver(t.Context()))
		c = clerktest.Config{Webhooks: stopped, WebhookTimeout: 9 * time.Minute}.Start(t, content())
		write(t, c)
		require.ErrorContains(t, c.Deliver(t.Context()), "no whole answer came within 9m0s")
	})
	_, err := clerktest.Config{WebhookTimeout: -1}.New(clerktest.Seed{})
	require.EqualError(t, err, "clerktest: WebhookTimeout is negative")
}

func TestControlWebhooks(t *testing.T) {
	t.Parallel()
	c, r := listening(t, content())
	post := func(body string) *httptest.ResponseRecorder { return control(c, "POST", "webhooks", body) }
	shown := controlled[object](t, post(`{"faults":[{"late_ms":1},{"twice":true},{"overtaken":true},{"lost":true},{}]}`))
	want := []any{object{"late_ms": 1.0}, object{"twice": true}, object{"overtaken": true}, object{"lost": true}, object{}}
	require.Equal(t, want, shown["faults"])
	require.Len(t, hooks(t, c).Faults, 5)
	require.Len(t, c.Unused(), 5)
	require.Equal(t, object{"status": "ok"}, controlled[object](t, control(c, "POST", "reset", "")))

	write(t, c)
	require.Equal(t, 1, hooks(t, c).Endpoints[0].Pending)
	require.NoError(t, c.Deliver(t.Context()))
	one := controlled[delivered](t, control(c, "GET", "webhooks?seq=1", ""))
	require.Equal(t, "user.updated", one.Payload["type"])
	require.Equal(t, 200, one.Status)
	require.Nil(t, one.Next)

	controlled[object](t, post(`{"again":"`+one.ID+`"}`))
	require.NoError(t, c.Deliver(t.Context()))
	require.Len(t, r.got, 2)
	require.Equal(t, r.got[0].payload, r.got[1].payload)
	require.Equal(t, one.ID, r.got[1].id)

	for body, reason := range map[string]string{
		`{}`:                                      "neither or both",
		`{"again":"m","faults":[]}`:               "neither or both",
		`{"faults":[{"late_ms":-1}]}`:             "faults[0].late_ms is outside",
		`{"faults":[{"slow":true}]}`:              `faults[0] has no member "slow"`,
		`{"faults":[{"twice":true,"lost":true}]}`: "what is lost",
		``: "there is no text",
	} {
		requireRefused(t, post(body), http.StatusBadRequest, reason)
	}
	requireRefused(t, post(`{"again":"msg_unknown"}`), http.StatusNotFound, "not in the log")
	requireRefused(t, control(c, "GET", "webhooks?seq=9", ""), http.StatusNotFound, "delivery 9 is not in the log")
	requireRefused(t, control(c, "GET", "webhooks?seq=x", ""), http.StatusBadRequest, "seq is not a number")
	requireRefused(t, control(c, "GET", "webhooks?id=1", ""), http.StatusBadRequest, "takes one parameter, seq")
	require.Empty(t, c.Unused())
}

// The log and the queue keep so many deliveries with so many bytes, and count the rest.
func TestBoundedDeliveries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // a busy machine encodes megabytes for longer than an attempt lasts
		r := &receiver{secret: clerktest.DefaultWebhookSecret}
		c := clerktest.Config{Webhooks: r, RequestLog: 4}.Start(t, content())
		for range 5 {
			write(t, c)
			require.NoError(t, c.Deliver(t.Context()))
		}
		shown := hooks(t, c)
		require.Len(t, shown.Deliveries, 4)
		require.Equal(t, 5, shown.Deliveries[3].Seq)
		require.Equal(t, 1, shown.Forgotten)
		for range 5 {
			write(t, c)
		}
		shown = hooks(t, c)
		require.Equal(t, 4, shown.Endpoints[0].Pending)
		require.Equal(t, 1, shown.Endpoints[0].Dropped)

		seed := content()
		seed.Users[1].PublicMetadata = object{"large": strings.Repeat("x", 5<<20)}
		c = clerktest.Config{Webhooks: r, RequestLog: 1000}.Start(t, seed)
		for range 5 {
			backend(t, c, "PATCH", "/users/user_2", `{"first_name":"B"}`).field(t)
		}
		require.Equal(t, 3, hooks(t, c).Endpoints[0].Pending, "16 MiB hold three of them")
		require.Equal(t, 2, hooks(t, c).Endpoints[0].Dropped)
		require.NoError(t, c.Deliver(t.Context()))
		for range 2 {
			backend(t, c, "PATCH", "/users/user_2", `{"first_name":"B"}`).field(t)
		}
		require.NoError(t, c.Deliver(t.Context()))
		require.Len(t, hooks(t, c).Deliveries, 3)
		require.Equal(t, 2, hooks(t, c).Forgotten)
	})
}
