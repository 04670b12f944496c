package bulk

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
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

var checkpointFile = sealedKind{name: "checkpoint", member: "clerkmeta_checkpoint", foreign: ErrNoCheckpoint}

// FileCheckpoint is a Checkpoint in a file: one line that says what it belongs to, and
// one line for each applied change. A record reaches the operating system at once, so that
// it survives a kill, and the disk within about a second: a machine that goes down can
// lose the last ones, which is harmless. It takes at most two bits of memory for each
// change where most are recorded, and never more than a small multiple of the file's size.
// It is not safe for concurrent use.
type FileCheckpoint struct {
	file   *sealedFile
	done   map[int64]page // by index/pageBits, those that hold a record
	count  int64
	users  map[nameKey]string // that names of the input stand for
	synced time.Time
	broken error
}

// page has a bit for each of 512 indexes: the memory of a record does not depend on its
// index.
type page [8]uint64

const pageBits = int64(len(page{}) * 64)

const syncEvery = time.Second

// OpenCheckpoint opens the checkpoint in a file, and makes it if the file is missing or
// empty. It cuts off what a crash left half written at the end. It fails with
// ErrOtherInput for another identity, ErrNoCheckpoint for another file, and ErrInUse for a
// checkpoint that another run has open.
func OpenCheckpoint(path string, identity Identity) (*FileCheckpoint, error) {
	file, err := openSealed(path, &checkpointFile, os.O_CREATE)
	if err != nil {
		return nil, err
	}
	c := &FileCheckpoint{file: file, done: map[int64]page{}, users: map[nameKey]string{}, synced: time.Now()}
	if err := file.load(identity, c.parse); err != nil {
		return nil, errors.Join(err, file.close())
	}
	return c, nil
}

// parse marks what a line holds: a record or a name.
func (c *FileCheckpoint) parse(_ int64, text []byte) bool {
	if pair, isName := strings.CutPrefix(string(text), named); isName {
		return c.loadName(pair)
	}
	index, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || index < 0 {
		return false
	}
	c.mark(index)
	return true
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
	if _, c.broken = c.file.Write(seal(strconv.AppendInt(nil, index, 10))); c.broken != nil {
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
	return errors.Join(c.file.Sync(), c.file.close())
}
