// Package gittest makes small repositories for tests.
package gittest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/tools/check/internal/command"
)

// Files are the texts of files by their names.
type Files = map[string]string

// New returns a repository with one commit, which holds files.
func New(t *testing.T, files Files) (root string) {
	t.Helper()
	root = t.TempDir()
	Lay(t, root, files)
	Git(t, root, "init", "-q")
	Commit(t, root)
	return root
}

// Lay writes files into a folder. A file with an empty text is removed.
func Lay(t *testing.T, root string, files Files) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if text == "" {
			require.NoError(t, os.Remove(path))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

// Commit commits everything in the work tree.
func Commit(t *testing.T, root string) {
	t.Helper()
	Git(t, root, "add", "--all")
	Git(t, root, "-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false", "commit", "-q", "--allow-empty", "-m", "m")
}

// Git runs git.
func Git(t *testing.T, root string, args ...string) {
	t.Helper()
	_, err := command.Git(root, args...)
	require.NoError(t, err)
}
