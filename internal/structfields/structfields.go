// Package structfields tells which JSON members a struct type has, by the rules of
// encoding/json, for those who match keys with their names in exact case:
// encoding/json takes a key in any case.
package structfields

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// candidate is a struct field on its way to being a member.
type candidate struct {
	name   string
	path   string
	typ    reflect.Type
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

// Of returns the members of a struct type: their types by their names in JSON. A
// field hides those of the same name that are embedded more deeply, and one with
// a tag those without. Where none of this decides, encoding/json drops all of
// them without a word; so do the members here, and fault tells. It tells too of a
// field that encoding/json can write and not read; of several faults it tells the
// same one every time, and "" is none.
func Of(t reflect.Type) (members map[string]reflect.Type, fault string) {
	members = map[string]reflect.Type{}
	seen := map[reflect.Type]bool{}
	decided := map[string]bool{}
	var faults []string
	for level := []embedded{{typ: t}}; len(level) > 0; {
		found := map[string][]candidate{}
		var next []embedded
		for _, s := range level {
			seen[s.typ] = true
			for f := range s.typ.Fields() {
				c, inner := classify(f, s)
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
			if winner.typ != nil {
				members[name] = winner.typ
			}
		}
		level = next
	}
	if len(faults) > 0 {
		fault = slices.Min(faults)
	}
	return members, fault
}

// classify tells what encoding/json makes of a struct field: nothing (no name),
// a member, or (inner not nil) an embedded struct whose fields are promoted.
func classify(f reflect.StructField, in embedded) (c candidate, inner reflect.Type) {
	typ := f.Type
	if f.Anonymous && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if !f.IsExported() && (!f.Anonymous || typ.Kind() != reflect.Struct) {
		return c, nil
	}
	if f.Tag.Get("json") == "-" {
		return c, nil
	}
	name := TagName(f)
	c = candidate{name: cmp.Or(name, f.Name), path: in.path + f.Name, typ: f.Type, tagged: name != ""}
	c.lost = in.lost || (!f.IsExported() && f.Type.Kind() == reflect.Pointer)
	if name == "" && f.Anonymous && typ.Kind() == reflect.Struct {
		return c, typ
	}
	return c, nil
}

// TagName is the name that a field's tag gives it, "" for none; encoding/json
// passes over a name that it does not take as if it were not there. That "-"
// alone leaves the field out is not its matter.
func TagName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) {
			return ""
		}
	}
	return name
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
