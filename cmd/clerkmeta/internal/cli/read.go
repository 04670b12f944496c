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

func newGet(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get IDS...",
		Short: "Print the metadata of ONE, or of several",
		Long: `Print the metadata: the fields that flags name, or all of them. Values of
private metadata are shown with --show-private only. --output json prints one
line for each, and leaves private metadata out without --show-private.

` + keyHelp,
		Example: `  clerkmeta PLURAL get SAMPLE
  clerkmeta PLURAL get SAMPLE --private --show-private --output json`,
	}
	o := newOne(cmd, env, k)
	return o.runs(cmd, o.get)
}

func (o *one) get(ctx context.Context, args []string) error {
	c, _, err := o.open()
	if err != nil {
		return err
	}
	last := o.kind.count() - 1
	var missing []string
	var first error
	for i, name := range args[last:] {
		found, err := o.kind.read(ctx, c, slices.Concat(args[:last], []string{name}))
		if errors.Is(err, clerkerr.ErrNotFound) {
			missing, first = append(missing, name), cmp.Or(first, err)
			continue
		}
		if err != nil {
			return err
		}
		text, err := o.entity(found, o.fields())
		if i > len(missing) && !o.json() {
			text = append([]byte("\n"), text...)
		}
		if err := o.print(text, err); err != nil {
			return err
		}
	}
	if len(missing) < 2 {
		return first
	}
	return failed(ExitNotFound, "no %s at %s has one of these ids: %s", o.kind, o.to, strings.Join(missing, ", "))
}

func newDiff(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff IDS",
		Short: "Compare a field of ONE with a document",
		Long: `Compare a stored metadata field with a document, and print how the document
differs: + is a new key, - is one that it lacks, ~ is another value. --output
json prints the merge patch that leads there, which patch --json takes; for
private metadata that requires --show-private.

The exit code is 0 with or without a difference. With --exit-code a difference
is 13.

` + keyHelp,
		Example: `  clerkmeta PLURAL diff SAMPLE --public --json @wanted.json
  clerkmeta PLURAL diff SAMPLE --public --json @wanted.json --output json > patch.json`,
	}
	o := newOne(cmd, env, k)
	o.oneField(cmd)
	v := documentFlag(cmd, o.connection)
	pick(cmd, 1, 1, "json")
	asExit := cmd.Flags().Bool("exit-code", false, "end with exit code 13 if there is a difference")
	return o.runs(cmd, func(ctx context.Context, ids []string) error {
		f := o.fields()[0]
		if o.json() && !o.shows(f) {
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
		c, _, err := o.open()
		if err != nil {
			return err
		}
		stored, err := k.read(ctx, c, ids)
		if err != nil {
			return err
		}
		different, err := o.difference(f, stored, wanted)
		if err == nil && different && *asExit {
			return failed(ExitDifferent, "different")
		}
		return err
	})
}

func (o *one) difference(f field, stored *entity.Record, wanted metadata.Object) (bool, error) {
	after := *stored
	after.Objects[f] = wanted
	diff, err := bulk.Compare(stateOf(stored), stateOf(&after))
	if err != nil {
		return false, err
	}
	if !o.json() {
		lines, err := o.differences(f, stored, &after)
		return !diff.Empty(), o.print([]byte(o.signed(o.Stdout, lines, "")), err)
	}
	patch, err := metadata.Diff(stored.Objects[f], wanted)
	if err != nil {
		return false, failed(ExitInvalid, "no merge patch leads there: %w", err)
	}
	return !diff.Empty(), o.writeJSON(o.Stdout, patch)
}
