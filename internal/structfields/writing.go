package structfields

import (
	"reflect"
	"sync"
)

// Writing is what is known of how a type is written before a value of it is seen.
type Writing struct {
	// Own says what it is about the type itself that the releases of Go write
	// differently; "" for nothing.
	Own string
	// Suspect says that it holds, at any depth, a type of which something can be
	// said as Own.
	Suspect bool
	// Dynamic says that it can hold types that are not known in advance, or
	// itself, so that only a value can be judged.
	Dynamic bool
}

// writings holds *Writing by reflect.Type, as known holds structs.
var writings sync.Map

// WritingOf returns how a type is written.
func WritingOf(t reflect.Type) *Writing {
	if w, ok := writings.Load(t); ok {
		return w.(*Writing) //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	w := &Writing{Own: ownFault(t)}
	w.gather(t, map[reflect.Type]bool{})
	kept, _ := writings.LoadOrStore(t, w)
	return kept.(*Writing) //nolint:errcheck,forcetypeassert // nothing else is stored
}

func ownFault(t reflect.Type) string {
	fault := Unsteady(t)
	if fault == "" && t.Kind() == reflect.Map && !WritesItself(t) {
		fault = KeyFault(t.Key())
	}
	return fault
}

// gather goes through all that a t can hold. A type is in open while it is looked
// into, and false there afterwards.
func (w *Writing) gather(t reflect.Type, open map[reflect.Type]bool) {
	if within, seen := open[t]; seen {
		w.Dynamic = w.Dynamic || within
		return
	}
	open[t] = true
	defer func() { open[t] = false }()
	w.Suspect = w.Suspect || ownFault(t) != ""
	itself := WritesItself(t)
	switch t.Kind() {
	case reflect.Interface:
		w.Dynamic = true
	case reflect.Map:
		if w.Dynamic = w.Dynamic || itself; !itself {
			w.gather(t.Elem(), open)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		if !itself || t.Kind() == reflect.Pointer {
			w.gather(t.Elem(), open)
		}
	case reflect.Struct:
		for f := range t.Fields() {
			switch {
			case itself:
				// The method may be that of an embedded map, or of an interface.
				w.Dynamic = w.Dynamic || (f.Anonymous && f.Type.Implements(jsonMarshaler))
			case f.Tag.Get("json") != "-" && (f.IsExported() || f.Anonymous):
				w.gather(f.Type, open)
			}
		}
	}
}
