package client_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// counted is a server that counts the connections to it.
func counted(t *testing.T, h http.HandlerFunc) (url string, connections *atomic.Int64) {
	t.Helper()
	connections = &atomic.Int64{}
	server := httptest.NewUnstartedServer(h)
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, connections
}

// Whatever is answered, the connection is used again.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	large := `{"errors":[{"code":"x","message":"` + strings.Repeat("m", 60<<10) + `"}]}`
	for _, tc := range []struct {
		status int
		body   string
	}{
		{200, userJSON}, {200, page}, {204, ""}, {302, ""}, {404, codeJSON("x")}, {422, large}, {429, tooManyJSON}, {500, large}, {503, page},
	} {
		t.Run(fmt.Sprint(tc.status, " ", len(tc.body)), func(t *testing.T) {
			t.Parallel()
			url, connections := counted(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			c := overLoopback(t, url, client.WithRetry(client.Retry{MaxRetries: client.None}))
			// A connection is back in the pool a moment after its answer is read.
			back := make(chan error, 1)
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{PutIdleConn: func(err error) { back <- err }})
			for range 10 {
				_, _ = update(ctx, c)
				select {
				case err := <-back:
					require.NoError(t, err)
				case <-time.After(time.Minute):
					t.Fatal("the connection is not used again")
				}
			}
			require.EqualValues(t, 1, connections.Load())
		})
	}
}

// The pool holds on to as many connections as there are concurrent calls.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	const callers, rounds = 50, 10
	var n atomic.Int64
	url, connections := counted(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if n.Add(1)%7 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		id := strings.Split(r.URL.Path, "/")[3]
		if !strings.Contains(string(body), id) || r.Header.Get("Authorization") != "Bearer "+key {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = fmt.Fprintf(w, `{"id":%q,"public_metadata":{"id":%[1]q}}`, id)
	})
	c := overLoopback(t, url, quick(client.Retry{MaxRetries: 10, Budget: 1000, Refill: 1}))
	var wg sync.WaitGroup
	failures := make(chan error, callers*rounds)
	for i := range callers {
		wg.Go(func() {
			id := fmt.Sprintf("user_%d", i)
			for range rounds {
				user, err := c.Users.UpdateUserMetadata(t.Context(), id, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"id": id}})
				switch {
				case err != nil:
					failures <- err
				case user.ID != id || user.PublicMetadata.String() != fmt.Sprintf(`{"id":%q}`, id):
					failures <- errors.New("another call's answer: " + user.ID)
				}
			}
		})
	}
	wg.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	// A connection is back in the pool a moment after its answer is read, and a busy
	// machine makes that moment long: with net/http's pool of two a host, nearly every
	// call would need a new one.
	require.Less(t, connections.Load(), int64(callers*rounds/2))
}

// Nothing answers: a refused dial is no effect, and costs no connection.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL
	server.Close()
	_, err := update(t.Context(), overLoopback(t, url, atOnce()))
	e := asFailure(t, err)
	require.ErrorIs(t, err, clerkerr.ErrTransport)
	require.Equal(t, 4, e.Attempts)
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	var dial *net.OpError
	require.ErrorAs(t, err, &dial)
}
