package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The command runs on the releases that CI names.
func TestSupported(t *testing.T) {
	t.Parallel()
	releases, err := supported("../../../.ci/go-releases")
	require.NoError(t, err)
	require.Len(t, releases, 2)
	for _, release := range releases {
		require.Regexp(t, `^go1\.\d+\.\d+$`, release)
	}
}
