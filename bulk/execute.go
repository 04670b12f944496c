package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/kinds"
)

// storeOf returns the entities of a client.
func storeOf(c *client.Client) kinds.Store {
	return kinds.Store{Users: c.Users, Organizations: c.Organizations}
}

// errUndoLog reports that a change was not sent, since its note cannot be written.
var errUndoLog = errors.New("the undo log cannot be written")

// execute applies the change of a result. It reads the entity first where the change or the
// parameters need it.
func execute(ctx context.Context, c *client.Client, r *Result, params ApplyParams) {
	change, id, store := r.Change, entity.ID(r.Change.entity), storeOf(c)
	r.Outcome, r.Err = Failed, cmp.Or(change.valid(), change.unresolved)
	f := foresight{patches: change.patches}
	switch {
	case r.Err != nil:
	case params.SkipUnchanged || params.UndoLog != nil || change.needsRead():
		var stored *entity.Record
		if stored, r.Err = store.Get(ctx, id); r.Err == nil {
			f, r.Err = change.foresee(stored, c.MaxFieldSize())
		}
	case change.verb == Unset:
		f.patches, r.Err = change.removal(nil)
	}
	r.Diff, r.Before, r.Kept = f.diff, stateOf(f.before), f.kept
	if r.Err != nil {
		r.Outcome = refusalOf(r.Err)
		return
	}
	if f.diff != nil && f.diff.Empty() {
		r.Outcome, r.After = Unchanged, r.Before
		return
	}
	if params.UndoLog != nil {
		if err := params.UndoLog.Note(change.entity.Undo(*r.Before, *stateOf(f.after))); err != nil {
			r.Outcome, r.Err = Failed, fmt.Errorf("%w: %w", errUndoLog, err)
			return
		}
	}
	var written *entity.Record
	if change.verb == Replace {
		written, r.Err = store.Replace(ctx, id, change.values)
	} else {
		for i := range f.patches {
			if len(f.patches[i]) == 0 {
				f.patches[i] = nil
			}
		}
		written, r.Err = store.Patch(ctx, id, f.patches)
	}
	r.Outcome, r.After = outcomeOf(r.Err), stateOf(written)
}
