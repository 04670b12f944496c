package bulk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// written is a checkpoint file with records of the indexes.
func written(t *testing.T, indexes ...int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "checkpoint")
	c, err := bulk.OpenCheckpoint(path, "input")
	require.NoError(t, err)
	for _, i := range indexes {
		require.NoError(t, c.Record(i))
	}
	require.NoError(t, c.Close())
	return path
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	path := written(t, 3, 0, 700, 3)
	c, err := bulk.OpenCheckpoint(path, "input")
	require.NoError(t, err)
	require.Equal(t, int64(3), c.Count())
	for i, done := range map[int64]bool{0: true, 1: false, 3: true, 64: false, 700: true, 701: false, 1 << 40: false} {
		require.Equal(t, done, c.Done(i), i)
	}
	require.Error(t, c.Record(-1))
	require.Error(t, c.Record(1<<40))
	require.NoError(t, c.Close())
	require.ErrorIs(t, c.Record(5), os.ErrClosed)
	require.ErrorIs(t, c.Record(6), os.ErrClosed, "it stays broken")
	require.Error(t, c.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestCheckpointOfSomethingElse(t *testing.T) {
	t.Parallel()
	path := written(t, 1)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	_, err = bulk.OpenCheckpoint(path, "other")
	require.ErrorIs(t, err, bulk.ErrOtherInput)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)

	for _, text := range []string{"hello", "{}\n", "1 00000000\n", `{"clerkmeta_checkpoint":2,"input":"input"}` + "\n", "\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = bulk.OpenCheckpoint(path, "input")
		require.ErrorIs(t, err, bulk.ErrNoCheckpoint, text)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(after), "it is left as it is")
	}
	_, err = bulk.OpenCheckpoint(t.TempDir(), "input")
	require.Error(t, err)
}

// Wherever the file was cut off or damaged, what comes before is read and
// nothing behind it.
func TestCheckpointTorn(t *testing.T) {
	t.Parallel()
	indexes := []int64{7, 5, 123, 9, 0, 64}
	text, err := os.ReadFile(written(t, indexes...))
	require.NoError(t, err)
	header := strings.IndexByte(string(text), '\n') + 1
	r := rand.New(rand.NewPCG(1, 2))
	for cut := range len(text) + 1 {
		for _, tail := range []string{"", "\x00\x00\x00\x00", "12 3", strings.Repeat("9", 100), "4 00000000\n5 00000000\n"} {
			if cut < header && tail != "" {
				continue
			}
			path := filepath.Join(t.TempDir(), "checkpoint")
			require.NoError(t, os.WriteFile(path, append([]byte(string(text[:cut])), tail...), 0o600))
			c, err := bulk.OpenCheckpoint(path, "input")
			require.NoError(t, err)
			whole := max(0, strings.Count(string(text[:cut]), "\n")-2) // without the header and the note
			require.Equal(t, int64(whole), c.Count())
			for i, index := range indexes {
				require.Equal(t, i < whole, c.Done(index))
			}
			further := 1000 + r.Int64N(1000)
			require.NoError(t, c.Record(further))
			require.NoError(t, c.Close())
			c, err = bulk.OpenCheckpoint(path, "input")
			require.NoError(t, err)
			require.True(t, c.Done(further), "it goes on behind the last whole record")
			require.Equal(t, int64(whole+1), c.Count())
			require.NoError(t, c.Close())
		}
	}
}

// A second open file of the same checkpoint is refused whatever it is called, and
// named; a lock ends with the file.
func TestCheckpointInUse(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" && runtime.GOOS != "windows" {
		t.Skip("not every system has locks")
	}
	path := written(t, 1)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Link(path, link))
	first, err := bulk.OpenCheckpoint(path, "input")
	require.NoError(t, err)
	require.NoError(t, first.Record(2))
	for _, name := range []string{path, link} {
		for _, identity := range []string{"input", "other"} {
			_, err = bulk.OpenCheckpoint(name, identity)
			require.ErrorIs(t, err, bulk.ErrInUse)
			require.Regexp(t, fmt.Sprintf(`in use by process %d on .+ since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, os.Getpid()), err.Error())
		}
	}
	require.NoError(t, first.Record(3))
	require.NoError(t, first.Close())
	second, err := bulk.OpenCheckpoint(link, "input")
	require.NoError(t, err)
	require.Equal(t, int64(3), second.Count(), "nothing was lost")
	require.NoError(t, second.Close())
}
