package bulk_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

func TestPlan(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 2)
	before := state(clerk)
	results, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(
		`{"user":"user_1","patch":{"public_metadata":{"role":null,"n":1,"a":{"b":0,"c":1}},"private_metadata":{"x~/y":"z"}}}`,
		`{"user":"user_1","patch":{"public_metadata":{"role":null,"n":2}}}`,
		`{"user":"user_1","patch":{"public_metadata":{"n":2.0}}}`,
		`{"user":"user_1","unset":["public_metadata/a/c","public_metadata/n","public_metadata/a/never"]}`,
		`{"user":"user_2","replace":{"public_metadata":null,"unsafe_metadata":{}}}`,
		`{"user":"user_2","replace":{"public_metadata":{"a":1}}}`,
		`{"user":"user_9","patch":{"public_metadata":{"n":1}}}`,
		`{"organization":"org_1","patch":{"public_metadata":{"n":1}}}`,
		`{"organization":"org_9","patch":{"public_metadata":{"n":1}}}`,
		`{"organization":"org_1","user":"user_1","unset":["public_metadata/n"]}`,
		`{"organization":"org_1","user":"user_2","patch":{"public_metadata":{"n":1}}}`,
	), bulk.PlanParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Planned: 6, Unchanged: 2, Failed: 3}, counts(results))
	for i, want := range map[int64]*bulk.Diff{
		0: {Added: []string{"private_metadata/x~0~1y", "public_metadata/a/c", "public_metadata/n"}, Removed: []string{"public_metadata/role"}},
		1: {Changed: []string{"public_metadata/n"}},
		2: {},
		3: {Removed: []string{"public_metadata/a/c", "public_metadata/n"}},
		4: {Changed: []string{"public_metadata"}, Removed: []string{"public_metadata/a", "public_metadata/role"}},
		5: {Added: []string{"public_metadata/a"}, Changed: []string{"public_metadata"}},
		6: nil,
		7: {Added: []string{"public_metadata/n"}},
	} {
		require.Equal(t, want, results[i].Diff, i)
	}
	for _, i := range []int64{6, 8, 10} {
		require.ErrorIs(t, results[i].Err, clerkerr.ErrNotFound)
	}
	require.Equal(t, before, state(clerk))
	require.Len(t, clerk.Requests(clerktest.GetUserList), 1)
	for _, r := range clerk.Requests() {
		require.Equal(t, http.MethodGet, r.Method)
	}
}

// What a plan says of random changes is what SkipUnchanged then finds.
func TestPlanSaysWhatApplyDoes(t *testing.T) {
	t.Parallel()
	rounds := 40
	if testing.Short() {
		rounds = 5
	}
	for round := range rounds {
		r := rand.New(rand.NewPCG(uint64(round), 3))
		all := randomLines(r, 40)
		clerk := instance(t, 3)
		planned, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(all...), bulk.PlanParams{Workers: 1 + r.IntN(5)}))
		require.NoError(t, err)
		applied, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(all...), bulk.ApplyParams{SkipUnchanged: true}))
		require.NoError(t, err)
		for i, p := range planned {
			require.Equal(t, p.Diff, applied[i].Diff, all[i])
			require.False(t, p.Approximate)
			require.Equal(t, p.Outcome == bulk.Planned, applied[i].Outcome == bulk.Applied)
		}
	}
}

// Entities come again after they were forgotten, and the plan says so.
func TestNilArguments(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	var none context.Context
	for want, tc := range map[string]struct {
		ctx     context.Context
		client  *client.Client
		changes iter.Seq2[bulk.Change, error]
	}{
		"ctx: is nil":     {none, clerk.Client(), lines()},
		"client: is nil":  {t.Context(), nil, lines()},
		"changes: is nil": {t.Context(), clerk.Client(), nil},
	} {
		_, apply := walk(bulk.Apply(tc.ctx, tc.client, tc.changes, bulk.ApplyParams{}))
		_, plan := walk(bulk.Plan(tc.ctx, tc.client, tc.changes, bulk.PlanParams{}))
		require.ErrorIs(t, apply, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, apply, "bulk.Apply: "+want)
		require.ErrorIs(t, plan, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, plan, "bulk.Plan: "+want)
	}
}

func TestCompareOfNil(t *testing.T) {
	t.Parallel()
	for _, states := range [][2]*bulk.State{{nil, {}}, {{}, nil}} {
		_, err := bulk.Compare(states[0], states[1])
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	}
	d, err := bulk.Compare(&bulk.State{}, &bulk.State{})
	require.NoError(t, err)
	require.True(t, d.Empty())
}

func TestPlanForgets(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1200)
	all := append(many(1200, 1200), many(1200, 1200)...)
	approximate := 0
	seen := 0
	for r, err := range bulk.Plan(t.Context(), clerk.Client(), lines(all...), bulk.PlanParams{Memory: 1000, Progress: func(bulk.Counts) { seen++ }}) {
		require.NoError(t, err)
		if r.Approximate {
			require.GreaterOrEqual(t, r.Index, int64(1200))
			approximate++
		}
	}
	require.Equal(t, 2400, seen)
	require.Greater(t, approximate, 1000)
}

func TestPlanSkipsWhatIsRecorded(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 5)
	c, err := bulk.OpenCheckpoint(filepath.Join(t.TempDir(), "c"), bulk.Identity{})
	require.NoError(t, err)
	for i := range int64(4) {
		require.NoError(t, c.Record(i))
	}
	results, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(many(5, 5)...), bulk.PlanParams{Checkpoint: c}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Recorded: 4, Planned: 1}, counts(results))
	require.Equal(t, int64(5), counts(results).Total())
	require.NoError(t, c.Close())
}

func TestPlanFailures(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 2)
	clerk.Script(clerktest.GetUserList, clerktest.Answer(http.StatusBadGateway, "x"), clerktest.Answer(http.StatusUnauthorized, "x"))
	results, err := walk(bulk.Plan(t.Context(), impatient(clerk), lines(many(2, 2)...), bulk.PlanParams{}))
	require.NoError(t, err)
	require.Equal(t, int64(2), counts(results).Failed)
	require.ErrorIs(t, results[1].Err, clerkerr.ErrServer)
	_, err = walk(bulk.Plan(t.Context(), impatient(clerk), lines(many(1000, 2)...), bulk.PlanParams{}))
	require.ErrorIs(t, err, clerkerr.ErrUnauthorized)
	require.Equal(t, "user user_1", fmt.Sprint(results[0].Change.Entity()))
}
