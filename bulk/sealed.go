package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

// Errors of OpenCheckpoint, OpenUndoLog and OpenUndo, which do not change the file then.
var (
	// ErrOtherInput: the file belongs to something else. Its text says what differs.
	ErrOtherInput = errors.New("belongs to something else")
	// ErrInUse: another run has the file open. Its text names the process, the host and
	// since when.
	ErrInUse = errors.New("is in use")
	// ErrNoCheckpoint: the file is not a checkpoint.
	ErrNoCheckpoint = errors.New("the file is not a checkpoint")
	// ErrNoUndoLog: the file is not an undo log.
	ErrNoUndoLog = errors.New("the file is not an undo log")
)

// Identity says what a checkpoint or an undo log belongs to, in about 4,000 bytes of JSON
// at most.
type Identity struct {
	// Input identifies the changes, such as a hash of their file.
	Input string `json:"input"`
	// Instance identifies the instance of Clerk, such as its address; "" if it does not
	// matter.
	Instance string `json:"instance,omitempty"`
	// Key is the kind of key, such as "test" or "live"; "" if it does not matter.
	Key string `json:"key,omitempty"`
}

// sealedFile is a file that a run appends to and that survives a kill: one line that says
// what it belongs to, and lines with a checksum. Only one run has it open.
type sealedFile struct {
	*os.File
	kind *sealedKind
}

// sealedKind is what a sealedFile is for.
type sealedKind struct {
	// name is what errors call it, member what its first line begins with.
	name, member string
	// foreign is the error of a file that is none.
	foreign error
	// longest bounds a line.
	longest int
	// passes reports that lines behind a broken one count; without it they are cut off.
	passes bool
}

const longestHeader = 4096

// openSealed opens and locks a file; with os.O_CREATE it makes it if it is missing.
func openSealed(path string, kind *sealedKind, create int) (*sealedFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR|create, 0o600) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, err
	}
	f := &sealedFile{file, kind}
	if err := f.lock(); err != nil {
		return nil, errors.Join(err, filelock.Close(file))
	}
	return f, nil
}

// lock excludes other runs until the file is closed, by a kill too.
func (f *sealedFile) lock() error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() { // a read of a pipe or a device can block for ever
		return fmt.Errorf("%w: it is not a regular file", f.kind.foreign)
	}
	err = filelock.Try(f.File)
	if !errors.Is(err, filelock.ErrHeld) {
		return err
	}
	holder, err := f.lastHolder()
	if err != nil || holder == "" { // the other run has not signed yet
		return fmt.Errorf("the %s %w", f.kind.name, ErrInUse)
	}
	return fmt.Errorf("the %s %w by %s", f.kind.name, ErrInUse, holder)
}

func (f *sealedFile) close() error { return filelock.Close(f.File) }

// load reads the lines of a file that belongs to want, as read does, cuts off what a crash
// left half written, and signs. It begins a file that is empty.
func (f *sealedFile) load(want Identity, line func(at int64, text []byte) bool) error {
	header, err := json.Marshal(want)
	if err != nil {
		return err
	}
	header = []byte(`{"` + f.kind.member + `":1,` + string(header[1:]) + "\n")
	if len(header) > longestHeader {
		return fmt.Errorf("the identity takes %d bytes, allowed are about %d", len(header), longestHeader)
	}
	in := bufio.NewReaderSize(f, longestHeader)
	first, err := in.Peek(len(header))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case bytes.Equal(first, header):
		_, _ = in.Discard(len(header)) // they are there
		end, _, err := f.read(in, int64(len(header)), line)
		if err != nil {
			return err
		}
		if err := f.cut(end); err != nil {
			return err
		}
		return f.sign()
	case bytes.HasPrefix(header, first): // empty, or killed when it was made
		if err := f.begin(header); err != nil {
			return err
		}
		return f.sign()
	}
	has, err := f.belongs(in)
	if err != nil {
		return err
	}
	return f.other(has, want)
}

