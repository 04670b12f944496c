package clerktest_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// In any ten seconds exactly the limit of requests passes, and Retry-After says when
// the next one does.
func TestLimits(t *testing.T) {
	t.Parallel()
	const write = `{"public_metadata":{}}`
	for _, tc := range []struct {
		name   string
		limits clerktest.Limits
		most   int
		every  time.Duration // between requests
		send   func(t *testing.T, c *clerktest.Test, i int) reply
	}{
		{"instance, development", clerktest.LimitsDevelopment, 100, 30 * time.Millisecond, func(t *testing.T, c *clerktest.Test, _ int) reply {
			t.Helper()
			return backend(t, c, "GET", "/users/user_1", "")
		}},
		{"instance, production", clerktest.LimitsProduction, 1000, 7 * time.Millisecond, func(t *testing.T, c *clerktest.Test, i int) reply {
			t.Helper()
			return backend(t, c, "GET", []string{"/users", "/organizations"}[i%2], "")
		}},
		{"user, its metadata and the rest in one", clerktest.LimitsProduction, 10, 170 * time.Millisecond, func(t *testing.T, c *clerktest.Test, i int) reply {
			t.Helper()
			method, path := [][2]string{{"PATCH", "/metadata"}, {"PUT", "/metadata"}, {"PATCH", ""}}[i%3][0], [][2]string{{"PATCH", "/metadata"}, {"PUT", "/metadata"}, {"PATCH", ""}}[i%3][1]
			return backend(t, c, method, "/users/user_1"+path, `{}`)
		}},
		{"organization", clerktest.LimitsDevelopment, 10, 130 * time.Millisecond, func(t *testing.T, c *clerktest.Test, i int) reply {
			t.Helper()
			return backend(t, c, []string{"PATCH", "PUT"}[i%2], "/organizations/org_1/metadata", write)
		}},
		{"membership", clerktest.LimitsDevelopment, 10, 999 * time.Millisecond, func(t *testing.T, c *clerktest.Test, i int) reply {
			t.Helper()
			path := "/organizations/org_1/memberships/user_1"
			if i%2 == 0 {
				return backend(t, c, "PATCH", path, `{"role":"org:admin"}`)
			}
			return backend(t, c, "PATCH", path+"/metadata", write)
		}},
	} {
		if testing.Short() && tc.most > 100 {
			continue // thousands of requests
		}
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const window = 10 * time.Second
				c := configured(t, clerktest.Config{Limits: tc.limits})
				var allowed []time.Time
				var next time.Time // when there is room again, in whole seconds
				for i := range int(35 * time.Second / tc.every) {
					now := time.Now()
					r := tc.send(t, c, i)
					recent := 0
					for _, at := range allowed {
						if now.Sub(at) < window {
							recent++
						}
					}
					if recent < tc.most {
						require.Equal(t, http.StatusOK, r.status, "%d: %s", i, r.body)
						require.Empty(t, r.header.Get("Retry-After"))
						allowed = append(allowed, now)
					} else {
						requireFailed(t, r, http.StatusTooManyRequests, "too_many_requests", "")
						seconds, err := strconv.Atoi(r.header.Get("Retry-After"))
						require.NoError(t, err)
						require.GreaterOrEqual(t, seconds, 1)
						// No sooner is there room, and within a second of it there is.
						wait := allowed[len(allowed)-tc.most].Add(window).Sub(now)
						require.Equal(t, int((wait+time.Second-1)/time.Second), seconds)
						next = now.Add(time.Duration(seconds) * time.Second)
					}
					time.Sleep(tc.every)
				}
				require.Greater(t, len(allowed), tc.most)
				require.Len(t, c.Requests(), int(35*time.Second/tc.every))

				time.Sleep(time.Until(next))
				require.Equal(t, http.StatusOK, tc.send(t, c, 0).status)
			})
		})
	}
}

