package writer_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

func newWriter(t *testing.T, clerk *clerktest.Test, config writer.Config) *writer.Writer[string, users.UpdateUserMetadataParams, users.User] {
	t.Helper()
	w, err := writer.Users(clerk.Client().Users, config)
	require.NoError(t, err)
	return w
}

// statuses counts the answers of the writes.
func statuses(clerk *clerktest.Test) map[int]int {
	counts := map[int]int{}
	for _, r := range clerk.Requests() {
		counts[r.Status]++
	}
	return counts
}

// A thousand updates from 50 goroutines to 10 users: the end is that of the
// same updates one after the other, in a fraction of the requests, and with the
// limits on no request is one too many.
func TestWriterThousandUpdates(t *testing.T) {
	t.Parallel()
	const goroutines, each = 50, 20
	var crowd []clerktest.User
	for i := range 10 {
		crowd = append(crowd, clerktest.User{ID: fmt.Sprintf("user_%d", i), PublicMetadata: map[string]any{"kept": i}})
	}
	update := func(g, i int) (string, users.UpdateUserMetadataParams) {
		params := users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{fmt.Sprintf("g%d", g): metadata.Patch{"last": i, fmt.Sprint(i % 3): g}}}
		if i%2 == 0 {
			params.PrivateMetadata = metadata.Patch{fmt.Sprintf("g%d", g): i}
		}
		if i%7 == 6 {
			params.PublicMetadata[fmt.Sprintf("g%d", g)] = metadata.Patch{"0": metadata.Delete}
		}
		return fmt.Sprintf("user_%d", (g+i/3)%10), params
	}
	sequential := testkit.Start(t, clerktest.Seed{Users: crowd})
	for g := range goroutines {
		for i := range each {
			id, params := update(g, i)
			_, err := sequential.Client().Users.UpdateUserMetadata(t.Context(), id, params)
			require.NoError(t, err)
		}
	}
	want := map[string]*users.User{}
	for _, u := range crowd {
		held, err := sequential.Client().Users.GetUser(t.Context(), u.ID)
		require.NoError(t, err)
		want[u.ID] = held
	}
	for name, tc := range map[string]struct {
		submits bool
		config  writer.Config
		limits  clerktest.Limits
		most    int
	}{
		"Update":                       {false, writer.Config{}, clerktest.LimitsOff, 200},
		"Update, production limits":    {false, writer.Config{Interval: time.Second}, clerktest.LimitsProduction, 200},
		"Submit":                       {true, writer.Config{}, clerktest.LimitsOff, 10},
		"Submit, development limits":   {true, writer.Config{Interval: time.Second}, clerktest.LimitsDevelopment, 10},
		"Submit, one by one in flight": {true, writer.Config{Workers: 1, MaxPending: 100}, clerktest.LimitsOff, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				clerk := testkit.StartWith(t, clerktest.Config{Limits: tc.limits}, clerktest.Seed{Users: crowd})
				w := newWriter(t, clerk, tc.config)
				start := time.Now()
				var wg sync.WaitGroup
				for g := range goroutines {
					wg.Go(func() {
						for i := range each {
							id, params := update(g, i)
							if tc.submits {
								_, err := w.Submit(t.Context(), id, params)
								if err != nil {
									t.Error(err)
								}
								continue
							}
							user, err := w.Update(t.Context(), id, params)
							if err != nil || user.ID != id {
								t.Error(err, user)
							}
						}
					})
				}
				wg.Wait()
				require.NoError(t, w.Close(t.Context()))
				took := time.Since(start)
				counts := statuses(clerk)
				require.Equal(t, []int{http.StatusOK}, slices.Collect(maps.Keys(counts)), "no 429")
				t.Logf("%d updates, %d requests, %s", goroutines*each, counts[http.StatusOK], took)
				require.LessOrEqual(t, counts[http.StatusOK], tc.most)
				for id, u := range want {
					held, _ := clerk.User(id)
					require.JSONEq(t, u.PublicMetadata.String(), held.PublicMetadata.String())
					require.JSONEq(t, u.PrivateMetadata.String(), held.PrivateMetadata.String())
				}
			})
		})
	}
}

// With an interval that is too short for the limits, the client's retries wait
// as Retry-After says, and all is applied.
func TestWriterObeysRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := testkit.StartWith(t, clerktest.Config{Limits: clerktest.LimitsProduction}, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
		w := newWriter(t, clerk, writer.Config{})
		for i := range 300 {
			_, err := w.Submit(t.Context(), "user_1", users.UpdateUserMetadataParams{UnsafeMetadata: metadata.Patch{"n": i}})
			require.NoError(t, err)
			time.Sleep(100 * time.Millisecond)
		}
		require.NoError(t, w.Close(t.Context()))
		counts := statuses(clerk)
		t.Log("300 updates in 30 s, answers by status:", counts)
		require.Positive(t, counts[http.StatusTooManyRequests])
		require.Less(t, counts[http.StatusOK], 50)
		held, _ := clerk.User("user_1")
		require.Equal(t, `{"n":299}`, held.UnsafeMetadata.String())
	})
}

