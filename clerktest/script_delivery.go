package clerktest

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// overtakenWait is how long a message waits for another that overtakes it.
const overtakenWait = 2 * time.Second

// Delivery is what happens to one event on its way, as it can with Clerk. The zero
// Delivery is the usual one. Late and Overtaken exclude each other, and Lost the others.
type Delivery struct {
	// Late is how much later the event comes.
	Late time.Duration
	// Twice delivers the event a second time, with the same id.
	Twice bool
	// Overtaken delivers the event after the next one, or two seconds later if there is no
	// next one by then.
	Overtaken bool
	// Lost never delivers the event.
	Lost bool
}

// String describes the delivery, for failure messages.
func (d Delivery) String() string {
	var parts []string
	add := func(holds bool, part string) {
		if holds {
			parts = append(parts, part)
		}
	}
	add(d.Late != 0, "late "+d.Late.String())
	add(d.Twice, "twice")
	add(d.Overtaken, "overtaken")
	add(d.Lost, "lost")
	return cmp.Or(strings.Join(parts, ", "), "pass")
}

func (d Delivery) check() error {
	switch {
	case d.Late < 0:
		return errors.New("a wait is negative")
	case d.Late > 0 && d.Overtaken:
		return errors.New("late and overtaken exclude each other")
	case d.Lost && d != Delivery{Lost: true}:
		return errors.New("what is lost is neither late nor overtaken nor there twice")
	}
	return nil
}

// ScriptDeliveries applies one Delivery to each of the next events that an endpoint
// receives, in order, for all endpoints alike; after the last one, events are delivered
// as usual. It returns an error, and scripts nothing, for a Delivery that contradicts
// itself.
func (c *Clerk) ScriptDeliveries(deliveries ...Delivery) error {
	for _, d := range deliveries {
		if err := d.check(); err != nil {
			return fmt.Errorf("clerktest: delivery %q: %w", d, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scriptedDeliveries = append(c.scriptedDeliveries, deliveries...)
	return nil
}

// takeDelivery removes and returns what happens to the next event.
func (c *Clerk) takeDelivery() (d Delivery) {
	if len(c.scriptedDeliveries) > 0 {
		d, c.scriptedDeliveries = c.scriptedDeliveries[0], c.scriptedDeliveries[1:]
	}
	return d
}
