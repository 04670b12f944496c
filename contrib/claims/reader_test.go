package claims

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The memory holds what was read within maxAge, and for a while what was in the maxAge
// before.
func TestReadingsAreForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newReader(Config{}, time.Second, nil)
		for i := range 1000 {
			r.remember(strconv.Itoa(i), &reading{since: time.Now()})
			time.Sleep(time.Second / 100)
			require.LessOrEqual(t, len(r.known), 203)
		}
	})
}

// A request that found nothing, and then a flight that has just landed, reads nothing.
func TestAFlightThatHasLanded(t *testing.T) {
	t.Parallel()
	r := newReader(Config{}, time.Minute, nil)
	landed := &reading{since: time.Now()}
	r.remember("user_1", landed)
	found, err := r.read(t.Context(), "user_1") // without Users a read would panic
	require.NoError(t, err)
	require.Same(t, landed, found)
}

// A reading that ends after a newer one does not replace it.
func TestTheNewestReadingStays(t *testing.T) {
	t.Parallel()
	r := newReader(Config{}, time.Minute, nil)
	now := time.Now()
	r.remember("user_1", &reading{since: now})
	r.remember("user_1", &reading{since: now.Add(-time.Second)})
	require.Equal(t, now, r.remembered("user_1").since)
}
