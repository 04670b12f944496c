package goclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// backfillUsers is how many users the comparison writes to, in memory and by the
// bubble's clock, so that no stall of the machine has a part in it;
// CLERKMETA_BACKFILL raises it.
func backfillUsers(t *testing.T) int {
	t.Helper()
	text, ok := os.LookupEnv("CLERKMETA_BACKFILL")
	if !ok {
		return 1200
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// limited is an emulator that keeps to the limits of a production instance.
func limited(t *testing.T, n int) (*clerktest.Test, *http.Client) {
	t.Helper()
	var seeds []clerktest.User
	for i := range n {
		seeds = append(seeds, clerktest.User{ID: fmt.Sprintf("user_%d", i)})
	}
	emulator := clerktest.Config{Limits: clerktest.LimitsProduction}.Start(t, clerktest.Seed{Users: seeds})
	return emulator, &http.Client{Transport: emulator.Transport()}
}

// fanOut calls write for each user from 50 goroutines.
func fanOut(n int, write func(id string) error) (failed int) {
	var next, failures atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if write(fmt.Sprintf("user_%d", i)) != nil {
					failures.Add(1)
				}
			}
		})
	}
	wg.Wait()
	return int(failures.Load())
}

// refused is how many answers were 429.
func refused(emulator *clerktest.Test) (n int) {
	for _, r := range emulator.Requests() {
		if r.Status == http.StatusTooManyRequests {
			n++
		}
	}
	return n
}

func report(t *testing.T, emulator *clerktest.Test, n, failed int, took time.Duration) int {
	t.Helper()
	count := refused(emulator)
	t.Logf("%d users: %d written, %d failed, %d answers were 429, %.1f s", n, n-failed, failed, count, took.Seconds())
	return count
}

// TestBackfillWithPlainGoroutines is what everybody writes first: goroutines
// over the official client. It loses what the limits refuse.
func TestBackfillWithPlainGoroutines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := backfillUsers(t)
		emulator, memory := limited(t, n)
		official := user.NewClient(&clerk.ClientConfig{BackendConfig: clerk.BackendConfig{
			HTTPClient: memory, Key: clerk.String(clerktest.DefaultSecretKey),
		}})
		raw := json.RawMessage(`{"plan":"pro"}`)
		started := time.Now()
		failed := fanOut(n, func(id string) error {
			_, err := official.UpdateMetadata(t.Context(), id, &user.UpdateMetadataParams{PrivateMetadata: &raw})
			var refused *clerk.APIErrorResponse
			if err != nil && !errors.As(err, &refused) {
				t.Error(err)
			}
			return err
		})
		require.Equal(t, failed, report(t, emulator, n, failed, time.Since(started)))
		require.Equal(t, n-int(client.ProductionLimit), failed, "the limits are the reason for a rate limiter")
	})
}

// TestBackfillWithRateLimit is the same with this SDK's limiter: slower than the
// limits allow by a few per cent, and nothing is refused.
func TestBackfillWithRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := backfillUsers(t)
		emulator, memory := limited(t, n)
		ours, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), client.WithHTTPClient(memory),
			client.WithRateLimit(client.ProductionLimit))
		require.NoError(t, err)
		started := time.Now()
		failed := fanOut(n, func(id string) error {
			_, err := ours.Users.UpdateUserMetadata(t.Context(), id, users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"plan": "pro"}})
			return err
		})
		require.Zero(t, report(t, emulator, n, failed, time.Since(started)))
		require.Zero(t, failed)
	})
}
