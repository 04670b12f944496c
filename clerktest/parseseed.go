package clerktest

import (
	"bytes"
	_ "embed" // for the schema
	"encoding/json"
	"errors"
	"fmt"
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

// ParseSeed reads a Seed from its JSON form and checks all of it: that it is
// what the schema describes, that nothing is named twice, that the users and
// organizations that its parts refer to are in it. The error names the line, the column
// and the reason.
func ParseSeed(text []byte) (Seed, error) {
	seed, at, err := parseSeed(text)
	if err != nil {
		line, column := position(text, at)
		return Seed{}, fmt.Errorf("clerktest: line %d, column %d: %w", line, column, err)
	}
	return seed, nil
}

// parseSeed also returns the offset of what is wrong.
func parseSeed(text []byte) (Seed, int64, error) {
	var altered *jsonscan.Error
	if err := jsonscan.CheckStrings(text); errors.As(err, &altered) {
		return Seed{}, int64(altered.Offset), altered
	}
	doc, at, err := parseTree(text)
	if err != nil {
		return Seed{}, at, err
	}
	s := schemas{text: text}
	if err := json.Unmarshal([]byte(seedSchema), &s.root); err != nil {
		return Seed{}, 0, err
	}
	if wrong := s.check(&s.root, doc); wrong != nil {
		return Seed{}, wrong.at, wrong.err
	}
	var seed Seed
	if err := json.Unmarshal(text, &seed); err != nil {
		return Seed{}, 0, err
	}
	if err := checkSessionClaims(seed.SessionClaims); err != nil {
		return Seed{}, doc.member("session_claims").start, err
	}
	if _, err := newStore(seed); err != nil {
		return Seed{}, locate(doc, err), err
	}
	return seed, 0, nil
}

// locate finds the part of the document that a seed's error is about.
func locate(doc *tree, err error) int64 {
	var part *seedError
	if !errors.As(err, &part) {
		return doc.start
	}
	list := doc.member(part.list)
	if list == nil || part.index >= len(list.elements) {
		return doc.start
	}
	element := list.elements[part.index]
	if field := element.member(part.field); field != nil {
		return field.start
	}
	return element.start
}

// position is the line and the column, both from 1, of an offset.
func position(text []byte, at int64) (line, column int) {
	before := text[:min(max(at, 0), int64(len(text)))]
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

type schemas struct {
	text []byte
	root schema
}

// wrong is what is wrong with a document, and where.
type wrong struct {
	at  int64
	err error
}

func (n *tree) wrong(format string, args ...any) *wrong {
	return &wrong{n.start, fmt.Errorf(format, args...)}
}

func (s *schemas) check(as *schema, n *tree) *wrong {
	const defs = "#/$defs/"
	if as.Ref == defs+"metadata" {
		// The schema cannot say what metadata refuses besides: doubled keys,
		// say, and half surrogate pairs.
		var v metadata.Value
		if err := v.UnmarshalJSON(s.text[n.start:n.end]); err != nil {
			return n.wrong("%s: %w", n.path(), err)
		}
		return nil
	}
	if as.Ref != "" {
		as = s.root.Defs[as.Ref[len(defs):]]
	}
	if !as.allows(n.kind) {
		return n.wrong("%s is %s where the schema has %v", n.path(), n.kind, as.Type)
	}
	switch {
	case len(n.value) < as.MinLength && n.kind == "string":
		return n.wrong("%s is too short", n.path())
	case as.Enum != nil && !n.oneOf(as.Enum):
		return n.wrong("%s must be one of %q", n.path(), as.Enum)
	case as.Minimum != nil && n.number() < *as.Minimum:
		return n.wrong("%s is less than %d, or too large", n.path(), *as.Minimum)
	}
	for _, name := range as.Required {
		if n.member(name) == nil {
			return n.wrong("%s lacks %q", n.path(), name)
		}
	}
	for _, m := range n.members {
		property := as.Properties[m.name]
		if property == nil {
			if err := json.Unmarshal(as.Additional, &property); err != nil {
				return &wrong{m.at, fmt.Errorf("%s has no member %q", n.path(), m.name)}
			}
		}
		if wrong := s.check(property, m.value); wrong != nil {
			return wrong
		}
	}
	for _, element := range n.elements {
		if wrong := s.check(as.Items, element); wrong != nil {
			return wrong
		}
	}
	return nil
}

// allows: the one schema that has several types is metadata's, which check knows.
func (s *schema) allows(kind string) bool {
	name, one := s.Type.(string)
	return !one || name == kind
}
