package bulk_test

import (
	"fmt"
	"iter"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// distant is a Clerk behind a network: each request takes a while, and is counted.
type distant struct {
	next              http.RoundTripper
	requests, refused atomic.Int64
}

func (d *distant) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(40 * time.Millisecond) // of the bubble's clock
	resp, err := d.next.RoundTrip(r)
	time.Sleep(40 * time.Millisecond)
	d.requests.Add(1)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		d.refused.Add(1)
	}
	return resp, err
}

// Changes that name users by address are resolved and made at the allowed rate.
// CLERKMETA_NAMED_ROWS sets how many there are; 50,000 take about a minute.
func TestNamedRate(t *testing.T) {
	t.Parallel()
	rows := 3_000
	if text := os.Getenv("CLERKMETA_NAMED_ROWS"); text != "" {
		var err error
		rows, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	seed := clerktest.Seed{Users: make([]clerktest.User, rows)}
	for i := range seed.Users {
		seed.Users[i] = clerktest.User{ID: fmt.Sprintf("user_%027d", i), EmailAddresses: []string{fmt.Sprintf("user.number.%d@example.com", i)}}
	}
	changes := func() iter.Seq2[bulk.Change, error] {
		return func(yield func(bulk.Change, error) bool) {
			for i := range rows {
				for c, err := range lines(fmt.Sprintf(`{"email":"user.number.%d@example.com","patch":{"public_metadata":{"n":%d}}}`, rows-1-i, i)) {
					if !yield(c, err) {
						return
					}
				}
			}
		}
	}
	synctest.Test(t, func(t *testing.T) {
		clerk, err := clerktest.Config{Limits: clerktest.LimitsProduction, RequestLog: 1}.New(seed)
		require.NoError(t, err)
		network := &distant{next: clerk.Transport()}
		c, err := client.New(client.SecretKey(clerk.SecretKey()), client.WithHTTPClient(&http.Client{Transport: network}), client.WithRateLimit(client.ProductionLimit))
		require.NoError(t, err)
		began := time.Now()
		resolution, err := bulk.Resolve(t.Context(), c, changes(), bulk.ResolveParams{})
		require.NoError(t, err)
		resolved := time.Since(began)
		applied := int64(0)
		for r, err := range bulk.Apply(t.Context(), c, changes(), bulk.ApplyParams{Resolution: resolution}) {
			require.NoError(t, err)
			require.Equal(t, bulk.Applied, r.Outcome)
			applied++
		}
		took := time.Since(began)
		rate := float64(network.requests.Load()) / took.Seconds()
		t.Logf("%d rows in %s (%s to resolve), %d requests, %.1f a second, %d answered with 429",
			rows, took.Round(time.Millisecond), resolved.Round(time.Millisecond), network.requests.Load(), rate, network.refused.Load())
		require.EqualValues(t, rows, applied)
		require.EqualValues(t, rows+(rows+99)/100, network.requests.Load())
		require.Zero(t, network.refused.Load())
		require.GreaterOrEqual(t, rate, 0.95*float64(client.ProductionLimit)/10)
	})
}
