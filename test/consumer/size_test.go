package consumer_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// mostOfOfficial bounds a program with this SDK to so much of the same program
// with Clerk's own client. It was 1.07 when it was set: retries, deadlines and the
// rate limiter cost something.
const mostOfOfficial = 1.15

// Sizes depend on the toolchain and the platform alone, and their ratio hardly on
// either.
func TestSizeOfAProgram(t *testing.T) {
	t.Parallel()
	ours, official := size(t, "program"), size(t, "official")
	ratio := float64(ours) / float64(official)
	t.Logf("this SDK: %d bytes; Clerk's own client: %d bytes; ratio %.3f", ours, official, ratio)
	require.LessOrEqual(t, ratio, mostOfOfficial)
}

// size is how many bytes the program in a folder has.
func size(t *testing.T, dir string) int64 {
	t.Helper()
	binary := filepath.Join(t.TempDir(), dir)
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", dir, "-trimpath", "-ldflags=-s -w", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	info, err := os.Stat(binary)
	require.NoError(t, err)
	return info.Size()
}
