package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// longestLine bounds a line of an export, which three fields of 8 KB never reach.
const longestLine = 4 << 20

// Errors of a file that is no export, which is not changed.
var (
	errTooLong  = errors.New("it holds a line that is too long for an export")
	errNoExport = errors.New("it does not hold an export")
)

// lastLine is the last complete line of an export, and the number of lines.
type lastLine struct {
	count        int
	Organization string          `json:"organization"`
	User         string          `json:"user"`
	Private      json.RawMessage `json:"private_metadata"`
}

// openPartial opens an export to continue it, and cuts off what follows its last complete
// line. It makes a missing file, which only its owner can read.
func openPartial(name string, all []role) (*os.File, lastLine, error) {
	file, err := takeFile("--resume", name, os.O_RDWR, all)
	if err != nil {
		return nil, lastLine{}, err
	}
	last, end, err := readPartial(file)
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		return nil, lastLine{}, failed(ExitFile, "%s cannot be continued: %w", name, errors.Join(err, filelock.Close(file)))
	}
	return file, last, nil
}

// readPartial finds the last complete line and its end, with one line in memory.
func readPartial(from io.Reader) (last lastLine, end int64, err error) {
	r := bufio.NewReaderSize(from, 64<<10)
	var line, complete []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > longestLine {
			return last, 0, errTooLong
		}
		line = append(line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			if last.count == 0 && !begins(unmarked(line)) {
				return last, 0, errNoExport // which would be cut off whole
			}
			return last, end, parseLast(&last, complete)
		case err != nil:
			return last, 0, err
		}
		last.count++
		end += int64(len(line))
		line, complete = complete[:0], line
	}
}

// unmarked returns a line without the byte order mark of an editor.
func unmarked(line []byte) []byte { return bytes.TrimPrefix(line, []byte("\uFEFF")) }

// begins reports whether a line may be the beginning of an export's.
func begins(line []byte) bool {
	return slices.ContainsFunc([]string{`{"user":"`, `{"organization":"`}, func(start string) bool {
		return bytes.HasPrefix(line, []byte(start)) || strings.HasPrefix(start, string(line))
	})
}

func parseLast(last *lastLine, line []byte) error {
	if last.count > 0 && (jsonscan.Unmarshal(unmarked(line), last) != nil || last.User+last.Organization == "") {
		return errNoExport
	}
	return nil
}
