package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestApply(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 2)
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(
		`{"user":"user_1","patch":{"public_metadata":{"role":null,"n":1},"private_metadata":{"x":"y"}}}`,
		`{"user":"user_2","replace":{"public_metadata":{"only":null}}}`,
		`{"user":"user_1","unset":["public_metadata/a/b","public_metadata/n"]}`,
		`{"user":"user_1","unset":["public_metadata/never/there"]}`,
		`{"user":"user_1","unset":["unsafe_metadata/never"]}`,
		`{"organization":"org_1","replace":{"private_metadata":{"s":1}}}`,
		`{"organization":"org_2","patch":{"private_metadata":{"s":2}}}`,
		`{"organization":"org_1","user":"user_1","patch":{"public_metadata":{"seat":3}}}`,
		`{"organization":"org_1","user":"user_1","unset":["public_metadata/seat/deep"]}`,
		`{"organization":"org_2","unset":["private_metadata/s/deep"]}`,
		`{"user":"user_9","patch":{"public_metadata":{"n":1}}}`,
		`{"user":"user_9","patch":{"public_metadata":{"n":2}}}`,
	), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Applied: 7, Unchanged: 3, Failed: 1, HeldBack: 1}, counts(results))
	require.ErrorIs(t, results[10].Err, clerkerr.ErrNotFound)
	require.ErrorIs(t, results[11].Err, bulk.ErrHeldBack)
	require.Equal(t, `user_1 {"a":{}} {"x":"y"} {}
user_2 {"only":null} {} {}
org_1 {} {"s":1}
org_2 {} {"s":2}
org_1 user_1 {"seat":3} {}
`, state(clerk))
}

func TestSkipUnchanged(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 2)
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(
		`{"user":"user_1","patch":{"public_metadata":{"role":"shopper"}}}`,
		`{"user":"user_1","patch":{"public_metadata":{"role":"admin"}}}`,
		`{"user":"user_2","unset":["public_metadata/never"]}`,
		`{"user":"user_2","unset":["public_metadata/role"]}`,
		`{"organization":"org_9","replace":{"public_metadata":{}}}`,
		`{"organization":"org_1","user":"user_2","unset":["public_metadata/never"]}`,
	), bulk.ApplyParams{SkipUnchanged: true}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Applied: 2, Unchanged: 2, Failed: 2}, counts(results))
	require.Equal(t, &bulk.Diff{Changed: []string{"public_metadata/role"}}, results[1].Diff)
	require.Equal(t, &bulk.Diff{Removed: []string{"public_metadata/role"}}, results[3].Diff)
	require.Len(t, clerk.Requests(clerktest.UpdateUserMetadata), 2)
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 3)
	clerk.Script(clerktest.UpdateUserMetadata,
		clerktest.Drop().And(clerktest.Applied()),
		clerktest.Answer(http.StatusUnprocessableEntity, "form_param_invalid"),
		clerktest.Truncate(),
	)
	results, err := walk(bulk.Apply(t.Context(), impatient(clerk), lines(
		`{"user":"user_1","patch":{"public_metadata":{"n":1}}}`,
		`{"user":"user_2","patch":{"public_metadata":{"n":1}}}`,
		`{"user":"user_3","patch":{"public_metadata":{"n":1}}}`,
	), bulk.ApplyParams{Workers: 1}))
	require.NoError(t, err)
	require.Equal(t, bulk.Unknown, results[0].Outcome)
	require.ErrorIs(t, results[0].Err, clerkerr.ErrTransport)
	require.Equal(t, bulk.Failed, results[1].Outcome)
	require.ErrorIs(t, results[1].Err, clerkerr.ErrInvalid)
	require.Equal(t, bulk.Applied, results[2].Outcome)
	require.Error(t, results[2].Err, "applied, and the answer cut short")
}

func TestWhatIsNotAChangeIsNotSent(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	input := func(yield func(bulk.Change, error) bool) {
		_ = yield(bulk.Change{}, nil) &&
			yield(bulk.UnsetUser("user_2", "nowhere/x"), nil)
	}
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), input, bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Failed: 2}, counts(results))
	results, err = walk(bulk.Plan(t.Context(), clerk.Client(), input, bulk.PlanParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Failed: 2}, counts(results))
	require.Empty(t, clerk.Requests())
}

func TestParams(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	for _, params := range []bulk.ApplyParams{{Workers: -1}, {Workers: bulk.MaxWorkers + 1}, {Window: -1}, {MaxFailures: -1}} {
		_, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(), params))
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	}
	for _, params := range []bulk.PlanParams{{Workers: -1}, {Workers: bulk.MaxWorkers + 1}, {Memory: -1}} {
		_, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(), params))
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	}
}

// many is a line for each of n changes of so many users.
func many(n, users int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`{"user":"user_%d","patch":{"public_metadata":{"n":%d}}}`, i%users+1, i)
	}
	return all
}

