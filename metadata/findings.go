package metadata

import (
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/internal/structfields"
)

// places is a set of places in a document, kept as the tree of the keys and the indexes
// that lead to them: a list of paths could be as long as depth times keys. Only nil is
// the empty set.
type places struct {
	here  bool
	below map[string]*places
}

func onlyHere() *places { return &places{here: true} }

// at returns the set as seen from a member or an element.
func (p *places) at(step string) *places {
	if p == nil {
		return nil
	}
	return p.below[step]
}

// with adds what is below a member or an element.
func (p *places) with(step string, below *places) *places {
	if below == nil {
		return p
	}
	if p == nil {
		p = &places{}
	}
	if p.below == nil {
		p.below = map[string]*places{}
	}
	p.below[step] = below
	return p
}

// inside returns the JSON Pointer, from here, of a place of the set below, the same one
// every time; "" for none.
func (p *places) inside() string {
	var steps []string
	for p != nil && len(p.below) > 0 {
		step := slices.Min(slices.Collect(maps.Keys(p.below)))
		steps = append(steps, step)
		p = p.below[step]
	}
	return pointer.Of(steps...)
}

// findings are the places in a document that need care.
type findings struct {
	// unknown are the keys that the type does not know by their exact name, and the
	// elements beyond a Go array.
	unknown *places
	// opaque are the values that a method of their type reads.
	opaque *places
}

func (f *findings) add(step string, below findings) {
	f.unknown = f.unknown.with(step, below.unknown)
	f.opaque = f.opaque.with(step, below.opaque)
}

// look finds what t does not know, so that encoding/json's case-insensitive match cannot
// read one key into the field of another.
func look(tree any, t reflect.Type) findings {
	members, isObject := tree.(map[string]any)
	elements, isArray := tree.([]any)
	if !isObject && !isArray {
		return findings{}
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	of := structfields.Of(t)
	kind := t.Kind()
	var f findings
	switch {
	case of.Reads:
		f.opaque = onlyHere()
	case isObject && kind == reflect.Struct:
		for key, member := range members {
			if m, known := of.Members[key]; known {
				f.add(key, look(member, m.Type))
			} else {
				f.unknown = f.unknown.with(key, onlyHere())
			}
		}
	case isObject && kind == reflect.Map:
		for key, member := range members {
			f.add(key, look(member, t.Elem()))
		}
	case isArray && (kind == reflect.Slice || kind == reflect.Array):
		for i, element := range elements {
			step := strconv.Itoa(i)
			if kind == reflect.Array && i >= t.Len() {
				f.unknown = f.unknown.with(step, onlyHere())
			} else {
				f.add(step, look(element, t.Elem()))
			}
		}
	}
	return f
}

// forgotten adds to unknown the keys inside opaque values that are not written back: they
// may not have been read. A value that is written as another kind was read as a whole.
func (f findings) forgotten(stored, written any, opaque bool) *places {
	if f.opaque == nil && !opaque {
		return f.unknown
	}
	opaque = opaque || f.opaque.here
	unknown := f.unknown
	switch stored := stored.(type) {
	case map[string]any:
		members, same := written.(map[string]any)
		if !same {
			break
		}
		for key, v := range stored {
			w, there := members[key]
			if opaque && !there {
				unknown = unknown.with(key, onlyHere())
			} else {
				unknown = unknown.with(key, f.below(key).forgotten(v, w, opaque))
			}
		}
	case []any:
		elements, _ := written.([]any)
		for i := range min(len(stored), len(elements)) {
			step := strconv.Itoa(i)
			unknown = unknown.with(step, f.below(step).forgotten(stored[i], elements[i], opaque))
		}
	}
	return unknown
}

func (f findings) below(step string) findings {
	return findings{unknown: f.unknown.at(step), opaque: f.opaque.at(step)}
}

// without removes the unknown keys from a tree, except those in wanted.
func without(tree any, unknown *places, wanted any) {
	if unknown == nil {
		return
	}
	switch v := tree.(type) {
	case map[string]any:
		members := asMembers(wanted)
		for key, below := range unknown.below {
			want, stays := members[key]
			if below.here && !stays {
				delete(v, key)
			} else {
				without(v[key], below, want)
			}
		}
	case []any:
		for i, element := range v {
			without(element, unknown.at(strconv.Itoa(i)), nil)
		}
	}
}
