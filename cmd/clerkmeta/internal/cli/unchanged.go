package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// errFileChanged reports that a file is not what was checked and planned.
var errFileChanged = errors.New("the file changed after the check, and none of its new content was sent")

// sumBlock is the size of the blocks that have a hash each.
const sumBlock = 256 << 10

// sums are the hashes of a file's blocks at the first read.
type sums struct {
	size   int64
	blocks [][sha256.Size]byte
	block  []byte // the one that is not full yet
}

// Write takes the next bytes of the file.
func (s *sums) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	for rest := p; len(rest) > 0; {
		n := min(len(rest), sumBlock-len(s.block))
		s.block = append(s.block, rest[:n]...)
		rest = rest[n:]
		if len(s.block) == sumBlock {
			s.end()
		}
	}
	return len(p), nil
}

// end ends a block. The last one may be shorter.
func (s *sums) end() {
	if len(s.block) > 0 {
		s.blocks = append(s.blocks, sha256.Sum256(s.block))
	}
	s.block = s.block[:0]
}

// whole is one hash for all of the file.
func (s *sums) whole() string {
	h := sha256.New()
	for _, sum := range s.blocks {
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// unchanged reads a file again from its beginning, each block only if its hash is the same.
// It compares the size before each block, which detects a growing or cut file early.
type unchanged struct {
	file *os.File
	sums *sums
	next int // block
	buf  [sumBlock]byte
	rest []byte // of buf
}

// Read reads bytes that are the same as before, or fails with errFileChanged.
func (u *unchanged) Read(p []byte) (int, error) {
	if len(u.rest) == 0 {
		if err := u.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

func (u *unchanged) fill() error {
	info, err := u.file.Stat()
	switch {
	case err != nil:
		return err
	case info.Size() != u.sums.size:
		return fmt.Errorf("%w: it had %d bytes, and now has %d", errFileChanged, u.sums.size, info.Size())
	case u.next == len(u.sums.blocks):
		return io.EOF
	}
	at := int64(u.next) * sumBlock
	block := u.buf[:min(sumBlock, u.sums.size-at)]
	n, err := u.file.ReadAt(block, at)
	switch {
	case n == len(block) && sha256.Sum256(block) == u.sums.blocks[u.next]:
		u.next, u.rest = u.next+1, block
		return nil
	case n == len(block), errors.Is(err, io.EOF):
		return errFileChanged
	}
	return err
}
