package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// editHelp is the help of the commands that write.
const editHelp = `The command prints what would change on standard error: + is a new key, - is
one that goes, ~ is another value. With a live key it then asks; --yes answers
beforehand, and without a terminal to ask on it writes nothing. If nothing
would change it sends nothing. --dry-run reads, prints the request that would
follow, and does not send it. Values of private metadata are shown with
--show-private only.

` + pathHelp + `

` + keyHelp

// newEditing is newOne for a command that writes: it plans one change, shows it with its
// values, asks if necessary, and applies it.
func newEditing(cmd *cobra.Command, env Env, k *kind) *one {
	o := newOne(cmd, env, k)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask before writing with a live key")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "print the request that would be sent, and do not send it")
	return o
}

// edits makes cmd write one field. Before any request, parse returns the change to make for
// an entity.
func (o *one) edits(cmd *cobra.Command, parse func(args []string, f field) (func(bulk.Entity) bulk.Change, error)) *cobra.Command {
	o.oneField(cmd)
	return o.runs(cmd, func(ctx context.Context, args []string) error {
		f := o.fields()[0]
		change, err := parse(args, f)
		if err != nil {
			return err
		}
		c, key, err := o.open()
		if err != nil {
			return err
		}
		id, err := o.target(ctx, c, args)
		if err != nil {
			return err
		}
		return o.make(ctx, c, key, change(bulk.Entity(id)), []field{f})
	})
}

// make plans a change of some fields, shows it, asks and applies it.
func (o *one) make(ctx context.Context, c *client.Client, key client.Key, change bulk.Change, fields []field) error {
	id := entity.ID(change.Entity())
	planned, err := plannedEdit(ctx, c, change)
	if err != nil {
		return &about{id, err}
	}
	before := recordOf(id, planned.Before)
	text, err := missing(before.Objects[fields[0]], o.unset)
	if err != nil {
		return err
	}
	if planned.Outcome == bulk.Unchanged {
		if _, err := fmt.Fprint(o.Stderr, text+"nothing to change, nothing sent\n"); err != nil || o.dryRun {
			return err
		}
		return o.print(o.entity(before, fields))
	}
	for _, f := range fields {
		lines, err := o.differences(f, before, recordOf(id, planned.After))
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			title := visible(fmt.Sprintf("%s of %s:", f.json(), id))
			text += o.paint(o.Stderr).text(title, heading) + "\n" + o.signed(o.Stderr, lines, "  ")
		}
	}
	if _, err := fmt.Fprint(o.Stderr, text); err != nil {
		return err
	}
	if o.dryRun {
		return o.record(ctx, change)
	}
	if err := o.approve(key, o.yes, o.asks, "Write this", "--dry-run"); err != nil {
		return err
	}
	applied, err := applyOne(ctx, c, change)
	if err != nil {
		return &about{id, err}
	}
	return o.print(o.entity(recordOf(id, applied.After), fields))
}

// plannedEdit plans one change, and reads the entity in any case.
func plannedEdit(ctx context.Context, c *client.Client, change bulk.Change) (bulk.Result, error) {
	if err := change.Check(); err != nil {
		return bulk.Result{}, failed(ExitInvalid, "%w", err)
	}
	planned, err := only(bulk.Plan(ctx, c, justOne(change), bulk.PlanParams{}))
	if err != nil || planned.Before != nil {
		return planned, err
	}
	// A plan reads nothing for an empty patch.
	found, err := get(ctx, c, entity.ID(change.Entity()))
	if err == nil {
		planned.Before = stateOf(found)
	}
	return planned, err
}

// target returns the entity to be written, an organization by its id: Clerk reads it by its
// slug too.
func (o *one) target(ctx context.Context, c *client.Client, args []string) (entity.ID, error) {
	id, err := o.kind.find(ctx, c, args)
	if err != nil || id.Kind() != entity.Organization || !entity.IsSlug(id.OrganizationID) {
		return id, err
	}
	found, err := get(ctx, c, id)
	if err != nil {
		return id, err
	}
	return found.ID, nil
}

