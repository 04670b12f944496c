package cli

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// editHelp is the help of the commands that write.
const editHelp = `What would change is shown on standard error: + is new, - is gone, ~ is another
value. With a live key you are then asked; --yes says yes beforehand, and where
there is no terminal to ask on nothing is written without it. Where nothing would
change nothing is sent. --dry-run reads, prints the request that would follow, and
does not send it. Values of private metadata are shown with --show-private only.

` + pathHelp + `

` + keyHelp

// fieldChoice is the flags that name fields.
type fieldChoice struct {
	given []*bool // by field
}

func fieldFlags(cmd *cobra.Command, k *kind) *fieldChoice {
	c := &fieldChoice{}
	for i, name := range k.Fields() {
		c.given = append(c.given, cmd.Flags().Bool(field(i).String(), false, "the field "+name))
	}
	return c
}

// names returns the flags' names.
func (c *fieldChoice) names() []string {
	names := make([]string, len(c.given))
	for i := range names {
		names[i] = field(i).String()
	}
	return names
}

// chosen returns the fields named, all of them for none.
func (c *fieldChoice) chosen() []field {
	var all, chosen []field
	for i, given := range c.given {
		all = append(all, field(i))
		if *given {
			chosen = append(chosen, field(i))
		}
	}
	if chosen == nil {
		return all
	}
	return chosen
}

// newEntity returns the command of a kind, with all that can be done to one.
func newEntity(env Env, k *kind) *cobra.Command {
	cmd := group(k.plural, "Read and write the metadata of "+k.one(), newGet(env, k), newPatch(env, k), newUnset(env, k), newEdit(env, k), newDiff(env, k))
	if k.Kind != entity.Membership { // of which Clerk has no PUT
		cmd.AddCommand(newReplace(env, k))
	}
	return cmd
}

// withIDs completes a command that takes the kind's ids. It refuses an empty argument: a
// membership without one of its ids would be a user or an organization.
func (k *kind) withIDs(cmd *cobra.Command, run func(ctx context.Context, args []string) error) *cobra.Command {
	cmd.Args = arguments
	cmd.Example = strings.NewReplacer("PLURAL", k.plural, "IDS", k.sample).Replace(cmd.Example)
	cmd.ValidArgsFunction = k.completeArgument
	names := strings.Fields(cmd.Use)[1:]
	cmd.RunE = command(func(ctx context.Context, args []string) error {
		if i := slices.Index(args, ""); i >= 0 {
			return failed(ExitInvalid, "%s is empty", strings.TrimSuffix(names[min(i, len(names)-1)], "..."))
		}
		return run(ctx, args)
	})
	return cmd
}

func newGet(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get " + k.ids + "...",
		Short: "Print the metadata of " + k.one() + ", or of several",
		Long: `Print the metadata, all fields unless some are named. Values of private metadata
are shown with --show-private only; --output json prints one line for each, and
leaves the field out without it.

` + keyHelp,
		Example: `  clerkmeta PLURAL get IDS
  clerkmeta PLURAL get IDS --private --show-private --output json`,
	}
	conn, view, fields := connectionFlags(cmd, env), viewFlags(cmd, env), fieldFlags(cmd, k)
	return k.withIDs(cmd, func(ctx context.Context, args []string) error {
		c, _, err := conn.open()
		if err != nil {
			return err
		}
		within, names := args[:k.count()-1], args[k.count()-1:]
		var missing []string
		var first error
		for i, name := range names {
			found, err := get(ctx, c, k.id(slices.Concat(within, []string{name})))
			if errors.Is(err, clerkerr.ErrNotFound) {
				missing, first = append(missing, name), cmp.Or(first, err)
				continue
			}
			if err != nil {
				return err
			}
			text, err := view.entity(found, fields.chosen())
			if i > len(missing) && !view.json() {
				text = append([]byte("\n"), text...)
			}
			if err := env.print(text, err); err != nil {
				return err
			}
		}
		if len(missing) < 2 {
			return first
		}
		return failed(ExitNotFound, "no %s at %s has one of these ids: %s", k, env.to, strings.Join(missing, ", "))
	})
}

func newDiff(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff " + k.ids,
		Short: "Compare a field of " + k.one() + " with a document",
		Long: `Compare what is stored in a metadata field with a document, and print what leads
from the one to the other: + is to be added, - to be removed, ~ to become another
value. --output json prints the merge patch, as patch --json takes it; of private
metadata that needs --show-private.

Both are exit code 0 unless --exit-code makes a difference 13.

` + keyHelp,
		Example: `  clerkmeta PLURAL diff IDS --public --json @wanted.json
  clerkmeta PLURAL diff IDS --public --json @wanted.json --output json > patch.json`,
	}
	conn, view, fields := connectionFlags(cmd, env), viewFlags(cmd, env), fieldFlags(cmd, k)
	v := documentFlag(cmd, conn)
	pick(cmd, 1, 1, fields.names()...)
	pick(cmd, 1, 1, "json")
	asExit := cmd.Flags().Bool("exit-code", false, "end with exit code 13 where there is a difference")
	return k.withIDs(cmd, func(ctx context.Context, ids []string) error {
		f := fields.chosen()[0]
		if view.json() && !view.shows(f) {
			return failed(ExitUsage, "the merge patch of private metadata holds its values").hint("pass --show-private, or --output table")
		}
		value, err := v.value()
		if err != nil {
			return err
		}
		wanted, err := value.Object()
		if err != nil {
			return err
		}
		c, _, err := conn.open()
		if err != nil {
			return err
		}
		stored, err := get(ctx, c, k.id(ids))
		if err != nil {
			return err
		}
		different, err := view.difference(env, f, stored, wanted)
		if err == nil && different && *asExit {
			return failed(ExitDifferent, "different")
		}
		return err
	})
}

// difference prints what leads from the state of a field to another.
func (v *view) difference(env Env, f field, stored *entity.Record, wanted metadata.Object) (bool, error) {
	after := *stored
	after.Objects[f] = wanted
	diff, err := bulk.Compare(stateOf(stored), stateOf(&after))
	if err != nil {
		return false, err
	}
	lines, err := v.differences(f, diff, stored, &after)
	text := []byte(env.signed(env.Stdout, lines, ""))
	if v.json() {
		patch, diffErr := metadata.Diff(stored.Objects[f], wanted)
		if diffErr != nil {
			return false, failed(ExitInvalid, "no merge patch leads there: %w", diffErr)
		}
		text, err = lineOf(patch)
		text = env.harmless(env.Stdout, text)
	}
	return !diff.Empty(), env.print(text, err)
}
