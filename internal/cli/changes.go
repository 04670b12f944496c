package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// The forms of a file of changes.
const (
	formAuto   = "auto"
	formNDJSON = "ndjson"
	formCSV    = "csv"
)

// badLinesTold is how many faulty lines, and failures, are told one by one.
const badLinesTold = 20

// changeFile is a file of changes that was read through once.
type changeFile struct {
	Env
	name string // as people know it
	path string
	form string
	skip bool
	// hash is of the bytes; valid and bad count the lines, verbs what they do.
	hash       string
	valid, bad int64
	verbs      map[bulk.Verb]int64
	remove     func() error
}

// openChanges reads a file of changes through and tells every faulty line, so
// that nothing is sent before the last one is known to be sound. Standard input
// is copied to a temporary file, since it is read more than once.
func openChanges(env Env, name, form string, skip bool) (*changeFile, error) {
	f := &changeFile{Env: env, name: name, path: name, form: form, skip: skip, verbs: map[bulk.Verb]int64{}, remove: func() error { return nil }}
	if name == "-" {
		f.name = "standard input"
		if err := f.spool(); err != nil {
			return nil, failed(ExitFile, "standard input cannot be read: %w", err)
		}
	}
	if form == formAuto {
		f.form = formNDJSON
		if strings.EqualFold(filepath.Ext(name), ".csv") {
			f.form = formCSV
		}
	}
	err := f.scan()
	if err != nil {
		return nil, errors.Join(err, f.remove())
	}
	return f, nil
}

func (f *changeFile) spool() error {
	file, err := os.CreateTemp("", "clerkmeta-changes-*")
	if err != nil {
		return err
	}
	f.path = file.Name()
	f.remove = func() error { return os.Remove(f.path) }
	_, err = io.Copy(file, f.Stdin)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, f.remove())
	}
	return nil
}

func (f *changeFile) read(r io.Reader) iter.Seq2[bulk.Change, error] {
	if f.form == formCSV {
		return bulk.ReadCSV(r)
	}
	return bulk.ReadNDJSON(r)
}

// scan reads the file through.
func (f *changeFile) scan() error {
	file, err := os.Open(f.path)
	if err != nil {
		return failed(ExitFile, "the changes cannot be read: %w", err)
	}
	sum := sha256.New()
	tee := io.TeeReader(file, sum)
	for c, err := range f.read(tee) {
		if err == nil {
			err = sized(c)
		}
		var bad *bulk.LineError
		switch {
		case err == nil:
			f.valid++
			f.verbs[c.Verb]++
			continue
		case !errors.As(err, &bad):
			return failed(ExitFile, "%s cannot be read: %w", f.name, errors.Join(err, file.Close()))
		}
		if f.bad++; f.bad <= badLinesTold {
			_, _ = fmt.Fprintf(f.Stderr, "%s: %s\n", f.name, oneLine(bad)) // nobody is left to tell
		}
	}
	// A header that is faulty ends the walk before the file does.
	_, err = io.Copy(io.Discard, tee)
	if err = errors.Join(err, file.Close()); err != nil {
		return failed(ExitFile, "%s cannot be read: %w", f.name, err)
	}
	f.hash = hex.EncodeToString(sum.Sum(nil))
	if f.bad > badLinesTold {
		_, _ = fmt.Fprintf(f.Stderr, "%s: and %d more\n", f.name, f.bad-badLinesTold)
	}
	switch {
	case f.bad > 0 && !f.skip:
		return failed(ExitFile, "%s: %s faulty, nothing was sent: mend them, or go on without them with --skip-invalid", f.name, count(f.bad, "line is", "lines are"))
	case f.valid == 0:
		return failed(ExitFile, "%s holds no changes", f.name)
	}
	return nil
}

// sized refuses what the client would refuse, before anything is sent.
func sized(c bulk.Change) error {
	for name, value := range map[string]metadata.Value{
		"public_metadata": c.Replace.PublicMetadata, "private_metadata": c.Replace.PrivateMetadata, "unsafe_metadata": c.Replace.UnsafeMetadata,
	} {
		if size := value.Size(); size > metadata.MaxSize {
			return &bulk.LineError{Line: c.Line, Err: fmt.Errorf("%s is %d bytes, %d are allowed", name, size, metadata.MaxSize)}
		}
	}
	return nil
}

// changes walks over the changes that are sound. Faulty ones were told before.
func (f *changeFile) changes() iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) {
		file, err := os.Open(f.path)
		if err != nil {
			yield(bulk.Change{}, failed(ExitFile, "the changes cannot be read: %w", err))
			return
		}
		defer func() { _ = file.Close() }() // it was read only
		checked := func(yield func(bulk.Change, error) bool) {
			for c, err := range f.read(file) {
				if err == nil {
					err = sized(c)
				}
				if !yield(c, err) {
					return
				}
			}
		}
		bulk.SkipInvalid(checked, func(*bulk.LineError) {})(yield)
	}
}

// sameFile reports whether a path leads to the file of changes.
func (f *changeFile) sameFile(path string) bool {
	a, err := os.Stat(f.path)
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}

// count is a number with the word that fits it.
func count(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
