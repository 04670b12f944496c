package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// editorGrace is how long an editor may take to end after a signal.
const editorGrace = 5 * time.Second

func newEdit(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "edit IDS",
		Short: "Edit the metadata of ONE in an editor",
		Long: `Open the metadata fields as JSON in the editor that VISUAL or EDITOR names,
show what changed, ask, and send the smallest merge patch. Without flags that
name fields it opens all of them, the private one only with --show-private. The
file is in a directory that only you can read, which is removed however the
command ends. An editor may keep copies elsewhere, such as a swap file or a
history.

A merge patch cannot store a null: the command then offers to edit again, and
replace stores one.

` + editHelp,
		Example: `  clerkmeta PLURAL edit SAMPLE
  EDITOR="code --wait" clerkmeta PLURAL edit SAMPLE --private --show-private`,
	}
	o := newEditing(cmd, env, k)
	o.asks = true
	return o.runs(cmd, o.inEditor)
}

// inEditor reads the fields, lets the user edit them, and makes the change.
func (o *one) inEditor(ctx context.Context, args []string) error {
	if *o.named[private] && !o.shows(private) {
		return failed(ExitUsage, "an editor shows the values of private metadata").hint("pass --show-private to show them")
	}
	fields := slices.DeleteFunc(o.fields(), func(f field) bool { return !o.shows(f) })
	c, key, err := o.open()
	if err != nil {
		return err
	}
	found, err := o.kind.read(ctx, c, args)
	if err != nil {
		return err
	}
	patches, err := o.edited(ctx, &draft{found, fields})
	if err != nil {
		return err
	}
	return o.make(ctx, c, key, bulk.Entity(found.ID).Patch(fieldsOf(patches)), fields)
}

// edited returns what the user changed. The file with the metadata exists only meanwhile.
func (o *one) edited(ctx context.Context, d *draft) (patches entity.Patches, err error) {
	text, err := d.text()
	if err != nil {
		return patches, err
	}
	dir, err := os.MkdirTemp("", "clerkmeta-edit-*") // for its owner only, and for an editor's own files too
	if err != nil {
		return patches, failed(ExitFile, "the file to edit cannot be created: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// Removed at the signal, since a second one ends the process at once.
	defer context.AfterFunc(ctx, func() { _ = os.RemoveAll(dir) })()
	name := filepath.Join(dir, "metadata.json")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return patches, failed(ExitFile, "the file to edit cannot be created: %w", err)
	}
	for {
		if err := o.editor(ctx, name); err != nil {
			return patches, err
		}
		text, err := readTextFile(name, longestDocument)
		if err == nil {
			patches, err = d.patches(text)
		}
		if err == nil {
			return patches, nil
		}
		refused := failed(ExitFile, "the edited metadata cannot be written: %w", err).hint("nothing was written; edit it again")
		if !o.terminal(o.Stdin) {
			return patches, refused
		}
		again, err := o.ask(oneLine(refused.Error()) + "\nEdit it again?")
		if err != nil {
			return patches, err
		}
		if !again {
			return patches, refused
		}
	}
}

func (o *one) editor(ctx context.Context, name string) error {
	usual := "vi"
	if runtime.GOOS == "windows" {
		usual = "notepad"
	}
	program := cmp.Or(o.getenv("VISUAL"), o.getenv("EDITOR"), usual)
	words := append(strings.Fields(program), name)
	if runtime.GOOS != "windows" {
		// The shell splits the words, with their quotes, and gives way to the editor, which
		// then is the process that a signal ends.
		words = []string{"sh", "-c", "exec " + program + ` "$1"`, program, name}
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...) //nolint:gosec // the user's own editor
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = editorGrace
	if file, ok := o.Stdin.(*os.File); ok {
		cmd.Stdin = file
	}
	cmd.Stdout, cmd.Stderr = o.Stderr, o.Stderr
	if o.terminal(o.Stdout) {
		cmd.Stdout = o.Stdout
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err != nil {
		return failed(ExitFailure, "the editor %q failed: %w; nothing was written", program, err).hint("set VISUAL or EDITOR to another")
	}
	return nil
}

// draft is the fields of an entity to be edited.
type draft struct {
	stored *entity.Record
	fields []field
}

func (d *draft) text() ([]byte, error) {
	objects := map[string]metadata.Object{}
	for _, f := range d.fields {
		if o := d.stored.Objects[f]; !o.IsZero() {
			objects[f.json()] = o
		}
	}
	line, err := lineOf(objects)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = json.Indent(&b, line, "", "  ")
	return b.Bytes(), err
}

// patches returns the smallest patches that lead to an edited text.
func (d *draft) patches(text []byte) (patches entity.Patches, err error) {
	if !jsonscan.Valid(text) {
		return patches, fmt.Errorf("line %d is not valid JSON", 1+bytes.Count(text[:jsonscan.Fault(text)], []byte("\n")))
	}
	var names []string
	for _, f := range d.fields {
		names = append(names, f.json())
	}
	var edited entity.Objects
	err = jsonscan.StrictMembers(text, func(key string, value []byte) error {
		if !slices.Contains(names, key) {
			return fmt.Errorf("member %q is unknown; expected %s%s", key, strings.Join(names, ", "), nearest.Hint(key, names))
		}
		err := jsonscan.Check(value)
		if err == nil {
			err = edited[entity.FieldIndex(key)].UnmarshalJSON(value)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", key, err)
		}
		return err
	})
	for _, f := range d.fields {
		was, is := d.stored.Objects[f], edited[f]
		switch {
		case err != nil:
			return patches, err
		case metadata.Equal(was, is):
			continue
		case is.IsZero() || is.IsNull():
			return patches, fmt.Errorf("%s is missing or null; {} removes all of it", f.json())
		}
		patches[f], err = metadata.Diff(was, is)
		if nulls, ok := errors.AsType[*metadata.NullsError](err); ok {
			return patches, fmt.Errorf("%s has a new null at %q, which no merge patch stores: leave the key out, or store it with replace", f.json(), nulls.Paths[0])
		}
	}
	return patches, err
}
