package bulk_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// A device can neither be cut nor read back, and a pipe can block for ever.
func TestCheckpointIsARegularFile(t *testing.T) {
	t.Parallel()
	_, err := bulk.OpenCheckpoint(os.DevNull, inputOnly)
	require.ErrorIs(t, err, bulk.ErrNoCheckpoint)
	require.ErrorContains(t, err, "not a regular file")
}
