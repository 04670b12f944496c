package benchmarks_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/test/benchmarks"
)

func newSet(tb testing.TB) *benchmarks.Set {
	tb.Helper()
	s, err := benchmarks.NewSet()
	require.NoError(tb, err)
	tb.Cleanup(s.Close)
	return s
}

// TestCandidates runs each candidate, which fails unless it reads the answer.
func TestCandidates(t *testing.T) {
	t.Parallel()
	for _, c := range newSet(t).Cases {
		require.GreaterOrEqual(t, len(c.Candidates), 2, c.Name)
		for _, candidate := range c.Candidates {
			require.NoError(t, candidate.Run(t.Context()), "%s, %s, %s", c.Group, c.Name, candidate.Name)
		}
	}
}

func Benchmark(b *testing.B) {
	for _, c := range newSet(b).Cases {
		for _, candidate := range c.Candidates {
			name := strings.Join([]string{c.Group, c.Name, candidate.Name}, "/")
			b.Run(name, func(b *testing.B) { c.Bench(b, candidate) })
		}
	}
}

// TestUpdateStaysNearTheFloor counts allocations, which are the same on every machine.
func TestUpdateStaysNearTheFloor(t *testing.T) { //nolint:paralleltest // what others allocate meanwhile would count
	const group, name = "A user, in memory", "update"
	floor, ours := measured(t, group, name, "by hand"), measured(t, group, name, "clerkmeta")
	t.Logf("by hand %v, clerkmeta %v", floor, ours)
	require.LessOrEqual(t, ours.count, floor.count)
	require.LessOrEqual(t, ours.bytes, floor.bytes)
}

// TestModifyStaysNearTheFloor allows more than by hand, which makes no patch, checks no
// size and misses concurrent changes.
func TestModifyStaysNearTheFloor(t *testing.T) { //nolint:paralleltest // what others allocate meanwhile would count
	const group, name = "A typed value", "read, change, write, in memory"
	floor, ours := measured(t, group, name, "by hand"), measured(t, group, name, "clerkmeta")
	t.Logf("by hand %v, clerkmeta %v", floor, ours)
	require.LessOrEqual(t, ours.count, 2*floor.count)
	require.LessOrEqual(t, ours.bytes, 2*floor.bytes)
}

type allocations struct{ count, bytes uint64 }

func measured(t *testing.T, group, name, who string) allocations {
	t.Helper()
	for _, c := range newSet(t).Cases {
		for _, candidate := range c.Candidates {
			if c.Group == group && c.Name == name && candidate.Name == who {
				return allocationsOf(t, candidate.Run)
			}
		}
	}
	t.Fatalf("no candidate %q", who)
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
