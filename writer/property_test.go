package writer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// made is an update of the property test, and the result that its caller got.
type made struct {
	key  string
	a, b string
	// reported counts the results, applied and notApplied what they said.
	reported            int
	applied, notApplied bool
}

func randomPatch(r *rand.Rand, depth int) string {
	text := "{"
	for i, key := range []string{"a", "b", "c"} {
		if r.IntN(2) == 0 {
			continue
		}
		if len(text) > 1 {
			text += ","
		}
		value := fmt.Sprint(r.IntN(100))
		switch n := r.IntN(6); {
		case n == 0:
			value = "null"
		case n < 3 && depth > 0:
			value = randomPatch(r, depth-1)
		case n == 3:
			value = fmt.Sprintf("[%d,null]", i)
		}
		text += fmt.Sprintf("%q:%s", key, value)
	}
	return text + "}"
}

// Whatever is merged, the stored result is that of the updates one after the other, in
// the order in which they were queued, without those reported as not applied; and no
// caller gets a wrong report.
func TestProperty(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		synctest.Test(t, func(t *testing.T) { property(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func property(t *testing.T, r *rand.Rand) {
	t.Helper()
	s := newStore(t)
	faults := rand.New(rand.NewPCG(r.Uint64(), 2))
	var mu sync.Mutex
	s.before = func(_ context.Context, _ int, q request) fate {
		mu.Lock()
		n, delay := faults.IntN(20), time.Duration(faults.IntN(50))*time.Millisecond
		mu.Unlock()
		time.Sleep(delay)
		switch {
		case q.b == `{"bad":1}`: // refused wherever it stands last
			return fate{lost: true, err: failed(422, clerkerr.OutcomeNotApplied)}
		case n == 0:
			return fate{lost: true, err: failed(429, clerkerr.OutcomeNotApplied)}
		case n == 1:
			return fate{err: failed(502, clerkerr.OutcomeUnknown)} // and yet applied
		case n == 2:
			return fate{answer: true, err: failed(200, clerkerr.OutcomeApplied)}
		}
		return fate{}
	}
	w := s.writer(writer.Config{Interval: 20 * time.Millisecond, MaxPending: 120, MaxUpdates: 1 + r.IntN(20), MaxBytes: 20 + r.IntN(200), Workers: 1 + r.IntN(3)})
	var all []*made
	var callers sync.WaitGroup
	for i := range 120 {
		// The key that only this update writes shows whether it was applied.
		own := fmt.Sprintf(`{"u%d":{},`, i)
		u := &made{key: fmt.Sprint(r.IntN(3)), a: strings.Replace(own+randomPatch(r, 2)[1:], ",}", "}", 1)}
		if r.IntN(3) == 0 {
			u.b = randomPatch(r, 1)
		} else if r.IntN(20) == 0 {
			u.b = `{"bad":1}`
		}
		ctx, cancel := context.WithCancel(t.Context())
		if r.IntN(4) == 0 {
			ctx, cancel = context.WithTimeout(t.Context(), time.Duration(r.IntN(60))*time.Millisecond)
		}
		all = append(all, u)
		callers.Go(func() {
			defer cancel()
			e, err := w.Update(ctx, u.key, patches(u.a, u.b))
			var reported *clerkerr.Error
			if err != nil && !errors.As(err, &reported) {
				t.Error(err)
			}
			u.reported++
			u.applied = e != nil
			u.notApplied = err != nil && reported.Outcome == clerkerr.OutcomeNotApplied
		})
		// A bubble that has come to rest has queued it: so the order is known.
		synctest.Wait()
		if r.IntN(5) == 0 {
			time.Sleep(time.Duration(r.IntN(30)) * time.Millisecond)
		}
		if r.IntN(30) == 0 {
			callers.Go(func() { _ = w.Flush(t.Context()) })
		}
	}
	_ = w.Close(t.Context()) // its error is that of the faults
	callers.Wait()

	want := map[string]entity{}
	for i, u := range all {
		require.Equal(t, 1, u.reported, "each gets one result")
		applied := strings.Contains(s.held[u.key].A.String(), fmt.Sprintf(`"u%d":`, i))
		if applied {
			require.False(t, u.notApplied)
		} else {
			require.False(t, u.applied)
			continue
		}
		e, p := want[u.key], patches(u.a, u.b)
		want[u.key] = entity{s.merge(e.A, p.A), s.merge(e.B, p.B)}
	}
	require.Equal(t, want, s.held)
	require.Less(t, len(s.requests), len(all))
}
