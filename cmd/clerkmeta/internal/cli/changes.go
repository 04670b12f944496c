package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// The forms of a file of changes.
const (
	formAuto   = "auto"
	formNDJSON = "ndjson"
	formCSV    = "csv"
)

// badLinesShown is how many faulty lines, and failures, are shown one by one.
const badLinesShown = 20

// reading is the flags that say how a file of changes is read.
type reading struct {
	form, encoding *choice
	delimiter, was string
}

func readingFlags(cmd *cobra.Command) *reading {
	r := &reading{}
	r.form = choiceFlag(cmd, "format", "form of FILE: ndjson (or a JSON array) or csv; auto decides by its name (.csv, .tsv, .json, .jsonl, .ndjson), then by its first line", formAuto, formNDJSON, formCSV)
	r.encoding = choiceFlag(cmd, "encoding", "encoding of FILE; auto is UTF-8, or UTF-16 with a byte order mark", encodingAuto, encodingUTF8, encodingLE, encodingBE, encoding1252, encodingISO)
	cmd.Flags().StringVar(&r.delimiter, "delimiter", "", "`character` between the columns of a table, or tab; the default is found in its first line")
	complete(cmd, []string{",", ";", "tab"}, "delimiter")
	cmd.Flags().StringVar(&r.was, "was", "", "FILE is a table of \"clerkmeta export --csv\" that was edited, and this is the `file` of what was read")
	return r
}

func completeChanges(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"ndjson", "jsonl", "json", "csv", "tsv"}, cobra.ShellCompDirectiveFilterFileExt
}

// character returns the delimiter, 0 for none given.
func (r *reading) character() (rune, error) {
	switch r.delimiter {
	case "":
		return 0, nil
	case "tab", `\t`:
		return '\t', nil
	}
	d, size := utf8.DecodeRuneInString(r.delimiter)
	if size != len(r.delimiter) || d == utf8.RuneError || strings.ContainsRune("\"\r\n\x00", d) {
		return 0, failed(ExitUsage, "--delimiter %q is unknown; expected one character, or tab", r.delimiter)
	}
	return d, nil
}

// changeFile is a file of changes. It is opened once, and a later read returns the changes of
// the first or an error.
type changeFile struct {
	Env
	*reading
	name  string // for people
	kind  string // the form, "" before the first read
	file  *os.File
	close func() error
	sums  sums
	comma rune
	was   *wasFile // nil for none
	// valid and bad count the changes, verbs what they do.
	valid, bad int64
	verbs      map[bulk.Verb]int64
	named      bool // changes name users otherwise than by id
}

// openChanges reads a whole file of changes and reports every faulty line, before anything
// is sent. It copies standard input, and other inputs that cannot be read twice, to a
// temporary file.
func openChanges(ctx context.Context, env Env, name string, how *reading, skipInvalid bool) (*input, error) {
	comma, err := how.character()
	if err != nil {
		return nil, err
	}
	f := &changeFile{Env: env, reading: how, name: name, comma: comma, verbs: map[bulk.Verb]int64{}}
	if err := f.open(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		return nil, failed(ExitFile, "the changes cannot be read: %w", err)
	}
	err = f.openWas()
	if err == nil {
		err = f.scan(skipInvalid)
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return &input{
		changes: f.changes, identity: f.identity, valid: f.valid, bad: f.bad, verbs: f.verbs, named: f.named,
		files: namedRole(openedRole(nil, "the file of changes", f.file), "--was", f.reading.was), close: f.close,
	}, nil
}

func (f *changeFile) open(ctx context.Context) error {
	if f.name == "-" {
		f.name = "standard input"
		return f.spool(ctx, func() (io.ReadCloser, error) { return io.NopCloser(f.Stdin), nil })
	}
	open := func() (io.ReadCloser, error) { return os.Open(f.name) }
	info, err := os.Stat(f.name)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory", f.name)
	case !info.Mode().IsRegular():
		return f.spool(ctx, open)
	}
	f.file, err = os.Open(f.name)
	f.close = f.file.Close
	return err
}

// spool copies what open opens. It returns when ctx ends, also while opening or reading a
// pipe blocks; that goroutine then ends with the process.
func (f *changeFile) spool(ctx context.Context, open func() (io.ReadCloser, error)) error {
	file, closing, err := temporary()
	if err != nil {
		return err
	}
	f.file, f.close = file, closing
	copied := make(chan error, 1)
	go func() {
		from, err := open()
		if err == nil {
			_, err = io.Copy(file, from)
			err = errors.Join(err, from.Close())
		}
		copied <- err
	}()
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case err = <-copied:
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return errors.Join(err, f.close())
	}
	return nil
}

// temporary returns a new file without a name, and what closes it.
func temporary() (file *os.File, closing func() error, err error) {
	if file, err = os.CreateTemp("", "clerkmeta-changes-*"); err != nil {
		return nil, nil, err
	}
	// Without a name it is gone with the process, by a kill too. Windows keeps the name.
	closing = file.Close
	if os.Remove(file.Name()) != nil {
		closing = func() error { return errors.Join(file.Close(), os.Remove(file.Name())) }
	}
	return file, closing, nil
}

