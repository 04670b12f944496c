package clerktest

import (
	"bytes"
	_ "embed" // for the schema
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// seedSchema is a separate file, for editors. Nothing writes to it.
//
//go:embed seed.schema.json
var seedSchema string

// SeedSchema returns the JSON Schema (draft 2020-12) of a Seed's JSON form.
func SeedSchema() []byte { return []byte(seedSchema) }

// ParseSeed reads a Seed from its JSON form. It checks that the text has the form that
// the schema describes, that no identifier occurs twice, and that every user and
// organization referred to exists. The error names the line, the column and the reason.
func ParseSeed(text []byte) (Seed, error) {
	seed, at, err := parseSeed(text)
	if err != nil {
		line, column := position(text, at)
		return Seed{}, fmt.Errorf("clerktest: line %d, column %d: %w", line, column, err)
	}
	return seed, nil
}

// parseSeed also returns the offset of the error's cause.
func parseSeed(text []byte) (Seed, int, error) {
	if altered, ok := errors.AsType[*jsonscan.Error](jsonscan.CheckStrings(text)); ok {
		return Seed{}, altered.Offset, altered
	}
	doc, at, err := readDocument(text)
	if err != nil {
		return Seed{}, at, err
	}
	s := schemas{document: doc}
	if err := json.Unmarshal([]byte(seedSchema), &s.root); err != nil {
		return Seed{}, 0, err
	}
	if at, err := s.check(&s.root, 0); err != nil {
		return Seed{}, at, err
	}
	var seed Seed
	if err := json.Unmarshal(text, &seed); err != nil {
		return Seed{}, 0, err
	}
	if err := checkSessionClaims(seed.SessionClaims); err != nil {
		claims, _ := doc.member(0, "session_claims")
		return Seed{}, doc.start(claims), err
	}
	if _, err := newStore(seed); err != nil {
		return Seed{}, doc.locate(err), err
	}
	return seed, 0, nil
}

// locate returns the offset of the value that a seed's error is about.
func (d *document) locate(err error) int {
	part, ok := errors.AsType[*seedError](err)
	if !ok {
		return d.start(0)
	}
	value, _ := d.member(0, part.list)
	elements := slices.Collect(d.parts(value))
	value = elements[part.index]
	if field, found := d.member(value, part.field); found {
		value = field
	}
	return d.start(value)
}

// position is the line and the column, both from 1, of an offset.
func position(text []byte, at int) (line, column int) {
	before := text[:at]
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

// schema is as much of JSON Schema as the seed's needs.
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
}

// schemas checks a document.
type schemas struct {
	*document
	root schema
}

// check checks value i. It returns the offset of the error's cause, too.
func (s *schemas) check(as *schema, i int) (int, error) {
	const defs = "#/$defs/"
	if as.Ref == defs+"metadata" {
		// The schema cannot express all that metadata requires.
		var v metadata.Value
		if err := v.UnmarshalJSON(s.raw(i)); err != nil {
			return s.start(i), fmt.Errorf("%s: %w", s.path(i), err)
		}
		return 0, nil
	}
	if as.Ref != "" {
		as = s.root.Defs[as.Ref[len(defs):]]
	}
	if err := s.checkValue(as, i); err != nil {
		return s.start(i), fmt.Errorf("%s %w", s.path(i), err)
	}
	for j := range s.parts(i) {
		of := as.Items
		if name, isMember := s.name(j); isMember {
			of = as.Properties[name]
			if of == nil && json.Unmarshal(as.Additional, &of) != nil {
				return int(s.nodes[j].Name), fmt.Errorf("%s has no member %q", s.path(i), name)
			}
		}
		if at, err := s.check(of, j); err != nil {
			return at, err
		}
	}
	return 0, nil
}

// checkValue checks value i except for the parts that it holds.
func (s *schemas) checkValue(as *schema, i int) error {
	kind, text := s.kind(i), jsonscan.String(s.raw(i))
	// Only metadata has several types.
	if want, one := as.Type.(string); one && kind != want {
		return fmt.Errorf("is %s where the schema has %s", kind, want)
	}
	switch {
	case kind == "string" && len(text) < as.MinLength:
		return errors.New("is too short")
	case as.Enum != nil && (kind != "string" || !slices.Contains(as.Enum, text)):
		return fmt.Errorf("must be one of %q", as.Enum)
	}
	if as.Minimum != nil {
		if n, err := strconv.ParseInt(string(s.raw(i)), 10, 64); err != nil || n < *as.Minimum {
			return fmt.Errorf("is less than %d, or too large", *as.Minimum)
		}
	}
	for _, name := range as.Required {
		if _, found := s.member(i, name); !found {
			return fmt.Errorf("lacks %q", name)
		}
	}
	return nil
}
