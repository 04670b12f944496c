package bulk_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// undoOf is the note of the nth change of a user.
func undoOf(t *testing.T, user string, n int) bulk.Change {
	t.Helper()
	return bulk.Entity{UserID: user}.Undo(
		bulk.State{Public: parsed(t, fmt.Sprintf(`{"n":%d}`, n))},
		bulk.State{Public: parsed(t, fmt.Sprintf(`{"n":%d}`, n+1))},
	)
}

// writtenLog is an undo log with notes of the users, in their order.
func writtenLog(t *testing.T, users ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "undo")
	log, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	for i, user := range users {
		require.NoError(t, log.Note(undoOf(t, user, i)))
	}
	require.NoError(t, log.Close())
	return path
}

// wayBack is the changes of an undo log as lines.
func wayBack(t *testing.T, path string) (back []string) {
	t.Helper()
	log, err := bulk.OpenUndo(path)
	require.NoError(t, err)
	for c, err := range log.Changes() {
		require.NoError(t, err)
		text, err := c.MarshalJSON()
		require.NoError(t, err)
		back = append(back, string(text))
	}
	require.Len(t, back, log.Entities())
	require.NoError(t, log.Close())
	return back
}

func TestUndoLog(t *testing.T) {
	t.Parallel()
	path := writtenLog(t, "user_b", "user_a", "user_b", "user_c")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	step := func(n int) string {
		return fmt.Sprintf(`{"before":{"public_metadata":{"n":%d}},"after":{"public_metadata":{"n":%d}}}`, n, n+1)
	}
	require.Equal(t, []string{
		`{"user":"user_b","undo":[` + step(0) + `,` + step(2) + `]}`,
		`{"user":"user_a","undo":[` + step(1) + `]}`,
		`{"user":"user_c","undo":[` + step(3) + `]}`,
	}, wayBack(t, path), "one change for each entity, in the order of the first notes")

	log, err := bulk.OpenUndo(path)
	require.NoError(t, err)
	require.Equal(t, inputOnly, log.Identity())
	require.Zero(t, log.Torn())
	for range log.Changes() {
		break
	}
	require.NoError(t, os.Truncate(path, info.Size()-5))
	for _, err = range log.Changes() {
		if err != nil {
			break
		}
	}
	require.EqualError(t, err, "the undo log has changed since it was opened")
	require.NoError(t, log.Close())
}

func TestUndoLogOfSomethingElse(t *testing.T) {
	t.Parallel()
	path := writtenLog(t, "user_1")
	_, err := bulk.OpenUndoLog(path, bulk.Identity{Input: "other"})
	require.ErrorIs(t, err, bulk.ErrOtherInput)
	require.EqualError(t, err, "the undo log belongs to something else: to another input, or the same read in another way")
	held, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	_, err = bulk.OpenUndo(path)
	if runtime.GOOS == "linux" {
		require.ErrorIs(t, err, bulk.ErrInUse)
		require.ErrorContains(t, err, "the undo log is in use by process ")
	}
	require.NoError(t, held.Close())
	require.ErrorIs(t, held.Note(undoOf(t, "user_1", 1)), os.ErrClosed)
	require.ErrorIs(t, held.Note(undoOf(t, "user_1", 1)), os.ErrClosed, "it stays broken")
	require.Error(t, held.Note(bulk.Change{}))

	_, err = bulk.OpenUndo(filepath.Join(t.TempDir(), "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
	for _, text := range []string{"", "hello", "{}\n", `{"clerkmeta_checkpoint":1,"input":"input"}` + "\n"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = bulk.OpenUndo(path)
		require.ErrorIs(t, err, bulk.ErrNoUndoLog, text)
		require.Equal(t, text, read(t, path), "it is left as it is")
		if text != "" {
			_, err = bulk.OpenUndoLog(path, inputOnly)
			require.ErrorIs(t, err, bulk.ErrNoUndoLog, text)
			require.Equal(t, text, read(t, path))
		}
	}
	_, err = bulk.OpenCheckpoint(writtenLog(t), inputOnly)
	require.ErrorIs(t, err, bulk.ErrNoCheckpoint)
}

// A log that begins in an empty file of others' making is for its owner alone too.
func TestUndoLogMode(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "undo")
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	log, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	require.NoError(t, log.Close())
	info, err := os.Stat(path)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	}
}

