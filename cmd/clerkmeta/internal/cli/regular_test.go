package cli_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// A file that a run writes is a regular file: what cannot be cut, locked or read back is
// refused before any request.
func TestDevicesAreNotWritten(t *testing.T) {
	t.Parallel()
	changes := file(t, `{"user":"user_1","patch":{"public_metadata":{"a":1}}}`+"\n")
	for _, line := range []string{
		"plan --checkpoint " + os.DevNull + " " + changes,
		"apply --checkpoint " + os.DevNull + " " + changes,
		"apply --failures " + os.DevNull + " " + changes,
		"export users --resume " + os.DevNull,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, "sk_test_obviouslyfake")
			r := s.run(t, line)
			require.Equal(t, cli.ExitFile, r.code, r.err)
			require.Contains(t, r.err, os.DevNull+" is not a regular file: name a regular file")
			require.Empty(t, s.Requests())
		})
	}
}
