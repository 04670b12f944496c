// Package structfields says what encoding/json makes of Go types, for code that
// matches keys with names in exact case and says where a document does not fit:
// which members a struct has, which types read or write their own JSON, and which
// struct tags mean one thing to one release of Go and another to the next.
//
// What the releases of Go do differently is asked of the encoding/json that the
// program runs with.
package structfields

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sync"
)

// Member is a field of a struct as encoding/json sees it.
type Member struct {
	Type reflect.Type
	// Quoted says that the field has the tag option string.
	Quoted bool
}

// Struct is what encoding/json makes of a struct type.
type Struct struct {
	// Members are the members by their names in JSON. A field hides those of the
	// same name that are embedded more deeply, and one with a tag those without.
	// Where none of this decides, encoding/json drops all of them silently,
	// and they are not here either.
	Members map[string]Member
	// Fault says in what way the struct loses data: two fields of one name, or a
	// field that encoding/json can write and not read. "" is none. Of several
	// faults it is the same one every time.
	Fault string
	// Unsteady names a field that the releases of Go read or write differently,
	// because of an option in its tag; "" for none.
	Unsteady string
	// EmbedsNumber says that it embeds a json.Number, which makes it a number to
	// some releases of Go and an object to others.
	EmbedsNumber bool
	// OddName names a field whose tag gives it a name that the releases of Go take
	// differently; "" for none.
	OddName string
}

// known holds what was found out of a type: *Struct by reflect.Type. It is what
// encoding/json keeps of the same types, grows with the types of a program and
// not with its data, and nothing in it ever changes.
var known sync.Map

// Of returns what encoding/json makes of a struct type. It is shared: callers must
// not change it.
func Of(t reflect.Type) *Struct {
	if s, ok := known.Load(t); ok {
		return s.(*Struct) //nolint:errcheck,forcetypeassert // nothing else is stored
	}
	s, _ := known.LoadOrStore(t, inspect(t))
	return s.(*Struct) //nolint:errcheck,forcetypeassert // nothing else is stored
}

// candidate is a struct field on its way to being a member.
type candidate struct {
	Member

	name   string
	path   string
	tagged bool
	// lost says that encoding/json can write the field and not read it.
	lost bool
}

// embedded is a struct type whose fields are promoted.
type embedded struct {
	typ  reflect.Type
	path string
	lost bool
}

// inspect goes through the levels of embedding, the outermost first.
func inspect(t reflect.Type) *Struct {
	s := &Struct{Members: map[string]Member{}, EmbedsNumber: embedsNumber(t, nil)}
	seen := map[reflect.Type]bool{}
	decided := map[string]bool{}
	var faults []string
	for level := []embedded{{typ: t}}; len(level) > 0; {
		found := map[string][]candidate{}
		var next []embedded
		for _, outer := range level {
			seen[outer.typ] = true
			for f := range outer.typ.Fields() {
				c, inner := s.classify(f, outer)
				switch {
				case inner != nil && !seen[inner]:
					next = append(next, embedded{inner, c.path + ".", c.lost})
				case inner == nil && c.name != "":
					found[c.name] = append(found[c.name], c)
				}
			}
		}
		for name, rivals := range found {
			if decided[name] {
				continue
			}
			decided[name] = true
			winner, wrong := dominant(rivals)
			if wrong != "" {
				faults = append(faults, wrong)
			}
			if winner.Type != nil {
				s.Members[name] = winner.Member
			}
		}
		level = next
	}
	if len(faults) > 0 {
		s.Fault = slices.Min(faults)
	}
	return s
}

// classify returns what encoding/json makes of a struct field: nothing (no name),
// a member, or (inner not nil) an embedded struct whose fields are promoted.
func (s *Struct) classify(f reflect.StructField, in embedded) (c candidate, inner reflect.Type) {
	typ := f.Type
	if f.Anonymous && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if !f.IsExported() && (!f.Anonymous || typ.Kind() != reflect.Struct) {
		return c, nil
	}
	tag := f.Tag.Get("json")
	if tag == "-" {
		return c, nil
	}
	path := in.path + f.Name
	name, odd := tagName(tag)
	if odd && s.OddName == "" {
		s.OddName = fmt.Sprintf("field %s has a name in its json tag that releases of Go read differently: use letters, digits and none of \" ' ` \\ ,", path)
	}
	if option := unsteadyOption(tag); option != "" && s.Unsteady == "" {
		s.Unsteady = fmt.Sprintf("field %s has %q in its json tag, which releases of Go read differently: take it out", path, option)
	}
	c = candidate{
		Member: Member{Type: f.Type, Quoted: HasOption(tag, "string")},
		name:   cmp.Or(name, f.Name), path: path, tagged: name != "",
	}
	c.lost = in.lost || (!f.IsExported() && f.Type.Kind() == reflect.Pointer)
	if name == "" && f.Anonymous && typ.Kind() == reflect.Struct {
		return c, typ
	}
	return c, nil
}

// embedsNumber reports whether a struct has an embedded json.Number, at any depth
// and under any tag: methods are promoted whatever a tag says.
func embedsNumber(t reflect.Type, seen []reflect.Type) bool {
	if slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	for f := range t.Fields() {
		typ := f.Type
		if typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if f.Anonymous && (typ == numberType || (typ.Kind() == reflect.Struct && embedsNumber(typ, seen))) {
			return true
		}
	}
	return false
}

// dominant picks the field that a name stands for, or says what is wrong.
func dominant(rivals []candidate) (winner candidate, fault string) {
	tagged := slices.DeleteFunc(slices.Clone(rivals), func(c candidate) bool { return !c.tagged })
	if len(tagged) > 0 {
		rivals = tagged
	}
	if len(rivals) > 1 {
		return candidate{}, fmt.Sprintf("fields %s and %s are both %q in JSON", rivals[0].path, rivals[1].path, rivals[0].name)
	}
	winner = rivals[0]
	if winner.lost {
		fault = fmt.Sprintf("field %s is behind an embedded pointer to an unexported struct, which encoding/json cannot set", winner.path)
	}
	return winner, fault
}
