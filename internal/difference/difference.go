// Package difference finds where two metadata objects differ. The command, package bulk
// and the emulator show the same signs, paths and values, from here.
package difference

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// The signs of a Difference.
const (
	Added   = "+"
	Removed = "-"
	Changed = "~"
)

// Difference is a place at which two states of a metadata field differ.
type Difference struct {
	// Sign is Added, Removed or Changed.
	Sign string
	// Path has the keys that lead to the place. It is empty for the whole field, which
	// differs where one state of it is null.
	Path []string
	// From and To are the values, as metadata.Object.Map has them; nil where there is none.
	From, To any
}

// Of returns the differences between two states of a field: as deep as both have objects,
// with arrays as a whole. The whole field comes first, then the places in the order of their
// JSON Pointers. It fails if metadata cannot be read.
func Of(from, to metadata.Object) ([]Difference, error) {
	var all []Difference
	if to.IsNull() != from.IsNull() && !from.IsZero() && !to.IsZero() {
		all = append(all, Difference{Sign: Changed, From: from, To: to})
	}
	paths, err := metadata.Changed(from, to)
	if err != nil || len(paths) == 0 {
		return all, err
	}
	was, err := from.Map()
	if err != nil {
		return nil, err
	}
	is, err := to.Map()
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		d := Difference{Sign: Changed}
		if d.Path, err = pointer.Parse(path); err != nil {
			return nil, err
		}
		var before, after bool
		d.From, before = pointer.Lookup(was, d.Path)
		d.To, after = pointer.Lookup(is, d.Path)
		switch {
		case !before:
			d.Sign = Added
		case !after:
			d.Sign = Removed
		}
		all = append(all, d)
	}
	return all, nil
}

// String returns the difference as the command prints it: "~ limits.seats: 5 -> 6", with
// field for the whole field.
func (d Difference) String(field string) string {
	return d.Sign + " " + d.Name(field) + ": " + d.Values()
}

// Name returns the path in dots, or field for the whole field.
func (d Difference) Name(field string) string {
	if len(d.Path) == 0 {
		return field
	}
	return Dotted(d.Path)
}

// Values returns the values as JSON: "5 -> 6", or the one that there is.
func (d Difference) Values() string {
	switch d.Sign {
	case Added:
		return text(d.To)
	case Removed:
		return text(d.From)
	}
	return text(d.From) + " -> " + text(d.To)
}

var escaper = strings.NewReplacer(`\`, `\\`, `.`, `\.`, `=`, `\=`)

// Dotted returns a path as the command's arguments write it: limits.seats, with \ before a
// dot, an equals sign or a \ in a key.
func Dotted(path []string) string {
	keys := make([]string, len(path))
	for i, key := range path {
		keys[i] = escaper.Replace(key)
	}
	return strings.Join(keys, ".")
}

// text encodes a value with the escapes that JSON requires. A value of metadata encodes.
func text(value any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value)
	return strings.TrimSuffix(b.String(), "\n")
}
