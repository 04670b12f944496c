package clerktest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
)

// happened is a server-sent event.
type happened struct {
	id   int
	name string // "" for a comment
	data string
}

// watcher reads the events of an instance.
type watcher struct {
	t    *testing.T
	body *bufio.Reader
}

// watch opens a stream of events and reads the comment at its start.
func watch(t *testing.T, c *clerktest.Test) watcher {
	t.Helper()
	resp := openStream(t, inprocess.Transport(c.ControlHandler()), "http://127.0.0.1:4010")
	w := watcher{t, bufio.NewReader(resp.Body)}
	require.Equal(t, happened{}, w.next())
	return w
}

func openStream(t *testing.T, via http.RoundTripper, base string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+clerktest.ControlPath+"events", http.NoBody)
	require.NoError(t, err)
	resp, err := via.RoundTrip(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	return resp
}

// read reads an event, or io.EOF at the end of the stream.
func (w watcher) read() (e happened, err error) {
	for {
		line, err := w.body.ReadString('\n')
		if err != nil {
			return e, err
		}
		field, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch field {
		case "id":
			e.id, err = strconv.Atoi(value)
			require.NoError(w.t, err)
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			return e, nil
		}
	}
}

func (w watcher) next() happened {
	w.t.Helper()
	e, err := w.read()
	require.NoError(w.t, err)
	return e
}

// nextOf reads up to the next event of a kind.
func (w watcher) nextOf(name string) happened {
	w.t.Helper()
	for {
		if e := w.next(); e.name == name {
			return e
		}
	}
}

func TestEventStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := seeded(t)
		backend(t, c, "GET", "/users/user_2", "") // before the stream
		w := watch(t, c)

		backend(t, c, "PATCH", "/users/user_1/metadata", `{"private_metadata":{"stripeId":null}}`)
		request, state := w.next(), w.next()
		if request.name == "state" { // what is stored is so before the answer
			request, state = state, request
		}
		require.Equal(t, 1, request.id)
		require.Equal(t, "request", request.name)
		var row, logged map[string]any
		require.NoError(t, json.Unmarshal([]byte(request.data), &row))
		logged = controlled[map[string]any](t, control(c, "GET", "requests?seq=2", ""))
		delete(logged, "header")
		delete(logged, "body")
		require.Equal(t, logged, row)
		require.Len(t, row["changes"], 1)
		require.Equal(t, []string{"state", `{"revision":2}`}, []string{state.name, state.data})

		require.NoError(t, c.Clerk.Script(clerktest.GetUser, clerktest.Pass()))
		require.JSONEq(t, `{"left":[{"operation":"GetUser","faults":[{}]}]}`, w.nextOf("faults").data)
		backend(t, c, "GET", "/users/user_1", "")
		require.Equal(t, 2, w.nextOf("request").id)
		require.JSONEq(t, `{"left":[]}`, w.nextOf("faults").data)

		require.NoError(t, c.SetGuesses(map[clerktest.GuessName]string{clerktest.EmptyPatch: "cleared"}))
		require.Contains(t, w.nextOf("guesses").data, `"answer":"cleared"`)

		c.Reset()
		require.Equal(t, happened{3, "reset", `{}`}, w.nextOf("reset"))
		require.Equal(t, `{"revision":3}`, w.nextOf("state").data)
	})
}

// Each attempt to deliver a webhook is an event.
func TestEventStreamOfDeliveries(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.Webhooks = []clerktest.Webhook{{URL: posted(t, http.NotFoundHandler())}}
	c := clerktest.Start(t, seed)
	w := watch(t, c)
	backend(t, c, "DELETE", "/users/user_2", "")
	data := w.nextOf("delivery").data
	require.Contains(t, data, `"type":"user.deleted"`)
	require.Contains(t, data, `"status":404`)
}

