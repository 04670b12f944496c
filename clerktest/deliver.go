package clerktest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// defaultWebhookTimeout is shorter than Svix's 15 seconds: the receiver is on the same machine.
const defaultWebhookTimeout = 3 * time.Second

// maxAnswer is how much of a receiver's answer is read.
const maxAnswer = 4 << 10

// schedule returns how long each attempt waits after the one before. Svix makes as many,
// and waits 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h.
func schedule() []time.Duration {
	const s = time.Second
	return []time.Duration{0, s / 10, s / 2, s, 2 * s, 4 * s, 8 * s, 8 * s}
}

// Deliver delivers the events that wait for Config.Webhooks, one after the other, in the
// caller's goroutine, until none is left. The receiver has Config.WebhookTimeout for an
// answer; one that is not 2xx is repeated up to seven times, after 0.1, 0.5, 1, 2, 4, 8 and
// 8 seconds, while other events continue. In a testing/synctest bubble the waits take no time.
//
// It returns an error if an event was not delivered by then, and the context's error if
// that ends first: the next call continues. One call waits for another, so the
// receiver must not call Deliver.
func (c *Clerk) Deliver(ctx context.Context) error {
	select {
	case c.delivery <- struct{}{}:
		defer func() { <-c.delivery }()
	case <-ctx.Done():
		return fmt.Errorf("clerktest: Deliver did not begin: %w", ctx.Err())
	}
	c.mu.Lock()
	var e *endpoint
	if c.config.Webhooks != nil {
		e = c.endpoints[0]
	}
	c.mu.Unlock()
	if e == nil {
		return errors.New("clerktest: the instance has no Config.Webhooks to deliver to")
	}
	err := c.deliver(ctx, e)
	c.mu.Lock()
	e.wake = nil // a channel of a synctest bubble is of no use outside
	c.mu.Unlock()
	if err != nil {
		return fmt.Errorf("clerktest: %w", err)
	}
	return nil
}

// deliver attempts what is in the queue of an endpoint until nothing is left.
func (c *Clerk) deliver(ctx context.Context, e *endpoint) error {
	failures, first := 0, error(nil)
	wake := make(chan struct{}, 1)
	for {
		c.mu.Lock()
		e.wake = wake
		d, wait := e.pending.next(time.Now())
		e.running = d != nil || wait > 0
		c.mu.Unlock()
		switch {
		case d != nil:
			if err := c.attempt(ctx, e, d); err != nil {
				failures++
				first = cmp.Or(first, err)
			}
		case wait == 0 && first != nil:
			if failures > 1 {
				first = fmt.Errorf("%w, and %d more", first, failures-1)
			}
			return first
		case wait == 0:
			return nil
		default:
			select {
			case <-time.After(wait):
			case <-wake:
			case <-ctx.Done():
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// attempt posts a message once and queues it again if that failed. The error says that it
// was the last attempt.
func (c *Clerk) attempt(ctx context.Context, e *endpoint, d *waiting) error {
	start := time.Now()
	bounded, cancel := context.WithTimeout(ctx, c.config.webhookTimeout())
	defer cancel()
	status, answer, err := c.post(bounded, e, d.message, start)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no whole answer came within %s", c.config.webhookTimeout())
	}
	end := time.Now()

	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		e.pending.add(d) // as if there had been no attempt
		return nil
	}
	d.attempts++
	row := attempt{
		URL: e.URL, message: d.message, Attempt: d.attempts, Time: stamp(start), Status: status,
		DurationMS: float64(end.Sub(start).Microseconds()) / 1000, answer: answer,
	}
	if err != nil {
		row.Error = err.Error()
	}
	done := status/100 == 2 && (err == nil || errors.Is(err, errLongAnswer))
	again := !done && d.attempts < len(schedule())
	if again {
		d.due = end.Add(schedule()[d.attempts])
		next := stamp(d.due)
		row.Next = &next
		e.pending.add(d)
	}
	c.record(row)
	if done || again {
		return nil
	}
	return fmt.Errorf("event %s (%s) was not delivered: %s", d.name, d.id, cmp.Or(row.Error, "status "+strconv.Itoa(status)))
}

var errLongAnswer = fmt.Errorf("the answer is over %d bytes, which are all that is read", maxAnswer)

// post returns the status, 0 without one, and the beginning of the answer.
func (c *Clerk) post(ctx context.Context, e *endpoint, m *message, now time.Time) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(m.payload))
	if err != nil {
		return 0, nil, errors.New("the URL cannot be requested")
	}
	c.mu.Lock()
	signed := c.webhookKey.Sign(m.id, now.Unix(), m.payload)
	c.mu.Unlock()
	req.Header = http.Header{
		"Content-Type":   {"application/json"},
		"User-Agent":     {"clerktest"},
		"Svix-Id":        {m.id},
		"Svix-Timestamp": {strconv.FormatInt(now.Unix(), 10)},
		"Svix-Signature": {signed},
	}
	// A RoundTripper follows no redirects.
	resp, err := e.transport.RoundTrip(req)
	if err != nil {
		return 0, nil, failure(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols { // the context does not end such a body
		return resp.StatusCode, nil, errors.New("the answer switches protocols, which is not followed")
	}
	answer, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return resp.StatusCode, answer, failure(err)
	case len(answer) > maxAnswer:
		return resp.StatusCode, answer[:maxAnswer], errLongAnswer
	case resp.StatusCode/100 == 3:
		return resp.StatusCode, answer, errors.New("the answer is a redirect, which is not followed")
	}
	return resp.StatusCode, answer, nil
}

// failure words the error of a connection. That of net/http quotes the whole of an answer
// that is not HTTP.
func failure(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the receiver closed the connection before its answer was whole")
	}
	const most = 300
	if text := err.Error(); len(text) > most {
		return errors.New(strings.ToValidUTF8(text[:most], "") + "…")
	}
	return err
}

// network sends to the URLs of a seed. It reuses no connection, so that none is left open,
// and goes through no proxy.
func network() http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10}
}
