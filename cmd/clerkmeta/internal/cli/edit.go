package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// edit is a command that changes one entity: it plans one change, shows it with its values,
// asks if necessary, and applies it.
type edit struct {
	*connection
	*view

	kind   *kind
	field  *fieldChoice
	yes    bool
	dryRun bool
	asks   bool // on a terminal, with any key
}

func editFlags(cmd *cobra.Command, env Env, k *kind) *edit {
	e := &edit{connection: connectionFlags(cmd, env), view: viewFlags(cmd, env), kind: k, field: fieldFlags(cmd, k)}
	cmd.Flags().BoolVar(&e.yes, "yes", false, "do not ask before writing with a live key")
	cmd.Flags().BoolVar(&e.dryRun, "dry-run", false, "print the request that would be sent, and do not send it")
	return e
}

// oneField is editFlags for a command that changes one field.
func oneField(cmd *cobra.Command, env Env, k *kind) *edit {
	e := editFlags(cmd, env, k)
	pick(cmd, 1, 1, e.field.names()...)
	return e
}

// run makes the change that of returns for the entity and the field. The text of noted,
// unless it is nil, precedes the differences.
func (e *edit) run(ctx context.Context, args []string, of func(bulk.Entity, field) bulk.Change, noted func(metadata.Object) (string, error)) error {
	c, key, err := e.open()
	if err != nil {
		return err
	}
	id, err := e.target(ctx, c, args)
	if err != nil {
		return err
	}
	f := e.field.chosen()[0]
	return e.make(ctx, c, key, of(bulk.Entity(id), f), []field{f}, noted)
}

// make plans a change of some fields, shows it, asks and applies it.
func (e *edit) make(ctx context.Context, c *client.Client, key client.Key, change bulk.Change, fields []field, noted func(metadata.Object) (string, error)) error {
	id := entity.ID(change.Entity())
	planned, err := plannedEdit(ctx, c, change)
	if err != nil {
		return &about{id, err}
	}
	before := recordOf(id, planned.Before)
	text := ""
	if noted != nil {
		if text, err = noted(before.Objects[fields[0]]); err != nil {
			return err
		}
	}
	if planned.Outcome == bulk.Unchanged {
		if _, err := fmt.Fprint(e.Stderr, text+"nothing to change, nothing sent\n"); err != nil || e.dryRun {
			return err
		}
		return e.print(e.entity(before, fields))
	}
	for _, f := range fields {
		lines, err := e.differences(f, planned.Diff, before, recordOf(id, planned.After))
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			title := visible(fmt.Sprintf("%s of %s:", f.json(), id))
			text += e.paint(e.Stderr).text(title, heading) + "\n" + e.signed(e.Stderr, lines, "  ")
		}
	}
	if _, err := fmt.Fprint(e.Stderr, text); err != nil {
		return err
	}
	if e.dryRun {
		return e.record(ctx, change)
	}
	if err := e.approve(key, e.yes, e.asks, "Write this", "--dry-run"); err != nil {
		return err
	}
	applied, err := only(bulk.Apply(ctx, c, one(change), bulk.ApplyParams{Workers: 1, SkipUnchanged: true}))
	if err != nil {
		return &about{id, err}
	}
	return e.print(e.entity(recordOf(id, applied.After), fields))
}

// plannedEdit plans one change, and reads the entity in any case.
func plannedEdit(ctx context.Context, c *client.Client, change bulk.Change) (bulk.Result, error) {
	if err := change.Check(); err != nil {
		return bulk.Result{}, failed(ExitInvalid, "%w", err)
	}
	planned, err := only(bulk.Plan(ctx, c, one(change), bulk.PlanParams{}))
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
func (e *edit) target(ctx context.Context, c *client.Client, args []string) (entity.ID, error) {
	id := e.kind.id(args)
	if id.Kind() != entity.Organization || !entity.IsSlug(id.OrganizationID) {
		return id, nil
	}
	found, err := get(ctx, c, id)
	if err != nil {
		return id, err
	}
	return found.ID, nil
}

// one yields one change.
func one(change bulk.Change) iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) { yield(change, nil) }
}

