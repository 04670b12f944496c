package bulk_test

import (
	"fmt"
	"hash/crc32"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

var inputOnly = bulk.Identity{Input: "input"}

// written is a checkpoint file with records of the indexes.
func written(t *testing.T, indexes ...int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "checkpoint")
	c, err := bulk.OpenCheckpoint(path, inputOnly)
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
	c, err := bulk.OpenCheckpoint(path, inputOnly)
	require.NoError(t, err)
	require.Equal(t, int64(3), c.Count())
	for i, done := range map[int64]bool{0: true, 1: false, 3: true, 64: false, 700: true, 701: false, 1 << 40: false} {
		require.Equal(t, done, c.Done(i), i)
	}
	require.Error(t, c.Record(-1))
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
	_, err = bulk.OpenCheckpoint(path, bulk.Identity{Input: "other"})
	require.ErrorIs(t, err, bulk.ErrOtherInput)
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)

	want := bulk.Identity{Input: "a", Instance: "https://api.clerk.com", Key: "live"}
	for says, has := range map[string]bulk.Identity{
		"to another input, or the same read in another way": {Input: "hidden", Instance: want.Instance, Key: want.Key},
		`to the instance "http://127.0.0.1:1", and this run to "https://api.clerk.com"; to a key of the kind "test", and this run to "live"`: {
			Input: want.Input, Instance: "http://127.0.0.1:1", Key: "test",
		},
		`to the instance "", and this run to "https://api.clerk.com"`: {Input: want.Input, Key: want.Key},
	} {
		path := filepath.Join(t.TempDir(), "checkpoint")
		c, err := bulk.OpenCheckpoint(path, has)
		require.NoError(t, err)
		require.NoError(t, c.Close())
		_, err = bulk.OpenCheckpoint(path, want)
		require.ErrorIs(t, err, bulk.ErrOtherInput)
		require.EqualError(t, err, "the checkpoint belongs to something else: "+says)
		c, err = bulk.OpenCheckpoint(path, has)
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}

	for _, text := range []string{"hello", "{}\n", "1 00000000\n", `{"clerkmeta_checkpoint":2,"input":"input"}` + "\n", "\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = bulk.OpenCheckpoint(path, inputOnly)
		require.ErrorIs(t, err, bulk.ErrNoCheckpoint, text)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(after), "it is left as it is")
	}
	_, err = bulk.OpenCheckpoint(t.TempDir(), inputOnly)
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
		if testing.Short() && cut%5 > 0 {
			continue
		}
		for _, tail := range []string{"", "\x00\x00\x00\x00", "12 3", strings.Repeat("9", 100), "4 00000000\n5 00000000\n"} {
			if cut < header && tail != "" {
				continue
			}
			path := filepath.Join(t.TempDir(), "checkpoint")
			require.NoError(t, os.WriteFile(path, append([]byte(string(text[:cut])), tail...), 0o600))
			c, err := bulk.OpenCheckpoint(path, inputOnly)
			require.NoError(t, err)
			whole := max(0, strings.Count(string(text[:cut]), "\n")-2) // without the header and the note
			require.Equal(t, int64(whole), c.Count())
			for i, index := range indexes {
				require.Equal(t, i < whole, c.Done(index))
			}
			further := 1000 + r.Int64N(1000)
			require.NoError(t, c.Record(further))
			require.NoError(t, c.Close())
			c, err = bulk.OpenCheckpoint(path, inputOnly)
			require.NoError(t, err)
			require.True(t, c.Done(further), "it continues behind the last whole record")
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
	first, err := bulk.OpenCheckpoint(path, inputOnly)
	require.NoError(t, err)
	require.NoError(t, first.Record(2))
	for _, name := range []string{path, link} {
		for _, identity := range []bulk.Identity{inputOnly, {Input: "other"}} {
			_, err = bulk.OpenCheckpoint(name, identity)
			require.ErrorIs(t, err, bulk.ErrInUse)
			require.Regexp(t, fmt.Sprintf(`in use by process %d on .+ since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, os.Getpid()), err.Error())
		}
	}
	require.NoError(t, first.Record(3))
	require.NoError(t, first.Close())
	second, err := bulk.OpenCheckpoint(link, inputOnly)
	require.NoError(t, err)
	require.Equal(t, int64(3), second.Count(), "nothing was lost")
	require.NoError(t, second.Close())
}

// What opening a file takes is bounded by the file, whatever its records say and
// however long its first line is. It runs alone, since it counts all allocations.
func TestCheckpointMemory(t *testing.T) { //nolint:paralleltest // see above
	opened := func(path string) (c *bulk.FileCheckpoint, allocated uint64, err error) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c, err = bulk.OpenCheckpoint(path, inputOnly)
		runtime.ReadMemStats(&after)
		return c, after.TotalAlloc - before.TotalAlloc, err
	}
	const records, perByte, fixed = 20_000, 40, 64 << 10
	for name, index := range map[string]func(i int64) int64{
		"one after the other": func(i int64) int64 { return i },
		"far apart":           func(i int64) int64 { return i << 40 },
		"huge":                func(i int64) int64 { return math.MaxInt64 - i<<20 },
	} {
		path := written(t)
		file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		var text strings.Builder
		for i := range int64(records) {
			digits := fmt.Sprint(index(i))
			fmt.Fprintf(&text, "%s %08x\n", digits, crc32.ChecksumIEEE([]byte(digits)))
		}
		_, err = file.WriteString(text.String())
		require.NoError(t, err)
		require.NoError(t, file.Close())
		c, allocated, err := opened(path)
		require.NoError(t, err)
		require.Equal(t, int64(records), c.Count(), name)
		require.True(t, c.Done(index(records-1)), name)
		require.False(t, c.Done(index(records)+1), name)
		require.Less(t, allocated, uint64(perByte*text.Len()+fixed), name)
		t.Logf("%s: %d bytes for a file of %d", name, allocated, text.Len())
		require.NoError(t, c.Close())
	}

	path := filepath.Join(t.TempDir(), "long")
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	require.NoError(t, os.Truncate(path, 1<<32))
	_, allocated, err := opened(path)
	require.ErrorIs(t, err, bulk.ErrNoCheckpoint)
	require.Less(t, allocated, uint64(fixed))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, int64(1)<<32, info.Size(), "it is left as it is")

	_, err = bulk.OpenCheckpoint(filepath.Join(t.TempDir(), "new"), bulk.Identity{Input: strings.Repeat("x", 5000)})
	require.ErrorContains(t, err, "identity")
}
