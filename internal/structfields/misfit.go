package structfields

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// Misfit locates a value that does not fit its Go type, without the value.
type Misfit struct {
	// Path are the names and indices that lead to it, from the outside.
	Path []string
	// Kind is what the document has there: "a string", "null", or "a key" of a map.
	Kind string
	// Type is the Go type that it does not fit.
	Type reflect.Type
	// Offset is the byte at which it begins.
	Offset int
}

// FindMisfit returns the first value of a JSON text that encoding/json, whose errors
// depend on the release of Go, cannot decode into its part of a t. Names match in exact
// case. Its time is linear in the text.
func FindMisfit(text []byte, t reflect.Type) (Misfit, bool) {
	nodes, valid := jsonscan.Outline(text, nil)
	if !valid || t == nil {
		return Misfit{}, false
	}
	f := finder{text, nodes}
	found := f.value(0, Member{Type: t})
	if found == nil {
		return Misfit{}, false
	}
	slices.Reverse(found.Path)
	return *found, true
}

type finder struct {
	text  []byte
	nodes []jsonscan.Node
}

func (f *finder) raw(i uint32) []byte { return f.text[f.nodes[i].Start:f.nodes[i].End] }

// value looks at the node i; the path of what it finds is from the inside.
func (f *finder) value(i uint32, m Member) *Misfit {
	raw, t := f.raw(i), m.Type
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	of := Of(t)
	isAny := t.Kind() == reflect.Interface && t.NumMethod() == 0
	switch {
	case isAny, raw[0] == 'n' && !of.Reads:
		return nil
	case of.Reads:
	case raw[0] == '{' && (t.Kind() == reflect.Struct || t.Kind() == reflect.Map):
		return f.members(i, t)
	case raw[0] == '[' && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array):
		return f.elements(i, t)
	}
	if fits(raw, Member{Type: t, Quoted: m.Quoted}) {
		return nil
	}
	return &Misfit{Kind: jsonscan.Kind(raw), Type: t, Offset: int(f.nodes[i].Start)}
}

func (f *finder) members(i uint32, t reflect.Type) *Misfit {
	for child := i + 1; child < f.nodes[i].Next; child = f.nodes[child].Next {
		node := f.nodes[child]
		quoted := f.text[node.Name:node.NameEnd]
		name := jsonscan.String(quoted)
		var found *Misfit
		if t.Kind() == reflect.Map {
			found = f.entry(child, quoted, t)
		} else if m, known := Of(t).Members[name]; known {
			found = f.value(child, m)
		}
		if found != nil {
			found.Path = append(found.Path, name)
			return found
		}
	}
	return nil
}

func (f *finder) entry(child uint32, name []byte, t reflect.Type) *Misfit {
	keys := reflect.MapOf(t.Key(), reflect.TypeFor[any]())
	if !fits(slices.Concat([]byte("{"), name, []byte(":null}")), Member{Type: keys}) {
		return &Misfit{Kind: "a key", Type: t.Key(), Offset: int(f.nodes[child].Name)}
	}
	return f.value(child, Member{Type: t.Elem()})
}

func (f *finder) elements(i uint32, t reflect.Type) *Misfit {
	index := 0
	for child := i + 1; child < f.nodes[i].Next; child = f.nodes[child].Next {
		if t.Kind() == reflect.Array && index >= t.Len() {
			break // encoding/json skips it
		}
		if found := f.value(child, Member{Type: t.Elem()}); found != nil {
			found.Path = append(found.Path, strconv.Itoa(index))
			return found
		}
		index++
	}
	return nil
}

// fits asks encoding/json.
func fits(raw []byte, m Member) bool {
	if m.Quoted {
		m.Type = reflect.StructOf([]reflect.StructField{{Name: "Quoted", Type: m.Type, Tag: `json:"q,string"`}})
		raw = slices.Concat([]byte(`{"q":`), raw, []byte("}"))
	}
	return json.Unmarshal(raw, reflect.New(m.Type).Interface()) == nil
}
