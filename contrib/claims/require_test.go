package claims_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// maxAge is that of these tests.
const maxAge = 5 * time.Second

// shop is an emulator with signed-in users, and a route that requires freshness.
type shop struct {
	t       *testing.T
	clerk   *clerktest.Test
	client  *client.Client
	config  claims.Config
	fresh   func(http.Handler) http.Handler
	refused error
}

func newShop(t *testing.T, source claims.Source, opts ...client.Option) *shop {
	t.Helper()
	seed := clerktest.Seed{SessionClaims: object{"public_metadata": object{"role": "{{user.public_metadata.role}}"}}}
	for i := range 3 {
		seed.Users = append(seed.Users, clerktest.User{
			ID: fmt.Sprint("user_", i), PublicMetadata: object{"role": "admin"}, PrivateMetadata: object{"key": secret},
		})
		seed.Sessions = append(seed.Sessions, clerktest.Session{ID: fmt.Sprint("sess_", i), UserID: fmt.Sprint("user_", i)})
	}
	s := &shop{t: t, clerk: clerktest.Start(t, seed)}
	s.client = s.clerk.Client(opts...)
	s.config = configOf(s.clerk.Transport())
	s.config.Users, s.config.Source = s.client.Users, source
	s.config.Refuse = func(w http.ResponseWriter, _ *http.Request, err *claims.Error) {
		s.refused = err
		w.WriteHeader(err.Status)
	}
	var err error
	s.fresh, err = claims.Require[member](newVerifier(t, s.config), maxAge)
	require.NoError(t, err)
	return s
}

// role is what the handler sees behind the route, "" with a status if it is not reached.
func (s *shop) role(token string) (role string, status int) {
	s.t.Helper()
	resp := get(s.t, s.fresh, bearer(token), func(ctx context.Context) {
		value, ok := claims.From[member](ctx)
		require.True(s.t, ok)
		role = value.Public.Role
	})
	return role, resp.StatusCode
}

func (s *shop) requireRole(want, token, why string) {
	s.t.Helper()
	role, status := s.role(token)
	require.Equal(s.t, http.StatusNoContent, status, "%s: %v", why, s.refused)
	require.Equal(s.t, want, role, why)
}

func (s *shop) set(user int, role string) {
	s.t.Helper()
	_, err := s.client.Users.UpdateUserMetadata(s.t.Context(), fmt.Sprint("user_", user), users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"role": role},
	})
	require.NoError(s.t, err)
}

func (s *shop) reads() int { return len(s.clerk.Requests(clerktest.GetUser)) }

// A user who was seen is read once in maxAge, and not while the token is young.
func TestRequireReadsOnceInMaxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		s.requireRole("admin", token, "a young token")
		time.Sleep(maxAge)
		s.requireRole("admin", token, "exactly maxAge")
		require.Zero(t, s.reads())
		s.set(0, "guest")
		for i := 1; i <= 5; i++ {
			time.Sleep(time.Second)
			s.requireRole("guest", token, "an old token")
			require.Equal(t, 1, s.reads())
		}
		s.set(0, "owner")
		time.Sleep(time.Second)
		s.requireRole("guest", token, "read maxAge ago")
		time.Sleep(time.Nanosecond)
		s.requireRole("owner", token, "read again")
		require.Equal(t, 2, s.reads())
	})
}

// For shows what the token says, and an older T than Require.
func TestForIsAsOldAsTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		s.set(0, "guest")
		time.Sleep(time.Minute)
		plain, err := claims.For[member](newVerifier(t, s.config))
		require.NoError(t, err)
		get(t, plain, bearer(token), func(ctx context.Context) {
			value, _ := claims.From[member](ctx)
			require.Equal(t, "admin", value.Public.Role)
		})
		s.requireRole("guest", token, "behind Require")
	})
}

// What was read is not undone by an older token that is still young.
func TestRequireIsMonotonic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		old := sessionToken(t, s.clerk, "sess_0")
		time.Sleep(maxAge)
		young := sessionToken(t, s.clerk, "sess_0")
		time.Sleep(2 * time.Second)
		s.set(0, "guest")
		s.requireRole("admin", young, "young, and nothing was read")
		s.requireRole("guest", old, "read")
		s.requireRole("guest", young, "still young, and older than the read")
		time.Sleep(time.Second)
		s.set(0, "owner")
		time.Sleep(time.Second)
		s.requireRole("owner", sessionToken(t, s.clerk, "sess_0"), "newer than the read")
	})
}

// A token from the future is read like an old one: clocks that differ extend no grant on
// that side. A clock of this host that is slow by s makes a token s younger.
func TestRequireAndClocks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		own := serve(jwk("kid_1", ownKey))
		s.config.HTTPClient = &http.Client{Transport: own}
		fresh, err := claims.Require[member](newVerifier(t, s.config), maxAge)
		require.NoError(t, err)
		s.fresh = fresh
		claim := func(age time.Duration) string {
			return signed(t, good(object{"sub": "user_0", "iat": time.Now().Add(-age).Unix()}), nil)
		}
		s.requireRole("admin", claim(-2*time.Second), "from the future")
		require.Equal(t, 1, s.reads())
		time.Sleep(time.Minute)
		const slow = 2 * time.Second
		s.requireRole(secret, claim(maxAge+slow-slow), "issued maxAge and 2 s ago, seen by a clock that is 2 s slow")
		require.Equal(t, 1, s.reads())
	})
}