// belongs reads the first line.
func (f *sealedFile) belongs(in *bufio.Reader) (Identity, error) {
	line, err := in.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return Identity{}, err
	}
	var version map[string]any
	var has Identity
	if json.Unmarshal(line, &version) != nil || version[f.kind.member] != 1.0 || json.Unmarshal(line, &has) != nil {
		return Identity{}, f.kind.foreign
	}
	return has, nil
}

// other returns the error for a file that belongs to something else.
func (f *sealedFile) other(has, want Identity) error {
	var differs []string
	if has.Input != want.Input {
		differs = append(differs, "another input, or the same read in another way")
	}
	if has.Instance != want.Instance {
		differs = append(differs, fmt.Sprintf("the instance %q, and this run to %q", has.Instance, want.Instance))
	}
	if has.Key != want.Key {
		differs = append(differs, fmt.Sprintf("a key of the kind %q, and this run to %q", has.Key, want.Key))
	}
	if differs == nil { // the line was altered
		return f.kind.foreign
	}
	return fmt.Errorf("the %s %w: to %s", f.kind.name, ErrOtherInput, strings.Join(differs, "; to "))
}

// read calls line with the lines from the offset at, and returns the end of the last. It ends
// at one that line refuses and, unless the kind passes it, at a broken one. broken is the
// number of bytes of those that it passed before the end.
func (f *sealedFile) read(in *bufio.Reader, at int64, line func(at int64, text []byte) bool) (end, broken int64, err error) {
	end = at
	var long []byte
	for {
		part, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) && len(long)+len(part) <= f.kind.longest {
			long = append(long, part...)
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return end, broken, err
		}
		if len(long) > 0 {
			part = append(long, part...)
		}
		text, whole := unseal(part)
		switch {
		case whole && (bytes.HasPrefix(text, []byte(note)) || line(at, text)):
			broken += at - end
			end = at + int64(len(part))
		case whole, !f.kind.passes, errors.Is(err, io.EOF):
			return end, broken, nil
		}
		at += int64(len(part))
		long = long[:0]
	}
}

func (f *sealedFile) begin(header []byte) error {
	if err := f.cut(0); err != nil {
		return err
	}
	if _, err := f.Write(header); err != nil {
		return err
	}
	return f.Sync()
}

// cut removes what is behind the first size bytes and seeks there.
func (f *sealedFile) cut(size int64) error {
	if err := f.Truncate(size); err != nil {
		return err
	}
	_, err := f.Seek(size, io.SeekStart)
	return err
}

// note begins a line that names a process, for a run that finds the file locked.
const note = "# "

// sign writes the note of this process.
func (f *sealedFile) sign() error {
	host, err := os.Hostname()
	if err != nil || len(host) > 255 || strings.ContainsFunc(host, hidden) {
		host = "an unknown host"
	}
	holder := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	_, err = f.Write(seal([]byte(note + holder)))
	return err
}

func hidden(r rune) bool { return !unicode.IsPrint(r) }

// lastHolder returns what the last note of a file names, "" for none.
func (f *sealedFile) lastHolder() (holder string, err error) {
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadSlice('\n')
		text, _ := unseal(line)
		if found, is := strings.CutPrefix(string(text), note); is && !strings.ContainsFunc(found, hidden) {
			holder = found
		}
		switch {
		case errors.Is(err, io.EOF):
			return holder, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return holder, err
		}
	}
}

// seal returns a line with a checksum, by which unseal knows a whole one.
func seal(text []byte) []byte {
	return fmt.Appendf(nil, "%s %08x\n", text, crc32.ChecksumIEEE(text))
}

func unseal(line []byte) (text []byte, whole bool) {
	text = line[:max(0, bytes.LastIndexByte(line, ' '))]
	if !bytes.Equal(line, seal(text)) {
		return nil, false
	}
	return text, true
}
