package clerktest

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
	"github.com/clerkmeta/clerkmeta-go/internal/signature"
)

// DefaultSecretKey is the secret key of an instance whose Seed has none.
const DefaultSecretKey = "sk_test_clerktest" //nolint:gosec // opens nothing but this fake

// Clerk is a Clerk instance in memory: its state, its scripted faults and the requests
// it has received. Create one with New or, in a test, with Start. It is an
// http.Handler and safe for concurrent use.
type Clerk struct {
	config     Config
	guesses    atomic.Pointer[map[GuessName]string]
	answers    map[GuessName]string // the guesses that Reset goes back to
	initial    Seed                 // the state that Reset goes back to
	feed       *feed
	signingKey func() (*rsa.PrivateKey, error)

	mu                 sync.Mutex // guards what follows
	secretKey          string
	sessionClaims      map[string]any
	store              *store
	limiter            limiter
	scripts            []scripted
	requests           []*logged
	traces             int
	webhookSecret      string
	webhookKey         signature.Key // of the secret
	endpoints          []*endpoint
	deliveries         deliveryLog
	scriptedDeliveries []Delivery
	server             *http.Server
	url                string
	served             sync.WaitGroup
	closed             bool
	delivering         sync.WaitGroup // to the URLs of webhooks
	delivery           chan struct{}  // holds one Deliver at a time
}

// SecretKey returns the key that the Backend API accepts.
func (c *Clerk) SecretKey() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secretKey
}

// Transport returns a RoundTripper that answers every request from this instance,
// whatever its host, without a socket. It works in a testing/synctest bubble, where
// waits take no time. It streams answers: close their bodies.
func (c *Clerk) Transport() http.RoundTripper { return inprocess.Transport(c) }

// URL returns the address of a server on the loopback interface, without a trailing
// slash. The first call starts the server, on a free port; Close ends it. The base URL
// of the Backend API is URL + "/v1".
func (c *Clerk) URL() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return "", errors.New("clerktest: the instance is closed")
	case c.server != nil:
		return c.url, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("clerktest: %w", err)
	}
	c.url = "http://" + l.Addr().String()
	server := &http.Server{
		Handler:           c,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	c.server = server
	c.served.Go(func() { _ = server.Serve(l) }) // always ErrServerClosed: only Close ends it
	return c.url, nil
}

// Close stops listening, closes open connections, ends the streams of events of
// ControlHandler, and sends no more events to the Webhooks of the seed. State and Transport
// stay usable. Closing twice does nothing.
func (c *Clerk) Close() error {
	c.feed.end()
	c.mu.Lock()
	server := c.server
	c.server, c.closed = nil, true
	for _, e := range c.endpoints {
		e.close()
	}
	c.mu.Unlock()
	c.delivering.Wait()
	if server == nil {
		return nil
	}
	err := server.Close()
	c.served.Wait()
	return err
}
