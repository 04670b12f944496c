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
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

// Checkpoint remembers which changes were applied, by their index in the input. Apply calls
// it from one goroutine. Records must survive in order: the loss of one includes all later
// ones. The package's documentation says why.
type Checkpoint interface {
	// Done reports whether the change was recorded, by an earlier run too.
	Done(index int64) bool
	// Record notes that the change was applied. An error ends the run.
	Record(index int64) error
}

// Errors of OpenCheckpoint, which does not change the file then.
var (
	// ErrOtherInput: the checkpoint belongs to something else. Its text says what differs.
	ErrOtherInput = errors.New("the checkpoint belongs to something else")
	// ErrNoCheckpoint: the file is not a checkpoint.
	ErrNoCheckpoint = errors.New("the file is not a checkpoint")
	// ErrInUse: another run has the checkpoint open. Its text names the process, the host
	// and since when.
	ErrInUse = errors.New("the checkpoint is in use")
)

// FileCheckpoint is a Checkpoint in a file: one line that says what it belongs to, and
// one line for each applied change. A record reaches the operating system at once, so that
// it survives a kill, and the disk within about a second: a machine that goes down can
// lose the last ones, which is harmless. It takes at most two bits of memory for each
// change where most are recorded, and never more than a small multiple of the file's size.
// It is not safe for concurrent use.
type FileCheckpoint struct {
	file   *os.File
	done   map[int64]page // by index/pageBits, those that hold a record
	count  int64
	synced time.Time
	broken error
}

// page has a bit for each of 512 indexes: the memory of a record does not depend on its
// index.
type page [8]uint64

const pageBits = int64(len(page{}) * 64)

const syncEvery = time.Second

// Identity says what a checkpoint belongs to, in about 4,000 bytes of JSON at most.
type Identity struct {
	// Input identifies the changes, such as a hash of their file.
	Input string `json:"input"`
	// Instance identifies the instance of Clerk, such as its address; "" if it does not
	// matter.
	Instance string `json:"instance,omitempty"`
	// Key is the kind of key, such as "test" or "live"; "" if it does not matter.
	Key string `json:"key,omitempty"`
}

// headerLine is the first line of the file.
type headerLine struct {
	Checkpoint int `json:"clerkmeta_checkpoint"`
	Identity
}

// other returns the error for a checkpoint that belongs to i.
func (i Identity) other(want Identity) error {
	var differs []string
	if i.Input != want.Input {
		differs = append(differs, "another input, or the same read in another way")
	}
	if i.Instance != want.Instance {
		differs = append(differs, fmt.Sprintf("the instance %q, and this run to %q", i.Instance, want.Instance))
	}
	if i.Key != want.Key {
		differs = append(differs, fmt.Sprintf("a key of the kind %q, and this run to %q", i.Key, want.Key))
	}
	return fmt.Errorf("%w: to %s", ErrOtherInput, strings.Join(differs, "; to "))
}

const longestHeader = 4096

// OpenCheckpoint opens the checkpoint in a file, and makes it if the file is missing or
// empty. It cuts off what a crash left half written at the end. It fails with
// ErrOtherInput for another identity, ErrNoCheckpoint for another file, and ErrInUse for a
// checkpoint that another run has open.
func OpenCheckpoint(path string, identity Identity) (*FileCheckpoint, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the caller's own file
	if err != nil {
		return nil, err
	}
	c := &FileCheckpoint{file: file, done: map[int64]page{}, synced: time.Now()}
	for _, step := range []func() error{c.lock, func() error { return c.load(identity) }, c.sign} {
		if err := step(); err != nil {
			return nil, errors.Join(err, filelock.Close(file))
		}
	}
	return c, nil
}

// lock excludes other runs until the file is closed, by a kill too.
func (c *FileCheckpoint) lock() error {
	info, err := c.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() { // a read of a pipe or a device can block for ever
		return fmt.Errorf("%w: it is not a regular file", ErrNoCheckpoint)
	}
	err = filelock.Try(c.file)
	if !errors.Is(err, filelock.ErrHeld) {
		return err
	}
	holder, err := lastHolder(c.file)
	if err != nil || holder == "" { // the other run has not signed yet
		return ErrInUse
	}
	return fmt.Errorf("%w by %s", ErrInUse, holder)
}

