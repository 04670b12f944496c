package benchmarks

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// manyChanges writes 1000 users, without a rate limiter, which would hide the cost of the
// machinery.
func manyChanges(tb testing.TB) []Case {
	tb.Helper()
	t := target{"https://api.clerk.com/v1", always}
	c, hand := newClient(tb, t), newByHand(t)
	const group, task = "Many changes", "1000 users, 32 at once"
	return []Case{
		{Group: group, Task: task, By: "by hand", Run: func(ctx context.Context) error {
			var workers errgroup.Group
			workers.SetLimit(bulk.DefaultWorkers)
			for id := range manyIDs {
				workers.Go(func() error {
					_, err := hand.write(ctx, id, map[string]any{"private_metadata": change()})
					return err
				})
			}
			return workers.Wait()
		}},
		{Group: group, Task: task, By: "clerkmeta", Run: func(ctx context.Context) error {
			for _, err := range bulk.Apply(ctx, c, allChanges(), bulk.ApplyParams{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
	}
}

func manyIDs(yield func(string) bool) {
	for i := range 1000 {
		if !yield(fmt.Sprintf("user_%06d", i)) {
			return
		}
	}
}

func allChanges() iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) {
		for id := range manyIDs {
			if !yield(bulk.PatchUser(id, bulk.Fields{Private: metadata.Patch(change())}), nil) {
				return
			}
		}
	}
}
