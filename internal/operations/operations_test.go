package operations_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/operations"
)

func TestAll(t *testing.T) {
	t.Parallel()
	apis := map[string]int{}
	seen := map[operations.Operation]bool{}
	for o := range operations.All() {
		apis[o.API]++
		require.NotEmpty(t, o.ID)
		require.Equal(t, byte('/'), o.Path[0], o.ID)
		require.False(t, seen[o], o.ID)
		seen[o] = true
	}
	require.Len(t, apis, 2)
	require.Greater(t, apis["bapi"], 200)
	require.Greater(t, apis["fapi"], 200)
	require.True(t, seen[operations.Operation{API: "fapi", Method: "PATCH", Path: "/v1/me/metadata", ID: "patchUserMetadata"}])
	for range operations.All() {
		break // ends the iteration
	}
}
