package structfields

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Member is a field of a struct as encoding/json sees it.
type Member struct {
	// Name is the name in JSON.
	Name string
	Type reflect.Type
	// Quoted reports the tag option string.
	Quoted bool

	index     []int
	omitEmpty bool
	omitZero  bool
}

// candidate is a struct field on its way to being a member.
type candidate struct {
	Member

	path   string
	tagged bool
	// lost reports that encoding/json can write the field and not read it.
	lost bool
}

// embedded is a struct type whose fields are promoted.
type embedded struct {
	typ   reflect.Type
	path  string
	index []int
	lost  bool
	// again is the path to the same type on the same level; "" for none.
	again string
}

// addFields goes through the levels of embedding, the outermost first.
func (s *Type) addFields(t reflect.Type) {
	s.Members = map[string]Member{}
	seen := map[reflect.Type]bool{}
	decided := map[string]bool{}
	for level := []embedded{{typ: t}}; len(level) > 0; {
		found := map[string][]candidate{}
		var next []embedded
		for _, outer := range level {
			if seen[outer.typ] {
				continue
			}
			seen[outer.typ] = true
			for f := range outer.typ.Fields() {
				c, inner := s.classify(f, outer)
				switch {
				case inner != nil:
					next = embed(next, embedded{typ: inner, path: c.path + ".", index: c.index, lost: c.lost})
				case c.Type != nil:
					found[c.Name] = append(found[c.Name], c)
					if outer.again != "" {
						c.path = outer.again + f.Name
						found[c.Name] = append(found[c.Name], c)
					}
				}
			}
		}
		for name, rivals := range found {
			if decided[name] {
				continue
			}
			decided[name] = true
			if winner := s.dominant(rivals); winner.Type != nil {
				s.Members[name] = winner
				s.Fields = append(s.Fields, winner)
			}
		}
		level = next
	}
	slices.SortFunc(s.Fields, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	if s.Fault == "" && len(s.Members) == 0 && t.NumField() > 0 { // a struct{} loses nothing: map[string]struct{} is a set
		s.Fault = "has no exported field, so nothing of it is read or written"
	}
	s.addEmbedded(t)
}

// addFault keeps the first of all faults in the order of their texts.
func (s *Type) addFault(format string, args ...any) {
	fault := fmt.Sprintf(format, args...)
	if s.Fault == "" || fault < s.Fault {
		s.Fault = fault
	}
}

// embed adds a type to a level once: encoding/json drops the fields of a type that a
// level has twice, but not what the type embeds.
func embed(level []embedded, e embedded) []embedded {
	first := slices.IndexFunc(level, func(other embedded) bool { return other.typ == e.typ })
	if first < 0 {
		return append(level, e)
	}
	level[first].again = e.path
	return level
}

// addEmbedded looks at what embedded fields do to a struct as a whole. Methods are
// promoted whatever a tag says.
func (s *Type) addEmbedded(t reflect.Type) {
	if s.Reads && s.AddrWrites {
		s.Unsteady = "" // its methods read no tags
	}
	if embedsNumber(t, nil) {
		s.Unsteady = "embeds json.Number, which makes it a number to some releases of Go and an object to others: give the field a name"
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous && f.Type.Implements(jsonMarshaler) {
			s.Promoting = append(s.Promoting, i)
		}
	}
}

// classify returns what encoding/json makes of a struct field: nothing (no Type),
// a member, or (inner not nil) an embedded struct whose fields are promoted.
func (s *Type) classify(f reflect.StructField, in embedded) (c candidate, inner reflect.Type) {
	typ := f.Type
	if f.Anonymous && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	tag := f.Tag.Get("json")
	if tag == "-" || (!f.IsExported() && (!f.Anonymous || typ.Kind() != reflect.Struct)) {
		return c, nil
	}
	name, named, odd := tagName(tag)
	if !named {
		name = f.Name
	}
	c = candidate{
		Member: Member{
			Name: name, Type: f.Type, Quoted: hasOption(tag, "string"),
			index: slices.Concat(in.index, f.Index), omitEmpty: hasOption(tag, "omitempty"), omitZero: hasOption(tag, "omitzero"),
		},
		path: in.path + f.Name, tagged: named,
		lost: in.lost || (!f.IsExported() && f.Type.Kind() == reflect.Pointer),
	}
	if odd {
		s.addFault("field %s has a name in its json tag that releases of Go read differently: use letters, digits and none of \" ' ` \\ ,", c.path)
	}
	if option := unsteadyOption(tag); option != "" && s.Unsteady == "" {
		s.Unsteady = fmt.Sprintf("field %s has %q in its json tag, which releases of Go read differently: take it out", c.path, option)
	}
	if !named && f.Anonymous && typ.Kind() == reflect.Struct {
		return c, typ
	}
	switch {
	case s.Unsteady != "":
	case !f.IsExported() && (speaks(typ) || (c.omitZero && reflect.PointerTo(typ).Implements(zeroer))):
		s.Unsteady = fmt.Sprintf("field %s embeds under a name an unexported type with methods, which releases of Go read differently: give the field an exported name", c.path)
	case c.Quoted && f.Type.Kind() == reflect.Pointer && f.Type.Name() != "":
		s.Unsteady = fmt.Sprintf("field %s has the option string on the named pointer type %s, which releases of Go write differently: take it out", c.path, TypeName(f.Type))
	}
	return c, nil
}

// speaks reports whether a method of a type or its pointer reads or writes its JSON.
func speaks(t reflect.Type) bool {
	return slices.ContainsFunc([]reflect.Type{jsonMarshaler, jsonUnmarshaler, textMarshaler, textUnmarshaler}, reflect.PointerTo(t).Implements)
}

// embedsNumber reports whether a struct embeds a json.Number, at any depth.
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

// dominant returns the field that a name stands for; no Type for none.
func (s *Type) dominant(rivals []candidate) Member {
	tagged := slices.DeleteFunc(slices.Clone(rivals), func(c candidate) bool { return !c.tagged })
	if len(tagged) > 0 {
		rivals = tagged
	}
	if len(rivals) > 1 {
		s.addFault("fields %s and %s are both %q in JSON", rivals[0].path, rivals[1].path, rivals[0].Name)
		return Member{}
	}
	if rivals[0].lost {
		s.addFault("field %s is behind an embedded pointer to an unexported struct, which encoding/json cannot set", rivals[0].path)
	}
	return rivals[0].Member
}

// In returns the field of a struct, unless an embedded pointer on the way to it is nil or
// its tag leaves its value out.
func (m *Member) In(v reflect.Value) (field reflect.Value, there bool) {
	for i, x := range m.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	left := (m.omitEmpty && isEmpty(v)) || (m.omitZero && isZero(v))
	return v, !left
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct, reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return false
	default:
		return v.IsZero()
	}
}

// isZero asks the method IsZero of the declared type or its pointer, where there is one.
func isZero(v reflect.Value) bool {
	t := v.Type()
	nilable := t.Kind() == reflect.Pointer || t.Kind() == reflect.Interface
	switch {
	case nilable && v.IsNil(), !v.CanInterface():
		return v.IsZero()
	case nilable && t.Implements(zeroer):
		if inner := v.Elem(); inner.Kind() == reflect.Pointer && inner.IsNil() {
			return true
		}
	case !nilable && reflect.PointerTo(t).Implements(zeroer):
		p := reflect.New(t)
		p.Elem().Set(v)
		v = p
	default:
		return v.IsZero()
	}
	return v.Interface().(interface{ IsZero() bool }).IsZero() //nolint:errcheck,forcetypeassert // it implements it
}
