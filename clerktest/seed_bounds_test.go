package clerktest_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// deepSeed is refused: its outermost member is no member of a seed. Its keys are long
// and nest, so that the paths of its parts would be depth times its size.
func deepSeed(depth int) []byte {
	return []byte(strings.Repeat(`{"`+strings.Repeat("k", 100)+`":`, depth) + "1" + strings.Repeat("}", depth))
}

// TestParseSeedMemory: a document eight times as deep and as long may take sixteen
// times as much; of depth times size it would be 64. Not parallel: it counts what the
// process allocates.
func TestParseSeedMemory(t *testing.T) { //nolint:paralleltest // see above
	allocated := func(text []byte) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := clerktest.ParseSeed(text)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, "the document has no member")
		return after.TotalAlloc - before.TotalAlloc
	}
	small, large := deepSeed(1000), deepSeed(8000)
	allocated(small) // what is made once
	require.Less(t, allocated(large), 16*allocated(small))
}