// Requests of one user share a read.
func TestRequireSharesAFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		time.Sleep(maxAge + 1)
		s.clerk.Script(clerktest.GetUser, clerktest.SlowHeaders(time.Second))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { s.requireRole("admin", token, "shared") })
		}
		wg.Wait()
		require.Equal(t, 1, s.reads())
	})
}

// A request that ends does not end the read that others wait for.
func TestRequireAndARequestThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		time.Sleep(maxAge + 1)
		s.clerk.Script(clerktest.GetUser, clerktest.SlowHeaders(2*time.Second))
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			resp := get(t, s.fresh, func(r *http.Request) { bearer(token)(r); *r = *r.WithContext(ctx) }, func(context.Context) {
				require.Fail(t, "passed")
			})
			require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
		})
		synctest.Wait()
		wg.Go(func() { s.requireRole("admin", token, "waits on") })
		wg.Wait()
		require.Equal(t, 1, s.reads())
	})
}

// Without an answer within maxAge nobody passes.
func TestRequireFailsClosed(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]clerktest.Fault{
		"slow":    clerktest.SlowHeaders(maxAge + time.Second),
		"down":    clerktest.Drop(),
		"refused": clerktest.Answer(http.StatusUnauthorized, "clerk_key_invalid"),
		"HTML":    clerktest.AnswerBody(http.StatusOK, "text/html", "<html>"+secret),
		"limited": clerktest.Answer(http.StatusTooManyRequests, "too_many_requests", clerktest.RetryAfter(time.Minute)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, nil, client.WithRetry(client.Retry{MaxRetries: client.None}))
				token := sessionToken(t, s.clerk, "sess_0")
				time.Sleep(maxAge + 1)
				s.clerk.Script(clerktest.GetUser, fault)
				role, status := s.role(token)
				require.Equal(t, http.StatusServiceUnavailable, status)
				require.Empty(t, role)
				require.ErrorIs(t, s.refused, claims.ErrUnavailable)
				requireSilent(t, s.refused, token)
				time.Sleep(time.Second)
				s.requireRole("admin", token, "the next one reads again")
			})
		})
	}
}

// The client's limiter applies: what it has no room for within maxAge is refused at once.
func TestRequireWithinTheLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil, client.WithRateLimit(1))
		first, second := sessionToken(t, s.clerk, "sess_0"), sessionToken(t, s.clerk, "sess_1")
		time.Sleep(maxAge + 1)
		s.requireRole("admin", first, "within the limit")
		start := time.Now()
		_, status := s.role(second)
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.ErrorIs(t, s.refused, clerkerr.ErrLocalLimit)
		require.Equal(t, start, time.Now())
	})
}

// A user who was deleted is refused, and read once in maxAge like others.
func TestRequireADeletedUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		require.NoError(t, s.clerk.SetState(clerktest.Seed{Users: []clerktest.User{{ID: "user_9"}}}))
		time.Sleep(maxAge + 1)
		for range 3 {
			_, status := s.role(token)
			require.Equal(t, http.StatusUnauthorized, status)
			require.ErrorIs(t, s.refused, claims.ErrInvalidToken)
		}
		require.Equal(t, 1, s.reads())
	})
}

// What is read has to fit T as well.
func TestRequireAMismatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		_, err := s.client.Users.UpdateUserMetadata(t.Context(), "user_0", users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"role": 1}})
		require.NoError(t, err)
		time.Sleep(maxAge + 1)
		_, status := s.role(token)
		require.Equal(t, http.StatusForbidden, status)
		require.ErrorIs(t, s.refused, metadata.ErrMismatch)
	})
}

// Not guaranteed: the tokens of a session that was revoked are valid until they expire, and
// a handler keeps what it was given.
func TestWhatRequireDoesNotGuarantee(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, issuer+"/v1/sessions/sess_0/revoke", http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+s.clerk.SecretKey())
		resp, err := s.clerk.Transport().RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		time.Sleep(30 * time.Second)
		s.requireRole("admin", token, "a session that was revoked")
		get(t, s.fresh, bearer(token), func(ctx context.Context) {
			s.set(0, "guest")
			time.Sleep(time.Minute)
			value, _ := claims.From[member](ctx)
			require.Equal(t, "admin", value.Public.Role, "in a handler that runs for long")
		})
		_, status := s.role(token)
		require.Equal(t, http.StatusUnauthorized, status, "expired meanwhile")
	})
}

