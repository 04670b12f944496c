package bulk_test

import (
	"bytes"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// parsed is a field.
func parsed(t *testing.T, text string) metadata.Object {
	t.Helper()
	o, err := metadata.ParseObject([]byte(text))
	require.NoError(t, err)
	return o
}

// editOf is an edit of the public metadata of user_1.
func editOf(was, now string) string {
	return fmt.Sprintf(`{"user":"user_1","public_metadata":%s,"was":{"public_metadata":%s}}`, now, was)
}

// TestEdit plans and applies edits of a user who has {"role":"shopper","a":{"b":0}}.
func TestEdit(t *testing.T) {
	t.Parallel()
	const stored = `{"role":"shopper","a":{"b":0}}`
	for name, tc := range map[string]struct {
		was, now  string
		after     string // "" for what was stored
		outcome   bulk.Outcome
		conflicts []string
		reads     int
	}{
		"a key is set":                       {was: stored, now: `{"role":"admin","a":{"b":0}}`, after: `{"role":"admin","a":{"b":0}}`, outcome: bulk.Applied, reads: 1},
		"keys of others stay":                {was: `{"a":{}}`, now: `{"a":{"c":1}}`, after: `{"role":"shopper","a":{"b":0,"c":1}}`, outcome: bulk.Applied, reads: 1},
		"a key is removed":                   {was: stored, now: `{"a":{}}`, after: `{"a":{}}`, outcome: bulk.Applied, reads: 1},
		"nothing is edited":                  {was: `{"role":1}`, now: `{"role":1.0}`, outcome: bulk.Unchanged},
		"it is done already":                 {was: `{"role":"cook","gone":1}`, now: `{"role":"shopper"}`, outcome: bulk.Unchanged, reads: 1},
		"another value is there":             {was: `{"role":"cook"}`, now: `{"role":"admin"}`, outcome: bulk.Conflict, conflicts: []string{"public_metadata/role"}, reads: 1},
		"one path of two is another":         {was: `{"role":"shopper","a":{"b":7}}`, now: `{"role":"admin","a":{"b":8}}`, outcome: bulk.Conflict, conflicts: []string{"public_metadata/a/b"}, reads: 1},
		"an object that others added to":     {was: `{"a":{}}`, now: `{}`, outcome: bulk.Conflict, conflicts: []string{"public_metadata/a"}, reads: 1},
		"a key that others added":            {was: `{}`, now: `{"role":"admin"}`, outcome: bulk.Conflict, conflicts: []string{"public_metadata/role"}, reads: 1},
		"a key in an object that others cut": {was: `{"x":{}}`, now: `{"x":{"y":1}}`, outcome: bulk.Conflict, conflicts: []string{"public_metadata/x/y"}, reads: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := instance(t, 1)
			all := lines(editOf(tc.was, tc.now), many(1, 1)[0])
			planned, err := walk(bulk.Plan(t.Context(), clerk.Client(), all, bulk.PlanParams{}))
			require.NoError(t, err)
			clerk.ResetRequests()
			results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(editOf(tc.was, tc.now)), bulk.ApplyParams{}))
			require.NoError(t, err)
			result := results[0]
			require.Equal(t, tc.outcome, result.Outcome)
			require.Equal(t, result.Outcome == bulk.Applied, planned[0].Outcome == bulk.Planned)
			require.Equal(t, result.Outcome != bulk.Applied, planned[0].Outcome == result.Outcome)
			require.Equal(t, planned[0].Err, result.Err)
			require.Len(t, clerk.Requests(clerktest.GetUser), tc.reads)
			writes := 0
			if tc.outcome == bulk.Applied {
				writes = 1
			}
			require.Len(t, clerk.Requests(clerktest.UpdateUserMetadata), writes)
			after := tc.after
			if after == "" {
				after = stored
			}
			user, err := clerk.Client().Users.GetUser(t.Context(), "user_1")
			require.NoError(t, err)
			require.JSONEq(t, after, user.PublicMetadata.String())
			if tc.outcome != bulk.Conflict {
				require.NoError(t, result.Err)
				return
			}
			var conflict *bulk.ConflictError
			require.ErrorAs(t, result.Err, &conflict)
			require.Equal(t, tc.conflicts, conflict.Paths)
			require.EqualError(t, result.Err, "changed by others since it was read: "+tc.conflicts[0])
			require.Equal(t, bulk.HeldBack, planned[1].Outcome)
			require.False(t, result.OK())
			require.Equal(t, int64(1), counts(results).Left())
			line, err := result.FailureLine()
			require.NoError(t, err)
			require.Contains(t, string(line), `,"failure":{"outcome":"conflict","reason":"changed by others since it was read: `+tc.conflicts[0]+`"}}`)
			again, bad := readAll(t, lines(string(line)))
			require.Empty(t, bad)
			require.Equal(t, []string{editOf(tc.was, tc.now)}, again)
		})
	}
}

