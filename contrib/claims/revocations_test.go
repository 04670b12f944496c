package claims_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// delayed is a network with a delay before and behind each request.
func delayed(base http.RoundTripper, longest time.Duration) roundTrip {
	pause := func() { time.Sleep(rand.N(longest)) }
	return func(r *http.Request) (*http.Response, error) {
		pause()
		resp, err := base.RoundTrip(r)
		pause()
		return resp, err
	}
}

// ages is a Source that keeps what it read, and is asked for it later.
type ages struct {
	users *users.Service
	mu    sync.Mutex
	rows  map[string]row
}

type row struct {
	raw       []byte
	confirmed time.Time
}

func (a *ages) User(ctx context.Context, id string) ([]byte, time.Time, error) {
	time.Sleep(rand.N(100 * time.Millisecond))
	a.mu.Lock()
	found := a.rows[id]
	a.mu.Unlock()
	return found.raw, found.confirmed, ctx.Err()
}

func (a *ages) read(ctx context.Context, id string) {
	confirmed := time.Now()
	if user, err := a.users.GetUser(ctx, id); err == nil {
		a.mu.Lock()
		a.rows[id] = row{user.Raw, confirmed}
		a.mu.Unlock()
	}
}

// Thousands of times, 10,000 with CLERKMETA_REVOCATIONS=10000, a role is granted and
// revoked, while requests with old and young tokens race with it, over a slow network and
// beside a source: no request is passed on with a role more than maxAge after the answer to
// its revocation.
func TestRevocations(t *testing.T) {
	t.Parallel()
	const rounds = 100
	people := 20
	if all, err := strconv.Atoi(os.Getenv("CLERKMETA_REVOCATIONS")); err == nil {
		people = (all + rounds - 1) / rounds
	}
	synctest.Test(t, func(t *testing.T) {
		seed := clerktest.Seed{SessionClaims: object{"public_metadata": object{"role": "{{user.public_metadata.role}}"}}}
		for i := range people {
			id := strconv.Itoa(i)
			seed.Users = append(seed.Users, clerktest.User{ID: "user_" + id})
			seed.Sessions = append(seed.Sessions, clerktest.Session{ID: "sess_" + id, UserID: "user_" + id})
		}
		clerk := clerktest.Config{RequestLog: 1}.Start(t, seed)
		const maxAge = 2 * time.Second
		network := delayed(clerk.Transport(), maxAge*2/3)
		c, err := client.New(client.SecretKey(clerk.SecretKey()), client.WithBaseURL(issuer+"/v1"),
			client.WithHTTPClient(&http.Client{Transport: network}), client.WithRetry(client.Retry{MaxRetries: client.None}))
		require.NoError(t, err)
		mirror := &ages{users: c.Users, rows: map[string]row{}}
		config := configOf(clerk.Transport())
		config.Users, config.Source = c.Users, mirror
		fresh, err := claims.Require[member](newVerifier(t, config), maxAge)
		require.NoError(t, err)

		var passed, granted, late, unavailable, revocations atomic.Int64
		var wg sync.WaitGroup
		for i := range people {
			id := "user_" + strconv.Itoa(i)
			// ended[n] is when the revocation of role n was answered, in nanoseconds.
			ended := make([]atomic.Int64, rounds+1)
			handler := fresh(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				passed.Add(1)
				value, _ := claims.From[member](r.Context())
				n, _ := strconv.Atoi(value.Public.Role)
				if n == 0 {
					return
				}
				granted.Add(1)
				if end := ended[n].Load(); end != 0 && time.Now().UnixNano() > end+int64(maxAge) {
					late.Add(1)
				}
			}))
			done := make(chan struct{})
			write := func(role string) {
				for {
					_, err := c.Users.UpdateUserMetadata(t.Context(), id, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"role": role}})
					if err == nil {
						return
					}
				}
			}
			wg.Go(func() {
				defer close(done)
				for n := 1; n <= rounds; n++ {
					write(fmt.Sprint(n))
					time.Sleep(rand.N(maxAge))
					write("")
					ended[n].Store(time.Now().UnixNano())
					revocations.Add(1)
					time.Sleep(rand.N(maxAge * 2))
				}
			})
			wg.Go(func() {
				for !closed(done) {
					mirror.read(t.Context(), id)
					time.Sleep(rand.N(maxAge * 4))
				}
			})
			wg.Go(func() {
				var token string
				var until time.Time
				for !closed(done) {
					if time.Now().After(until) { // young tokens, and old ones
						token = sessionToken(t, clerk, "sess_"+strconv.Itoa(i))
						until = time.Now().Add([]time.Duration{maxAge, 55 * time.Second}[rand.N(2)])
					}
					r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
					bearer(token)(r)
					w := httptest.NewRecorder()
					handler.ServeHTTP(w, r)
					if w.Code == http.StatusServiceUnavailable {
						unavailable.Add(1)
					}
					time.Sleep(rand.N(maxAge))
				}
			})
		}
		wg.Wait()
		t.Logf("%d revocations, %d requests passed on, %d of them with a role, %d late, %d refused with 503",
			revocations.Load(), passed.Load(), granted.Load(), late.Load(), unavailable.Load())
		require.EqualValues(t, people*rounds, revocations.Load())
		require.Zero(t, late.Load())
		require.Greater(t, granted.Load(), revocations.Load()/4, "the race was one")
	})
}

func closed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
