package filelock_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

func TestTry(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		t.Skip("not every system has locks")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(name, []byte("text"), 0o600))
	require.NoError(t, os.Link(name, filepath.Join(dir, "link")))
	open := func(name string) *os.File {
		file, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE, 0o600)
		require.NoError(t, err)
		t.Cleanup(func() { _ = file.Close() })
		return file
	}
	first, second, linked, other := open("file"), open("file"), open("link"), open("other")
	require.NoError(t, filelock.Try(first))
	require.ErrorIs(t, filelock.Try(second), filelock.ErrHeld)
	require.ErrorIs(t, filelock.Try(linked), filelock.ErrHeld, "a file of two names is one")
	require.NoError(t, filelock.Try(other))

	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, "text", string(text))
	_, err = second.WriteString("more")
	require.NoError(t, err, "it keeps nobody from writing")

	require.NoError(t, filelock.Close(first))
	require.NoError(t, filelock.Try(second))
	require.Error(t, filelock.Try(first), "closed")
	require.ErrorIs(t, filelock.Try(nil), os.ErrInvalid)
}

// A child process that was started meanwhile has the file open too, and keeps no lock
// of it.
func TestCloseUnlocks(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("no other system gives a child its files")
	}
	name := filepath.Join(t.TempDir(), "file")
	first, err := os.Create(name)
	require.NoError(t, err)
	require.NoError(t, filelock.Try(first))
	child := exec.CommandContext(t.Context(), "sleep", "600")
	child.ExtraFiles = []*os.File{first}
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })

	require.NoError(t, filelock.Close(first))
	second, err := os.Open(name)
	require.NoError(t, err)
	require.NoError(t, filelock.Try(second))
	require.NoError(t, filelock.Close(second))
}
