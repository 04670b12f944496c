package bulk_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// errEscape is what the tests panic with.
var errEscape = errors.New("escape")

// escapes are the ways out of a function that are no return.
func escapes() map[string]func() {
	return map[string]func(){"panic": func() { panic(errEscape) }, "Goexit": runtime.Goexit}
}

// walked runs f on a separate goroutine and returns what it panicked with, nil
// where it exited or returned.
func walked(f func()) (panicked any) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		f()
	}()
	<-done
	return panicked
}

// sending is a checkpoint that notes what was recorded, and can escape.
type sending struct {
	*bulk.FileCheckpoint
	escape func()
}

func (s sending) Record(index int64) error {
	if s.escape != nil {
		s.escape()
	}
	return s.FileCheckpoint.Record(index)
}

// Every way out of a walk ends all workers and records what they applied.
// synctest fails where a goroutine is left behind or all are stuck.
func TestEveryWayOutOfApply(t *testing.T) {
	t.Parallel()
	for how, escape := range escapes() {
		for where, place := range map[string]func(*bulk.ApplyParams, *sending) (body func()){
			"the loop's body": func(*bulk.ApplyParams, *sending) func() { return escape },
			"Progress": func(p *bulk.ApplyParams, _ *sending) func() {
				p.Progress = func(bulk.Counts) { escape() }
				return func() {}
			},
			"the checkpoint": func(_ *bulk.ApplyParams, s *sending) func() {
				s.escape = escape
				return func() {}
			},
		} {
			t.Run(how+" in "+where, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					clerk := instance(t, 40)
					// The first request is answered while seven others are under way.
					clerk.Script(clerktest.UpdateUserMetadata, clerktest.SlowHeaders(1e9))
					for range 7 {
						clerk.Script(clerktest.UpdateUserMetadata, clerktest.SlowHeaders(2e9))
					}
					file, err := bulk.OpenCheckpoint(filepath.Join(t.TempDir(), "checkpoint"), inputOnly)
					require.NoError(t, err)
					checkpoint := &sending{FileCheckpoint: file}
					params := bulk.ApplyParams{Workers: 8, Checkpoint: checkpoint}
					body := place(&params, checkpoint)
					panicked := walked(func() {
						for range bulk.Apply(t.Context(), clerk.Client(), lines(many(40, 40)...), params) {
							body()
						}
					})
					if how == "panic" {
						require.Equal(t, errEscape, panicked)
					} else {
						require.Nil(t, panicked)
					}
					sent := int64(len(clerk.Requests()))
					require.LessOrEqual(t, sent, int64(8), "nothing new is sent")
					if where == "the checkpoint" {
						sent = 0
					}
					require.Equal(t, sent, file.Count(), "what was under way is finished and recorded")
					require.NoError(t, file.Close())
				})
			})
		}
	}
}

// A panic or Goexit of the input, of a value or of a transport is one of the walk.
func TestEscapesOfOthersCode(t *testing.T) {
	t.Parallel()
	for how, escape := range escapes() {
		input := func(yield func(bulk.Change, error) bool) {
			for c := range lines(many(3, 3)...) {
				if !yield(c, nil) {
					return
				}
			}
			escape()
		}
		values := func(yield func(bulk.Change, error) bool) {
			yield(bulk.PatchUser("user_1", bulk.Fields{Public: metadata.Patch{"v": escaping(escape)}}), nil)
		}
		through := func(c *clerktest.Test) *client.Client {
			through, err := client.New(client.SecretKey(c.SecretKey()), client.WithHTTPClient(&http.Client{Transport: escaping(escape)}))
			require.NoError(t, err)
			return through
		}
		for name, walk := range map[string]func(*clerktest.Test) iter.Seq2[bulk.Result, error]{
			"Apply, input": func(c *clerktest.Test) iter.Seq2[bulk.Result, error] {
				return bulk.Apply(t.Context(), c.Client(), input, bulk.ApplyParams{Workers: 2})
			},
			"Plan, input": func(c *clerktest.Test) iter.Seq2[bulk.Result, error] {
				return bulk.Plan(t.Context(), c.Client(), input, bulk.PlanParams{})
			},
			"Apply, value": func(c *clerktest.Test) iter.Seq2[bulk.Result, error] {
				return bulk.Apply(t.Context(), c.Client(), values, bulk.ApplyParams{Workers: 2})
			},
			"Apply, transport": func(c *clerktest.Test) iter.Seq2[bulk.Result, error] {
				return bulk.Apply(t.Context(), through(c), lines(many(9, 9)...), bulk.ApplyParams{Workers: 2})
			},
			"Plan, transport": func(c *clerktest.Test) iter.Seq2[bulk.Result, error] {
				return bulk.Plan(t.Context(), through(c), lines(many(9, 9)...), bulk.PlanParams{})
			},
		} {
			t.Run(how+" in "+name, func(t *testing.T) {
				t.Parallel()
				clerk := instance(t, 9)
				ended := false
				panicked := walked(func() {
					for range walk(clerk) {
					}
					ended = true
				})
				require.False(t, ended, "the walk did not end as if the input had")
				if how == "panic" {
					require.Equal(t, errEscape, panicked)
				} else {
					require.Nil(t, panicked)
				}
			})
		}
	}
}

type escaping func()

// MarshalJSON escapes.
func (e escaping) MarshalJSON() ([]byte, error) {
	e()
	return nil, errEscape
}

// RoundTrip escapes.
func (e escaping) RoundTrip(*http.Request) (*http.Response, error) {
	e()
	return nil, errEscape
}

// An input that blocks holds up neither the end of the context nor the end of the
// loop.
func TestInputThatBlocks(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]func(cancel context.CancelFunc) (stop bool){
		"context": func(cancel context.CancelFunc) bool { cancel(); return false },
		"break":   func(context.CancelFunc) bool { return true },
	} {
		for verb, walk := range map[string]func(context.Context, *clerktest.Test, iter.Seq2[bulk.Change, error]) iter.Seq2[bulk.Result, error]{
			"apply": func(ctx context.Context, c *clerktest.Test, in iter.Seq2[bulk.Change, error]) iter.Seq2[bulk.Result, error] {
				return bulk.Apply(ctx, c.Client(), in, bulk.ApplyParams{})
			},
			"plan": func(ctx context.Context, c *clerktest.Test, in iter.Seq2[bulk.Change, error]) iter.Seq2[bulk.Result, error] {
				return bulk.Plan(ctx, c.Client(), in, bulk.PlanParams{})
			},
		} {
			t.Run(verb+", "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					clerk := instance(t, 1000)
					release := make(chan struct{})
					var input sync.WaitGroup
					input.Add(1)
					blocking := func(yield func(bulk.Change, error) bool) {
						defer input.Done()
						for c := range lines(many(600, 600)...) { // more than a plan reads at once
							if !yield(c, nil) {
								return
							}
						}
						<-release
						require.False(t, yield(bulk.Change{}, errEscape), "no further step is taken")
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					left := false
					for _, err := range walk(ctx, clerk, blocking) {
						if err != nil {
							require.ErrorIs(t, err, context.Canceled)
							break
						}
						if !left {
							left = true
							synctest.Wait() // until the input blocks
							if leave(cancel) {
								break
							}
						}
					}
					close(release)
					input.Wait()
				})
			})
		}
	}
}
