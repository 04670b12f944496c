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