// Requests that no limit, or another limit, counts.
func TestLimitsCountSeparately(t *testing.T) {
	t.Parallel()
	fill := func(t *testing.T, c *clerktest.Test, path string) {
		t.Helper()
		for range 10 {
			require.Equal(t, http.StatusOK, backend(t, c, "PATCH", path, `{}`).status)
		}
		requireFailed(t, backend(t, c, "PATCH", path, `{}`), http.StatusTooManyRequests, "too_many_requests", "")
	}
	const user, member = "/users/user_1/metadata", "/organizations/org_1/memberships/user_1/metadata"
	for name, tc := range map[string]func(t *testing.T, c *clerktest.Test){
		"another user": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			fill(t, c, user)
			fill(t, c, "/users/user_2/metadata")
		},
		"a membership of the same": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			fill(t, c, user)
			fill(t, c, member)
		},
		"reads": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			fill(t, c, user)
			for range 50 {
				backend(t, c, "GET", "/users/user_1", "").field(t)
			}
		},
		"the Frontend API": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			fill(t, c, user)
			for range 200 {
				native(t, c, "PATCH", "/me/metadata", "unsafe_metadata=%7B%7D").field(t)
			}
		},
		"a wrong key": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			for range 200 {
				requireFailed(t, backend(t, c, "GET", "/users", "", "Authorization", "Bearer sk_test_other"), 401, "clerk_key_invalid", "")
			}
			backend(t, c, "GET", "/users", "").isList(t)
		},
		"after another state": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			fill(t, c, user)
			require.NoError(t, c.SetState(c.State()))
			fill(t, c, user)
			c.Reset()
			fill(t, c, user)
		},
		"where both limits are reached, the later counts": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			for range 90 {
				backend(t, c, "GET", "/users", "").isList(t)
			}
			time.Sleep(5 * time.Second)
			fill(t, c, user)
			require.Equal(t, "10", backend(t, c, "PATCH", user, `{}`).header.Get("Retry-After"))
			require.Equal(t, "5", backend(t, c, "GET", "/users", "").header.Get("Retry-After"))
		},
		"a failed write counts": func(t *testing.T, c *clerktest.Test) {
			t.Helper()
			for range 10 {
				requireFailed(t, backend(t, c, "PATCH", user, `{"x":1}`), 422, "form_param_unknown", "x")
			}
			requireFailed(t, backend(t, c, "PATCH", user, `{}`), http.StatusTooManyRequests, "too_many_requests", "")
		},
		"off": func(t *testing.T, _ *clerktest.Test) {
			t.Helper()
			c := configured(t, clerktest.Config{Limits: clerktest.LimitsOff})
			for range 1100 {
				require.Equal(t, http.StatusOK, backend(t, c, "PATCH", user, `{}`).status)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { tc(t, configured(t, clerktest.Config{Limits: clerktest.LimitsDevelopment})) })
		})
	}
	_, err := clerktest.Config{Limits: "soft"}.New(clerktest.Seed{})
	require.EqualError(t, err, `clerktest: limits "soft" are unknown; expected "off", "development" or "production"`)
}

func TestRequestLogIsBounded(t *testing.T) {
	t.Parallel()
	c := configured(t, clerktest.Config{RequestLog: 3})
	for i := range 10 {
		backend(t, c, "GET", fmt.Sprintf("/users/user_1?x=%d", i), "").field(t)
	}
	log := c.Requests()
	require.Len(t, log, 3)
	require.Equal(t, "7", log[0].Query.Get("x"))
	require.Equal(t, "9", log[2].Query.Get("x"))
	_, err := clerktest.Config{RequestLog: -1}.New(clerktest.Seed{})
	require.EqualError(t, err, "clerktest: RequestLog is negative")
}

// Key sets are not limited, and do not count.
func TestKeysAreNotLimited(t *testing.T) {
	t.Parallel()
	c := configured(t, clerktest.Config{Limits: clerktest.LimitsDevelopment})
	for range 150 {
		require.Equal(t, http.StatusOK, backend(t, c, "GET", "/jwks", "").status)
	}
	require.Equal(t, http.StatusOK, backend(t, c, "GET", "/users/user_1", "").status)
}
