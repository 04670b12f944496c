package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// edit is a command that changes one field of one entity: it reads the entity,
// shows what would become another, asks where it has to, and writes.
type edit struct {
	*connection
	*view
	kind   *kind
	field  *fieldChoice
	yes    bool
	dryRun bool
}

// change is a write that is ready: what the field should then hold, as far as
// what was read tells, and how to get there.
type change struct {
	after metadata.Object
	// send writes to the ids of the entity that was read.
	send func(ctx context.Context, c *client.Client, ids []string) (entity, error)
}

func editFlags(cmd *cobra.Command, env Env, k *kind) *edit {
	e := &edit{connection: connectionFlags(cmd, env), view: viewFlags(cmd), kind: k, field: fieldFlags(cmd, k)}
	cmd.MarkFlagsOneRequired(e.field.names()...)
	cmd.MarkFlagsMutuallyExclusive(e.field.names()...)
	cmd.Flags().BoolVar(&e.yes, "yes", false, "do not ask before writing with a live key")
	cmd.Flags().BoolVar(&e.dryRun, "dry-run", false, "print the request that would be sent, and do not send it")
	return e
}

// run makes the change that plan finds for what is stored.
func (e *edit) run(ctx context.Context, ids []string, plan func(f field, stored metadata.Object) (change, error)) error {
	c, key, err := e.open()
	if err != nil {
		return err
	}
	f := e.field.chosen()[0]
	stored, err := e.kind.get(ctx, c, ids)
	if err != nil {
		return err
	}
	planned, err := plan(f, stored.fields[f])
	if err != nil {
		return err
	}
	changes, err := e.changes(f, stored.fields[f], planned.after)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		if _, err := fmt.Fprintln(e.Stderr, "nothing to change, nothing sent"); err != nil || e.dryRun {
			return err
		}
		return e.print(stored, f)
	}
	if err := request.MergedSize(e.kind.plural, f.json(), planned.after, c.MaxFieldSize()); err != nil {
		return err
	}
	heading := fmt.Sprintf("%s of %s %s:", f.json(), e.kind.noun, visible(stored.called()))
	if _, err := fmt.Fprintf(e.Stderr, "%s\n  %s\n", heading, strings.Join(changes, "\n  ")); err != nil {
		return err
	}
	if e.dryRun {
		return e.record(ctx, planned, stored.writeIDs(ids))
	}
	if err := e.approve(ctx, key, e.yes, "Write this"); err != nil {
		return err
	}
	written, err := planned.send(ctx, c, stored.writeIDs(ids))
	if err != nil {
		return advised(err)
	}
	return e.print(written, f)
}

// print prints the entity after the change: the field that was changed.
func (e *edit) print(now entity, f field) error {
	text, err := e.entity(now, []field{f})
	if err != nil {
		return err
	}
	_, err = e.Stdout.Write(text)
	return err
}

// record prints the request of a change. The key is read once only, since
// standard input can hold it.
func (e *edit) record(ctx context.Context, planned change, ids []string) error {
	r := &recorder{}
	c, key, err := e.open(client.WithHTTPClient(&http.Client{Transport: r}), client.WithRetry(client.Retry{MaxRetries: client.None}))
	if err != nil {
		return err
	}
	if _, err := planned.send(ctx, c, ids); r.request == nil {
		return err
	}
	text, err := r.show(e.view, key)
	if err != nil {
		return err
	}
	_, err = e.Stdout.Write(text)
	return err
}

// advised adds to the error of a write whose fate is unknown what to do.
func advised(err error) error {
	var e *clerkerr.Error
	if errors.As(err, &e) && e.Outcome == clerkerr.OutcomeUnknown {
		return fmt.Errorf("%w; run it again: it reads first, and sends only what is still to change", err)
	}
	return err
}

func newPatch(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "patch " + k.usage(),
		Short: "Merge values into a field of " + k.one(),
		Long: `Merge values into a metadata field. Objects are merged at every level, null in
--json or --set removes a key, everything else replaces what is there.

` + editHelp,
		Example: strings.ReplaceAll(`  clerkmeta PLURAL patch IDS --public --set role=shopper --set limits.seats=5
  clerkmeta PLURAL patch IDS --private --json @billing.json --dry-run
  echo '{"trial": null}' | clerkmeta PLURAL patch IDS --private --json - --yes`, "PLURAL", k.plural),
	}
	e := editFlags(cmd, env, k)
	v := valueFlags(cmd, e.connection)
	return k.withIDs(cmd, 0, func(ctx context.Context, args []string) error {
		patch, err := v.patch()
		if err != nil {
			return err
		}
		return e.run(ctx, args, func(f field, stored metadata.Object) (change, error) {
			return e.patching(f, stored, patch)
		})
	})
}

func newUnset(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "unset " + k.usage() + " PATH...",
		Short: "Remove keys from a field of " + k.one(),
		Long: `Remove keys from a metadata field. A path that is not there is told, and is no
error.

` + editHelp,
		Example: strings.ReplaceAll("  clerkmeta PLURAL unset IDS --private billing.trial legacyId", "PLURAL", k.plural),
	}
	e := editFlags(cmd, env, k)
	return k.withIDs(cmd, 1, func(ctx context.Context, args []string) error {
		var paths [][]string
		for _, arg := range args[len(k.ids):] {
			path, err := parsePath(arg)
			if err != nil {
				return failed(ExitUsage, "%w", err)
			}
			paths = append(paths, path)
		}
		return e.run(ctx, args[:len(k.ids)], func(f field, stored metadata.Object) (change, error) {
			patch, missing, err := removal(stored, paths)
			if err != nil {
				return change{}, err
			}
			for _, path := range missing {
				_, _ = fmt.Fprintf(e.Stderr, "%s is not there\n", dotted(path)) // a note
			}
			return e.patching(f, stored, patch)
		})
	})
}

// patching is the change that a merge patch makes.
func (e *edit) patching(f field, stored metadata.Object, patch metadata.Patch) (change, error) {
	after, err := metadata.Merge(stored, patch)
	return change{after, func(ctx context.Context, c *client.Client, ids []string) (entity, error) {
		return e.kind.patch(ctx, c, ids, f, patch)
	}}, err
}

func newReplace(env Env, k *kind) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replace " + k.usage(),
		Short: "Make a field of " + k.one() + " exactly what is given",
		Long: `Make a metadata field exactly what is given. Keys that are not given are gone,
whoever wrote them, and a null is stored as data. --json {} clears the field.

` + editHelp,
		Example: strings.ReplaceAll(`  clerkmeta PLURAL replace IDS --public --json '{"role": "shopper"}'
  clerkmeta PLURAL replace IDS --private --json @private.json --dry-run`, "PLURAL", k.plural),
	}
	e := editFlags(cmd, env, k)
	v := valueFlags(cmd, e.connection)
	return k.withIDs(cmd, 0, func(ctx context.Context, args []string) error {
		value, err := v.value()
		if err != nil {
			return err
		}
		return e.run(ctx, args, func(f field, _ metadata.Object) (change, error) {
			after, err := value.Object()
			return change{after, func(ctx context.Context, c *client.Client, ids []string) (entity, error) {
				return e.kind.replace(ctx, c, ids, f, value)
			}}, err
		})
	})
}
