package bulk

import (
	"slices"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/difference"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// foresight is the effect of a change on an entity that was read.
type foresight struct {
	// patches are to be sent, unless the change is a replacement.
	patches       entity.Patches
	before, after *entity.Record
	diff          *Diff
	kept          *Kept
}

// foresee returns the effect of the change on stored. The error is why it cannot be made:
// clerkerr.ErrInvalidArgument as the call would return it, with clerkerr.ErrTooLarge for a
// field over limit bytes (0 is no limit), or a *ConflictError. A change without effect is
// not measured, since it is not sent.
func (c Change) foresee(stored *entity.Record, limit int) (foresight, error) {
	after := *stored
	f := foresight{patches: c.patches, before: stored, after: &after}
	var err error
	switch c.verb {
	case Patch, Replace:
	case Unset:
		f.patches, err = c.removal(&stored.Objects)
	case Edit:
		f.patches, err = c.rebase(&stored.Objects)
	case Undo:
		f.patches, f.kept, err = c.revert(&stored.Objects)
	}
	if err != nil {
		return f, err
	}
	for i := range after.Objects {
		if patch := f.patches[i]; len(patch) > 0 {
			after.Objects[i], err = metadata.Merge(stored.Objects[i], patch)
		} else if !c.values[i].IsZero() {
			after.Objects[i], err = c.values[i].Object()
		}
		if err != nil {
			return f, clerkerr.Invalid(operation, entity.Field(i), err)
		}
	}
	if f.diff, err = diff(stored.Objects, after.Objects); err != nil || f.diff.Empty() {
		return f, err
	}
	for i, object := range after.Objects {
		if len(f.patches[i]) == 0 && c.values[i].IsZero() {
			continue
		}
		if err := request.MergedSize(operation, entity.Field(i), object, limit); err != nil {
			return f, err
		}
	}
	return f, nil
}

// Compare returns the diff from one state of an entity to another, as Plan reports it. It
// fails if metadata cannot be read, and with clerkerr.ErrInvalidArgument for a nil state.
func Compare(from, to *State) (*Diff, error) {
	if from == nil || to == nil {
		return nil, clerkerr.Invalid("bulk.Compare", "state", errNil)
	}
	return diff(from.objects(), to.objects())
}

// diff is Compare for the fields alone.
func diff(from, to entity.Objects) (*Diff, error) {
	d := &Diff{}
	for i := range from {
		if err := d.compare(entity.Field(i), from[i], to[i]); err != nil {
			return nil, err
		}
	}
	for _, paths := range [][]string{d.Added, d.Changed, d.Removed} {
		slices.Sort(paths)
	}
	return d, nil
}

// compare adds the differences of one field.
func (d *Diff) compare(field string, from, to metadata.Object) error {
	all, err := difference.Of(from, to)
	for _, at := range all {
		path := field + pointer.Of(at.Path...)
		switch at.Sign {
		case difference.Added:
			d.Added = append(d.Added, path)
		case difference.Removed:
			d.Removed = append(d.Removed, path)
		default:
			d.Changed = append(d.Changed, path)
		}
	}
	return err
}
