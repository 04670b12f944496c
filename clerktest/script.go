package clerktest

import (
	"fmt"
	"slices"
)

type scripted struct {
	operation Operation
	fault     Fault
}

// Script applies one fault to each of the next requests of an operation, or of
// AnyOperation, in order; after the last one, requests pass again. If scripts for an
// operation and for AnyOperation both have a fault for a request, the one scripted first
// applies. AnswerBody can answer an operation that the fake does not model.
//
// It errors on an operation that Clerk does not have, on a fault whose parts
// contradict each other, and on a call without faults; then it scripts nothing.
func (c *Clerk) Script(op Operation, faults ...Fault) error {
	if !known(op) {
		return fmt.Errorf("clerktest: operation %q is unknown", op)
	}
	if len(faults) == 0 {
		return fmt.Errorf("clerktest: no fault for %s", op)
	}
	for _, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("clerktest: fault %q for %s: %w", f, op, err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range faults {
		c.scripts = append(c.scripts, scripted{op, f})
	}
	return nil
}

// Unused describes the scripted faults that have met no request yet.
func (c *Clerk) Unused() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []string
	for _, s := range c.scripts {
		left = append(left, fmt.Sprintf("%s: %s", s.operation, s.fault))
	}
	return left
}

// take removes and returns the next fault for an operation.
func (c *Clerk) take(op Operation) Fault {
	for i, s := range c.scripts {
		if s.operation == op || s.operation == AnyOperation {
			c.scripts = slices.Delete(c.scripts, i, i+1)
			return s.fault
		}
	}
	return Pass()
}
