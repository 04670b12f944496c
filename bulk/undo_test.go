package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// noted applies changes with the undo log in a file.
func noted(t *testing.T, clerk *clerktest.Test, path string, changes iter.Seq2[bulk.Change, error], params bulk.ApplyParams, each func(bulk.Result) bool) {
	t.Helper()
	log, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	params.UndoLog = log
	for r, err := range bulk.Apply(t.Context(), clerk.Client(), changes, params) {
		require.NoError(t, err)
		if !each(r) {
			break
		}
	}
	require.NoError(t, log.Close())
}

// undone takes back what the file notes.
func undone(t *testing.T, clerk *clerktest.Test, path string) map[int64]bulk.Result {
	t.Helper()
	log, err := bulk.OpenUndo(path)
	require.NoError(t, err)
	planned, err := walk(bulk.Plan(t.Context(), clerk.Client(), log.Changes(), bulk.PlanParams{}))
	require.NoError(t, err)
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), log.Changes(), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Len(t, results, log.Entities())
	for i, r := range results {
		require.True(t, r.OK(), "%v", r.Err)
		require.Equal(t, planned[i].Kept, r.Kept)
		require.Equal(t, planned[i].Diff, r.Diff)
		require.Equal(t, bulk.Undo, r.Change.Verb())
	}
	require.NoError(t, log.Close())
	return results
}

func TestUndo(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{
		Users: []clerktest.User{
			{ID: "user_1", PublicMetadata: map[string]any{"role": "shopper", "n": 1}, PrivateMetadata: map[string]any{"stripeId": "cus_1"}},
			{ID: "user_2", PublicMetadata: map[string]any{"null": nil, "kept": true}},
		},
		Organizations: []clerktest.Organization{{ID: "org_1", PublicMetadata: map[string]any{"plan": map[string]any{"seats": 5}}}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
	})
	path := filepath.Join(t.TempDir(), "undo")
	noted(t, clerk, path, lines(
		`{"user":"user_1","patch":{"public_metadata":{"role":"admin","made":{"a":1},"lost":{"a":1}},"private_metadata":{"stripeId":null}}}`,
		`{"user":"user_1","unset":["public_metadata/n"]}`,
		`{"user":"user_1","patch":{"public_metadata":{"role":"owner"}}}`,
		`{"user":"user_2","replace":{"public_metadata":{}}}`,
		`{"organization":"org_1","unset":["public_metadata/plan/seats"]}`,
		`{"organization":"org_1","user":"user_1","patch":{"public_metadata":{"desk":3}}}`,
		`{"organization":"org_1","user":"user_1","patch":{"public_metadata":{"desk":3}}}`,
	), bulk.ApplyParams{}, func(r bulk.Result) bool { return r.OK() })
	_, err := clerk.Client().Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"made": metadata.Patch{"b": 2}, "theirs": true},
	})
	require.NoError(t, err)

	results := undone(t, clerk, path)
	require.Len(t, results, 4)
	byName := map[string]bulk.Result{}
	for _, r := range results {
		byName[r.Change.Entity().String()] = r
	}
	user := byName["user user_1"]
	require.Equal(t, &bulk.Kept{Changed: []string{"public_metadata/made"}}, user.Kept)
	require.Equal(t, []string{"private_metadata/stripeId", "public_metadata/n"}, user.Diff.Added)
	require.Equal(t, []string{"public_metadata/role"}, user.Diff.Changed)
	require.Equal(t, []string{"public_metadata/lost"}, user.Diff.Removed)
	require.JSONEq(t, `{"role":"shopper","n":1,"theirs":true,"made":{"a":1,"b":2}}`, user.After.Public.String())
	require.Equal(t, &bulk.Kept{Nulls: []string{"public_metadata/null"}}, byName["user user_2"].Kept)
	require.JSONEq(t, `{"kept":true}`, byName["user user_2"].After.Public.String())
	require.JSONEq(t, `{"plan":{"seats":5}}`, byName["organization org_1"].After.Public.String())
	require.Equal(t, []string{"public_metadata/desk"}, byName["membership org_1 user_1"].Diff.Removed)

	for _, r := range undone(t, clerk, path) {
		require.Equal(t, bulk.Unchanged, r.Outcome, "it is back already")
	}
}

