package clerktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// webhooksJSON is what the control endpoint shows of webhooks.
type webhooksJSON struct {
	Endpoints  []endpointJSON `json:"endpoints"`
	Deliveries []attempt      `json:"deliveries"`
	Forgotten  int            `json:"forgotten"` // attempts that the log no longer has
	Faults     []deliveryJSON `json:"faults"`    // that are left
}

type endpointJSON struct {
	URL     string   `json:"url"`
	Events  []string `json:"events"` // all if there is none
	Pending int      `json:"pending"`
	Dropped int      `json:"dropped"` // by a queue that was full
}

// deliveryJSON is a Delivery as JSON.
type deliveryJSON struct {
	LateMS    int64 `json:"late_ms,omitempty"`
	Twice     bool  `json:"twice,omitempty"`
	Overtaken bool  `json:"overtaken,omitempty"`
	Lost      bool  `json:"lost,omitempty"`
}

// wholeAttempt is an attempt with what was sent and the beginning of the answer.
type wholeAttempt struct {
	attempt

	Payload json.RawMessage `json:"payload"`
	Answer  string          `json:"answer"`
}

const webhooksSchema = `{
	"type": "object", "additionalProperties": false,
	"properties": {
		"again": {"type": "string", "minLength": 1},
		"faults": {"type": "array", "items": {
			"type": "object", "additionalProperties": false,
			"properties": {
				"late_ms": {"type": "integer", "minimum": 0, "maximum": 86400000},
				"twice": {"type": "boolean"}, "overtaken": {"type": "boolean"}, "lost": {"type": "boolean"}
			}
		}}
	}
}`

// controlWebhooks answers with the endpoints and the deliveries, the oldest first, or with
// one delivery.
func (c *Clerk) controlWebhooks(query url.Values, _ []byte) (any, error) {
	names := slices.Collect(maps.Keys(query))
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(names) == 0:
		return c.webhooks(), nil
	case len(names) > 1 || names[0] != "seq" || len(query["seq"]) > 1:
		return nil, errors.New("webhooks takes one parameter, seq")
	}
	seq, err := strconv.Atoi(query.Get("seq"))
	if err != nil {
		return nil, errors.New("seq is not a number")
	}
	for _, row := range c.deliveries.rows {
		if row.Seq == seq {
			return wholeAttempt{row, row.message.payload, string(row.answer)}, nil
		}
	}
	return nil, &statusError{fmt.Errorf("delivery %d is not in the log", seq), http.StatusNotFound}
}

func (c *Clerk) webhooks() webhooksJSON {
	all := webhooksJSON{
		Endpoints: []endpointJSON{}, Deliveries: append([]attempt{}, c.deliveries.rows...),
		Forgotten: c.deliveries.dropped, Faults: c.deliveriesLeft(),
	}
	for _, e := range c.endpoints {
		all.Endpoints = append(all.Endpoints, endpointJSON{
			URL: e.URL, Events: append([]string{}, e.Events...), Pending: len(e.pending.all), Dropped: e.pending.dropped,
		})
	}
	return all
}

func (c *Clerk) deliveriesLeft() []deliveryJSON {
	left := []deliveryJSON{}
	for _, d := range c.scriptedDeliveries {
		left = append(left, deliveryJSON{d.Late.Milliseconds(), d.Twice, d.Overtaken, d.Lost})
	}
	return left
}

// controlDeliver sends an event again, or scripts what happens to the next ones.
func (c *Clerk) controlDeliver(_ url.Values, body []byte) (any, error) {
	var in struct {
		Again  string
		Faults []deliveryJSON
	}
	if _, err := readDocument(body, webhooksSchema, &in); err != nil {
		return nil, err
	}
	if (in.Again == "") == (in.Faults == nil) {
		return nil, errors.New(`the body has neither or both of "again" and "faults"; expected one`)
	}
	script := make([]Delivery, len(in.Faults))
	for i, f := range in.Faults {
		script[i] = Delivery{Late: time.Duration(f.LateMS) * time.Millisecond, Twice: f.Twice, Overtaken: f.Overtaken, Lost: f.Lost}
	}
	if err := c.ScriptDeliveries(script...); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if in.Again != "" {
		if err := c.sendAgain(in.Again); err != nil {
			return nil, err
		}
	}
	return map[string]any{"faults": c.deliveriesLeft()}, nil
}

// sendAgain queues an event that is in the log for the endpoints that receive its type.
func (c *Clerk) sendAgain(id string) error {
	for _, row := range c.deliveries.rows {
		if row.ID != id {
			continue
		}
		for _, e := range c.receivers(row.Type) {
			c.enqueue(e, row.message, time.Now(), Delivery{})
		}
		return nil
	}
	return &statusError{fmt.Errorf("event %q is not in the log of deliveries", id), http.StatusNotFound}
}