func TestEarlyEnds(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	t.Run("unauthorized", func(t *testing.T) {
		t.Parallel()
		clerk := instance(t, 50)
		clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusUnauthorized, "clerk_key_invalid"))
		results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(many(50, 50)...), bulk.ApplyParams{Workers: 1}))
		require.ErrorIs(t, err, clerkerr.ErrUnauthorized)
		require.Len(t, results, 1)
	})
	t.Run("input", func(t *testing.T) {
		t.Parallel()
		clerk := instance(t, 3)
		input := func(yield func(bulk.Change, error) bool) {
			for c := range lines(many(3, 3)...) {
				if !yield(c, nil) {
					return
				}
			}
			yield(bulk.Change{}, broken)
		}
		_, err := walk(bulk.Apply(t.Context(), clerk.Client(), input, bulk.ApplyParams{}))
		require.ErrorIs(t, err, broken)
		results, err := walk(bulk.Plan(t.Context(), clerk.Client(), input, bulk.PlanParams{}))
		require.ErrorIs(t, err, broken)
		require.Len(t, results, 3)
	})
	t.Run("cause", func(t *testing.T) {
		t.Parallel()
		clerk := instance(t, 1)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(broken)
		results, err := walk(bulk.Apply(ctx, clerk.Client(), lines(many(3, 1)...), bulk.ApplyParams{}))
		require.ErrorIs(t, err, broken)
		require.Empty(t, results)
		_, err = walk(bulk.Plan(ctx, clerk.Client(), lines(many(3, 1)...), bulk.PlanParams{}))
		require.ErrorIs(t, err, broken)
	})
	t.Run("checkpoint", func(t *testing.T) {
		t.Parallel()
		clerk := instance(t, 1)
		results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(many(3, 1)...), bulk.ApplyParams{Checkpoint: fullDisk{}}))
		require.ErrorIs(t, err, errDisk)
		require.Len(t, results, 1)
		require.Len(t, clerk.Requests(), 1)
	})
	t.Run("too many failures", func(t *testing.T) {
		t.Parallel()
		clerk := instance(t, 0+1)
		all := make([]string, 20)
		for i := range all {
			all[i] = fmt.Sprintf(`{"user":"user_no%d","patch":{"public_metadata":{"n":1}}}`, i)
		}
		results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(all...), bulk.ApplyParams{Workers: 1, MaxFailures: 3}))
		require.ErrorIs(t, err, bulk.ErrTooManyFailures)
		require.Len(t, results, 4)
	})
	t.Run("an outage", func(t *testing.T) {
		t.Parallel()
		clerk := instance(t, 1000)
		for range bulk.MaxInRow {
			clerk.Script(clerktest.UpdateUserMetadata, clerktest.Drop())
		}
		results, err := walk(bulk.Apply(t.Context(), impatient(clerk), lines(many(1000, 1000)...), bulk.ApplyParams{Workers: 1}))
		require.ErrorIs(t, err, bulk.ErrTooManyFailures)
		require.Equal(t, bulk.Counts{Unknown: bulk.MaxInRow}, counts(results))
	})
	t.Run("the loop is left", func(t *testing.T) {
		t.Parallel()
		clerk := instance(t, 1)
		seen := 0
		for _, err := range bulk.Apply(t.Context(), clerk.Client(), lines(many(100, 1)...), bulk.ApplyParams{Workers: 4}) {
			require.NoError(t, err)
			if seen++; seen == 2 {
				break
			}
		}
		require.LessOrEqual(t, len(clerk.Requests()), 3)
		for range bulk.Plan(t.Context(), clerk.Client(), lines(many(100, 1)...), bulk.PlanParams{}) {
			break
		}
	})
}

var errDisk = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Done(int64) bool    { return false }
func (fullDisk) Record(int64) error { return errDisk }

// A request that is under way when the context ends is finished and recorded.
func TestCancelFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 50)
	ctx, cancel := context.WithCancel(t.Context())
	params := bulk.ApplyParams{Workers: 8}
	params.Progress = func(c bulk.Counts) {
		if c.Total() == 5 {
			cancel()
		}
	}
	results, err := walk(bulk.Apply(ctx, clerk.Client(), lines(many(50, 50)...), params))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, int64(len(results)), counts(results).Applied)
	require.Len(t, clerk.Requests(), len(results), "each request has its result")
	require.Less(t, len(results), 20)
}

// Of an entity there is never more than one request under way, and they come in
// order.
func TestOrderPerEntity(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 2, 5, 16} {
		clerk := instance(t, 7)
		all := many(300, 7)
		last := map[string]int64{}
		for r, err := range bulk.Apply(t.Context(), clerk.Client(), lines(all...), bulk.ApplyParams{Workers: workers, Window: 40}) {
			require.NoError(t, err)
			require.Equal(t, bulk.Applied, r.Outcome)
			before, seen := last[r.Change.Entity().UserID]
			require.True(t, !seen || before < r.Index)
			last[r.Change.Entity().UserID] = r.Index
		}
		sent := map[string]int{}
		for _, req := range clerk.Requests(clerktest.UpdateUserMetadata) {
			var n int
			_, err := fmt.Sscanf(string(req.Body), `{"public_metadata":{"n":%d}}`, &n)
			require.NoError(t, err)
			before, seen := sent[req.Path]
			require.True(t, !seen || before < n)
			sent[req.Path] = n
		}
	}
}

func TestWorkersAreConcurrent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := instance(t, 8)
		slow := clerktest.SlowHeaders(1e9)
		clerk.Script(clerktest.UpdateUserMetadata, slow, slow, slow, slow, slow, slow, slow, slow)
		began := atomic.Int64{}
		results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(many(8, 8)...), bulk.ApplyParams{Workers: 4, Progress: func(bulk.Counts) { began.Add(1) }}))
		require.NoError(t, err)
		require.Len(t, results, 8)
		require.Equal(t, int64(8), began.Load())
	})
}