// Random changes, which end at any moment and are run again, are taken back; what others
// wrote between them and after stays.
func TestUndoProperty(t *testing.T) {
	t.Parallel()
	rounds := 40
	if testing.Short() {
		rounds = 6
	}
	for round := range rounds {
		r := rand.New(rand.NewPCG(uint64(round), 21))
		all := randomLines(r, 1+r.IntN(40))
		clerk, theirs := instance(t, 3), instance(t, 3)
		others := func() {
			key, value, who := []string{"x", "y"}[r.IntN(2)], r.IntN(100), r.IntN(3)
			for _, c := range []*clerktest.Test{clerk, theirs} {
				require.NoError(t, writeOthers(t.Context(), c, who, metadata.Patch{key: value}))
			}
		}
		path := filepath.Join(t.TempDir(), "undo")
		for range 1 + r.IntN(3) {
			last := r.IntN(len(all) + 1)
			// One at a time, so that nothing is under way while others write.
			noted(t, clerk, path, lines(all...), bulk.ApplyParams{Workers: 1, Window: 1}, func(result bulk.Result) bool {
				require.NoError(t, result.Err)
				if r.IntN(4) == 0 {
					others()
				}
				last--
				return last > 0
			})
		}
		others()
		for _, result := range undone(t, clerk, path) {
			if result.Kept == nil {
				continue
			}
			require.Empty(t, result.Kept.Nulls)
			for _, path := range result.Kept.Changed { // removed by a replace, and written again
				require.Regexp(t, "/[xy]$", path, "round %d", round)
			}
		}
		require.Equal(t, withoutNulls(state(theirs)), withoutNulls(state(clerk)), "round %d", round)
	}
}

// withoutNulls is a state in which a field that was never written is as an empty one.
func withoutNulls(state string) string { return strings.ReplaceAll(state, "null", "{}") }

// writeOthers writes as somebody else would.
func writeOthers(ctx context.Context, clerk *clerktest.Test, who int, patch metadata.Patch) error {
	c := clerk.Client()
	var err error
	switch who {
	case 0:
		_, err = c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{PublicMetadata: patch, PrivateMetadata: patch})
	case 1:
		_, err = c.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch})
	default:
		_, err = c.Organizations.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{PrivateMetadata: patch})
	}
	return err
}

