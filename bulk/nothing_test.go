package bulk_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// nothings are changes that hold nothing, of anybody and of nobody.
func nothings() []string {
	return []string{
		`{"user":"user_1","patch":{"public_metadata":{}}}`,
		`{"user":"user_1","patch":{"private_metadata":{},"unsafe_metadata":{}}}`,
		`{"user":"user_1","patch":{}}`,
		`{"user":"user_1","replace":{}}`,
		`{"user":"user_1","unset":[]}`,
		`{"user":"user_nobody","patch":{"public_metadata":{}}}`,
		`{"organization":"org_1","patch":{"public_metadata":{}}}`,
		`{"organization":"org_1","user":"user_1","unset":[]}`,
		`{"patch":{}}`,
	}
}

// An empty change makes no request, is recorded nowhere, fails for
// nobody's failure and holds nothing back.
func TestChangesThatHoldNothing(t *testing.T) {
	t.Parallel()
	all, bad := readAll(t, lines(nothings()...))
	require.Empty(t, bad)
	require.Equal(t, nothings(), all, "they are written as they are read")
	n := int64(len(all))

	clerk := instance(t, 1)
	checkpoint, err := bulk.OpenCheckpoint(filepath.Join(t.TempDir(), "checkpoint"), inputOnly)
	require.NoError(t, err)
	for _, skip := range []bool{false, true} {
		results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(all...), bulk.ApplyParams{Checkpoint: checkpoint, SkipUnchanged: skip}))
		require.NoError(t, err)
		require.Equal(t, bulk.Counts{Unchanged: n}, counts(results))
	}
	results, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(all...), bulk.PlanParams{Checkpoint: checkpoint}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Unchanged: n}, counts(results))
	require.Empty(t, clerk.Requests())
	require.Zero(t, checkpoint.Count())
	require.NoError(t, checkpoint.Close())

	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusUnprocessableEntity, "form_param_value_invalid"))
	mixed := append([]string{all[0], many(1, 1)[0], all[0]}, many(1, 1)...)
	results, err = walk(bulk.Apply(t.Context(), clerk.Client(), lines(mixed...), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Unchanged: 2, Failed: 1, HeldBack: 1}, counts(results))

	clerk.ResetRequests()
	results, err = walk(bulk.Apply(t.Context(), clerk.Client(), lines(`{"user":"user_1","patch":{"public_metadata":{},"private_metadata":{"a":1}}}`), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Applied: 1}, counts(results))
	require.Equal(t, `{"private_metadata":{"a":1}}`, string(clerk.Requests()[0].Body), "an empty patch is not sent beside another")
}

func TestRowsThatHoldNothing(t *testing.T) {
	t.Parallel()
	all, bad := readAll(t, bulk.ReadCSV(strings.NewReader("user,verb,public_metadata/a,public_metadata/b:json,paths\nuser_1,,,,\n\n,,,,\nuser_1,unset,,,\nuser_1,replace,,,\nuser_1,,x,,\n")))
	require.Empty(t, bad)
	require.Equal(t, []string{
		`{"user":"user_1","patch":{}}`, `{"patch":{}}`, `{"user":"user_1","unset":[]}`, `{"user":"user_1","replace":{}}`,
		`{"user":"user_1","patch":{"public_metadata":{"a":"x"}}}`,
	}, all)
}

// A plan ends where Apply would, and takes no memory for what follows.
func TestPlanOfTooManyFailures(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	var all []string
	for _, line := range many(20, 20) {
		all = append(all, strings.Replace(line, "user_", "user_no", 1))
	}
	results, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(all...), bulk.PlanParams{MaxFailures: 3}))
	require.ErrorIs(t, err, bulk.ErrTooManyFailures)
	require.Equal(t, bulk.Counts{Failed: 4}, counts(results))
	_, err = walk(bulk.Plan(t.Context(), clerk.Client(), lines(), bulk.PlanParams{MaxFailures: -1}))
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)

	clerk = instance(t, 1000)
	for range bulk.MaxInRow {
		clerk.Script(clerktest.GetOrganization, clerktest.Drop())
	}
	for i := range all {
		all[i] = `{"organization":"org_1","patch":{"public_metadata":{"n":1}}}`
	}
	results, err = walk(bulk.Plan(t.Context(), impatient(clerk), lines(all...), bulk.PlanParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Failed: 1, HeldBack: 19}, counts(results), "one is read once")
	clerk.Reset()
}
