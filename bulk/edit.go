package bulk

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Edit returns the change that makes of an entity what now has, where it still is what was
// has, as someone read it. A field that is zero in now is left alone; one that now has and
// was lacks is a fault. The IDs of the states are ignored.
//
// What is sent is the difference from was to now, as metadata.Rebase computes it: the entity
// is read first, keys that others added stay, and what already is as in now is done, so that
// an edit can be applied again. Where others have changed what the edit changes, its outcome
// is Conflict, and nothing of it is sent. A write by others between that read and the write
// is not seen: Clerk has no conditional write.
//
// Check refuses what a merge patch cannot do: to set a null, in a key or in place of a whole
// field, and to make an empty object of a field that was null.
func (e Entity) Edit(was, now State) Change {
	return Change{entity: e, verb: Edit, was: was.objects(), now: now.objects()}.checked()
}

// Faults of an edit.
var (
	errNotRead   = errors.New("the edit has the field, and what was read lacks it: leave it out, or read it too")
	errNullField = errors.New("an edit cannot make a null of a field, or an empty object of a null: replace the field")
)

// difference returns the patches of an edit on what was read.
func (c Change) difference() (patches entity.Patches, err error) {
	for i, now := range c.now {
		was := c.was[i]
		switch {
		case now.IsZero():
			continue
		case was.IsZero():
			err = errNotRead
		case metadata.Equal(was, now):
			patches[i] = metadata.Patch{}
		case now.IsNull():
			err = errNullField
		default:
			patches[i], err = metadata.Diff(was, now)
			if err == nil && len(patches[i]) == 0 {
				err = errNullField
			}
		}
		if err != nil {
			return patches, fmt.Errorf("%s: %w", entity.Field(i), err)
		}
	}
	return patches, nil
}

// rebase returns what is left of an edit to be sent. The error is a *ConflictError, or
// why a stored field cannot be read.
func (c Change) rebase(stored *entity.Objects) (patches entity.Patches, err error) {
	conflict := &ConflictError{}
	for i, patch := range c.patches {
		if len(patch) == 0 {
			continue
		}
		patches[i], err = metadata.Rebase(c.was[i], c.now[i], stored[i])
		if found, ok := errors.AsType[*metadata.ConflictError](err); ok {
			for _, path := range found.Paths {
				conflict.Paths = append(conflict.Paths, entity.Field(i)+path)
			}
			conflict.More += found.More
		} else if err != nil {
			return patches, clerkerr.Invalid(operation, entity.Field(i), err)
		}
	}
	if len(conflict.Paths) > 0 {
		slices.Sort(conflict.Paths)
		return patches, conflict
	}
	return patches, nil
}

// ConflictError reports that others have changed what an edit changes.
type ConflictError struct {
	// Paths are where, as in a Diff, sorted; up to 64 KiB of them for each field.
	Paths []string
	// More is the number of places that Paths leaves out.
	More int
}

// Error names the first paths.
func (e *ConflictError) Error() string {
	const most = 5
	named := make([]string, min(len(e.Paths), most))
	for i := range named {
		named[i] = pointer.Printable(e.Paths[i])
	}
	text := "changed by others since it was read: " + strings.Join(named, ", ")
	if more := len(e.Paths) - len(named) + e.More; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// objects are the fields of an edit as JSON.
type objects struct {
	Public  metadata.Object `json:"public_metadata,omitzero"`
	Private metadata.Object `json:"private_metadata,omitzero"`
	Unsafe  metadata.Object `json:"unsafe_metadata,omitzero"`
}

func objectsOf(o entity.Objects) *objects { return &objects{o[0], o[1], o[2]} }
