package faults

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
)

var (
	soakFor  = flag.Duration("soak", 0, "how long TestSoak makes rounds, at least one")
	soakSeed = flag.Uint64("seed", 0, "the seed of the only round of TestSoak; 0 for many random ones")
)

// TestSoak has a hundred callers make random calls through random faults, in
// rounds, each of which ends with everything stored as the calls have reported.
//
// That a write of unknown outcome is either done or not when its call returns,
// and does not come later, holds here and not of Clerk: in a bubble the clock,
// and with it every timeout, stands still while anything can run, and over
// sockets nothing is given up.
func TestSoak(t *testing.T) {
	t.Parallel()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		rounds(t, func(t *testing.T, seed uint64) {
			t.Helper()
			synctest.Test(t, func(t *testing.T) {
				r := newRound(t, seed)
				r.faults = append(r.faults, slowFaults()...)
				r.patience = 30 * time.Second
				r.run(t, r.clerk.Transport(), client.Retry{})
			})
		})
	})
	t.Run("over sockets", func(t *testing.T) {
		t.Parallel()
		rounds(t, func(t *testing.T, seed uint64) {
			t.Helper()
			r := newRound(t, seed)
			_, pool := overLoopback(t, r.clerk, nil)
			pool.MaxIdleConnsPerHost = callers
			r.run(t, pool, client.Retry{BaseDelay: client.None, AttemptTimeout: client.None, Timeout: time.Hour})
		})
	})
}

func rounds(t *testing.T, round func(t *testing.T, seed uint64)) {
	t.Helper()
	for end := time.Now().Add(*soakFor); ; {
		seed := *soakSeed
		if seed == 0 {
			seed = rand.Uint64()
		}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			leavesNothing(t)
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("again: go test ./test/faults -run Soak -seed %d", seed)
				}
			})
			round(t, seed)
		})
		if *soakSeed != 0 || t.Failed() || time.Now().After(end) {
			return
		}
	}
}

const callers = 100

// perCaller is how many calls each caller makes in a round.
func perCaller() int {
	if testing.Short() {
		return 5
	}
	return 20
}

// round is one Clerk and a hundred callers.
type round struct {
	seed   uint64
	clerk  *clerktest.Clerk
	faults []clerktest.Fault
	// patience is the longest that a context lasts which ends; 0 for none that
	// does.
	patience time.Duration
}

// run makes all calls and compares what is stored with the model.
func (r *round) run(t *testing.T, rt http.RoundTripper, retry client.Retry) {
	t.Helper()
	retry.Budget = client.None
	s, err := calls.New(r.clerk.SecretKey(), "http://"+host+"/v1", "http://"+host, rt, client.WithRetry(retry))
	require.NoError(t, err)
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		all  tally
		held = map[string][]*place{}
	)
	for i := range callers {
		wg.Go(func() {
			places := placesOf(s, i)
			told := r.caller(t, i, places)
			mu.Lock()
			defer mu.Unlock()
			all = all.plus(told)
			for _, p := range places {
				held[p.name] = append(held[p.name], p)
			}
		})
	}
	wg.Wait()
	for _, places := range held {
		r.compare(t, places)
	}
	t.Logf("%+v", all)
	require.Equal(t, tally{1, 1, 1, 1, 1}, tally{min(1, all.read), min(1, all.applied), min(1, all.appliedWithError), min(1, all.notApplied), min(1, all.unknown)},
		"every outcome must have come up: %+v", all)
}

// caller makes one caller's calls, one after the other.
func (r *round) caller(t *testing.T, i int, places []*place) (told tally) {
	t.Helper()
	rng := rand.New(rand.NewPCG(r.seed, uint64(i)))
	for n := range perCaller() {
		if rng.IntN(3) > 0 {
			assert.NoError(t, r.clerk.Script(clerktest.AnyOperation, r.faults[rng.IntN(len(r.faults))]))
		}
		ctx, cancel := context.WithCancel(t.Context())
		if r.patience > 0 && rng.IntN(5) == 0 {
			ctx, cancel = context.WithTimeout(t.Context(), rand.N(r.patience))
		}
		err := places[rng.IntN(len(places))].step(ctx, rng, n+1, &told)
		cancel()
		if !assert.NoError(t, err, "caller %d, call %d", i, n) {
			return told
		}
	}
	return told
}

// compare checks one field, which several callers may have written to: each
// one's part is possible, and there is nothing else.
func (r *round) compare(t *testing.T, places []*place) {
	t.Helper()
	stored := places[0].stored(r.clerk)
	keys := map[string]any{}
	require.NoError(t, stored.Decode(&keys))
	for _, p := range places {
		require.NoError(t, p.narrow(stored))
		for key := range p.possible[0] {
			delete(keys, key)
		}
	}
	require.Empty(t, keys, "%s holds what nobody wrote", places[0].name)
}
