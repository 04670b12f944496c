package clerktest_test

import (
	"bufio"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/inprocess"
)

// The memory of an emulator with an open stream of events does not grow with the requests
// that it answered: at the end of the run it is within a tenth of that after the first
// tenth of the requests. CLERKMETA_EMULATED is the number of requests.
func TestMemoryWithOpenStream(t *testing.T) { //nolint:paralleltest // it measures the heap
	requests := 10_000 // a tenth fills the log
	if text := os.Getenv("CLERKMETA_EMULATED"); text != "" {
		var err error
		requests, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	c := configured(t, clerktest.Config{RequestLog: 1000})
	w := watcher{t, bufio.NewReader(openStream(t, inprocess.Transport(c.ControlHandler()), "http://127.0.0.1:4010").Body)}
	answer := func(n int) uint64 {
		for range n {
			resp, err := c.Transport().RoundTrip(patch(t.Context(), c))
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, resp.Body)
			require.NoError(t, err)
			w.nextOf("request")
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // sync.Pool keeps for one
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	early := answer(requests / 10)
	late := answer(requests - requests/10)
	t.Logf("%d bytes after %d requests, %d after %d", early, requests/10, late, requests)
	require.Less(t, late, early+early/10)
}