// sealed is a line of the file.
func sealed(text string) string {
	return fmt.Sprintf("%s %08x\n", text, crc32.ChecksumIEEE([]byte(text)))
}

// Wherever the file was cut off, what comes before is read, and a run continues there.
func TestUndoLogTorn(t *testing.T) {
	t.Parallel()
	text := read(t, writtenLog(t, "user_1", "user_2", "user_3"))
	header := strings.IndexByte(text, '\n') + 1
	for cut := header; cut <= len(text); cut += 1 + len(text)/60 {
		for _, tail := range []string{"", "\x00\x00", `{"user":"user_9","undo":[]} 0`} {
			path := filepath.Join(t.TempDir(), "undo")
			require.NoError(t, os.WriteFile(path, []byte(text[:cut]+tail), 0o600))
			whole := max(0, strings.Count(text[:cut], "\n")-2) // without the header and the signature
			log, err := bulk.OpenUndo(path)
			require.NoError(t, err)
			require.Equal(t, whole, log.Entities())
			end := strings.LastIndexByte(text[:cut], '\n') + 1
			require.Equal(t, int64(cut+len(tail)-end), log.Torn())
			require.NoError(t, log.Close())

			further, err := bulk.OpenUndoLog(path, inputOnly)
			require.NoError(t, err)
			require.NoError(t, further.Note(undoOf(t, "user_4", 0)))
			require.NoError(t, further.Close())
			require.Len(t, wayBack(t, path), whole+1)
		}
	}
}

// A note that was altered takes no other with it, neither for the way back nor for a run that
// continues.
func TestUndoLogBroken(t *testing.T) {
	t.Parallel()
	path := writtenLog(t, "user_1", "user_2", "user_3")
	all := wayBack(t, path)
	text := read(t, path)
	at := strings.Index(text, `{"user":"user_2"`)
	size := int64(strings.IndexByte(text[at:], '\n') + 1)

	log, err := bulk.OpenUndo(path)
	require.NoError(t, err)
	altered := strings.Replace(text, "user_2", "user_9", 1)
	require.NoError(t, os.WriteFile(path, []byte(altered), 0o600))
	var ids []string
	for c, failure := range log.Changes() {
		ids, err = append(ids, c.Entity().UserID), failure
	}
	require.Equal(t, []string{"user_1", ""}, ids)
	require.EqualError(t, err, "the undo log has changed since it was opened")
	require.NoError(t, log.Close())

	log, err = bulk.OpenUndo(path)
	require.NoError(t, err)
	require.Equal(t, size, log.Broken())
	require.Zero(t, log.Torn())
	require.NoError(t, log.Close())
	require.Equal(t, []string{all[0], all[2]}, wayBack(t, path))

	require.NoError(t, os.WriteFile(path, []byte(altered+"{"), 0o600))
	further, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	require.NoError(t, further.Note(undoOf(t, "user_4", 0)))
	require.NoError(t, further.Close())
	require.Len(t, wayBack(t, path), 3)
	require.Contains(t, read(t, path), "user_9")

	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600))
	_, err = bulk.OpenUndoLog(path, inputOnly)
	require.ErrorIs(t, err, bulk.ErrNoUndoLog, "an editor has changed the ends of its lines")
}