func (c *FileCheckpoint) load(identity Identity) error {
	want, err := json.Marshal(headerLine{1, identity})
	if err != nil {
		return err
	}
	want = append(want, '\n')
	if len(want) > longestHeader {
		return fmt.Errorf("the identity takes %d bytes, allowed are about %d", len(want), longestHeader)
	}
	r := bufio.NewReaderSize(c.file, longestHeader)
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return ErrNoCheckpoint
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case err == nil && bytes.Equal(line, want):
		return c.loadRecords(r, int64(len(line)))
	case bytes.HasPrefix(want, line): // empty, or killed when it was made
		return c.begin(want)
	}
	var header headerLine
	if json.Unmarshal(line, &header) != nil || header.Checkpoint != 1 {
		return ErrNoCheckpoint
	}
	return header.other(identity)
}

// loadRecords marks the records behind a header of size bytes, and cuts off what a
// crash left half written.
func (c *FileCheckpoint) loadRecords(r *bufio.Reader, size int64) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		text, whole := unseal(line)
		if _, isNote := strings.CutPrefix(text, note); !isNote {
			index, err := strconv.ParseInt(text, 10, 64)
			if whole = whole && err == nil && index >= 0; whole {
				c.mark(index)
			}
		}
		if !whole {
			return c.cut(size)
		}
		size += int64(len(line))
	}
}

func (c *FileCheckpoint) begin(header []byte) error {
	if err := c.cut(0); err != nil {
		return err
	}
	if _, err := c.file.Write(header); err != nil {
		return err
	}
	return c.file.Sync()
}

// cut removes what is behind the first size bytes and seeks there.
func (c *FileCheckpoint) cut(size int64) error {
	if err := c.file.Truncate(size); err != nil {
		return err
	}
	_, err := c.file.Seek(size, io.SeekStart)
	return err
}

// note begins a line that names a process, for a run that finds the file locked. Any other
// line is a record, which is an index.
const note = "# "

// sign writes the note of this process.
func (c *FileCheckpoint) sign() error {
	host, err := os.Hostname()
	if err != nil || len(host) > 255 || strings.ContainsFunc(host, hidden) {
		host = "an unknown host"
	}
	holder := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	_, err = c.file.WriteString(seal(note + holder))
	return err
}

func hidden(r rune) bool { return !unicode.IsPrint(r) }

// lastHolder returns what the last note of a checkpoint names, "" for none.
func lastHolder(r io.Reader) (holder string, err error) {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadSlice('\n')
		text, _ := unseal(line)
		if found, is := strings.CutPrefix(text, note); is && !strings.ContainsFunc(found, hidden) {
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
func seal(text string) string {
	return fmt.Sprintf("%s %08x\n", text, crc32.ChecksumIEEE([]byte(text)))
}

func unseal(line []byte) (text string, whole bool) {
	text = string(line[:max(0, bytes.LastIndexByte(line, ' '))])
	if string(line) != seal(text) {
		return "", false
	}
	return text, true
}

func (c *FileCheckpoint) mark(index int64) {
	if c.Done(index) {
		return
	}
	p := c.done[index/pageBits]
	p[index%pageBits/64] |= 1 << (index % 64)
	c.done[index/pageBits] = p
	c.count++
}

// Done reports whether the change was recorded.
func (c *FileCheckpoint) Done(index int64) bool {
	return index >= 0 && c.done[index/pageBits][index%pageBits/64]&(1<<(index%64)) != 0
}

// Count is how many changes were recorded.
func (c *FileCheckpoint) Count() int64 { return c.count }

// Record appends a record to the file. After an error it fails with the same error: a
// record behind a torn one would be lost.
func (c *FileCheckpoint) Record(index int64) error {
	if c.broken != nil {
		return c.broken
	}
	if index < 0 {
		return fmt.Errorf("index %d is negative", index)
	}
	if _, c.broken = c.file.WriteString(seal(strconv.FormatInt(index, 10))); c.broken != nil {
		return c.broken
	}
	c.mark(index)
	if now := time.Now(); now.Sub(c.synced) >= syncEvery {
		c.synced = now
		c.broken = c.file.Sync()
	}
	return c.broken
}

// Close syncs the records to the disk and closes the file.
func (c *FileCheckpoint) Close() error {
	return errors.Join(c.file.Sync(), filelock.Close(c.file))
}
