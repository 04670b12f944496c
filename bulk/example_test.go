package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// backfill is what docs/bulk.md shows.
func backfill(ctx context.Context, c *client.Client, input io.Reader, path string, identity bulk.Identity) (err error) {
	checkpoint, err := bulk.OpenCheckpoint(path, identity)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, checkpoint.Close()) }()
	changes := bulk.ReadNDJSON(input)
	for result, err := range bulk.Apply(ctx, c, changes, bulk.ApplyParams{Checkpoint: checkpoint}) {
		if err != nil {
			return err
		}
		if !result.OK() {
			fmt.Println(result.Change.Entity(), result.Outcome, result.Err)
		}
	}
	return nil
}

func TestBackfill(t *testing.T) {
	t.Parallel()
	clerk := instance(t, 2)
	path := filepath.Join(t.TempDir(), "checkpoint")
	input := strings.Join(many(4, 2), "\n")
	require.NoError(t, backfill(t.Context(), clerk.Client(), strings.NewReader(input), path, bulk.Identity{Input: "one"}))
	require.NoError(t, backfill(t.Context(), clerk.Client(), strings.NewReader(input), path, bulk.Identity{Input: "one"}))
	require.Len(t, clerk.Requests(), 4)
	require.ErrorIs(t, backfill(t.Context(), clerk.Client(), strings.NewReader(input), path, bulk.Identity{Input: "two"}), bulk.ErrOtherInput)
	require.Error(t, backfill(t.Context(), clerk.Client(), strings.NewReader("{"), path, bulk.Identity{Input: "one"}))
}

func ExamplePlan() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if err != nil {
		fmt.Println(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		fmt.Println(err)
	}
	file := strings.NewReader("user,private_metadata/plan,private_metadata/seats:json\nuser_1,pro,5\n")
	for result, err := range bulk.Plan(context.Background(), c, bulk.ReadCSV(file), bulk.PlanParams{}) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		fmt.Println(result.Change.Entity(), result.Outcome, result.Diff.Added)
	}
	// Output: user user_1 planned [private_metadata/plan private_metadata/seats]
}

func ExampleEntity_Edit() {
	clerk, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{
		ID: "user_1", PublicMetadata: map[string]any{"role": "cook", "team": "blue"},
	}}})
	if err != nil {
		fmt.Println(err)
	}
	c, err := clerk.NewClient()
	if err != nil {
		fmt.Println(err)
	}
	state := func(text string) bulk.State {
		public, err := metadata.ParseObject([]byte(text))
		if err != nil {
			fmt.Println(err)
		}
		return bulk.State{Public: public}
	}
	user := bulk.Entity{UserID: "user_1"}
	edits := []bulk.Change{
		user.Edit(state(`{"role":"cook"}`), state(`{"role":"chef"}`)), // team came later
		user.Edit(state(`{"role":"cook"}`), state(`{"role":"owner"}`)),
	}
	for result, err := range bulk.Apply(context.Background(), c, changes(edits), bulk.ApplyParams{}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(result.Outcome, result.Err)
	}
	found, _ := clerk.User("user_1")
	fmt.Println(found.PublicMetadata)
	// Output:
	// applied <nil>
	// conflict changed by others since it was read: public_metadata/role
	// {"role":"chef","team":"blue"}
}
