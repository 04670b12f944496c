package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// randomState is an instance whose fields are of any size up to the limit.
func randomState(r *rand.Rand) clerktest.Seed {
	field := func() metadata.Value {
		return metadata.Of(map[string]any{
			"a":    map[string]any{"text": randomText(r), "n": r.IntN(3)},
			"b":    strings.Repeat("b", r.IntN(1000)),
			"list": []int{1, 2, r.IntN(3)},
		})
	}
	var seed clerktest.Seed
	for i := range 3 {
		id := fmt.Sprintf("user_%d", i+1)
		seed.Users = append(seed.Users, clerktest.User{ID: id, PublicMetadata: field(), PrivateMetadata: field(), UnsafeMetadata: field()})
	}
	seed.Organizations = []clerktest.Organization{{ID: "org_1", Slug: "acme", PublicMetadata: field()}, {ID: "org_2", PrivateMetadata: field()}}
	seed.Memberships = []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", PublicMetadata: field()}}
	return seed
}

// randomText has characters that an encoder might escape.
func randomText(r *rand.Rand) string {
	return strings.Repeat([]string{"x", "<", "é", "\n"}[r.IntN(4)], 1000+r.IntN(2500))
}

// stateOf is what a seed has of an entity, zero for one that it lacks.
func stateOf(seed clerktest.Seed, e bulk.Entity) (s bulk.State) {
	object := func(v any) metadata.Object {
		value, _ := v.(metadata.Value)
		o, err := value.Object()
		if err != nil {
			return metadata.Object{}
		}
		return o
	}
	for _, u := range seed.Users {
		if e == (bulk.Entity{UserID: u.ID}) {
			s = bulk.State{Public: object(u.PublicMetadata), Private: object(u.PrivateMetadata), Unsafe: object(u.UnsafeMetadata)}
		}
	}
	for _, o := range seed.Organizations {
		if e == (bulk.Entity{OrganizationID: o.ID}) {
			s = bulk.State{Public: object(o.PublicMetadata), Private: object(o.PrivateMetadata)}
		}
	}
	for _, m := range seed.Memberships {
		if e == (bulk.Entity{OrganizationID: m.OrganizationID, UserID: m.UserID}) {
			s = bulk.State{Public: object(m.PublicMetadata), Private: object(m.PrivateMetadata)}
		}
	}
	return s
}

// randomEdit is an edit of a field, as it is stored or of what it never was.
func randomEdit(r *rand.Rand, was metadata.Object) (read, now metadata.Object) {
	object := func(v any) metadata.Object { o, _ := metadata.Of(v).Object(); return o }
	if was.IsZero() || r.IntN(3) == 0 {
		was = object(map[string]any{"a": map[string]any{"n": 7}, "list": []int{1}, "null": nil})
	}
	switch r.IntN(8) {
	case 0:
		return was, was
	case 1:
		return was, object(map[string]any{"a": nil}) // cannot be stored
	case 2:
		return metadata.Object{}, was // was never read
	case 3:
		return was, object(map[string]any{})
	}
	now, err := metadata.Merge(was, randomPatch(r))
	if err != nil {
		return was, was
	}
	return was, now
}

// randomChange is any change: of what exists and what does not, with something to
// do and without, sound and not.
func randomChange(r *rand.Rand, seed clerktest.Seed) bulk.Change {
	who := []bulk.Entity{
		{UserID: "user_1"}, {UserID: "user_2"}, {UserID: "user_3"}, {OrganizationID: "org_1"}, {OrganizationID: "org_2"},
		{OrganizationID: "org_1", UserID: "user_1"},
		{UserID: "user_9"}, {OrganizationID: "org_9"}, {OrganizationID: "org_2", UserID: "user_2"}, {OrganizationID: "org_9", UserID: "user_1"},
		{OrganizationID: "acme"}, {UserID: "org_1"}, {},
	}
	e := who[min(r.IntN(len(who)), r.IntN(len(who)))]
	verb := []bulk.Verb{bulk.Patch, bulk.Patch, bulk.Replace, bulk.Unset, bulk.Edit, bulk.Edit, bulk.Undo}[r.IntN(7)]
	was, read, now := stateOf(seed, e), bulk.State{}, bulk.State{}
	fieldOf := func(s *bulk.State, i int) *metadata.Object {
		return []*metadata.Object{&s.Public, &s.Private, &s.Unsafe}[i]
	}
	var patches bulk.Fields
	var values bulk.Values
	var paths []string
	fields := r.Perm(3)[:min(1+r.IntN(2), r.IntN(6))]
	if r.IntN(8) > 0 {
		fields = slices.DeleteFunc(fields, func(i int) bool { return i == 2 }) // unsafe metadata is for users only
	}
	for _, i := range fields {
		switch verb {
		case bulk.Patch:
			*[]*metadata.Patch{&patches.Public, &patches.Private, &patches.Unsafe}[i] = randomPatch(r)
		case bulk.Replace:
			*[]*metadata.Value{&values.Public, &values.Private, &values.Unsafe}[i] = []metadata.Value{
				metadata.Empty(), metadata.Null(), metadata.Of(map[string]string{"b": randomText(r)}), metadata.Of(map[string]string{"b": strings.Repeat("x", 8184+r.IntN(2))}),
			}[r.IntN(4)]
		case bulk.Unset:
			paths = append(paths, []string{"public_metadata", "private_metadata", "unsafe_metadata"}[i]+[]string{"/a", "/b", "/never", "/a/text", "/a/n", "/a/never/there"}[r.IntN(6)])
		case bulk.Edit, bulk.Undo:
			*fieldOf(&read, i), *fieldOf(&now, i) = randomEdit(r, *fieldOf(&was, i))
		}
	}
	switch verb {
	case bulk.Patch:
		return e.Patch(patches)
	case bulk.Replace:
		return e.Replace(values)
	case bulk.Edit:
		return e.Edit(read, now)
	case bulk.Undo:
		return e.Undo(now, read)
	default:
		return e.Unset(paths...)
	}
}

