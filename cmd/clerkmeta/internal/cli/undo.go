package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

func newUndo(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "undo FILE",
		Short: "Take back the changes that an undo log notes",
		Long: `Take back the changes of "clerkmeta apply --undo-log FILE": show what that changes,
ask before writing with a live key, and make it, one request for each user,
organization or membership. Only what is still as the changes left it is
restored. What others have changed since stays, and so does an object that a
change made and others have changed; the command lists it, and the nulls that no
merge patch can restore. That others changed a key and changed it back cannot be
seen.

FILE holds the values, private ones too. The command prints none of them.

` + keyHelp,
		Example: `  clerkmeta undo changes.undo --dry-run --details
  clerkmeta undo changes.undo`,
	}
	a := &apply{job: newRun(cmd, env), verb: "Take back"}
	a.applyFlags(cmd)
	dryRun := cmd.Flags().Bool("dry-run", false, "show what would change, and write nothing")
	detailed := detailsFlag(cmd)
	var log *bulk.UndoFile
	a.read = func(_ context.Context, args []string) (in *input, err error) {
		log, err = bulk.OpenUndo(args[0])
		if err == nil {
			in, err = a.wayBack(log, args[0])
		}
		if err != nil {
			return nil, failed(ExitFile, "%s cannot be undone: %w", args[0], err)
		}
		return in, nil
	}
	return a.runs(cmd, func(ctx context.Context) error {
		if err := a.belongs(log.Identity()); err != nil {
			return err
		}
		if *dryRun {
			return a.plan(ctx, *detailed)
		}
		return a.run(ctx)
	})
}

// wayBack returns the changes that take back what a log notes.
func (a *apply) wayBack(log *bulk.UndoFile, name string) (*input, error) {
	n := int64(log.Entities())
	in := &input{
		changes: log.Changes, valid: n, verbs: map[bulk.Verb]int64{bulk.Undo: n},
		files: namedRole(nil, "the undo log", name), close: log.Close,
	}
	sum, err := fileSum(name)
	in.identity = func() string { return "undo of sha256:" + sum }
	if err == nil && n == 0 {
		err = errors.New("it notes no changes")
	}
	if err == nil && log.Torn() > 0 {
		_, err = fmt.Fprintf(a.Stderr, "the last %d bytes are no whole note: their changes were not sent\n", log.Torn())
	}
	if err == nil && log.Broken() > 0 {
		_, err = fmt.Fprintf(a.Stderr, "%d bytes were altered or lost: the changes that they noted cannot be taken back\n", log.Broken())
	}
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return in, nil
}

func fileSum(name string) (string, error) {
	file, err := os.Open(name) //nolint:gosec // the user's own file
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, file.Close())
}

// belongs refuses the log of another instance.
func (a *apply) belongs(has bulk.Identity) error {
	if here := a.identity(); has.Instance != here.Instance || has.Key != here.Key {
		return failed(ExitFile, "the undo log is of changes at %s with a %s key, and this run is at %s with a %s key", has.Instance, has.Key, here.Instance, here.Key).
			hint("use the key and the CLERK_API_URL of the changes")
	}
	return nil
}

// remarkable reports whether a result has a line of its own.
func remarkable(r bulk.Result) bool {
	return r.Err != nil && r.Outcome != bulk.Applied || r.Kept != nil
}

// stays returns the number of places that an undo leaves as they are.
func stays(r bulk.Result) int64 {
	if r.Kept == nil {
		return 0
	}
	return int64(len(r.Kept.Changed) + len(r.Kept.Nulls) + r.Kept.More)
}

// stayed returns the error of an undo that leaves places as they are.
func stayed(n int64) error {
	if n == 0 {
		return nil
	}
	return failed(ExitPartly, "%s as before the undo: changed by others, or a null that no merge patch restores", count(n, "place stays", "places stay"))
}

// subject names a change: its line, if it has one, and its entity.
func subject(c bulk.Change) string {
	if c.Line == 0 {
		return c.Entity().String()
	}
	return fmt.Sprintf("line %d %s", c.Line, c.Entity())
}

// keptText lists what an undo leaves as it is.
func keptText(k *bulk.Kept) string {
	const most = 5
	var parts []string
	for _, path := range k.Changed {
		parts = append(parts, printable(path)+" (changed by others)")
	}
	for _, path := range k.Nulls {
		parts = append(parts, printable(path)+" (held a null)")
	}
	text := strings.Join(parts[:min(len(parts), most)], ", ")
	if more := max(0, len(parts)-most) + k.More; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return "stays as it is: " + text
}

// printable returns a path that does not break a line.
func printable(path string) string {
	quoted := fmt.Sprintf("%q", path)
	return quoted[1 : len(quoted)-1]
}