// Each request has a copy of what was read.
func TestRequireSharesNoMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		type tagged struct {
			Public map[string]any `json:"public_metadata"`
		}
		fresh, err := claims.Require[tagged](newVerifier(t, s.config), maxAge)
		require.NoError(t, err)
		token := sessionToken(t, s.clerk, "sess_0")
		time.Sleep(maxAge + 1)
		for range 2 {
			get(t, fresh, bearer(token), func(ctx context.Context) {
				value, _ := claims.From[tagged](ctx)
				require.Equal(t, object{"role": "admin"}, value.Public)
				value.Public["role"] = "owner"
			})
		}
		require.Equal(t, 1, s.reads())
	})
}

// source is a Source of one function.
type source func(ctx context.Context, id string) ([]byte, time.Time, error)

func (f source) User(ctx context.Context, id string) ([]byte, time.Time, error) { return f(ctx, id) }

const kept = `{"id":"user_0","public_metadata":{"role":"kept"},"private_metadata":{"key":"s3cret-value"}}`

// The source is believed where it confirmed the user within maxAge, until maxAge after that;
// in every other case Clerk is read.
func TestRequireFromASource(t *testing.T) {
	t.Parallel()
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
	for name, tc := range map[string]struct {
		source source
		want   string
	}{
		"confirmed":              {func(context.Context, string) ([]byte, time.Time, error) { return []byte(kept), ago(0), nil }, "kept"},
		"confirmed maxAge ago":   {func(context.Context, string) ([]byte, time.Time, error) { return []byte(kept), ago(maxAge), nil }, "kept"},
		"confirmed too long ago": {func(context.Context, string) ([]byte, time.Time, error) { return []byte(kept), ago(maxAge + 1), nil }, "admin"},
		"never confirmed":        {func(context.Context, string) ([]byte, time.Time, error) { return []byte(kept), time.Time{}, nil }, "admin"},
		"from the future":        {func(context.Context, string) ([]byte, time.Time, error) { return []byte(kept), ago(-1), nil }, "admin"},
		"not kept":               {func(context.Context, string) ([]byte, time.Time, error) { return nil, ago(0), nil }, "admin"},
		"down": {func(context.Context, string) ([]byte, time.Time, error) {
			return []byte(kept), ago(0), errors.New("down")
		}, "admin"},
		"no JSON": {func(context.Context, string) ([]byte, time.Time, error) { return []byte(secret), ago(0), nil }, "admin"},
		"no object": {func(context.Context, string) ([]byte, time.Time, error) {
			return []byte(`{"public_metadata":1}`), ago(0), nil
		}, "admin"},
		"hanging": {func(ctx context.Context, _ string) ([]byte, time.Time, error) {
			<-ctx.Done()
			return nil, time.Time{}, ctx.Err()
		}, "admin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newShop(t, tc.source)
				token := sessionToken(t, s.clerk, "sess_0")
				time.Sleep(maxAge + 1)
				s.requireRole(tc.want, token, name)
				require.Equal(t, tc.want == "admin", s.reads() == 1)
			})
		})
	}
}

// A reading of the source is remembered for what is left of maxAge.
func TestRequireCountsFromTheConfirmation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked int
		var confirmed time.Time
		s := newShop(t, source(func(context.Context, string) ([]byte, time.Time, error) {
			asked++
			return []byte(kept), confirmed, nil
		}))
		token := sessionToken(t, s.clerk, "sess_0")
		time.Sleep(maxAge + 1)
		confirmed = time.Now().Add(-3 * time.Second)
		s.requireRole("kept", token, "confirmed")
		time.Sleep(2 * time.Second)
		s.requireRole("kept", token, "remembered")
		require.Equal(t, 1, asked)
		time.Sleep(time.Nanosecond)
		s.requireRole("admin", token, "not confirmed since")
		require.Equal(t, 2, asked)
	})
}

// An answer that a transport delivers too late, whatever the context says, is not used.
func TestRequireAndALateTransport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, nil)
		token := sessionToken(t, s.clerk, "sess_0")
		late, err := client.New(client.SecretKey(s.clerk.SecretKey()), client.WithHTTPClient(&http.Client{
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := s.clerk.Transport().RoundTrip(r)
				time.Sleep(maxAge + 1)
				return resp, err
			}),
		}))
		require.NoError(t, err)
		s.config.Users = late.Users
		s.fresh, err = claims.Require[member](newVerifier(t, s.config), maxAge)
		require.NoError(t, err)
		time.Sleep(maxAge + 1)
		_, status := s.role(token)
		require.Equal(t, http.StatusServiceUnavailable, status)
		require.ErrorIs(t, s.refused, claims.ErrUnavailable)
	})
}

func TestRequireIsChecked(t *testing.T) {
	t.Parallel()
	config := configOf(serve())
	_, err := claims.Require[member](newVerifier(t, config), maxAge)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorContains(t, err, "Config.Users")
	config.Users = clerktest.Start(t, clerktest.Seed{}).Client().Users
	for _, d := range []time.Duration{-1, 0, time.Second - 1} {
		_, err = claims.Require[member](newVerifier(t, config), d)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "at least 1s")
	}
}