func randomPatch(r *rand.Rand) metadata.Patch {
	switch r.IntN(7) {
	case 0:
		return metadata.Patch{}
	case 1:
		return metadata.Patch{"a": metadata.Delete, "never": metadata.Delete}
	case 2:
		return metadata.Patch{"list": []int{1, 2, r.IntN(3)}}
	case 3:
		return metadata.Patch{"a": metadata.Patch{"n": r.IntN(3), "text": randomText(r)}}
	case 4:
		return metadata.Patch{"b": randomText(r), "c": randomText(r)}
	case 5:
		var null *int
		return metadata.Patch{"a": null} // cannot be sent
	default:
		return metadata.Patch{"a": metadata.Patch{"n": r.IntN(3)}, "new": metadata.Patch{}}
	}
}

// refusal is the kind of an error, the same whether it was foreseen or answered.
func refusal(err error) error {
	if conflict, ok := errors.AsType[*bulk.ConflictError](err); ok {
		return conflict // with its paths
	}
	for _, kind := range []error{nil, bulk.ErrHeldBack, clerkerr.ErrNotFound, clerkerr.ErrForbidden, clerkerr.ErrTooLarge, clerkerr.ErrInvalidArgument} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return errors.New("what Check says")
}

// What a plan says of random changes of random states is what apply then does, of
// which Clerk alone judges the size: the plan's client has the limit, apply's not.
func TestPlanForeseesApply(t *testing.T) {
	t.Parallel()
	rounds := 30
	if testing.Short() {
		rounds = 6
	}
	var seen bulk.Counts
	kinds := map[string]int{}
	for round := range rounds {
		r := rand.New(rand.NewPCG(uint64(round), 17))
		seed := randomState(r)
		all := make([]bulk.Change, 25)
		for i := range all {
			all[i] = randomChange(r, seed)
		}
		start := func() *clerktest.Test {
			return clerktest.Config{OrganizationsDisabled: round%10 == 0}.Start(t, seed)
		}
		clerk := start()
		planned, err := walk(bulk.Plan(t.Context(), clerk.Client(), changes(all), bulk.PlanParams{}))
		require.NoError(t, err)
		require.Len(t, planned, len(all))
		for _, skip := range []bool{true, false} {
			clerk := start()
			var opts []client.Option
			if !skip {
				opts = append(opts, client.WithoutSizeCheck())
			}
			// One at a time, so that what each does to the state is seen.
			before := state(clerk)
			for result, err := range bulk.Apply(context.Background(), clerk.Client(opts...), changes(all), bulk.ApplyParams{Workers: 1, Window: 1, SkipUnchanged: skip}) {
				require.NoError(t, err)
				plan := planned[result.Index]
				why := fmt.Sprintf("round %d, change %d, %s of %s: %v", round, result.Index, result.Change.Verb(), result.Change.Entity(), result.Err)
				after := state(clerk)
				switch plan.Outcome {
				case bulk.Planned:
					require.Equal(t, bulk.Applied, result.Outcome, why)
					require.False(t, before == after, why)
				case bulk.Unchanged:
					require.True(t, result.OK(), why)
					require.True(t, !skip || result.Outcome == bulk.Unchanged, why)
					if !skip { // an unset of what is not there makes {} of a null
						before, after = strings.ReplaceAll(before, " null", " {}"), strings.ReplaceAll(after, " null", " {}")
					}
					require.True(t, before == after, why)
				default:
					require.Equal(t, plan.Outcome, result.Outcome, why)
					require.True(t, before == after, why)
				}
				require.Equal(t, refusal(plan.Err), refusal(result.Err), "%s; planned: %v", why, plan.Err)
				before = state(clerk)
				seen.Add(plan.Outcome)
				kind := refusal(plan.Err)
				if plan.Outcome == bulk.Conflict {
					kind = errors.New("conflict")
				}
				kinds[fmt.Sprint(kind)]++
			}
		}
	}
	t.Logf("%+v %v", seen, kinds)
	for _, n := range []int64{seen.Planned, seen.Unchanged, seen.Failed, seen.Conflict, seen.HeldBack} {
		require.Positive(t, n, "every outcome was met")
	}
	require.Len(t, kinds, 8, "every kind of refusal was met: %v", kinds)
}

// changes is a sequence of changes.
func changes(all []bulk.Change) iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) {
		for _, c := range all {
			if !yield(c, nil) {
				return
			}
		}
	}
}
