package clerktest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
)

// DefaultSecretKey is the secret key of an instance that is not given another.
const DefaultSecretKey = "sk_test_clerktest" //nolint:gosec // opens nothing but this fake

// Clerk is a Clerk instance in memory: its state, the faults it will act out and
// the requests it has seen. Make one with New or, in a test, with Start. It is
// an http.Handler, and it is safe for concurrent use.
type Clerk struct {
	secretKey             string
	organizationsDisabled bool
	rotation              bool
	guesses               map[GuessName]string

	mu       sync.Mutex // guards what follows
	store    *store
	scripts  []scripted
	requests []Request
	traces   int
	server   *http.Server
	url      string
	served   chan struct{}
	closed   bool
}

// Option sets up an instance for New and Start. Options may come in any order,
// and those that seed add up.
type Option func(*settings)

type settings struct {
	secretKey             string
	organizationsDisabled bool
	rotation              bool
	guesses               map[GuessName]string
	users                 []User
	organizations         []Organization
	memberships           []Membership
	sessions              []Session
}

// WithUser seeds users.
func WithUser(users ...User) Option {
	return func(s *settings) { s.users = append(s.users, users...) }
}

// WithOrganization seeds organizations.
func WithOrganization(organizations ...Organization) Option {
	return func(s *settings) { s.organizations = append(s.organizations, organizations...) }
}

// WithMembership seeds memberships of seeded users in seeded organizations.
func WithMembership(memberships ...Membership) Option {
	return func(s *settings) { s.memberships = append(s.memberships, memberships...) }
}

// WithSession seeds sessions of seeded users, for the Frontend API.
func WithSession(sessions ...Session) Option {
	return func(s *settings) { s.sessions = append(s.sessions, sessions...) }
}

// WithSecretKey sets the secret key that the Backend API takes, instead of
// DefaultSecretKey.
func WithSecretKey(key string) Option {
	return func(s *settings) { s.secretKey = key }
}

// WithOrganizationsDisabled makes every operation on organizations and
// memberships fail with status 403.
func WithOrganizationsDisabled() Option {
	return func(s *settings) { s.organizationsDisabled = true }
}

// WithRotation makes every answer of the Frontend API, errors included, carry a
// new client token: in the Authorization header for a native app, as cookie
// __client for a browser. That native apps get one is what official clients
// expect; how often Clerk sends one, and browsers' cookies, are guesses.
func WithRotation() Option {
	return func(s *settings) { s.rotation = true }
}

// WithGuess changes the answer to one of the Guesses.
func WithGuess(name GuessName, answer string) Option {
	return func(s *settings) { s.guesses[name] = answer }
}

// New returns an instance that holds what the options seed. It errors on a seed
// that is not sound (an id twice, a membership or session of an unknown user,
// metadata that does not encode) and on a guess or an answer that there is not.
// Nothing runs and nothing listens until URL is called.
func New(opts ...Option) (*Clerk, error) {
	s := &settings{secretKey: DefaultSecretKey, guesses: map[GuessName]string{}}
	for _, o := range opts {
		o(s)
	}
	if s.secretKey == "" {
		return nil, errors.New("clerktest: the secret key is empty")
	}
	guesses, err := answers(s.guesses)
	if err != nil {
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	st, err := newStore(s)
	if err != nil {
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	return &Clerk{
		secretKey:             s.secretKey,
		organizationsDisabled: s.organizationsDisabled,
		rotation:              s.rotation,
		guesses:               guesses,
		store:                 st,
	}, nil
}

// SecretKey returns the key that the Backend API takes.
func (c *Clerk) SecretKey() string { return c.secretKey }

// Transport returns a RoundTripper that answers every request from this
// instance, whatever its host, without a socket. It works inside a
// testing/synctest bubble, where waits take no time. Answers are streamed:
// close their bodies.
func (c *Clerk) Transport() http.RoundTripper { return inprocess.Transport(c) }

// URL returns the address, without a trailing slash, at which the instance can
// be reached on the loopback interface. The first call starts to listen, on a
// free port; Close ends that. The Backend API's base URL is URL + "/v1".
func (c *Clerk) URL() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return "", errors.New("clerktest: closed")
	case c.server != nil:
		return c.url, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("clerktest: %w", err)
	}
	c.url = "http://" + l.Addr().String()
	c.served = make(chan struct{})
	c.server = &http.Server{
		Handler:           c,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	go func(server *http.Server, served chan struct{}) {
		defer close(served)
		_ = server.Serve(l) // always ErrServerClosed: only Close ends it
	}(c.server, c.served)
	return c.url, nil
}

// Close stops listening and drops the connections that are open. State and
// Transport stay usable. Closing twice, or what never listened, is fine.
func (c *Clerk) Close() error {
	c.mu.Lock()
	server, served := c.server, c.served
	c.server, c.closed = nil, true
	c.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	<-served
	return err
}