func justOne(change bulk.Change) iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) { yield(change, nil) }
}

// only returns the one result of a walk.
func only(results iter.Seq2[bulk.Result, error]) (bulk.Result, error) {
	for r, err := range results {
		return r, cmp.Or(err, r.Err)
	}
	return bulk.Result{}, errors.New("there is no result") // a walk of one change has one
}

func applyOne(ctx context.Context, c *client.Client, change bulk.Change) (bulk.Result, error) {
	return only(bulk.Apply(ctx, c, justOne(change), bulk.ApplyParams{Workers: 1, SkipUnchanged: true}))
}

func (o *one) record(ctx context.Context, change bulk.Change) error {
	r := &recorder{}
	c, key, err := o.open(client.WithHTTPClient(&http.Client{Transport: r}), client.WithRetry(client.Retry{MaxRetries: client.None}))
	if err != nil {
		return err
	}
	if _, err := applyOne(ctx, c, change); r.request == nil {
		return err
	}
	return o.print(r.show(o, key))
}

func newPatch(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "patch IDS",
		Short: "Merge values into a field of ONE",
		Long: `Merge values into a metadata field: objects are merged at every level, null in
--json or --set removes a key, and any other value replaces the stored one.

` + editHelp,
		Example: `  clerkmeta PLURAL patch SAMPLE --public --set role=shopper --set limits.seats=5
  clerkmeta PLURAL patch SAMPLE --private --json @billing.json --dry-run
  echo '{"trial": null}' | clerkmeta PLURAL patch SAMPLE --private --json - --yes`,
	}
	o := newEditing(cmd, env, k)
	v := valueFlags(cmd, k, o.connection)
	return o.edits(cmd, func(_ []string, f field) (func(bulk.Entity) bulk.Change, error) {
		patch, err := v.patch()
		return func(of bulk.Entity) bulk.Change { return of.Patch(f.patch(patch)) }, err
	})
}

func newReplace(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replace IDS",
		Short: "Make a field of ONE exactly what is given",
		Long: `Make a metadata field exactly what is given: all other keys are removed, and a
null is stored as data. --json {} clears the field.

` + editHelp,
		Example: `  clerkmeta PLURAL replace SAMPLE --public --json '{"role": "shopper"}'
  clerkmeta PLURAL replace SAMPLE --private --json @private.json --dry-run`,
	}
	o := newEditing(cmd, env, k)
	v := valueFlags(cmd, k, o.connection)
	return o.edits(cmd, func(_ []string, f field) (func(bulk.Entity) bulk.Change, error) {
		value, err := v.value()
		return func(of bulk.Entity) bulk.Change { return of.Replace(f.value(value)) }, err
	})
}

func newUnset(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unset IDS PATH...",
		Short: "Remove keys from a field of ONE",
		Long: `Remove keys from a metadata field. The command reports a path that does not
exist, which is no error.

` + editHelp,
		Example: "  clerkmeta PLURAL unset SAMPLE --private billing.trial legacyId",
	}
	o := newEditing(cmd, env, k)
	return o.edits(cmd, func(args []string, f field) (func(bulk.Entity) bulk.Change, error) {
		var pointers []string
		for _, arg := range args[k.count():] {
			path, err := parsePath(arg)
			if err != nil {
				return nil, failed(ExitUsage, "%w", err)
			}
			o.unset, pointers = append(o.unset, path), append(pointers, f.json()+pointer.Of(path...))
		}
		return func(of bulk.Entity) bulk.Change { return of.Unset(pointers...) }, nil
	})
}

func missing(stored metadata.Object, paths [][]string) (string, error) {
	if len(paths) == 0 {
		return "", nil
	}
	members, err := stored.Map()
	if err != nil {
		return "", fmt.Errorf("the stored metadata cannot be read: %w", err)
	}
	text := ""
	for _, path := range paths {
		if _, found := pointer.Lookup(members, path); !found {
			text += dotted(path) + " does not exist\n"
		}
	}
	return text, nil
}
