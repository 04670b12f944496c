package bulk

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/kinds"
)

// execute applies the change of a result. It reads the entity first where the change
// needs it.
func execute(ctx context.Context, c *client.Client, r *Result, skipUnchanged bool) {
	change := r.Change
	if r.Err = change.valid(); r.Err != nil {
		r.Outcome = Failed
		return
	}
	id := entity.ID(change.entity)
	store := kinds.Store{Users: c.Users, Organizations: c.Organizations}
	f := foresight{patches: change.patches}
	switch {
	case skipUnchanged || change.nested():
		var stored *entity.Record
		if stored, r.Err = store.Get(ctx, id); r.Err == nil {
			f, r.Err = change.foresee(stored, c.MaxFieldSize())
		}
	case change.verb == Unset:
		f.patches, r.Err = change.removal(nil)
	}
	r.Diff, r.Before = f.diff, stateOf(f.before)
	switch {
	case r.Err != nil:
		r.Outcome = Failed
		return
	case f.diff != nil && f.diff.Empty():
		r.Outcome, r.After = Unchanged, r.Before
		return
	}
	written, err := send(ctx, store, id, change, f.patches)
	r.Outcome, r.After, r.Err = outcomeOf(err), stateOf(written), err
}

// send makes the request of a change.
func send(ctx context.Context, store kinds.Store, id entity.ID, change Change, patches entity.Patches) (*entity.Record, error) {
	if change.verb == Replace {
		return store.Replace(ctx, id, change.values)
	}
	for i := range patches {
		if len(patches[i]) == 0 {
			patches[i] = nil
		}
	}
	return store.Patch(ctx, id, patches)
}
