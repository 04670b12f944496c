package benchmarks_test

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/benchmarks"
)

// TestCases runs each case.
func TestCases(t *testing.T) {
	t.Parallel()
	for _, c := range benchmarks.Cases(t) {
		require.NoError(t, c.Run(t.Context()), "%s, %s, %s", c.Group, c.Task, c.By)
	}
}

// Benchmark names each case as benchstat reads it. It reports CPU time, which other
// processes disturb less than the time that passes.
func Benchmark(b *testing.B) {
	cases := benchmarks.Cases(b)
	for range 20 { // or the first to be measured would pay for what a process does once
		for _, c := range cases {
			require.NoError(b, c.Run(b.Context()))
		}
	}
	for _, c := range cases {
		b.Run(fmt.Sprintf("in=%s/task=%s/by=%s", c.Group, c.Task, c.By), func(b *testing.B) {
			measure(b, func() {
				for b.Loop() {
					if err := c.Run(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
		if !c.Parallel {
			continue
		}
		b.Run(fmt.Sprintf("in=%s/task=%s, %d goroutines/by=%s", c.Group, c.Task, benchmarks.Goroutines, c.By), func(b *testing.B) {
			b.SetParallelism(max(1, benchmarks.Goroutines/runtime.GOMAXPROCS(0)))
			measure(b, func() {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := c.Run(b.Context()); err != nil {
							b.Error(err)
							return
						}
					}
				})
			})
		})
	}
}

func measure(b *testing.B, run func()) {
	b.Helper()
	b.ReportAllocs()
	start := cpuTime(b)
	run()
	b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N), "cpu-ns/op")
	b.ReportMetric(0, "ns/op") // leaves it out
}

// cpuTime returns the process's CPU time in nanoseconds, that of the system included.
func cpuTime(b *testing.B) int64 {
	b.Helper()
	var used syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return used.Utime.Nano() + used.Stime.Nano()
}

// TestUpdateStaysNearTheFloor counts allocations, which are the same on every machine.
func TestUpdateStaysNearTheFloor(t *testing.T) { //nolint:paralleltest // what others allocate meanwhile would count
	const group, task = "A user, in memory", "update"
	floor, ours := measured(t, group, task, "by hand"), measured(t, group, task, "clerkmeta")
	t.Logf("by hand %v, clerkmeta %v", floor, ours)
	require.LessOrEqual(t, ours.count, floor.count)
	require.LessOrEqual(t, ours.bytes, floor.bytes)
}

// TestModifyStaysNearTheFloor allows more than by hand, which makes no patch, checks no
// size and misses concurrent changes.
func TestModifyStaysNearTheFloor(t *testing.T) { //nolint:paralleltest // what others allocate meanwhile would count
	const group, task = "A typed value", "read, change, write"
	floor, ours := measured(t, group, task, "by hand"), measured(t, group, task, "clerkmeta")
	t.Logf("by hand %v, clerkmeta %v", floor, ours)
	require.LessOrEqual(t, ours.count, 2*floor.count)
	require.LessOrEqual(t, ours.bytes, 2*floor.bytes)
}

type allocations struct{ count, bytes uint64 }

func measured(t *testing.T, group, task, by string) allocations {
	t.Helper()
	for _, c := range benchmarks.Cases(t) {
		if c.Group == group && c.Task == task && c.By == by {
			return allocationsOf(t, c.Run)
		}
	}
	t.Fatalf("no candidate %q", by)
	return allocations{}
}

func allocationsOf(t *testing.T, run func(context.Context) error) allocations {
	t.Helper()
	const runs = 500
	require.NoError(t, run(t.Context()), "once, for what is set up only then")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		require.NoError(t, run(t.Context()))
	}
	runtime.ReadMemStats(&after)
	return allocations{(after.Mallocs - before.Mallocs) / runs, (after.TotalAlloc - before.TotalAlloc) / runs}
}