// only returns the one result of a walk.
func only(results iter.Seq2[bulk.Result, error]) (bulk.Result, error) {
	for r, err := range results {
		return r, cmp.Or(err, r.Err)
	}
	return bulk.Result{}, errors.New("there is no result") // a walk of one change has one
}

// record prints the request of a change.
func (e *edit) record(ctx context.Context, change bulk.Change) error {
	r := &recorder{}
	c, key, err := e.open(client.WithHTTPClient(&http.Client{Transport: r}), client.WithRetry(client.Retry{MaxRetries: client.None}))
	if err != nil {
		return err
	}
	if _, err := only(bulk.Apply(ctx, c, one(change), bulk.ApplyParams{Workers: 1, SkipUnchanged: true})); r.request == nil {
		return err
	}
	return e.print(r.show(e.view, key))
}

func newPatch(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "patch " + k.ids,
		Short: "Merge values into a field of " + k.one(),
		Long: `Merge values into a metadata field. Objects are merged at every level, null in
--json or --set removes a key, everything else replaces what is there.

` + editHelp,
		Example: `  clerkmeta PLURAL patch IDS --public --set role=shopper --set limits.seats=5
  clerkmeta PLURAL patch IDS --private --json @billing.json --dry-run
  echo '{"trial": null}' | clerkmeta PLURAL patch IDS --private --json - --yes`,
	}
	e := oneField(cmd, env, k)
	v := valueFlags(cmd, k, e.connection)
	return k.withIDs(cmd, func(ctx context.Context, args []string) error {
		patch, err := v.patch()
		if err != nil {
			return err
		}
		return e.run(ctx, args, func(of bulk.Entity, f field) bulk.Change { return of.Patch(f.patch(patch)) }, nil)
	})
}

func newUnset(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unset " + k.ids + " PATH...",
		Short: "Remove keys from a field of " + k.one(),
		Long: `Remove keys from a metadata field. A path that does not exist is reported, and is no
error.

` + editHelp,
		Example: "  clerkmeta PLURAL unset IDS --private billing.trial legacyId",
	}
	e := oneField(cmd, env, k)
	return k.withIDs(cmd, func(ctx context.Context, args []string) error {
		var paths [][]string
		for _, arg := range args[k.count():] {
			path, err := parsePath(arg)
			if err != nil {
				return failed(ExitUsage, "%w", err)
			}
			paths = append(paths, path)
		}
		unset := func(of bulk.Entity, f field) bulk.Change {
			pointers := make([]string, len(paths))
			for i, path := range paths {
				pointers[i] = f.json() + pointer.Of(path...)
			}
			return of.Unset(pointers...)
		}
		return e.run(ctx, args[:k.count()], unset, func(stored metadata.Object) (string, error) { return missing(stored, paths) })
	})
}

// missing returns a line for each path that a field does not have.
func missing(stored metadata.Object, paths [][]string) (string, error) {
	members, err := stored.Map()
	if err != nil {
		return "", fmt.Errorf("what is stored cannot be read: %w", err)
	}
	var b strings.Builder
	for _, path := range paths {
		if _, found := pointer.Lookup(members, path); !found {
			b.WriteString(dotted(path) + " is not there\n")
		}
	}
	return b.String(), nil
}

func newReplace(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replace " + k.ids,
		Short: "Make a field of " + k.one() + " exactly what is given",
		Long: `Make a metadata field exactly what is given. All other keys are
removed, and a null is stored as data. --json {} clears the field.

` + editHelp,
		Example: `  clerkmeta PLURAL replace IDS --public --json '{"role": "shopper"}'
  clerkmeta PLURAL replace IDS --private --json @private.json --dry-run`,
	}
	e := oneField(cmd, env, k)
	v := valueFlags(cmd, k, e.connection)
	return k.withIDs(cmd, func(ctx context.Context, args []string) error {
		value, err := v.value()
		if err != nil {
			return err
		}
		return e.run(ctx, args, func(of bulk.Entity, f field) bulk.Change { return of.Replace(f.value(value)) }, nil)
	})
}