// read reads changes from the bytes of the file, the first time and later.
func (f *changeFile) read(r io.Reader) (iter.Seq2[bulk.Change, error], error) {
	text := bufio.NewReaderSize(newText(r, f.encoding.value), 64<<10)
	if f.kind == "" {
		f.kind = formOf(f.form.value, f.name, text)
	}
	switch {
	case f.kind == formCSV && f.was != nil:
		return bulk.ReadEdits(text, f.comma, f.was.index), nil
	case f.was != nil:
		return nil, failed(ExitUsage, "--was is for tables, and %s is read as JSON, whose lines have a member was", f.name)
	case f.kind == formCSV && f.comma == 0:
		return bulk.ReadCSV(text), nil
	case f.kind == formCSV:
		return bulk.ReadDelimited(text, f.comma), nil
	case f.comma != 0:
		return nil, failed(ExitUsage, "--delimiter is for tables, and %s is read as JSON", f.name)
	}
	return bulk.ReadNDJSON(text), nil
}

// formByName returns the form that the ending of a file's name stands for, "" for none.
func formByName(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv":
		return formCSV
	case ".ndjson", ".jsonl", ".json":
		return formNDJSON
	default:
		return ""
	}
}

// formOf returns the form of a file by its name, or by its beginning: JSON begins with a
// bracket, and no column's name does.
func formOf(wanted, name string, text *bufio.Reader) string {
	if wanted != formAuto {
		return wanted
	}
	if form := formByName(name); form != "" {
		return form
	}
	first, _ := text.Peek(512) // the reader meets an error again
	line, _, _ := strings.Cut(strings.ToLower(strings.TrimLeft(string(first), " \t\r\n")), "\n")
	isTable := func(word string) bool { return strings.Contains(line, word) }
	if !strings.HasPrefix(line, "{") && !strings.HasPrefix(line, "[") && slices.ContainsFunc([]string{"user", "organization", "email", "external_id", "phone_number", "sep="}, isTable) {
		return formCSV
	}
	return formNDJSON
}

func (f *changeFile) scan(skipInvalid bool) error {
	tee := io.TeeReader(f.file, &f.sums)
	changes, err := f.read(tee)
	if err != nil {
		return err
	}
	broken, needsWas := false, false
	for c, err := range changes {
		err = checked(c, err)
		bad, faulty := errors.AsType[*bulk.LineError](err)
		switch {
		case err == nil:
			f.valid++
			f.verbs[c.Verb()]++
			f.named = f.named || c.Named()
			continue
		case errors.Is(err, errEncoding):
			return failed(ExitFile, "%s cannot be read: %w, or name the encoding with --encoding", f.name, err)
		case !faulty:
			return failed(ExitFile, "%s cannot be read: %w", f.name, err)
		case bad.Last:
			broken, needsWas = true, errors.Is(err, bulk.ErrNoWas)
		default:
			f.bad++
		}
		if broken || f.bad <= badLinesShown {
			_, _ = fmt.Fprintln(f.Stderr, oneLine(f.name+": "+err.Error())) // there is nowhere to report it
		}
	}
	// The sums include what follows the last change.
	if _, err := io.Copy(io.Discard, tee); err != nil {
		return failed(ExitFile, "%s cannot be read: %w", f.name, err)
	}
	f.sums.end()
	if f.bad > badLinesShown {
		_, _ = fmt.Fprintf(f.Stderr, "%s: and %d more\n", oneLine(f.name), f.bad-badLinesShown)
	}
	switch {
	case needsWas:
		return failed(ExitFile, "%s is a table to be read with what was read, nothing was sent", f.name).
			hint("name the file with --was: export wrote it beside the table, as FILE%s", wasSuffix)
	case broken:
		return failed(ExitFile, "%s cannot be read as a whole, nothing was sent", f.name)
	case f.bad > 0 && !skipInvalid:
		return failed(ExitFile, "%s: %s faulty, nothing was sent", f.name, count(f.bad, "line is", "lines are")).
			hint("correct them, or skip them with --skip-invalid")
	case f.valid == 0:
		return failed(ExitFile, "%s holds no changes", f.name)
	}
	return nil
}

// identity returns what was read, and how: with another delimiter or encoding the same
// bytes are other changes.
func (f *changeFile) identity() string {
	id := "sha256:" + f.sums.whole() + " " + f.kind
	if f.comma != 0 {
		id += fmt.Sprintf(" delimiter %q", f.comma)
	}
	if e := f.encoding.value; e != encodingAuto && e != encodingUTF8 {
		id += " " + e
	}
	if f.was != nil {
		id += " was " + f.was.sum
	}
	return id
}

func checked(c bulk.Change, err error) error {
	if err == nil {
		if err = c.Check(); err != nil {
			err = &bulk.LineError{Line: c.Line, Err: err}
		}
	}
	return err
}

// changes yields the sound changes; scan has reported the others. If the file has changed,
// it ends with errFileChanged before any change of the new content.
func (f *changeFile) changes() iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) {
		all, err := f.read(&unchanged{file: f.file, sums: &f.sums})
		if err != nil {
			yield(bulk.Change{}, err)
			return
		}
		for c, err := range all {
			err = checked(c, err)
			if bad, faulty := errors.AsType[*bulk.LineError](err); faulty && !bad.Last {
				continue
			}
			if err != nil {
				err = failed(ExitFile, "%s: %w", f.name, err)
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// count returns a number with the noun and verb that fit it.
func count(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
