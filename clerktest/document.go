package clerktest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// document is a JSON text with the places of its values, which have numbers: 0 is the
// whole, and each comes before those that it holds.
type document struct {
	text  []byte
	nodes []jsonscan.Node
}

// readDocument also returns the offset of the error's cause.
func readDocument(text []byte) (*document, int, error) {
	nodes, valid := jsonscan.Outline(text, nil)
	if !valid {
		var v any
		return nil, jsonscan.Fault(text), cmp.Or(json.Unmarshal(text, &v), errors.New("the text is too long"))
	}
	d := &document{text, nodes}
	for i := range nodes {
		names := map[string]bool{}
		for j := range d.parts(i) {
			name, isMember := d.name(j)
			if isMember && names[name] {
				return nil, int(nodes[j].Name), fmt.Errorf("%s has %q twice", d.path(i), name)
			}
			names[name] = true
		}
	}
	return d, 0, nil
}

// parts returns the members or elements of a value.
func (d *document) parts(i int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for j := i + 1; j < int(d.nodes[i].Next) && yield(j); {
			j = int(d.nodes[j].Next)
		}
	}
}

func (d *document) start(i int) int { return int(d.nodes[i].Start) }

func (d *document) raw(i int) []byte { return d.text[d.nodes[i].Start:d.nodes[i].End] }

func (d *document) name(i int) (name string, isMember bool) {
	n := d.nodes[i]
	return jsonscan.String(d.text[n.Name:n.NameEnd]), n.NameEnd > 0
}

// member returns the member of value i that has the name.
func (d *document) member(i int, name string) (value int, found bool) {
	for j := range d.parts(i) {
		if its, isMember := d.name(j); isMember && its == name {
			return j, true
		}
	}
	return 0, false
}

// kind is the value's type in JSON Schema's words.
func (d *document) kind(i int) string {
	kind := jsonscan.Kind(d.raw(i))
	kind = kind[strings.LastIndexByte(kind, ' ')+1:]
	if kind == "number" && !strings.ContainsAny(string(d.raw(i)), ".eE") {
		return "integer"
	}
	return kind
}

// path names a value in words. Only an error needs it: the paths of all values
// together can be far longer than the document.
func (d *document) path(i int) string {
	var path strings.Builder
	for at := 0; at != i; {
		index := 0
		for j := range d.parts(at) {
			if i < int(d.nodes[j].Next) {
				if name, isMember := d.name(j); isMember {
					path.WriteString("." + name)
				} else {
					fmt.Fprintf(&path, "[%d]", index)
				}
				at = j
				break
			}
			index++
		}
	}
	if inside, ok := strings.CutPrefix(path.String(), "."); ok {
		return inside
	}
	return "the seed" + path.String()
}
