package faults

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// TestFaults runs every operation through every fault: while it lasts and, where
// another attempt may mend it, when it happens once. One fault at a time, so that
// there are few goroutines for leavesNothing to look through.
func TestFaults(t *testing.T) { //nolint:tparallel // one fault at a time, its operations in parallel
	t.Parallel()
	for _, f := range slices.Concat(answers(), successes(), waits(), stalls(), wires(), streams()) {
		f.run(t)
	}
}

func (f fault) run(t *testing.T) {
	t.Helper()
	t.Run(f.name, func(t *testing.T) {
		for _, op := range operations {
			if f.unattempted && op.second {
				continue // its read would not be attempted
			}
			f.check(t, op, "lasting", f.fails)
			if f.transient && f.stop == clerkerr.StopFinal {
				f.check(t, op, "once", f.passes)
			}
		}
	})
}

func (f fault) check(t *testing.T, op operation, how string, check func(*testing.T, operation)) {
	t.Helper()
	t.Run(op.name+"/"+how, func(t *testing.T) {
		t.Parallel()
		if f.sockets {
			leavesNothing(t)
			check(t, op)
			return
		}
		// A bubble does not end before all that was started in it.
		synctest.Test(t, func(t *testing.T) { check(t, op) })
	})
}
