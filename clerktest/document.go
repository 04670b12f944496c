package clerktest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// schema is as much of JSON Schema as the documents of the fake need.
type schema struct {
	Ref        string             `json:"$ref"`
	Defs       map[string]*schema `json:"$defs"`
	Type       any                `json:"type"` // a name or a list of names
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Additional json.RawMessage    `json:"additionalProperties"` // false or a schema
	Items      *schema            `json:"items"`
	Enum       []string           `json:"enum"`
	MinLength  int                `json:"minLength"`
	Minimum    *int64             `json:"minimum"`
	Maximum    *int64             `json:"maximum"`
}

// document is a JSON text with the places of its values, which have numbers: 0 is the
// whole, and each comes before those that it holds.
type document struct {
	text  []byte
	nodes []jsonscan.Node
	root  schema
}

// readDocument decodes a JSON text that a schema describes. The error names the line,
// the column and the reason.
func readDocument(text []byte, schema string, into any) (*document, error) {
	d := &document{text: text}
	fault, faulty := errors.AsType[*jsonscan.Error](jsonscan.Check(text))
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return d, d.fail(0, errors.New("there is no text: JSON is expected"))
	case faulty:
		return d, d.fail(fault.Offset, fault)
	}
	var valid bool
	if d.nodes, valid = jsonscan.Outline(text, nil); !valid {
		return d, errors.New("the text is too long")
	}
	if err := json.Unmarshal([]byte(schema), &d.root); err != nil {
		return d, err
	}
	if err := d.check(&d.root, 0, ""); err != nil {
		return d, err
	}
	return d, json.Unmarshal(text, into)
}

// fail adds the line and the column of an offset, both from 1, to an error.
func (d *document) fail(at int, err error) error {
	before := d.text[:at]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Errorf("line %d, column %d: %w", line, column, err)
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

// member returns the member of value i that has the name, 0 if there is none.
func (d *document) member(i int, name string) int {
	for j := range d.parts(i) {
		if its, _ := d.name(j); its == name {
			return j
		}
	}
	return 0
}

// check checks value i, to which path leads from the document.
func (d *document) check(as *schema, i int, path string) error {
	misfit := func(at int, reason error) error {
		return d.fail(at, fmt.Errorf("%s%w", cmp.Or(path, "the document"), reason))
	}
	const defs = "#/$defs/"
	if as.Ref == defs+"metadata" {
		// The schema cannot express all that metadata requires.
		if err := new(metadata.Value).UnmarshalJSON(d.raw(i)); err != nil {
			return misfit(d.start(i), fmt.Errorf(": %w", err))
		}
		return nil
	}
	if as.Ref != "" {
		as = d.root.Defs[as.Ref[len(defs):]]
	}
	if err := d.checkValue(as, i); err != nil {
		return misfit(d.start(i), err)
	}
	index := 0
	for j := range d.parts(i) {
		part := as.Items
		var partPath string
		if name, isMember := d.name(j); isMember {
			part, partPath = as.Properties[name], strings.TrimPrefix(path+"."+name, ".")
			if part == nil && json.Unmarshal(as.Additional, &part) != nil {
				return misfit(int(d.nodes[j].Name), fmt.Errorf(" has no member %q", name))
			}
		} else {
			partPath = fmt.Sprintf("%s[%d]", path, index)
		}
		if err := d.check(part, j, partPath); err != nil {
			return err
		}
		index++
	}
	return nil
}

// checkValue checks value i except for the parts that it holds.
func (d *document) checkValue(as *schema, i int) error {
	raw := d.raw(i)
	kind, text := jsonscan.Kind(raw), jsonscan.String(raw)
	_, typ, _ := strings.Cut(kind, " ")
	if typ == "number" && !bytes.ContainsAny(raw, ".eE") {
		typ = "integer"
	}
	// Only metadata has several types.
	if want, one := as.Type.(string); one && typ != want {
		return fmt.Errorf(" is %s; expected type %s", kind, want)
	}
	switch {
	case typ == "string" && len(text) < as.MinLength:
		return errors.New(" is too short")
	case as.Enum != nil && (typ != "string" || !slices.Contains(as.Enum, text)):
		return fmt.Errorf(" is not one of %q", as.Enum)
	}
	if as.Minimum != nil {
		most := int64(math.MaxInt64)
		if as.Maximum != nil {
			most = *as.Maximum
		}
		if n, err := strconv.ParseInt(string(raw), 10, 64); err != nil || n < *as.Minimum || n > most {
			return fmt.Errorf(" is outside %d to %d", *as.Minimum, most)
		}
	}
	for _, name := range as.Required {
		if d.member(i, name) == 0 {
			return fmt.Errorf(" lacks %q", name)
		}
	}
	return nil
}
