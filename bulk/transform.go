package bulk

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/kinds"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// View is a typed view of users, organizations or memberships: what users.As,
// organizations.As or organizations.AsMemberships returns.
type View[T, E any] interface {
	// Patches returns what change makes of an entity that was read.
	Patches(entity *E, change func(*T) error) ([]metadata.Patch, error)
}

// Transform returns the edits that change makes of entities, such as those of
// users.Service.All. An entity that change leaves alone yields nothing. The edits are of what
// was read, as Entity.Edit describes, and hold the fields that change alters.
//
//	edits := bulk.Transform(users.As[Account](c.Users), c.Users.All(ctx, users.AllParams{}), func(a *Account) error { … })
//	n, err := bulk.WriteNDJSON(file, edits)
//
// Where change fails, or makes what no merge patch can, the error is a *TransformError, and
// the walk continues; an error of entities passes. Apply would send the first edits while the
// last are not made yet, and change could run twice on an entity in a rerun: write them to a
// file first, and apply that with ReadNDJSON.
func Transform[T, E any](view View[T, E], entities iter.Seq2[*E, error], change func(*T) error) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		if view == nil || entities == nil {
			yield(Change{}, clerkerr.Invalid("bulk.Transform", "view or entities", errNil))
			return
		}
		position := int64(0)
		for one, err := range entities {
			position++
			var edit Change
			if err == nil {
				edit, err = transformed(view, one, change)
				if err != nil {
					err = &TransformError{Entity: edit.entity, Position: position, Err: err}
				}
			}
			if (err != nil || !edit.doesNothing()) && !yield(edit, err) {
				return
			}
		}
	}
}

func transformed[T, E any](view View[T, E], one *E, change func(*T) error) (Change, error) {
	record, err := recordOf(one)
	if err != nil {
		return Change{}, err
	}
	edit := Change{entity: Entity(record.ID), verb: Edit}
	patches, err := view.Patches(one, change)
	if err != nil {
		return edit, err
	}
	for i, patch := range patches {
		if patch == nil {
			continue
		}
		edit.was[i] = record.Objects[i]
		if edit.now[i], err = metadata.Merge(record.Objects[i], patch); err != nil {
			return edit, fmt.Errorf("%s: %w", entity.Field(i), err)
		}
	}
	edit = edit.checked()
	return edit, edit.fault
}

func recordOf(one any) (*entity.Record, error) {
	switch one := one.(type) {
	case *users.User:
		if one != nil {
			return kinds.OfUser(one), nil
		}
	case *organizations.Organization:
		if one != nil {
			return kinds.OfOrganization(one), nil
		}
	case *organizations.Membership:
		if one != nil {
			return kinds.OfMembership(one), nil
		}
	}
	return nil, errors.New("is no user, organization or membership")
}

// TransformError reports an entity of which Transform makes no edit.
type TransformError struct {
	// Entity is the entity.
	Entity Entity
	// Position counts the entities of the walk from 1.
	Position int64
	// Err is why: the error of the function, or of the view's Modify.
	Err error
}

// Error is "user user_1, number 3: …".
func (e *TransformError) Error() string {
	return fmt.Sprintf("%s, number %d: %s", e.Entity, e.Position, e.Err)
}

// Unwrap returns the reason.
func (e *TransformError) Unwrap() error { return e.Err }

// WriteNDJSON writes changes as lines that ReadNDJSON reads, and returns their number. It
// ends with the first error: of changes, of a change that cannot be made, or of w.
func WriteNDJSON(w io.Writer, changes iter.Seq2[Change, error]) (n int64, err error) {
	for change, err := range changes {
		if err != nil {
			return n, err
		}
		line, err := change.MarshalJSON()
		if err != nil {
			return n, err
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