// A request that a fault slows down is an event when its answer is sent; a dropped one is
// an event too.
func TestEventStreamOfFaultyRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := seeded(t)
		w := watch(t, c)
		c.Script(clerktest.GetUser, clerktest.SlowHeaders(time.Minute), clerktest.Drop())
		require.Equal(t, http.StatusOK, backend(t, c, "GET", "/users/user_1", "").status)
		require.Contains(t, w.nextOf("request").data, `"duration_ms":60000`)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://clerk.test/v1/users/user_1", http.NoBody)
		require.NoError(t, err)
		_, err = c.Transport().RoundTrip(req)
		require.Error(t, err)
		require.Contains(t, w.nextOf("request").data, `"status":0`)
	})
}

// However often the state changes, readers get a few events of it a second, and the last
// one has the newest revision.
func TestStateEventsAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := seeded(t)
		w := watch(t, c)
		const writes = 200
		go func() {
			for range writes {
				resp, _ := c.Transport().RoundTrip(patch(t.Context(), c))
				_, _ = io.Copy(io.Discard, resp.Body)
				time.Sleep(10 * time.Millisecond)
			}
		}()
		began, states, requests := time.Now(), 0, 0
		for last := ""; last != `{"revision":201}` || requests < writes; {
			switch e := w.next(); e.name {
			case "state":
				states++
				last = e.data
			case "request":
				requests++
			}
		}
		require.LessOrEqual(t, states, 2+int(time.Since(began)/(250*time.Millisecond)))
		require.Greater(t, states, 4)
	})
}

// patch is a write that changes the metadata of a user.
func patch(ctx context.Context, c *clerktest.Test) *http.Request {
	body := strings.NewReader(`{"public_metadata":{"n":` + strconv.FormatInt(time.Now().UnixNano(), 10) + `}}`)
	r, _ := http.NewRequestWithContext(ctx, http.MethodPatch, "http://clerk.test/v1/users/user_1/metadata", body)
	r.Header.Set("Authorization", "Bearer "+c.SecretKey())
	r.Header.Set("Content-Type", "application/json")
	return r
}

func TestEventStreamHeartbeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, seeded(t))
		began := time.Now()
		require.Equal(t, happened{}, w.next())
		require.Equal(t, happened{}, w.next())
		require.Equal(t, 30*time.Second, time.Since(began))
	})
}

// A reader that falls behind by more than the instance keeps must load everything again,
// and the requests did not wait for it.
func TestEventStreamLags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := seeded(t)
		w := watch(t, c)
		for range 1100 {
			backend(t, c, "GET", "/users/user_1", "")
		}
		for {
			e, err := w.read()
			require.NoError(t, err)
			if e.name == "lagged" {
				require.Equal(t, happened{1100, "lagged", `{}`}, e)
				break
			}
			require.Less(t, e.id, 1100)
		}
		_, err := w.read()
		require.Equal(t, io.EOF, err)

		again := watch(t, c)
		backend(t, c, "GET", "/users/user_1", "")
		require.Equal(t, 1101, again.next().id)
	})
}

func TestEventStreamsAreBounded(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	via := inprocess.Transport(c.ControlHandler())
	var open []*http.Response
	for range 16 {
		open = append(open, openStream(t, via, "http://127.0.0.1:4010"))
	}
	requireRefused(t, control(c, "GET", "events", ""), http.StatusServiceUnavailable, "too many streams of events are open")
	require.Equal(t, http.StatusOK, control(c, "GET", "health", "").Code)

	// The end of the instance is the end of every stream.
	require.NoError(t, c.Close())
	for _, resp := range open {
		_, err := io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
	}
	requireRefused(t, control(c, "GET", "events", ""), http.StatusServiceUnavailable, "the instance is closed")
	require.NoError(t, c.Close())
}

// A stream outlives the time that a server gives requests.
func TestEventStreamOutlivesReadTimeout(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	server := httptest.NewUnstartedServer(c.ControlHandler())
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { _ = c.Close() }) // before the server, which waits for streams
	w := watcher{t, bufio.NewReader(openStream(t, http.DefaultTransport, server.URL).Body)}
	require.Equal(t, happened{}, w.next())

	// The server closes a connection that sends no whole request in that time; it opened
	// after the stream.
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\n")
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, conn)

	backend(t, c, "GET", "/users/user_1", "")
	require.Equal(t, "request", w.next().name)
}
