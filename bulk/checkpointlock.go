package bulk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

// ErrInUse is the error of OpenCheckpoint for a checkpoint that another run has open.
// Its text names the process, the host and since when.
var ErrInUse = errors.New("the checkpoint is in use")

// longestNote is longer than any note.
const longestNote = 512

// lock excludes other runs until the file is closed, by a kill too.
func (c *FileCheckpoint) lock() error {
	err := filelock.Try(c.file)
	if !errors.Is(err, filelock.ErrHeld) {
		return err
	}
	holder, err := lastHolder(c.file)
	if err != nil || holder == "" { // the other run has not signed yet
		return ErrInUse
	}
	return fmt.Errorf("%w by %s", ErrInUse, holder)
}

// sign writes a line that names this process, for a run that finds the file locked.
func (c *FileCheckpoint) sign() error {
	host, err := os.Hostname()
	if err != nil || len(host) > longestNote/2 || strings.ContainsFunc(host, hidden) {
		host = "an unknown host"
	}
	holder := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	_, err = c.file.WriteString("# " + holder + " " + checksum(holder) + "\n")
	return err
}

// parseNote returns the process that a line of sign names.
func parseNote(line []byte) (holder string, ok bool) {
	text, isNote := strings.CutPrefix(string(line[:min(len(line), longestNote)]), "# ")
	text, whole := strings.CutSuffix(text, "\n")
	i := strings.LastIndexByte(text, ' ')
	if !isNote || !whole || i < 0 || text[i+1:] != checksum(text[:i]) || strings.ContainsFunc(text, hidden) {
		return "", false
	}
	return text[:i], true
}

func hidden(r rune) bool { return !unicode.IsPrint(r) }

// lastHolder returns what the last note of a checkpoint names, "" for none.
func lastHolder(r io.Reader) (holder string, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := in.ReadSlice('\n')
		if found, ok := parseNote(line); ok {
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
