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
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
)

// DefaultSecretKey is the secret key of an instance that is not given another.
const DefaultSecretKey = "sk_test_clerktest" //nolint:gosec // opens nothing but this fake

// Clerk is a Clerk instance in memory: its state, the faults it will act out and
// the requests it has seen. Make one with New or, in a test, with Start. It is
// an http.Handler, and it is safe for concurrent use.
type Clerk struct {
	organizationsDisabled bool
	rotation              bool
	guesses               map[GuessName]string
	initial               Seed // what Reset goes back to
	requestLog            int  // how many requests are kept, 0 for all
	routes                []route
	signingKey            func() (*rsa.PrivateKey, error)

	mu            sync.Mutex // guards what follows
	secretKey     string
	sessionClaims map[string]string
	store         *store
	limiter       limiter
	scripts       []scripted
	requests      []Request
	traces        int
	server        *http.Server
	url           string
	served        chan struct{}
	closed        bool
}

// Option sets up an instance for New and Start. Options may come in any order,
// and those that seed add up.
type Option func(*settings)

type settings struct {
	organizationsDisabled bool
	rotation              bool
	guesses               map[GuessName]string
	attitudes             []attitude
	limits                Limits
	requestLog            int
	seed                  Seed
}

// WithUser seeds users.
func WithUser(users ...User) Option {
	return func(s *settings) { s.seed.Users = append(s.seed.Users, users...) }
}

// WithOrganization seeds organizations.
func WithOrganization(organizations ...Organization) Option {
	return func(s *settings) { s.seed.Organizations = append(s.seed.Organizations, organizations...) }
}

// WithMembership seeds memberships of seeded users in seeded organizations.
func WithMembership(memberships ...Membership) Option {
	return func(s *settings) { s.seed.Memberships = append(s.seed.Memberships, memberships...) }
}

// WithSession seeds sessions of seeded users, for the Frontend API.
func WithSession(sessions ...Session) Option {
	return func(s *settings) { s.seed.Sessions = append(s.seed.Sessions, sessions...) }
}

// WithSecretKey sets the secret key that the Backend API takes, instead of
// DefaultSecretKey.
func WithSecretKey(key string) Option {
	return func(s *settings) { s.seed.SecretKey = key }
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
// metadata that does not encode) and on any other option's value that there is
// not, such as a guess. Nothing runs and nothing listens until URL is called.
func New(opts ...Option) (*Clerk, error) {
	s := &settings{seed: Seed{SecretKey: DefaultSecretKey}, guesses: map[GuessName]string{}}
	for _, o := range opts {
		o(s)
	}
	if s.seed.SecretKey == "" {
		return nil, errors.New("clerktest: the secret key is empty")
	}
	if s.requestLog < 0 {
		return nil, errors.New("clerktest: the request log cannot hold a negative number of requests")
	}
	guesses, err := answers(s.guesses, s.attitudes)
	if err != nil {
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	limits, err := s.limits.limiter()
	if err != nil {
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	c := &Clerk{
		organizationsDisabled: s.organizationsDisabled,
		rotation:              s.rotation,
		guesses:               guesses,
		requestLog:            s.requestLog,
		routes:                implemented(),
		limiter:               limits,
		signingKey:            sync.OnceValues(newSigningKey),
	}
	if err := c.load(s.seed); err != nil {
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	c.initial = c.dump()
	return c, nil
}

// SecretKey returns the key that the Backend API takes.
func (c *Clerk) SecretKey() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secretKey
}

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