// An undo is a line of changes like any other: it can be run again from a file, with an undo
// log too.
func TestUndoAsJSON(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(
		`{"user":"user_1","patch":{"public_metadata":{"role":"admin","n":9007199254740993,"a":{"b":null}}}}`,
	), bulk.ApplyParams{SkipUnchanged: true}))
	require.NoError(t, err)
	undo := results[0].Change.Entity().Undo(*results[0].Before, *results[0].After)
	require.NoError(t, undo.Check())
	text, err := undo.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"user":"user_1","undo":[{"before":{"public_metadata":{"a":{"b":0},"role":"shopper"}},"after":{"public_metadata":{"a":{},"n":9007199254740993,"role":"admin"}}}]}`, string(text))

	path := filepath.Join(t.TempDir(), "undo")
	noted(t, clerk, path, lines(string(text)), bulk.ApplyParams{}, func(r bulk.Result) bool { return r.OK() })
	user, err := clerk.Client().Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.JSONEq(t, `{"role":"shopper","a":{"b":0}}`, user.PublicMetadata.String())
	undone(t, clerk, path)
	user, err = clerk.Client().Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.JSONEq(t, `{"role":"admin","n":9007199254740993,"a":{}}`, user.PublicMetadata.String())

	same := results[0].Change.Entity().Undo(*results[0].Before, *results[0].Before)
	require.NoError(t, same.Check())
	results, err = walk(bulk.Apply(t.Context(), clerk.Client(), changes([]bulk.Change{same}), bulk.ApplyParams{}))
	require.NoError(t, err)
	require.Equal(t, bulk.Unchanged, results[0].Outcome)
}

func TestUndoRefused(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		`{"user":"user_1","undo":{}}`:                                                                             "undo is no array of steps",
		`{"user":"user_1","undo":[1]}`:                                                                            "undo: is no JSON object",
		`{"user":"user_1","undo":[{"befor":{}}]}`:                                                                 `undo: member "befor" is unknown; expected before and after`,
		`{"user":"user_1","undo":[{"before":{"public":{}}}]}`:                                                     `undo: field "public" is unknown`,
		`{"user":"user_1","undo":[{"before":{"public_metadata":1}}]}`:                                             "undo: public_metadata: metadata must be a JSON object",
		`{"user":"user_1","undo":[{"before":{"public_metadata":{}}}]}`:                                            "public_metadata: a step of an undo has the field on one side only",
		`{"user":"user_1","undo":[],"patch":{}}`:                                                                  "only one of",
		`{"organization":"org_1","undo":[{"before":{"unsafe_metadata":{}},"after":{"unsafe_metadata":{"a":1}}}]}`: "only users have unsafe_metadata",
		`{"user":"user_1","undo":[{"before":{"public_metadata":{}},"after":{"public_metadata":{"a":1,"a":2}}}]}`:  `undo: "a": key occurs twice`,
	} {
		for _, err := range lines(text) {
			require.ErrorContains(t, err, why, text)
		}
	}
	twice := bulk.State{Public: parsed(t, `{"a":1,"a":2}`)}
	require.ErrorIs(t, bulk.Entity{UserID: "user_1"}.Undo(bulk.State{Public: parsed(t, `{}`)}, twice).Check(), metadata.ErrDuplicateKey)
}

// refusing is an undo log that fails from the nth note on.
type refusing struct{ notes chan struct{} }

var errFull = errors.New("the disk is full")

func (l refusing) Note(bulk.Change) error {
	select {
	case <-l.notes:
		return nil
	default:
		return errFull
	}
}

// A change whose note cannot be written is not sent, and ends the run.
func TestUndoLogFails(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 50)
	var all []string
	for i := range 50 {
		all = append(all, fmt.Sprintf(`{"user":"user_%d","patch":{"public_metadata":{"n":1}}}`, i+1))
	}
	log := refusing{make(chan struct{}, 10)}
	for range 10 {
		log.notes <- struct{}{}
	}
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(all...), bulk.ApplyParams{Workers: 4, UndoLog: log}))
	require.ErrorIs(t, err, errFull)
	require.EqualError(t, err, "the undo log cannot be written: the disk is full")
	require.Len(t, clerk.Requests(clerktest.UpdateUserMetadata), 10)
	require.Equal(t, int64(10), counts(results).Applied)
	require.LessOrEqual(t, counts(results).Failed, int64(4))
}

// A note is there before its change is sent.
func TestUndoLogComesFirst(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 1)
	clerk.Script(clerktest.UpdateUserMetadata, clerktest.Drop().And(clerktest.Applied()))
	path := filepath.Join(t.TempDir(), "undo")
	log, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	results, err := walk(bulk.Apply(t.Context(), impatient(clerk), lines(`{"user":"user_1","patch":{"public_metadata":{"role":"admin"}}}`), bulk.ApplyParams{UndoLog: log}))
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, clerkerr.ErrTransport)
	require.NoError(t, log.Close())
	before := state(instance(t, 1))
	require.NotEqual(t, before, state(clerk))
	undone(t, clerk, path)
	require.Equal(t, before, state(clerk))
}
