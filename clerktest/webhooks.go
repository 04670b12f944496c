package clerktest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
	"github.com/clerkmeta/clerkmeta-go/internal/signature"
)

// DefaultWebhookSecret signs the events of an instance whose Seed has no WebhookSecret.
const DefaultWebhookSecret = "whsec_clerktestMadeUpSecretForAllTests" //nolint:gosec // signs nothing but this fake's events

const (
	maxEndpoints = 10
	// maxQueued is how many bytes of payloads an endpoint's queue, and the log, hold where
	// Config.RequestLog bounds them.
	maxQueued = 16 << 20
)

// message is an event on its way to endpoints.
type message struct {
	id      string
	name    string // the event's type
	payload []byte
}

// endpoint receives messages. The instance's mutex guards it.
type endpoint struct {
	Webhook
	transport http.RoundTripper
	pending   queue
	running   bool // a goroutine delivers
	closed    bool
	// ctx ends with an endpoint of the seed; both are nil for Config.Webhooks.
	ctx  context.Context
	stop context.CancelFunc
	// wake ends the wait for the next message's time; nil while nothing delivers.
	wake chan struct{}
}

// checkWebhook checks all of an endpoint except its host.
func checkWebhook(i int, w Webhook) *seedError {
	if i >= maxEndpoints {
		return bad("", "there are more than %d webhooks", maxEndpoints)
	}
	if _, err := address.Parse(w.URL); err != nil {
		return bad("url", "url %w", err)
	}
	for _, name := range w.Events {
		if !slices.Contains(eventTypes(), name) {
			return bad("events", "event %q is unknown; expected one of %q", name, eventTypes())
		}
	}
	return nil
}

// eventTypes returns the types of the events.
func eventTypes() (all []string) {
	for _, kind := range []string{"user", "organization", "organizationMembership"} {
		all = append(all, kind+".created", kind+".updated", kind+".deleted")
	}
	const invitation = "organizationInvitation."
	return append(all, invitation+"created", invitation+accepted, invitation+revoked)
}

// checkHosts refuses an endpoint to which a request could do harm: one on another machine
// that the Config does not name.
func (c *Clerk) checkHosts(webhooks []Webhook) error {
	return addAll("webhooks", webhooks, func(_ int, w Webhook) *seedError {
		if err := address.CheckLocal(w.URL, c.config.WebhookHosts); err != nil {
			return bad("url", "url %w: use a loopback address, or allow its host", err)
		}
		return nil
	})
}

func checkWebhookSecret(secret string) error {
	if secret == "" {
		return nil
	}
	if _, err := signature.ParseKey(secret); err != nil {
		return fmt.Errorf("webhook_secret %w", err)
	}
	return nil
}

// fromSeed reports whether the endpoint is one of the seed's, and not Config.Webhooks.
func (e *endpoint) fromSeed() bool { return e.stop != nil }

// close ends what goes to the endpoint's URL.
func (e *endpoint) close() {
	if e.fromSeed() {
		e.closed = true
		e.stop()
	}
}

// newEndpoint returns one of a seed.
func newEndpoint(w Webhook) *endpoint {
	e := &endpoint{Webhook: w, transport: network()}
	e.Events = slices.Clone(w.Events)
	e.ctx, e.stop = context.WithCancel(context.Background())
	return e
}

// setEndpoints replaces the endpoints and drops what is on its way.
func (c *Clerk) setEndpoints(webhooks []Webhook) {
	for _, e := range c.endpoints {
		e.close()
		e.pending = queue{}
	}
	switch {
	case c.config.Webhooks == nil:
		c.endpoints = nil
	case c.endpoints == nil:
		c.endpoints = []*endpoint{{
			Webhook: Webhook{URL: inProcess + "/webhooks"}, transport: inprocess.Transport(c.config.Webhooks),
		}}
	default: // Deliver may be at it
		c.endpoints = c.endpoints[:1]
	}
	for _, w := range webhooks {
		e := newEndpoint(w)
		if c.closed {
			e.close()
		}
		c.endpoints = append(c.endpoints, e)
	}
}

// send queues an event for the endpoints that receive its type.
func (c *Clerk) send(now time.Time, name string, payload []byte) {
	to := c.receivers(name)
	if len(to) == 0 {
		return
	}
	m := &message{id: "msg_" + rand.Text(), name: name, payload: payload}
	does := c.takeDelivery()
	for _, e := range to {
		c.enqueue(e, m, now, does)
	}
}

// receivers returns the endpoints that receive a type of events.
func (c *Clerk) receivers(name string) (all []*endpoint) {
	for _, e := range c.endpoints {
		if !e.closed && (len(e.Events) == 0 || slices.Contains(e.Events, name)) {
			all = append(all, e)
		}
	}
	return all
}

// enqueue queues a message for an endpoint, as a script says.
func (c *Clerk) enqueue(e *endpoint, m *message, now time.Time, does Delivery) {
	if does.Lost {
		c.record(attempt{URL: e.URL, message: m, Time: stamp(now), Error: "lost, as scripted"})
		return
	}
	copies := 1
	if does.Twice {
		copies = 2
	}
	for range copies {
		if does.Overtaken {
			e.pending.hold(&waiting{message: m, due: now.Add(overtakenWait)})
		} else {
			e.pending.add(&waiting{message: m, due: now.Add(does.Late)})
		}
	}
	if !does.Overtaken {
		e.pending.release(now.Add(does.Late))
	}
	if c.config.RequestLog > 0 {
		e.pending.shorten(c.config.RequestLog, maxQueued)
	}
	if e.wake != nil {
		select {
		case e.wake <- struct{}{}:
		default:
		}
	}
	if e.fromSeed() && !e.running {
		e.running = true
		c.delivering.Go(func() { _ = c.deliver(e.ctx, e) })
	}
}
