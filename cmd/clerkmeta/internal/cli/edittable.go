package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// wasSuffix is what the name of the file of what was read has behind that of its table.
const wasSuffix = ".was.ndjson"

// table exports into a table. write writes the lines of the export, which go into the file of
// what was read; the table is made of them.
func (e *export) table(write func(io.Writer) error) error {
	if e.csv == "-" {
		return failed(ExitUsage, "--csv cannot write to standard output, since what was read goes into a file beside the table: name a file")
	}
	name := e.csv + wasSuffix
	if _, err := os.Lstat(e.csv); err == nil {
		return existing(e.csv)
	}
	was, err := create(name)
	if err != nil {
		return err
	}
	if err = write(was); err != nil {
		return errors.Join(err, was.Close(), os.Remove(name))
	}
	if err = e.tableOf(was); err == nil {
		err = was.Sync()
	}
	if closing := was.Close(); err == nil && closing != nil {
		err = failed(ExitFile, "%w", closing)
	}
	return err
}

// tableOf makes the table of the lines of an export.
func (e *export) tableOf(was *os.File) error {
	to, err := create(e.csv)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(to, 64<<10)
	err = bulk.WriteCSV(out, editsIn(was))
	if err == nil {
		err = out.Flush()
	}
	if err = errors.Join(err, to.Close()); err == nil {
		return nil
	}
	return failed(ExitFile, "%s cannot be written: %w", e.csv, errors.Join(err, os.Remove(e.csv))).
		hint("%s holds the export as NDJSON, which can be edited and applied too", e.csv+wasSuffix)
}

// editsIn yields the lines of an export, from the first each time.
func editsIn(file *os.File) iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			yield(bulk.Change{}, err)
			return
		}
		bulk.ReadNDJSON(file)(yield)
	}
}

// create makes a file that only its owner can read.
func create(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user's own file
	switch {
	case errors.Is(err, os.ErrExist):
		return nil, existing(name)
	case err != nil:
		return nil, failed(ExitFile, "%w", err)
	}
	return file, nil
}

func existing(name string) error {
	return failed(ExitFile, "%s exists: an export into a table overwrites no file, name another or remove it", name)
}

// wasFile is the file of what the rows of a table were read as.
type wasFile struct {
	index *bulk.Was
	sum   string
}

// openWas reads the file of what was read, if one is named.
func (f *changeFile) openWas() (err error) {
	name := f.reading.was
	if name == "" {
		return nil
	}
	defer func() {
		if err != nil {
			err = failed(ExitFile, "--was %s: %w", name, err)
		}
	}()
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return errors.New("it is not a regular file")
	}
	file, err := os.Open(name) //nolint:gosec // the user's own file
	if err != nil {
		return err
	}
	closeChanges := f.close
	f.close = func() error { return errors.Join(closeChanges(), file.Close()) }
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return err
	}
	index, err := bulk.ReadWas(file)
	f.was = &wasFile{index, fmt.Sprintf("sha256:%s", hex.EncodeToString(h.Sum(nil)))}
	return err
}