// Notes of many goroutines are all there, each behind those of the same entity before it.
func TestUndoLogConcurrently(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "undo")
	log, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	const writers, each = 16, 20
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				if err := log.Note(undoOf(t, fmt.Sprintf("user_%d", w), i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	require.NoError(t, log.Close())
	back := wayBack(t, path)
	require.Len(t, back, writers)
	for _, line := range back {
		for i := range each {
			before, after, found := strings.Cut(line, fmt.Sprintf(`{"before":{"public_metadata":{"n":%d}}`, i))
			require.True(t, found)
			require.NotContains(t, after, fmt.Sprintf(`"before":{"public_metadata":{"n":%d}}`, i-1))
			line = before + after
		}
	}
}

// Opening a log takes 24 bytes for each note and entity, and little else. It runs alone,
// since it counts what is in use.
func TestUndoLogMemory(t *testing.T) { //nolint:paralleltest // see above
	const notes = 20_000
	path := writtenLog(t, "user_0")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	line := strings.Split(strings.TrimSpace(read(t, path)), "\n")[2]
	text := line[:strings.LastIndexByte(line, ' ')]
	var all bytes.Buffer
	for i := range notes {
		all.WriteString(sealed(strings.Replace(text, "user_0", fmt.Sprintf("user_%d", 1+i), 1)))
	}
	_, err = file.Write(all.Bytes())
	require.NoError(t, err)
	require.NoError(t, file.Close())
	all.Reset()

	used := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := used()
	log, err := bulk.OpenUndo(path)
	require.NoError(t, err)
	after := used()
	require.Equal(t, notes+1, log.Entities())
	t.Logf("%d bytes for %d notes", after-before, notes)
	require.Less(t, after-before, uint64(notes*24*5/2))
	require.NoError(t, log.Close())
}

// FuzzOpenUndo: a file is refused, or its notes are changes that an undo log can be made of
// again, and no byte of it makes opening it fail in another way.
func FuzzOpenUndo(f *testing.F) {
	const header, note = undoHeader, undoNote
	for _, text := range []string{
		"", header, header[:20], header + sealed(note), header + sealed(note) + sealed(note)[:30], header + sealed("# process 1"),
		header + sealed(`{"user":"user_1","patch":{}}`), header + sealed("{"), header + sealed(note) + "altered\n" + sealed(note), header + "\n", "hello", `{"clerkmeta_undo":2,"input":"input"}` + "\n",
	} {
		f.Add([]byte(text))
	}
	dir := f.TempDir() // of the worker: a folder for each input costs more than all else
	f.Fuzz(func(t *testing.T, text []byte) { opensUndo(t, dir, text) })
}

const (
	undoHeader = `{"clerkmeta_undo":1,"input":"input"}` + "\n"
	undoNote   = `{"user":"user_1","undo":[{"before":{"public_metadata":{"a":null}},"after":{"public_metadata":{"a":1.50}}}]}`
)

// A note longer than a buffer is no seed of the fuzz target: the work of minimizing grows
// with the square of the length.
func TestOpenUndoLongNote(t *testing.T) {
	t.Parallel()
	opensUndo(t, t.TempDir(), []byte(undoHeader+sealed(strings.Repeat(" ", 5000)+undoNote)+sealed(strings.Replace(undoNote, "user_1", "user_2", 1))))
}

// opensUndo checks that a file is an undo log or is refused, and that a log of its way back
// has the same way back.
func opensUndo(t *testing.T, dir string, text []byte) {
	t.Helper()
	path, copied := filepath.Join(dir, "undo"), filepath.Join(dir, "copy")
	require.NoError(t, os.WriteFile(path, text, 0o600))
	log, err := bulk.OpenUndo(path)
	require.Equal(t, string(text), read(t, path))
	if err != nil {
		require.True(t, errors.Is(err, bulk.ErrNoUndoLog) || strings.HasPrefix(err.Error(), "the note at byte "), "%v", err)
		return
	}
	require.LessOrEqual(t, log.Torn(), int64(len(text)))
	identity := log.Identity()
	require.NoError(t, log.Close())
	back := wayBack(t, path)

	require.NoError(t, os.WriteFile(copied, nil, 0o600)) // there may be one of another input
	written, err := bulk.OpenUndoLog(copied, identity)
	if err != nil {
		require.ErrorContains(t, err, "identity")
		return
	}
	for c, err := range lines(back...) {
		if err != nil {
			require.ErrorContains(t, err, "is longer than", "a note has no bound of a line")
			return
		}
		require.NoError(t, written.Note(c))
	}
	require.NoError(t, written.Close())
	require.Equal(t, back, wayBack(t, copied))
}

// BenchmarkUndoLog is what a note takes where 32 workers note at once.
func BenchmarkUndoLog(b *testing.B) {
	log, err := bulk.OpenUndoLog(filepath.Join(b.TempDir(), "undo"), inputOnly)
	require.NoError(b, err)
	was, err := metadata.ParseObject([]byte(`{"n":1}`))
	require.NoError(b, err)
	left, err := metadata.ParseObject([]byte(`{"n":2}`))
	require.NoError(b, err)
	note := bulk.Entity{UserID: "user_1"}.Undo(bulk.State{Public: was}, bulk.State{Public: left})
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := log.Note(note); err != nil {
				b.Error(err)
			}
		}
	})
	require.NoError(b, log.Close())
}
