package bulk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// step is what a change did to an entity. The objects hold what changed and nothing else.
type step struct{ before, after entity.Objects }

// Undo returns the change that takes another one back, which made after of before, such as
// the states of its Result. It restores what the entity still has as the change left it, as
// metadata.Revert does: keys that others have changed since stay, and so does an object that
// the change made and others have changed. Result.Kept lists them, and the nulls that no
// merge patch can restore. That others changed a key and changed it back cannot be seen.
//
// The change holds the values that differ, private ones too. The IDs of the states are
// ignored, and a field that one of them lacks is left alone.
func (e Entity) Undo(before, after State) Change {
	c := Change{entity: e, verb: Undo}
	var s step
	changed := false
	for i, was := range before.objects() {
		left := after.objects()[i]
		if was.IsZero() || left.IsZero() {
			continue
		}
		var err error
		if s.before[i], s.after[i], err = differing(was, left); err != nil {
			c.fault = fmt.Errorf("%s: %w", entity.Field(i), err)
			return c
		}
		changed = changed || !s.before[i].IsZero()
	}
	if changed {
		c.steps = []step{s}
	}
	return c.checked()
}

// differing returns of two states of a field the places that differ, and zero objects if none
// does.
func differing(before, after metadata.Object) (was, left metadata.Object, err error) {
	paths, err := metadata.Changed(before, after)
	switch {
	case err != nil:
		return was, left, err
	case before.IsNull() != after.IsNull():
		return before, after, nil
	case len(paths) == 0:
		return was, left, nil
	}
	if was, err = places(before, paths); err == nil {
		left, err = places(after, paths)
	}
	return was, left, err
}

// places returns the object of the values at some paths, and of the objects around them.
func places(o metadata.Object, paths []string) (metadata.Object, error) {
	all, err := o.Map()
	if err != nil {
		return metadata.Object{}, err
	}
	some := map[string]any{}
	for _, path := range paths {
		keys, err := pointer.Parse(path)
		if err != nil {
			return metadata.Object{}, err
		}
		around := keys[:len(keys)-1]
		if value, found := pointer.Lookup(all, keys); found {
			pointer.Set(some, keys, value)
		} else if _, made := pointer.Lookup(some, around); !made {
			pointer.Set(some, around, map[string]any{})
		}
	}
	return metadata.Of(some).Object()
}

// undoes reports whether an undo has the field.
func (c Change) undoes(field int) bool {
	return slices.ContainsFunc(c.steps, func(s step) bool { return !s.before[field].IsZero() || !s.after[field].IsZero() })
}

// unreadable returns why a field of an undo cannot be reverted.
func (c Change) unreadable(field int) error {
	for _, s := range c.steps {
		if s.before[field].IsZero() != s.after[field].IsZero() {
			return errors.New("a step of an undo has the field on one side only")
		}
		if _, err := metadata.Changed(s.before[field], s.after[field]); err != nil {
			return err
		}
	}
	return nil
}

// revert returns the patches of an undo.
func (c Change) revert(stored *entity.Objects) (patches entity.Patches, kept *Kept, err error) {
	kept = &Kept{}
	for i := range stored {
		if !c.undoes(i) {
			continue
		}
		var steps []metadata.Step
		for _, s := range c.steps {
			if !s.before[i].IsZero() {
				steps = append(steps, metadata.Step{Before: s.before[i], After: s.after[i]})
			}
		}
		found, err := metadata.Revert(stored[i], steps...)
		if err == nil && !found.Object.IsNull() {
			patches[i], err = metadata.Diff(stored[i], found.Object)
		}
		if err != nil {
			return patches, nil, clerkerr.Invalid(operation, entity.Field(i), err)
		}
		kept.add(entity.Field(i), found)
	}
	if kept.Empty() {
		kept = nil
	}
	return patches, kept, nil
}

// Kept are the places that an undo leaves as they are: a field and a JSON Pointer, as in
// Diff, up to 64 KiB of them for each field.
type Kept struct {
	// Changed are those that others have changed since.
	Changed []string
	// Nulls are those that held a null, which no merge patch can restore.
	Nulls []string
	// More is the number of places that the lists leave out.
	More int
}

func (k *Kept) add(field string, r metadata.Reverted) {
	for _, path := range r.Changed {
		k.Changed = append(k.Changed, field+path)
	}
	for _, path := range r.Nulls {
		k.Nulls = append(k.Nulls, field+path)
	}
	k.More += r.More
}

// Empty reports whether everything was restored.
func (k *Kept) Empty() bool { return len(k.Changed)+len(k.Nulls)+k.More == 0 }

// stepLine is a step as JSON.
type stepLine struct {
	Before *objects `json:"before"`
	After  *objects `json:"after"`
}

func (c Change) stepLines() []stepLine {
	lines := make([]stepLine, len(c.steps))
	for i, s := range c.steps {
		lines[i] = stepLine{objectsOf(s.before), objectsOf(s.after)}
	}
	return lines
}

// parseSteps sets the steps of an undo.
func (c *Change) parseSteps(value []byte) error {
	if value[0] != '[' {
		return errors.New("undo is no array of steps")
	}
	var texts []json.RawMessage
	if err := jsonscan.Unmarshal(value, &texts); err != nil {
		return fmt.Errorf("undo: %w", err)
	}
	for _, text := range texts {
		var s step
		err := jsonscan.StrictMembers(text, func(key string, value []byte) error {
			side := map[string]*entity.Objects{"before": &s.before, "after": &s.after}[key]
			if side == nil {
				return fmt.Errorf("member %q is unknown; expected before and after", short(key))
			}
			return jsonscan.StrictMembers(value, func(name string, value []byte) error { return parseObject(side, name, value) })
		})
		if err != nil {
			return fmt.Errorf("undo: %w", err)
		}
		c.steps = append(c.steps, s)
	}
	return nil
}
