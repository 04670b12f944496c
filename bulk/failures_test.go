package bulk_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// A line says why its change is not done, and is read back as the change alone.
func TestFailureLine(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusUnprocessableEntity, "form_param_unknown", clerktest.Message("hidden")))
	text := []string{
		`{"user":"user_1","patch":{"public_metadata":{"a":1}}}`,
		`{"user":"user_1","unset":["public_metadata/a"]}`,
		`{"organization":"org_1","patch":{"public_metadata":{"a":1}}}`,
	}
	results, err := walk(bulk.Apply(t.Context(), impatient(clerk), lines(text...), bulk.ApplyParams{}))
	require.NoError(t, err)
	var failed []string
	for i := range text {
		line, err := results[int64(i)].FailureLine()
		require.NoError(t, err)
		failed = append(failed, string(line))
	}
	require.Equal(t, []string{
		strings.TrimSuffix(text[0], "}") + fmt.Sprintf(`,"failure":{"outcome":"failed","status":422,"code":"form_param_unknown","reason":%q}}`, results[0].Err),
		strings.TrimSuffix(text[1], "}") + `,"failure":{"outcome":"held back","reason":"an earlier change of the same entity failed"}}`,
		text[2],
	}, failed)
	require.NotContains(t, failed[0], "hidden")
	again, bad := readAll(t, lines(failed...))
	require.Empty(t, bad)
	require.Equal(t, text, again)

	// A caller can word the reason.
	result := results[0]
	result.Err = worded{result.Err}
	line, err := result.FailureLine()
	require.NoError(t, err)
	require.Contains(t, string(line), `"status":422,"code":"form_param_unknown","reason":"in other words"`)
	_, err = bulk.Result{Err: errors.New("invalid")}.FailureLine()
	require.Error(t, err, "the change has no line")
}

type worded struct{ error }

func (worded) Error() string   { return "in other words" }
func (w worded) Unwrap() error { return w.error }

// The columns of failures are ignored as the member is, whatever they hold.
func TestFailuresInTables(t *testing.T) {
	t.Parallel()
	all, bad := readAll(t, bulk.ReadCSV(strings.NewReader("user,public_metadata/a,Failure,failure/status,failure/code\nuser_1,x,{,404,\nuser_2,,,500,\n")))
	require.Empty(t, bad)
	require.Equal(t, []string{`{"user":"user_1","patch":{"public_metadata":{"a":"x"}}}`, `{"user":"user_2","patch":{}}`}, all)
	_, bad = readAll(t, bulk.ReadCSV(strings.NewReader("user,failure/code,failure/code\n")))
	require.Equal(t, []string{`line 1: column "failure/code" occurs twice`}, bad)
	_, bad = readAll(t, lines(`{"user":"user_1","unset":[],"failure":{`, `{"user":"user_1","unset":[],"failure":1,"failure":1}`, `{"user":"user_1","unset":[],"failures":1}`))
	require.Len(t, bad, 3)
}

// A user that the list of a plan lacks is not found, with no status that never came.
func TestPlanOfMissingUsers(t *testing.T) {
	t.Parallel()
	results, err := walk(bulk.Plan(t.Context(), instance(t, 1).Client(), lines(`{"user":"user_9","unset":["public_metadata/a"]}`), bulk.PlanParams{}))
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, clerkerr.ErrNotFound)
	require.EqualError(t, results[0].Err, "clerk: GetMany: user_9: not found")
}

// What a directory owns is an outcome of its own, and holds back the rest of the entity.
func TestManagedByDirectory(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 2)
	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusConflict, clerkerr.CodeManagedBySCIM))
	text := append(many(1, 1), many(1, 1)...)
	results, err := walk(bulk.Apply(t.Context(), impatient(clerk), lines(text...), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Managed: 1, HeldBack: 1}, counts(results))
	require.Equal(t, int64(2), counts(results).Left())
	require.ErrorIs(t, results[0].Err, clerkerr.ErrManaged)
	require.Len(t, clerk.Requests(clerktest.UpdateUserMetadata), 1, "it is not transient")
	line, err := results[0].FailureLine()
	require.NoError(t, err)
	require.Contains(t, string(line), `"failure":{"outcome":"managed by directory","status":409,"code":"attribute_managed_by_scim",`)
}
