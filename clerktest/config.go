package clerktest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

// Config says how an instance behaves. The zero Config answers every guess with
// its default, keeps no rate limits, rotates no tokens and logs every request.
type Config struct {
	// Limits are the Backend API's rate limits, none by default. A request above them
	// gets status 429 and, as Retry-After, the whole seconds to wait; it does not count
	// itself.
	Limits Limits
	// Rotation makes every answer of the Frontend API, errors included, carry a new
	// client token: in the Authorization header for a native app, as cookie __client
	// for a browser. Official clients expect it for native apps; how often Clerk sends
	// one, and browsers' cookies, are guesses.
	Rotation bool
	// OrganizationsDisabled makes every operation on organizations and memberships
	// fail with status 403.
	OrganizationsDisabled bool
	// RequestLog is the number of requests that the log keeps, the newest, so that a
	// long-running process does not fill its memory. 0 keeps all. It bounds the queue of
	// each webhook and the log of their deliveries alike.
	RequestLog int
	// Webhooks receives every event when Deliver is called, without a socket.
	Webhooks http.Handler
	// WebhookHosts are hosts, without a port, that the URLs of the seed's Webhooks may name
	// besides the loopback interface. A request to another host could do harm.
	WebhookHosts []string
	// WebhookTimeout is how long the receiver of an event has for an answer before the
	// event is sent again. 0 is 3 seconds. A receiver in a debugger needs more.
	WebhookTimeout time.Duration
	// Strict answers every guess with the answer that finds most mistakes of a
	// client, Lenient with the one that lets most pass. They exclude each other.
	Strict, Lenient bool
	// Guesses are the answers to some of the Guesses. They come before Strict and
	// Lenient.
	Guesses map[GuessName]string
}

// New returns an instance that holds the seed and behaves as the zero Config says.
// An invalid seed is an error: a duplicate id, a membership or session of an unknown
// user, metadata that does not encode to an object. Nothing runs and nothing listens
// until URL is called.
func New(seed Seed) (*Clerk, error) { return Config{}.New(seed) }

// Start returns an instance for a test that behaves as the zero Config says. When
// the test ends, the instance stops listening, and each scripted fault that met no
// request fails the test.
func Start(tb TB, seed Seed) *Test {
	tb.Helper()
	return Config{}.Start(tb, seed)
}

// New is the function New for an instance that behaves as c says. An invalid c is an error
// too, such as one with an answer that its guess does not have.
func (c Config) New(seed Seed) (*Clerk, error) {
	clerk := &Clerk{
		config: c, secretKey: DefaultSecretKey, webhookSecret: DefaultWebhookSecret,
		signingKey: sync.OnceValues(newSigningKey), feed: newFeed(), delivery: make(chan struct{}, 1),
	}
	var err error
	if clerk.answers, err = c.answers(); err != nil {
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	clerk.guesses.Store(&clerk.answers)
	if clerk.limiter.most, err = c.Limits.most(); err != nil {
		return nil, fmt.Errorf("clerktest: %w", err)
	}
	if c.RequestLog < 0 {
		return nil, errors.New("clerktest: RequestLog is negative")
	}
	if c.WebhookTimeout < 0 {
		return nil, errors.New("clerktest: WebhookTimeout is negative")
	}
	if err := address.CheckNames(c.WebhookHosts); err != nil {
		return nil, fmt.Errorf("clerktest: WebhookHosts %w", err)
	}
	if err := clerk.SetState(seed); err != nil {
		return nil, err
	}
	clerk.initial = clerk.dump()
	return clerk, nil
}

func (c Config) webhookTimeout() time.Duration {
	return cmp.Or(c.WebhookTimeout, defaultWebhookTimeout)
}

// Start is the function Start for an instance that behaves as c says.
func (c Config) Start(tb TB, seed Seed) *Test {
	tb.Helper()
	clerk, err := c.New(seed)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(func() {
		tb.Helper()
		if err := clerk.Close(); err != nil {
			tb.Errorf("clerktest: %v", err)
		}
		for _, left := range clerk.Unused() {
			tb.Errorf("clerktest: scripted fault not used: %s", left)
		}
	})
	return &Test{Clerk: clerk, tb: tb}
}

// answers returns the answer to each guess.
func (c Config) answers() (map[GuessName]string, error) {
	if c.Strict && c.Lenient {
		return nil, errors.New("the fields Strict and Lenient exclude each other")
	}
	if err := checkAnswers(c.Guesses); err != nil {
		return nil, err
	}
	all := map[GuessName]string{}
	for _, g := range Guesses() {
		switch {
		case c.Strict:
			all[g.Name] = g.Strict
		case c.Lenient:
			all[g.Name] = g.Lenient
		default:
			all[g.Name] = g.Default
		}
	}
	maps.Copy(all, c.Guesses)
	return all, nil
}