// A second run finds every edit done, with a checkpoint and without, also where the answer
// of the first run was lost.
func TestEditsAgain(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 3)
	var all []string
	for i := range 3 {
		all = append(all, fmt.Sprintf(`{"user":"user_%d","public_metadata":{"a":{"b":%d,"c":1}},"was":{"public_metadata":{"role":"shopper","a":{"b":%[2]d}}}}`, i+1, i))
	}
	all = append(all, `{"organization":"org_1","user":"user_1","private_metadata":{"x":1},"was":{"private_metadata":{}}}`)
	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Drop().And(clerktest.Applied()), clerktest.Answer(http.StatusBadGateway, "bad_gateway").And(clerktest.Applied()))
	results, err := walk(bulk.Apply(t.Context(), impatient(clerk), lines(all...), bulk.ApplyParams{Workers: 1}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Applied: 2, Unknown: 2}, counts(results))
	after := state(clerk)
	checkpoint, err := bulk.OpenCheckpoint(filepath.Join(t.TempDir(), "checkpoint"), inputOnly)
	require.NoError(t, err)
	for _, want := range []bulk.Counts{{Unchanged: 4}, {Recorded: 4}} {
		clerk.ResetRequests()
		results, err = walk(bulk.Apply(t.Context(), clerk.Client(), lines(all...), bulk.ApplyParams{Checkpoint: checkpoint}))
		require.NoError(t, err)
		require.Equal(t, want, counts(results))
		require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata, clerktest.UpdateOrganizationMembershipMetadata))
		require.Equal(t, after, state(clerk))
	}
	require.NoError(t, checkpoint.Close())
}

// An edit from Go takes states as Plan and Apply report them, there and back.
func TestEditOfStates(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	e := bulk.Entity{UserID: "user_1"}
	before := state(clerk)
	there := e.Edit(
		bulk.State{ID: "ignored", Public: parsed(t, `{"role":"shopper","a":{"b":0}}`), Private: parsed(t, `{}`)},
		bulk.State{Public: parsed(t, `{"role":"admin","a":{"b":0},"new":{"x":[1,null]}}`)},
	)
	require.NoError(t, there.Check())
	require.Equal(t, bulk.Edit, there.Verb())
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), changes([]bulk.Change{there}), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Applied, results[0].Outcome)
	require.Equal(t, &bulk.Diff{Added: []string{"public_metadata/new"}, Changed: []string{"public_metadata/role"}}, results[0].Diff)
	back := e.Edit(*results[0].After, *results[0].Before)
	results, err = walk(bulk.Apply(t.Context(), clerk.Client(), changes([]bulk.Change{back}), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Applied, results[0].Outcome)
	require.Equal(t, before, state(clerk))

	// The size is measured as for a patch.
	large := e.Edit(bulk.State{Public: parsed(t, `{}`)}, bulk.State{Public: parsed(t, `{"x":"`+strings.Repeat("x", 9000)+`"}`)})
	results, err = walk(bulk.Plan(t.Context(), clerk.Client(), changes([]bulk.Change{large}), bulk.PlanParams{}))
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, clerkerr.ErrTooLarge)
}

// An error names the first paths of many, and no value.
// The longest edit, of three full fields in which each character is escaped, is read back.
func TestLongestEdit(t *testing.T) {
	t.Parallel()
	full := parsed(t, `{"v":"`+strings.Repeat(`\u003c`, metadata.MaxSize-len(`{"v":""}`))+`"}`)
	state := bulk.State{Public: full, Private: full, Unsafe: full}
	text, err := bulk.Entity{UserID: "user_1"}.Edit(state, state).MarshalJSON()
	require.NoError(t, err)
	for c, err := range lines(string(text)) {
		require.NoError(t, err)
		require.Equal(t, bulk.Edit, c.Verb())
	}
	_, err = bulk.ReadWas(bytes.NewReader(text))
	require.NoError(t, err)
}

func TestConflictText(t *testing.T) {
	t.Parallel()
	err := &bulk.ConflictError{Paths: []string{"public_metadata/a\nb", "public_metadata/c", "public_metadata/d", "public_metadata/e", "public_metadata/f", "public_metadata/g"}, More: 3}
	require.EqualError(t, err, `changed by others since it was read: public_metadata/a\nb, public_metadata/c, public_metadata/d, public_metadata/e, public_metadata/f and 4 more`)
}
