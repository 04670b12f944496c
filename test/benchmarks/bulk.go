package benchmarks

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// changes is how many users one run writes.
const changes = 1000

// addBulk writes many users at once, without a rate limiter: how much the
// machinery costs where nothing else holds it back.
func addBulk(s *Set) error {
	t := target{baseURL, always(answer())}
	c, err := newClient(t)
	if err != nil {
		return err
	}
	hand := newByHand(t)
	s.Cases = append(s.Cases, Case{Group: "Many changes", Name: "1000 users, 32 at once, in memory", Candidates: []Candidate{
		{Name: "by hand", Times: changes, Run: func() error { return manyByHand(context.Background(), hand) }},
		{Name: "bulk.Apply", Times: changes, Run: func() error {
			for _, err := range bulk.Apply(context.Background(), c, allChanges(), bulk.ApplyParams{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{Name: "clerk-sdk-go"},
	}})
	return nil
}

func manyID(i int) string { return fmt.Sprintf("user_%06d", i) }

func allChanges() iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) {
		for i := range changes {
			if !yield(bulk.PatchUser(manyID(i), bulk.Fields{Private: metadata.Patch(change())}), nil) {
				return
			}
		}
	}
}

// manyByHand is a pool of workers that stop at nothing and keep the first error.
func manyByHand(ctx context.Context, c *byHand) error {
	work := make(chan string)
	failed := make(chan error, bulk.DefaultWorkers)
	var workers sync.WaitGroup
	for range bulk.DefaultWorkers {
		workers.Go(func() {
			var first error
			for id := range work {
				if _, err := c.write(ctx, id, map[string]any{"private_metadata": change()}); first == nil {
					first = err
				}
			}
			failed <- first
		})
	}
	for i := range changes {
		work <- manyID(i)
	}
	close(work)
	workers.Wait()
	close(failed)
	for err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