func TestWriterFaults(t *testing.T) {
	t.Parallel()
	unprocessable := clerktest.Answer(http.StatusUnprocessableEntity, clerkerr.CodeExceedsAllowedSize)
	for name, tc := range map[string]struct {
		faults  []clerktest.Fault
		want    [2]error // of each of two callers
		applied string
	}{
		"429, retried":              {[]clerktest.Fault{clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second))}, [2]error{}, `{"a":1,"b":1}`},
		"409, retried":              {[]clerktest.Fault{clerktest.Answer(409, clerkerr.CodeResourceLocked)}, [2]error{}, `{"a":1,"b":1}`},
		"409":                       {[]clerktest.Fault{clerktest.Answer(409, clerkerr.CodeManagedBySCIM)}, [2]error{clerkerr.ErrManaged, clerkerr.ErrManaged}, `{}`},
		"5xx":                       {slices.Repeat([]clerktest.Fault{clerktest.Answer(503, "internal")}, 4), [2]error{clerkerr.ErrServer, clerkerr.ErrServer}, `{}`},
		"dropped after applied":     {[]clerktest.Fault{clerktest.Drop().And(clerktest.Applied())}, [2]error{}, `{"a":1,"b":1}`},
		"always dropped":            {slices.Repeat([]clerktest.Fault{clerktest.Drop().And(clerktest.Applied())}, 4), [2]error{clerkerr.ErrTransport, clerkerr.ErrTransport}, `{"a":1,"b":1}`},
		"422, then the second's":    {[]clerktest.Fault{unprocessable, clerktest.Pass(), unprocessable}, [2]error{nil, clerkerr.ErrTooLarge}, `{"a":1}`},
		"422, then the first's":     {[]clerktest.Fault{unprocessable, unprocessable}, [2]error{clerkerr.ErrTooLarge, nil}, `{"b":1}`},
		"413, then neither of them": {[]clerktest.Fault{clerktest.Answer(413, "request_body_too_large")}, [2]error{}, `{"a":1,"b":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: metadata.Empty()}}})
				clerk.Script(clerktest.UpdateUserMetadata, tc.faults...)
				w := newWriter(t, clerk, writer.Config{})
				for i, key := range []string{"a", "b"} {
					wait, err := w.Submit(t.Context(), "user_1", users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{key: 1}})
					require.NoError(t, err)
					defer func() {
						user, err := wait(t.Context())
						require.ErrorIs(t, err, tc.want[i])
						require.Equal(t, err == nil, user != nil)
					}()
				}
				err := w.Close(t.Context())
				require.Equal(t, tc.want == [2]error{}, err == nil)
				if err != nil {
					require.ErrorContains(t, err, `"user_1": clerk: UpdateUserMetadata: `)
				}
				held, _ := clerk.User("user_1")
				require.JSONEq(t, tc.applied, held.PublicMetadata.String())
			})
		})
	}
}

// What the call would refuse the writer refuses, before it queues anything.
func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{})
	w := newWriter(t, clerk, writer.Config{})
	good := users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"a": 1}}
	var none context.Context
	for says, call := range map[string]func() error{
		"user_id: is empty": func() error { _, err := w.Update(t.Context(), "", good); return err },
		"ctx: is nil":       func() error { _, err := w.Update(none, "user_1", good); return err },
		"private_metadata: /x: null": func() error {
			_, err := w.Update(t.Context(), "user_1", users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"x": nil}})
			return err
		},
		"nothing to write": func() error {
			_, err := w.Submit(t.Context(), "user_1", users.UpdateUserMetadataParams{})
			return err
		},
	} {
		err := call()
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "clerk: UpdateUserMetadata: "+says)
	}
	require.NoError(t, w.Close(t.Context()))
	require.Empty(t, clerk.Requests())
	_, err := w.Update(t.Context(), "user_1", good)
	require.ErrorIs(t, err, writer.ErrClosed)

	_, err = writer.Users(nil, writer.Config{})
	require.ErrorContains(t, err, "clerk: writer.Users: svc: is nil")
	for param, c := range map[string]writer.Config{
		"Interval": {Interval: -1}, "MaxUpdates": {MaxUpdates: -1}, "MaxBytes": {MaxBytes: metadata.MaxSize + 1}, "Workers": {Workers: 1001}, "MaxPending": {MaxPending: -1},
	} {
		_, err = writer.Users(clerk.Client().Users, c)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "clerk: writer.Users: "+param+": is ")
	}
}

// Params are encoded when they are given, and no two callers share an answer.
func TestWriterSharesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
		w := newWriter(t, clerk, writer.Config{})
		nested := map[string]any{"a": 1}
		p := metadata.Patch{"n": 1, "o": nested}
		ctx, cancel := context.WithCancel(t.Context())
		first, err := w.Submit(ctx, "user_1", users.UpdateUserMetadataParams{UnsafeMetadata: p})
		require.NoError(t, err)
		cancel() // has no effect on what was taken
		p["n"] = 2
		nested["a"] = metadata.Delete
		second, err := w.Submit(t.Context(), "user_1", users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"x": 1}})
		require.NoError(t, err)
		require.NoError(t, w.Flush(t.Context()))
		one, err := first(t.Context())
		require.NoError(t, err)
		require.Equal(t, `{"n":1,"o":{"a":1}}`, one.UnsafeMetadata.String())
		clear(one.Raw)
		two, err := second(t.Context())
		require.NoError(t, err)
		require.Contains(t, string(two.Raw), `"user_1"`)
		require.Len(t, clerk.Requests(), 1)

		// Its context has ended, but the result is there.
		_, err = first(ctx)
		require.False(t, errors.Is(err, context.Canceled))
		require.NoError(t, w.Close(t.Context()))
	})
}

// A writer that no constructor made refuses every call.
func TestZeroWriter(t *testing.T) {
	t.Parallel()
	type none = writer.Writer[string, users.UpdateUserMetadataParams, users.User]
	for name, w := range map[string]*none{"nil": nil, "zero": {}} {
		_, updated := w.Update(t.Context(), "user_1", users.UpdateUserMetadataParams{})
		_, submitted := w.Submit(t.Context(), "user_1", users.UpdateUserMetadataParams{})
		for _, err := range []error{updated, submitted, w.Flush(t.Context()), w.Close(t.Context())} {
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
			require.ErrorContains(t, err, "writer: is nil or zero: make it with writer.Users", name)
		}
	}
}
