package claims_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
)

// unreturned is what the caller's code panics with behind each place that calls it, and how
// a request fares.
func unreturned(t *testing.T, escape func()) map[string]func() {
	t.Helper()
	escapes := roundTrip(func(*http.Request) (*http.Response, error) {
		escape()
		return nil, http.ErrAbortHandler
	})
	request := func(config claims.Config, token string) func() {
		fresh, err := claims.Require[member](newVerifier(t, config), maxAge)
		require.NoError(t, err)
		return func() {
			get(t, fresh, bearer(token), func(context.Context) { require.Fail(t, "passed") })
		}
	}
	s := newShop(t, nil)
	token := sessionToken(t, s.clerk, "sess_0")
	time.Sleep(maxAge + 1)
	keys, bySource, byUsers := s.config, s.config, s.config
	keys.HTTPClient = &http.Client{Transport: escapes}
	bySource.Source = source(func(context.Context, string) ([]byte, time.Time, error) {
		escape()
		return nil, time.Time{}, nil
	})
	c, err := client.New(client.SecretKey(s.clerk.SecretKey()), client.WithHTTPClient(&http.Client{Transport: escapes}))
	require.NoError(t, err)
	byUsers.Users = c.Users
	return map[string]func(){
		"Config.HTTPClient": request(keys, token),
		"Config.Source":     request(bySource, token),
		"Config.Users":      request(byUsers, token),
	}
}

// A panic in the caller's code is one of each request that waits for it, where net/http
// recovers it, and does not end the process.
func TestPanicsReachTheRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, request := range unreturned(t, func() {
			time.Sleep(time.Millisecond)
			panic("as in the caller's code")
		}) {
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					defer func() { require.Contains(t, fmt.Sprint(recover()), "as in the caller's code", name) }()
					request()
				})
			}
			wg.Wait()
		}
	})
}

// The same holds for a runtime.Goexit, such as that of a test that fails.
func TestExitsReachTheRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, request := range unreturned(t, runtime.Goexit) {
			returned := false
			var wg sync.WaitGroup
			wg.Go(func() {
				request()
				returned = true
			})
			wg.Wait()
			require.False(t, returned, name)
		}
	})
}

// After a fetch that panicked the keys are unknown until the next one.
func TestKeysAfterAPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys, fails := serve(jwk("kid_1", ownKey)), true
		v := newVerifier(t, configOf(roundTrip(func(r *http.Request) (*http.Response, error) {
			if fails {
				panic("as in the caller's code")
			}
			return keys.RoundTrip(r)
		})))
		token := signed(t, good(nil), nil)
		require.Panics(t, func() { _, _ = v.Verify(t.Context(), token) })
		fails = false
		_, err := v.Verify(t.Context(), token)
		require.ErrorIs(t, err, claims.ErrUnavailable)
		time.Sleep(5 * time.Second)
		_, err = v.Verify(t.Context(), token)
		require.NoError(t, err)
	})
}
