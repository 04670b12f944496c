package benchmarks

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// changes is how many users one run writes.
const changes = 1000

// addBulk writes many users at once, without a rate limiter, which would hide the cost
// of the machinery.
func addBulk(s *Set) error {
	t := target{baseURL, always(answer())}
	c, err := newClient(t)
	if err != nil {
		return err
	}
	hand := newByHand(t)
	s.Cases = append(s.Cases, Case{Group: "Many changes", Name: "1000 users, 32 at once, in memory", Times: changes, Candidates: []Candidate{
		{Name: "by hand", Run: func(ctx context.Context) error { return manyByHand(ctx, hand) }},
		{Name: "bulk.Apply", Run: func(ctx context.Context) error {
			for _, err := range bulk.Apply(ctx, c, allChanges(), bulk.ApplyParams{}) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
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

// manyByHand is a pool of workers that continue after an error and keep the first.
func manyByHand(ctx context.Context, c *byHand) error {
	work := make(chan string)
	failed := make([]error, bulk.DefaultWorkers)
	var workers sync.WaitGroup
	for i := range failed {
		workers.Go(func() {
			for id := range work {
				_, err := c.write(ctx, id, map[string]any{"private_metadata": change()})
				failed[i] = cmp.Or(failed[i], err)
			}
		})
	}
	for i := range changes {
		work <- manyID(i)
	}
	close(work)
	workers.Wait()
	return cmp.Or(failed...)
}
