package api_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
)

func TestPageSize(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{0: 100, 1: 1, 100: 100, 500: 500} {
		c := backend().Call(t.Context(), "ListUsers", "")
		require.Equal(t, want, c.PageSize(size))
		require.NoError(t, c.Err())
	}
	for _, size := range []int{-1, 501} {
		c := backend().Call(t.Context(), "ListUsers", "")
		c.PageSize(size)
		require.ErrorIs(t, c.Err(), clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, c.Err(), "clerk: ListUsers: PageSize: is ")
	}
}

func TestWalk(t *testing.T) {
	t.Parallel()
	pages := func(yield func([]*int, error) bool) {
		_ = yield([]*int{new(1), new(2)}, nil) && yield(nil, nil) && yield([]*int{new(3)}, nil) && yield(nil, io.ErrUnexpectedEOF)
	}
	var got []int
	for n, err := range api.Walk(t.Context(), "ListUsers", pages) {
		if err != nil {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.Nil(t, n)
			break
		}
		got = append(got, *n)
	}
	require.Equal(t, []int{1, 2, 3}, got)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var entries, faults int
	for _, err := range api.Walk(ctx, "ListUsers", pages) {
		if err == nil {
			entries++
			cancel()
			continue
		}
		faults++
		require.ErrorIs(t, err, context.Canceled)
		var e *clerkerr.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, "ListUsers", e.Operation)
		require.Equal(t, clerkerr.StopCanceled, e.Stop)
		require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	}
	require.Equal(t, []int{1, 1}, []int{entries, faults}, "the page is not finished, and the error is the last")
}
