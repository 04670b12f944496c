package faults

import (
	"slices"
	"testing"
	"testing/synctest"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// TestFaults runs every operation through every fault: while it lasts and, where
// another attempt may succeed, when it happens once. One fault at a time, so that
// there are few goroutines for leavesNothing to look through.
func TestFaults(t *testing.T) { //nolint:tparallel // one fault at a time, its operations in parallel
	t.Parallel()
	all := operations(t)
	met := map[class]bool{}
	for i, f := range slices.Concat(answers(), successes(), waits(), stalls(), wires(), streams()) {
		f.run(t, f.meets(all, i == 0, !met[f.class()]))
		met[f.class()] = true
	}
}

// meets returns the operations that f runs: all for the first of its class, those of
// the services for the others, and one read and one write where a run takes long.
// With -short the first of a class runs one of each shape, and the first of all runs
// all.
func (f fault) meets(all []operation, ofAll, ofClass bool) []operation {
	if testing.Short() && !ofClass {
		return nil
	}
	shapes := map[shape]bool{}
	return slices.DeleteFunc(slices.Clone(all), func(op operation) bool {
		s := op.shape()
		switch {
		case f.long:
			s = shape{write: s.write}
		case !testing.Short() || ofAll:
			return !ofClass && op.IsView()
		}
		again := shapes[s]
		shapes[s] = true
		return again
	})
}

// class is what is the same of faults that stand for each other.
type class struct {
	century                                               int
	harmless, unsent, runs, clerks, partial, transient    bool
	asked, ends, unattempted, sockets, coded, hasSentinel bool
	stop                                                  clerkerr.StopReason
}

func (f fault) class() class {
	return class{
		century: f.status / 100, harmless: f.harmless, unsent: f.unsent, runs: f.runs, clerks: f.clerks,
		partial: f.partial, transient: f.transient, asked: f.asked > 0, ends: f.ends != nil,
		unattempted: f.unattempted, sockets: f.sockets, coded: f.code != "", hasSentinel: len(f.is) > 0, stop: f.stop,
	}
}

func (f fault) run(t *testing.T, operations []operation) {
	t.Helper()
	t.Run(f.name, func(t *testing.T) {
		for _, op := range operations {
			if f.unattempted && op.second {
				continue // its read would not be attempted
			}
			f.check(t, op, "lasting", f.fails)
			if f.repeats(op) {
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
