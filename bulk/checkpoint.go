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
)

// Records reach the disk (fsync) after this number or this time, whichever is first, and the
// operating system at once, so that they survive a kill. A machine that goes down can lose
// the last ones, which is harmless.
const (
	syncRecords = 1000
	syncEvery   = time.Second
)

// FileCheckpoint is a Checkpoint in a file: one line that says what it belongs to, and
// one line an applied change. It takes at most two bits of memory for each change where
// most are recorded, and never more than a small multiple of the file's size. It is not
// safe for concurrent use.
type FileCheckpoint struct {
	file     *os.File
	done     map[int64]page // by index/pageBits, those that hold a record
	count    int64
	unsynced int
	synced   time.Time
	broken   error
}

// page has a bit for each of 512 indexes: the memory of a record does not depend on its
// index.
type page [8]uint64

const pageBits = int64(len(page{}) * 64)

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

// The lengths of lines in bytes. A record is an index, a blank and eight digits.
const (
	longestHeader = 4096
	longestRecord = 32
)

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
	for _, step := range []func() error{c.regular, c.lock, func() error { return c.load(identity) }, c.sign} {
		if err := step(); err != nil {
			return nil, errors.Join(err, filelock.Close(file))
		}
	}
	return c, nil
}

// regular refuses pipes and devices, of which a read can block for ever.
func (c *FileCheckpoint) regular() error {
	info, err := c.file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: it is not a regular file", ErrNoCheckpoint)
	}
	return err
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
	case bytes.HasPrefix(want, line): // empty, or killed when it was made
		return c.begin(want)
	default:
		var header headerLine
		if json.Unmarshal(line, &header) != nil || header.Checkpoint != 1 {
			return ErrNoCheckpoint
		}
		return header.other(identity)
	}
	return c.loadRecords(r, int64(len(line)))
}

// loadRecords marks the records behind a header of size bytes, and cuts off what a
// crash left half written.
func (c *FileCheckpoint) loadRecords(r *bufio.Reader, size int64) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		index, isRecord := parseRecordLine(line)
		_, isNote := parseNote(line)
		if err != nil || !isRecord && !isNote {
			return c.cut(size)
		}
		size += int64(len(line))
		if isRecord {
			c.mark(index)
		}
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

func parseRecordLine(line []byte) (int64, bool) {
	if len(line) > longestRecord || len(line) == 0 || line[len(line)-1] != '\n' {
		return 0, false
	}
	digits, sum, ok := strings.Cut(string(line[:len(line)-1]), " ")
	index, err := strconv.ParseInt(digits, 10, 64)
	return index, ok && err == nil && index >= 0 && sum == checksum(digits)
}

func checksum(digits string) string {
	return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(digits)))
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
	p, there := c.done[index/pageBits]
	return there && index >= 0 && p[index%pageBits/64]&(1<<(index%64)) != 0
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
	digits := strconv.FormatInt(index, 10)
	if _, err := c.file.WriteString(digits + " " + checksum(digits) + "\n"); err != nil {
		c.broken = err
		return err
	}
	c.mark(index)
	c.unsynced++
	if now := time.Now(); c.unsynced >= syncRecords || now.Sub(c.synced) >= syncEvery {
		c.unsynced, c.synced = 0, now
		if err := c.file.Sync(); err != nil {
			c.broken = err
			return err
		}
	}
	return nil
}

// Close syncs the records to the disk and closes the file.
func (c *FileCheckpoint) Close() error {
	return errors.Join(c.file.Sync(), filelock.Close(c.file))
}
