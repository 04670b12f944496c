package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"iter"
	"os"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
)

// editsFile keeps the edits of a transform: a line that says what they are of, a line for
// each, and a line that says that they are all. It is locked, and only its owner reads it.
type editsFile struct {
	file     *os.File
	out      *bufio.Writer
	begin    int64 // of the edits
	size     int64 // of the file, without the last line
	complete bool
	close    func() error
}

// editsOf is the first line.
type editsOf struct {
	Version  int    `json:"clerkmeta_edits"`
	Of       string `json:"of"`
	Within   string `json:"within,omitempty"`
	Private  bool   `json:"private,omitempty"`
	Program  string `json:"program"`
	Instance string `json:"instance"`
	Key      string `json:"key"`
}

// allEdits is the last line.
const allEdits = `{"clerkmeta_edits":"all"}` + "\n"

// openEdits opens the file of --edits, or a temporary one.
func (t *transform) openEdits() (*editsFile, error) {
	program := sha256.Sum256([]byte(t.jq))
	first, err := lineOf(editsOf{
		1, t.kind.plural, t.within, t.includePrivate, hex.EncodeToString(program[:]),
		t.instance(), t.keyKind(),
	})
	if err != nil {
		return nil, err
	}
	f := &editsFile{begin: int64(len(first))}
	if t.edits == "" {
		f.file, f.close, err = temporary()
	} else if f.file, err = takeFile("--edits", t.edits, os.O_RDWR, t.roles()); err == nil {
		f.close = func() error { return filelock.Close(f.file) }
	}
	if err != nil {
		return nil, err
	}
	if err = f.load(first); err == nil && t.edits != "" {
		err = f.file.Chmod(0o600) // it may have been there, for all to read
	}
	if err != nil {
		return nil, failed(ExitFile, "--edits %s: %w", t.edits, errors.Join(err, f.close()))
	}
	f.out = bufio.NewWriterSize(f.file, 64<<10)
	return f, nil
}

var (
	errOtherEdits = errors.New("it holds edits of another program, kind, instance or choice of --include-private: name another file")
	errNoEdits    = errors.New("it holds no edits of a transform: name another file")
)

// load finds out whether the file has all edits, and begins it anew otherwise.
func (f *editsFile) load(first []byte) error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	has := make([]byte, min(info.Size(), f.begin))
	if _, err := io.ReadFull(f.file, has); err != nil {
		return err
	}
	if !bytes.HasPrefix(first, has) {
		if bytes.HasPrefix(has, []byte(`{"clerkmeta_edits":1,`)) {
			return errOtherEdits
		}
		return errNoEdits
	}
	last := make([]byte, len(allEdits))
	f.size = info.Size() - int64(len(last))
	if f.size >= f.begin {
		if _, err := f.file.ReadAt(last, f.size); err != nil {
			return err
		}
		if f.complete = string(last) == allEdits; f.complete {
			return nil
		}
	}
	if err := f.file.Truncate(0); err != nil {
		return err
	}
	f.size = f.begin
	_, err = f.file.WriteAt(first, 0)
	return cmp.Or(err, second(f.file.Seek(f.begin, io.SeekStart)))
}

func second[T any](_ T, err error) error { return err }

func (f *editsFile) add(edit bulk.Change) error {
	line, err := edit.MarshalJSON()
	if err != nil {
		return err
	}
	n, err := f.out.Write(append(line, '\n'))
	f.size += int64(n)
	return err
}

// finish writes that the edits are all, once they are on the disk.
func (f *editsFile) finish() error {
	err := cmp.Or(f.out.Flush(), f.file.Sync())
	if err == nil {
		_, err = f.file.WriteString(allEdits)
	}
	if err = cmp.Or(err, f.file.Sync()); err != nil {
		return failed(ExitFile, "the edits cannot be written: %w", err)
	}
	return nil
}

// input returns the edits, which it counts.
func (f *editsFile) input() (*input, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f.file, 0, f.size)); err != nil {
		return nil, failed(ExitFile, "the edits cannot be read: %w", err)
	}
	in := &input{
		changes:  f.changes,
		identity: func() string { return "edits of sha256:" + hex.EncodeToString(sum.Sum(nil)) },
		verbs:    map[bulk.Verb]int64{},
		files:    openedRole(nil, "--edits", f.file),
		close:    f.close,
	}
	for change, err := range f.changes() {
		if err != nil {
			return nil, failed(ExitFile, "the edits cannot be read: %w", err)
		}
		in.valid++
		in.verbs[change.Verb()]++
	}
	return in, nil
}

func (f *editsFile) changes() iter.Seq2[bulk.Change, error] {
	return bulk.ReadNDJSON(io.NewSectionReader(f.file, f.begin, f.size-f.begin))
}
