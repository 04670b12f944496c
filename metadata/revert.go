package metadata

import (
	"maps"
	"slices"
)

// Step is a change of a field that was made.
type Step struct {
	// Before is what the field held before the change, After what it held then.
	Before, After Object
}

// Reverted is what Revert returns.
type Reverted struct {
	// Object is the field without the steps.
	Object Object
	// Changed are the places that stay as they are, since others have changed them after the
	// step: JSON Pointers (RFC 6901), sorted, up to 64 KiB of them.
	Changed []string
	// Nulls are the places that held a null, which no merge patch can restore, in the same
	// form; "" is the whole field, which was null, or is and was an empty object.
	Nulls []string
	// More is the number of places that the lists leave out.
	More int
}

// Revert takes back steps that were made in their order, the last first. It restores the
// places that a step changed (keys that it set or removed, as deep as both sides have
// objects, arrays as a whole) where stored still is as the step left them. An object that a
// step made goes only if it still is exactly that object. What is as it was before the step
// already is done, so a step that was never made, or taken back before, does no harm.
//
// A place that a step left in another state stays as it is, unless an earlier step knows
// that state. A place inside of an object that is gone is not restored. An absent or null
// field counts as an empty object. The error is a *PathError about one of the objects.
func Revert(stored Object, steps ...Step) (Reverted, error) {
	was, err := stored.tree()
	if err != nil {
		return Reverted{}, err
	}
	now, err := stored.tree()
	if err != nil {
		return Reverted{}, err
	}
	members := asMembers(now)
	var before, after []map[string]any
	for _, step := range steps {
		b, err := step.Before.tree()
		if err != nil {
			return Reverted{}, err
		}
		a, err := step.After.tree()
		if err != nil {
			return Reverted{}, err
		}
		before, after = append(before, asMembers(b)), append(after, asMembers(a))
	}
	kept := &mark{}
	for i := range steps {
		kept.settle(i+1, before[i], after[i], members)
	}
	for i := range slices.Backward(steps) {
		kept.revert(i+1, before[i], after[i], members)
	}
	var changed, nulls pathList
	changed.kept(kept)
	if len(steps) > 0 && steps[0].Before.IsNull() != (stored.IsNull() && len(members) == 0) {
		nulls.add()
	}
	nulls.remove(members, asMembers(was))
	r := Reverted{Object: stored, Changed: changed.sorted(), Nulls: nulls.sorted(), More: changed.more + nulls.more}
	if !equal(was, now) {
		r.Object.raw, err = encode(members, inValue)
	}
	return r, err
}

// mark is what is known of a place.
type mark struct {
	// first is the number of the first step that changed the place as a whole, from 1, and
	// done reports that the place is as before that step: it and later ones need nothing.
	first int
	done  bool
	// kept reports that the place stays as it is.
	kept   bool
	inside map[string]*mark
}

func (m *mark) at(key string) *mark {
	if m.inside[key] == nil {
		if m.inside == nil {
			m.inside = map[string]*mark{}
		}
		m.inside[key] = &mark{}
	}
	return m.inside[key]
}

// change is what a step did to one place. The members around it are nil where their object
// is gone.
type change struct {
	members   map[string]any
	key       string
	was, left any
	had, has  bool
}

// is reports whether the place holds the value, or does not exist.
func (c change) is(value any, exists bool) bool {
	now, stored := c.members[c.key]
	return stored == exists && equal(now, value)
}

// walk visits the places that step i changed and that are not done.
func (m *mark) walk(i int, before, after, members map[string]any, visit func(*mark, change)) {
	keys := slices.Collect(maps.Keys(before))
	for key := range after {
		if _, both := before[key]; !both {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		c := change{members: members, key: key}
		c.was, c.had = before[key]
		c.left, c.has = after[key]
		if c.had == c.has && equal(c.was, c.left) {
			continue
		}
		here := m.at(key)
		switch {
		case here.done && i >= here.first:
		case areObjects(c.was, c.left):
			if !here.kept { // or others changed the whole
				here.walk(i, asMembers(c.was), asMembers(c.left), asMembers(members[key]), visit)
			}
		default:
			visit(here, c)
		}
	}
}

// settle finds what is done before anything is taken back: a step in the middle may have
// left a place as it is without the steps.
func (m *mark) settle(i int, before, after, members map[string]any) {
	m.walk(i, before, after, members, func(here *mark, c change) {
		if here.first == 0 {
			here.first, here.done = i, c.is(c.was, c.had)
		}
	})
}

func (m *mark) revert(i int, before, after, members map[string]any) {
	m.walk(i, before, after, members, func(here *mark, c change) {
		switch {
		case c.is(c.was, c.had):
			here.settled()
		case c.members == nil, !c.is(c.left, c.has):
			here.kept = true
		case c.had:
			here.settled()
			c.members[c.key] = c.was
		default:
			here.settled()
			delete(c.members, c.key)
		}
	})
}

// settled forgets what was known of the place, which is as before the step now, and of the
// places inside of it.
func (m *mark) settled() {
	m.kept, m.done = false, false
	for _, inner := range m.inside {
		inner.settled()
	}
}

// kept lists the outermost places that stay.
func (l *pathList) kept(m *mark) {
	if m.kept {
		l.add()
		return
	}
	for _, key := range slices.Sorted(maps.Keys(m.inside)) {
		l.enter(key)
		l.kept(m.inside[key])
		l.leave()
	}
}

// remove lists the nulls in members that were not stored, and leaves in their place what was.
func (l *pathList) remove(members, was map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(members)) {
		stored, exists := was[key]
		inner, isObject := members[key].(map[string]any)
		l.enter(key)
		switch {
		case isObject:
			l.remove(inner, asMembers(stored))
		case members[key] != nil || exists && stored == nil:
		case exists:
			l.add()
			members[key] = stored
		default:
			l.add()
			delete(members, key)
		}
		l.leave()
	}
}
