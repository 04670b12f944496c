package clerktest_test

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// delivered is what the control endpoint shows of a delivery.
type delivered struct {
	Seq        int
	ID         string
	Type       string
	URL        string
	Attempt    int
	Time       time.Time
	Status     int
	Error      string
	DurationMS float64 `json:"duration_ms"`
	Next       *time.Time
	Payload    object
	Answer     string
}

type webhooks struct {
	Endpoints []struct {
		URL              string
		Events           []string
		Pending, Dropped int
	}
	Deliveries []delivered
	Forgotten  int
	Faults     []object
}

func hooks(t *testing.T, c *clerktest.Test) webhooks {
	t.Helper()
	return controlled[webhooks](t, control(c, "GET", "webhooks", ""))
}

// write changes the metadata of user_2.
func write(t *testing.T, c *clerktest.Test) {
	t.Helper()
	backend(t, c, "PATCH", "/users/user_2/metadata", `{"public_metadata":{"a":1}}`).field(t)
}

func TestRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := listening(t, content())
		r.statuses = []int{500, 302, 404, 410, 429, 503, 400}
		start := time.Now()
		write(t, c)
		require.NoError(t, c.Deliver(t.Context()))
		require.Len(t, r.got, 8)
		for _, e := range r.got {
			require.True(t, e.verified, "each attempt is signed with its time")
			require.Equal(t, r.got[0].id, e.id)
			require.Equal(t, r.got[0].payload, e.payload)
		}
		var after []time.Duration
		all := hooks(t, c).Deliveries
		for i, d := range all {
			require.Equal(t, i+1, d.Seq)
			require.Equal(t, i+1, d.Attempt)
			require.Equal(t, r.got[0].id, d.ID)
			require.Equal(t, "user.updated", d.Type)
			after = append(after, d.Time.Sub(start))
			if i > 0 {
				require.Equal(t, d.Time, all[i-1].Next.UTC())
			}
		}
		require.Equal(t, []time.Duration{
			0, 100 * time.Millisecond, 600 * time.Millisecond, 1600 * time.Millisecond, 3600 * time.Millisecond,
			7600 * time.Millisecond, 15600 * time.Millisecond, 23600 * time.Millisecond,
		}, after)
		require.Equal(t, 302, all[1].Status)
		require.Contains(t, all[1].Error, "redirect, which is not followed")
		require.Nil(t, all[7].Next)
		require.Equal(t, 200, all[7].Status)
	})
}

// An event that fails does not delay others, and Deliver reports one that stays undelivered.
func TestUndelivered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := listening(t, content())
		r.statuses = []int{500, 200, 500, 500, 500, 500, 500, 500, 500}
		write(t, c)
		backend(t, c, "DELETE", "/users/user_2", "").field(t)
		err := c.Deliver(t.Context())
		require.EqualError(t, err, "clerktest: event user.updated ("+r.got[0].id+") was not delivered: status 500")
		require.Equal(t, []string{"user.updated", "user.deleted", "user.updated"}, r.types()[:3])
		require.Len(t, r.got, 9)
		require.NoError(t, c.Deliver(t.Context()), "it is given up")
	})
}

// What a receiver does wrong costs bounded time and memory, and shows.
func TestBadReceivers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		receive  http.HandlerFunc
		status   int
		error    string
		accepted bool
		took     time.Duration
	}{
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 0, "no whole answer came within 3s", false, 3 * time.Second},
		{"hangs in its answer", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write([]byte("o"))
			<-r.Context().Done()
		}, 200, "no whole answer came within 3s", false, 3 * time.Second},
		{"redirects", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/private", http.StatusTemporaryRedirect)
		}, 307, "redirect, which is not followed", false, 0},
		{"answers without an end", func(w http.ResponseWriter, _ *http.Request) {
			for blanks := make([]byte, 4096); ; {
				if _, err := w.Write(blanks); err != nil {
					return
				}
			}
		}, 200, "the answer is over 4096 bytes", true, 0},
		{"closes early", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("half"))
			panic(http.ErrAbortHandler)
		}, 200, "closed the connection before its answer was whole", false, 0},
		{"closes at once", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, "closed the connection", false, 0},
		{"panics", func(http.ResponseWriter, *http.Request) { panic("mistake") }, 0, "mistake", false, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := clerktest.Config{Webhooks: tc.receive}.Start(t, content())
				write(t, c)
				err := c.Deliver(t.Context())
				all := hooks(t, c).Deliveries
				require.Equal(t, tc.status, all[0].Status)
				require.Contains(t, all[0].Error, tc.error)
				require.Equal(t, tc.took.Milliseconds(), int64(all[0].DurationMS))
				require.LessOrEqual(t, len(controlled[delivered](t, control(c, "GET", "webhooks?seq=1", "")).Answer), 4096)
				if tc.accepted {
					require.NoError(t, err)
					require.Len(t, all, 1)
					return
				}
				require.ErrorContains(t, err, tc.error)
				require.Len(t, all, 8)
			})
		})
	}
}

func TestDeliverStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := listening(t, content())
		r.statuses = []int{500}
		write(t, c)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, c.Deliver(ctx), context.DeadlineExceeded)
		require.Len(t, r.got, 1)
		require.NoError(t, c.Deliver(t.Context()), "it continues")
		require.Len(t, r.got, 2)

		// An attempt that the caller interrupts counts as none.
		ctx, stop := context.WithCancel(t.Context())
		var hangs http.HandlerFunc = func(_ http.ResponseWriter, r *http.Request) {
			stop()
			<-r.Context().Done()
		}
		c = clerktest.Config{Webhooks: hangs}.Start(t, content())
		write(t, c)
		require.ErrorIs(t, c.Deliver(ctx), context.Canceled)
		require.Empty(t, hooks(t, c).Deliveries)
		require.Equal(t, 1, hooks(t, c).Endpoints[0].Pending)
	})
	c := seeded(t)
	require.ErrorContains(t, c.Deliver(t.Context()), "no Config.Webhooks")
}

// The receiver uses the instance while it is called: its writes send events, too, and a
// reset drops what is on its way. Deliver within Deliver is an error, not a deadlock.
func TestReceiverCallsBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c *clerktest.Test
		var calls atomic.Int32 // a call may go on after its attempt has ended
		nested := make(chan error, 1)
		c = clerktest.Config{Webhooks: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			switch calls.Add(1) {
			case 1:
				c.Reset()
				write(t, c)
			case 2:
				nested <- c.Deliver(r.Context())
			}
		})}.Start(t, content())
		write(t, c)
		write(t, c)
		require.NoError(t, c.Deliver(t.Context()))
		require.EqualValues(t, 3, calls.Load(), "the second of before the reset is dropped, and that of after it repeated")
		require.Zero(t, hooks(t, c).Endpoints[0].Pending)
		err := <-nested
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "Deliver did not begin")
	})
}

// An instance from outside a bubble stays usable after one.
func TestDeliverInABubble(t *testing.T) {
	t.Parallel()
	c, r := listening(t, content())
	r.statuses = []int{500}
	synctest.Test(t, func(t *testing.T) {
		write(t, c)
		require.NoError(t, c.Deliver(t.Context()))
	})
	write(t, c)
	require.NoError(t, c.Deliver(t.Context()))
	require.Len(t, r.types(), 3)
}

func TestScriptedDeliveries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, r := listening(t, content())
		require.NoError(t, c.ScriptDeliveries(
			clerktest.Delivery{Late: time.Minute}, clerktest.Delivery{Twice: true}, clerktest.Delivery{},
			clerktest.Delivery{Lost: true}, clerktest.Delivery{Overtaken: true}, clerktest.Delivery{Overtaken: true, Twice: true},
		))
		require.Len(t, c.Unused(), 6)
		start := time.Now()
		var came []string
		for _, name := range []string{"late", "twice", "usual", "lost", "overtaken", "last"} {
			backend(t, c, "PATCH", "/users/user_2", `{"first_name":"`+name+`"}`).field(t)
		}
		require.Empty(t, c.Unused())
		require.NoError(t, c.Deliver(t.Context()))
		for _, e := range r.got {
			name, _ := e.Data["first_name"].(string)
			came = append(came, name)
		}
		require.Equal(t, []string{"twice", "twice", "usual", "overtaken", "last", "last", "late"}, came,
			"no event overtakes the last two: they come two seconds later")
		require.Equal(t, time.Minute, time.Since(start))
		require.Equal(t, r.got[0].id, r.got[1].id)

		lost := slices.IndexFunc(hooks(t, c).Deliveries, func(d delivered) bool { return d.Error == "lost, as scripted" })
		require.Zero(t, hooks(t, c).Deliveries[lost].Attempt)

		// The next event overtakes all that wait for it.
		r.got, came = nil, nil
		require.NoError(t, c.ScriptDeliveries(clerktest.Delivery{Overtaken: true}, clerktest.Delivery{Overtaken: true}))
		for _, name := range []string{"first", "second", "third", "fourth"} {
			backend(t, c, "PATCH", "/users/user_2", `{"first_name":"`+name+`"}`).field(t)
		}
		require.NoError(t, c.Deliver(t.Context()))
		for _, e := range r.got {
			name, _ := e.Data["first_name"].(string)
			came = append(came, name)
		}
		require.Equal(t, []string{"third", "first", "second", "fourth"}, came)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func TestImpossibleDeliveries(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	for want, d := range map[string]clerktest.Delivery{
		`delivery "late -1s": a wait is negative`:  {Late: -time.Second},
		`"late 1s, overtaken": late and overtaken`: {Late: time.Second, Overtaken: true},
		`"twice, lost": what is lost`:              {Lost: true, Twice: true},
	} {
		require.ErrorContains(t, c.ScriptDeliveries(clerktest.Delivery{}, d), want)
	}
	require.Empty(t, c.Unused())
}

// A scripted delivery that no event meets fails the test, as a fault does.
func TestUnusedDelivery(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	c := clerktest.Start(tb, content())
	require.NoError(t, c.ScriptDeliveries(clerktest.Delivery{Twice: true}))
	write(t, c) // nothing receives it
	tb.end()
	require.Equal(t, []string{"clerktest: scripted fault not used: event: twice"}, tb.errors)
}
