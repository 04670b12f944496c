package request_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
)

func TestPageSize(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{0: 100, 1: 1, 100: 100, 500: 500} {
		got, err := request.PageSize("All", size)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, size := range []int{-1, 501} {
		got, err := request.PageSize("All", size)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "clerk: All: PageSize: is ")
		require.Zero(t, got)
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, request.Ended("All", ctx))
	cancel()
	err := request.Ended("All", ctx)
	require.ErrorIs(t, err, context.Canceled)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "All", e.Operation)
	require.Equal(t, clerkerr.StopCanceled, e.Stop)
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
}
