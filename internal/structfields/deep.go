package structfields

import (
	"cmp"
	"fmt"
	"reflect"
)

// Deep is what is known of everything that a type can hold.
type Deep struct {
	// Loss describes why values cannot be read from JSON and written to it without
	// loss: "main.T.field: …"; "" where they can.
	Loss string
	// Unsteady describes the type that the releases of Go read or write differently;
	// "" for none.
	Unsteady string
	// Any reports an interface, into which numbers are decoded.
	Any bool
	// Methods reports that a method of one of the types decides how it is read or
	// written, or whether it is left out.
	Methods bool

	names

	// seen has true for a type that was found only where a method writes it, so that
	// nothing of it counts as lost.
	seen map[reflect.Type]bool
}

func deepOf(t reflect.Type) *Deep {
	d := &Deep{names: names{}, seen: map[reflect.Type]bool{}}
	if t != nil {
		d.gather(t, TypeName(t), false)
	}
	d.seen = nil
	return d
}

// gather goes through all that a type can hold; where names the way to it.
func (d *Deep) gather(t reflect.Type, where string, written bool) {
	if writtenOnly, seen := d.seen[t]; seen && (written || !writtenOnly) {
		return // a type can hold itself, as type tree map[string]tree
	}
	d.seen[t] = written
	of := Of(t)
	lose := func(where, fault string) {
		if !written && d.Loss == "" {
			d.Loss = where + ": " + fault
		}
	}
	unsteady := func(fault string) {
		d.Unsteady = cmp.Or(d.Unsteady, TypeName(t)+": "+fault)
	}
	d.Methods = d.Methods || of.methods
	if of.Unsteady != "" {
		lose(TypeName(t), of.Unsteady)
		unsteady(of.Unsteady)
	}
	if of.Reads {
		return
	}
	written = written || of.AddrWrites
	switch t.Kind() {
	case reflect.Interface:
		d.Any = true
		if t.NumMethod() > 0 {
			lose(where, fmt.Sprintf("encoding/json cannot decode into a %s, which could be of any type", TypeName(t)))
		}
	case reflect.Map:
		d.Methods = d.Methods || Of(t.Key()).methods
		if !readsKey(t.Key()) {
			unsteady("not every release of Go reads a map with such keys")
		}
		if fault := keyFault(t.Key()); fault != "" || !readsKey(t.Key()) {
			lose(where, cmp.Or(fault, "a map with keys of type "+TypeName(t.Key()))+" has no JSON form that can be read back")
		}
		d.gather(t.Elem(), where, written)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		d.gather(t.Elem(), where, written)
	case reflect.Struct:
		if of.Fault != "" {
			lose(TypeName(t), of.Fault)
		}
		for _, m := range of.Fields {
			d.add(m.Name)
			d.gather(m.Type, where+"."+m.Name, written)
		}
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		lose(where, fmt.Sprintf("a Go %s has no JSON form", TypeName(t)))
	}
}
