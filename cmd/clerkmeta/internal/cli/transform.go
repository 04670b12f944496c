package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// transform is the command that makes edits of all entities of a kind with a jq program, and
// applies them.
type transform struct {
	*apply
	kind           *kind
	jq             string
	edits          string
	includePrivate bool

	program *program
	within  string
	failed  int64
}

func newTransform(env Env, kinds []*kind) *cobra.Command {
	cmd := group("transform", "Change the metadata of all users, organizations or members with a jq program")
	for _, k := range kinds {
		cmd.AddCommand(newTransformOf(env, k))
	}
	return cmd
}

func newTransformOf(env Env, k *kind) *cobra.Command {
	use := strings.TrimSpace(k.plural + " " + k.within)
	usage := strings.Replace(use, "ORG", "org_1", 1)
	cmd := &cobra.Command{
		Use:   use,
		Short: "Change the metadata of all " + k.String() + "s with a jq program",
		Long: `Read every ` + k.String() + `, run a jq program on its line of an export, and make the
metadata what the program yields: one object with the same members, of which only
the metadata may differ. Private metadata is read and changed only if
--include-private is given. The edits are shown, the command asks before writing
with a live key, and each is made only where what it changes is still as it was
read. If the program fails on one ` + k.String() + `, nothing is sent.

With --edits the command can be interrupted or killed at any moment and run
again: it continues with the edits in that file. Without it the program runs
again on what is there then.

` + keyHelp,
		Example: `  clerkmeta transform ` + usage + ` --jq '.public_metadata |= with_entries(if .key == "role" then .key = "title" else . end)' --dry-run
  clerkmeta transform ` + usage + ` --jq 'del(.public_metadata.trial)' --edits trial.edits --undo-log trial.undo`,
		ValidArgsFunction: k.completeArgument,
	}
	t := &transform{apply: &apply{job: newRun(cmd, env), verb: "Make"}, kind: k}
	t.applyFlags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&t.jq, "jq", "", "`program` that makes of an object what it becomes")
	flags.StringVar(&t.edits, "edits", "", "`file` that keeps the edits, private values too, so that the command can be run again")
	flags.BoolVar(&t.includePrivate, "include-private", false, "read and change private metadata as well")
	dryRun := flags.Bool("dry-run", false, "show what would change, and write nothing to Clerk")
	detailed := detailsFlag(cmd)
	t.read = t.prepareEdits
	return t.runs(cmd, func(ctx context.Context) error {
		switch {
		case t.file.valid == 0:
			return t.print([]byte("nothing to change\n"), nil)
		case *dryRun:
			return t.plan(ctx, *detailed)
		default:
			return t.run(ctx)
		}
	})
}

// prepareEdits runs the program on every entity, unless the file has all edits already.
func (t *transform) prepareEdits(ctx context.Context, args []string) (in *input, err error) {
	t.within = strings.Join(args, "") // one argument or none
	if t.checkpoint != "" && t.edits == "" {
		return nil, failed(ExitUsage, "--checkpoint needs --edits, whose changes it counts")
	}
	if t.program, err = compile(t.jq); err != nil {
		return nil, err
	}
	if err := t.dial(); err != nil {
		return nil, err
	}
	file, err := t.openEdits()
	if err != nil {
		return nil, err
	}
	if !file.complete {
		err = t.makeEdits(ctx, file)
	} else {
		_, err = fmt.Fprintf(t.Stderr, "%s has the edits already\n", visible(t.edits))
	}
	if err == nil {
		in, err = file.input()
	}
	if err != nil {
		return nil, errors.Join(err, file.close())
	}
	return in, nil
}

// makeEdits writes the edits that the program makes. It reports every entity on which the
// program fails, and then fails.
func (t *transform) makeEdits(ctx context.Context, file *editsFile) error {
	read := 0
	defer func() { t.showRead(read, t.kind, "\n") }()
	for one, err := range t.kind.all(ctx, t.client, t.within, from{pageSize: largestPage}) {
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err != nil {
			return &about{entity.ID{OrganizationID: t.within}, err}
		}
		if read++; read%largestPage == 0 {
			t.showRead(read, t.kind, "")
		}
		edit, changes, err := t.edit(ctx, one)
		if ctx.Err() != nil {
			return errInterrupted
		}
		if err != nil {
			if t.failed++; t.failed <= badLinesShown {
				if t.terminal(t.Stderr) {
					_, _ = fmt.Fprint(t.Stderr, "\r\x1b[K") // clears the count
				}
				_, _ = fmt.Fprintln(t.Stderr, oneLine(fmt.Sprintf("%s, number %d: %s", one.ID, read, err))) // there is nowhere to report it
			}
			continue
		}
		if changes && t.failed == 0 {
			if err := file.add(edit); err != nil {
				return failed(ExitFile, "the edits cannot be written: %w", err)
			}
		}
	}
	if t.failed > 0 {
		return failed(ExitInvalid, "the program fails on %d of %d %ss, nothing was sent", t.failed, read, t.kind).
			hint("correct the program; clerkmeta export %s prints the objects that it gets", t.kind.plural)
	}
	return file.finish()
}

// edit runs the program on an entity.
func (t *transform) edit(ctx context.Context, one *entity.Record) (edit bulk.Change, changes bool, err error) {
	object := map[string]any{"id": one.Name}
	if one.Kind() == entity.Membership {
		object["organization_id"], object["user_id"] = one.OrganizationID, one.UserID
	}
	ids := len(object)
	var was, now bulk.State
	fields := map[string][2]*metadata.Object{
		public.json(): {&was.Public, &now.Public}, private.json(): {&was.Private, &now.Private}, unsafe.json(): {&was.Unsafe, &now.Unsafe},
	}
	for f, stored := range one.Objects {
		if stored.IsZero() || field(f) == private && !t.includePrivate {
			delete(fields, field(f).json())
			continue
		}
		*fields[field(f).json()][0] = stored
		if object[field(f).json()], err = tree(stored); err != nil {
			return edit, false, err
		}
	}
	before := map[string]any{"id": object["id"], "organization_id": object["organization_id"], "user_id": object["user_id"]}
	made, err := t.program.run(ctx, object)
	if err != nil {
		return edit, false, err
	}
	for name, value := range made {
		state, isField := fields[name]
		switch {
		case isField:
			if *state[1], err = objectOf(value); err != nil {
				return edit, false, fmt.Errorf("%s: %w", name, err)
			}
		case name == private.json():
			return edit, false, errors.New("the program sets private_metadata, which is not read: pass --include-private")
		case before[name] == nil:
			known := slices.Collect(maps.Keys(fields)) // the name can be a value
			return edit, false, fmt.Errorf("the program adds a member to the object: only metadata can change%s", nearest.Hint(name, known))
		case value != before[name]:
			return edit, false, fmt.Errorf("the program changes %s: only metadata can change", name)
		}
	}
	if len(made) != ids+len(fields) {
		return edit, false, errors.New("the program drops a member: it yields the whole object, and sets a field to {} to clear it")
	}
	for _, state := range fields {
		changes = changes || !metadata.Equal(*state[0], *state[1])
	}
	edit = bulk.Entity(one.ID).Edit(was, now)
	return edit, changes, edit.Check()
}

// tree returns the members of a field, nil for one that is null.
func tree(o metadata.Object) (any, error) {
	if o.IsNull() {
		return nil, nil //nolint:nilnil // null
	}
	return o.Map()
}

// objectOf is the inverse of tree.
func objectOf(value any) (metadata.Object, error) {
	if value == nil {
		return metadata.Null().Object()
	}
	return metadata.Of(value).Object()
}
