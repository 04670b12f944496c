package mirror_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// TestMillion measures a mirror of CLERKMETA_MIRROR_USERS users: the snapshot's time and memory,
// and lookups by private metadata beside a walk through the API.
func TestMillion(t *testing.T) { //nolint:paralleltest // it measures
	n, err := strconv.Atoi(os.Getenv("CLERKMETA_MIRROR_USERS"))
	if err != nil {
		t.Skip("CLERKMETA_MIRROR_USERS is not set")
	}
	w := newWorld(t, crowd(n), all)
	// The emulator looks at every user for each page.
	w.mirror, err = mirror.New(w.pool, w.clerk.Client(client.WithRetry(client.Retry{AttemptTimeout: 5 * time.Minute, Timeout: time.Hour})), all)
	require.NoError(t, err)
	before := heap()
	var peak atomic.Uint64
	done := make(chan struct{})
	go func() {
		for tick := time.NewTicker(time.Second); ; {
			select {
			case <-done:
				return
			case <-tick.C:
				peak.Store(max(peak.Load(), heap()))
			}
		}
	}()
	start := time.Now()
	require.NoError(t, w.mirror.Sync(t.Context()))
	took := time.Since(start)
	close(done)
	requests := len(w.clerk.Requests())
	t.Logf("snapshot: %d users in %s, %.0f a second, %d requests; %d MB besides the %d MB of the emulator",
		n, took.Round(time.Millisecond), float64(n)/took.Seconds(), requests, (max(peak.Load(), before)-before)>>20, before>>20)
	require.Equal(t, n, w.count(`SELECT count(*) FROM clerk_users`))

	var times []time.Duration
	for i := range 2000 {
		at := i * (n / 2000)
		start := time.Now()
		ids, err := w.find(w.mirror, mirror.Where("private_metadata.stripeId", fmt.Sprintf("cus_%d", at)))
		times = append(times, time.Since(start))
		require.NoError(t, err)
		require.Equal(t, []string{fmt.Sprintf("user_%07d", at)}, ids)
	}
	slices.Sort(times)
	t.Logf("lookup: p50 %s, p99 %s", times[len(times)/2], times[len(times)*99/100])

	start = time.Now()
	for u, err := range w.client.Users.All(t.Context(), users.AllParams{PageSize: 500}) {
		require.NoError(t, err)
		if u.PrivateMetadata.String() == fmt.Sprintf(`{"stripeId":"cus_%d"}`, n/2) {
			break
		}
	}
	walk := time.Since(start)
	t.Logf("walk to the middle: %s, %d requests, which take %s at 1000 in 10 s", walk.Round(time.Millisecond), n/1000, time.Duration(n/1000)*10*time.Millisecond)
}

// heap is the memory of what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
