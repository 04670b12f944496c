// Package answer reads what Clerk answers: the members of an entity, as values and as
// the JSON that came, and the elements of a list. It does no I/O.
package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Names of the members that every entity has.
const (
	EntityID  = "id"
	CreatedAt = "created_at"
	UpdatedAt = "updated_at"
)

// Read passes each member of the object that text is to f, in order and doubled
// ones too, and returns the first error; a null has no members. Of a text that
// was cut short it passes the members that came whole. Names match in exact
// case. Errors name the field at fault and never quote the text.
func Read(text []byte, f func(Member) error) error {
	var first error
	err := jsonscan.Members(text, func(quoted, value []byte) {
		if err := f(Member{Name: unquote(quoted), value: value}); first == nil {
			first = err
		}
	})
	if err != nil {
		return whole(text, err)
	}
	return first
}

// Entity is Read of an entity, for errors called name: it must have an id, which f puts
// into id. The error satisfies clerkerr.ErrDecode.
func Entity(name string, text []byte, id *string, f func(Member) error) error {
	err := Read(text, f)
	if err == nil && *id == "" {
		err = errors.New(`field "id" is missing`)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", clerkerr.ErrDecode, name, err)
	}
	return nil
}

// Elements returns the elements of the array that text is, as parts of it. A
// null is none: who asked for a list would take it for an empty one. Errors are
// as for Read.
func Elements(text []byte) ([]json.RawMessage, error) {
	list, err := elements(text)
	if err != nil {
		return nil, whole(text, err)
	}
	return list, nil
}

// Each parses each element of a list, to the first error.
func Each[E any](list []json.RawMessage, parse func([]byte) (*E, error)) ([]*E, error) {
	entries := make([]*E, 0, len(list))
	for _, element := range list {
		entry, err := parse(element)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

func whole(text []byte, err error) error {
	if errors.Is(err, jsonscan.ErrKind) {
		return errors.New("the whole " + wrongType)
	}
	return fmt.Errorf("%w, %d bytes", err, len(text))
}

const wrongType = "has a type that is not documented"

// Member is one member of an object in an answer. Its methods read the value and,
// but for Elements, leave what they read into as it is where the value is null.
type Member struct {
	// Name is the member's name. It is good until the function that it is
	// passed to returns.
	Name []byte

	value []byte
	// outer is the name of the member that the object is, nil for the whole.
	outer []byte
}

// Raw is the value's text, a part of what was read.
func (m Member) Raw() json.RawMessage { return m.value }

// String reads a string.
func (m Member) String(dst *string) error {
	switch m.value[0] {
	case '"':
		*dst = string(unquote(m.value))
		return nil
	case 'n':
		return nil
	default:
		return m.fault()
	}
}

// Int reads an integer.
func (m Member) Int(dst *int64) error {
	if m.value[0] == 'n' {
		return nil
	}
	n, err := strconv.ParseInt(string(m.value), 10, 64)
	if err != nil {
		return m.fault()
	}
	*dst = n
	return nil
}

// Time reads Clerk's Unix milliseconds; 0 is the zero Time.
func (m Member) Time(dst *time.Time) error {
	var millis int64
	err := m.Int(&millis)
	if millis != 0 {
		*dst = time.UnixMilli(millis).UTC()
	}
	return err
}

// Object reads a metadata field, of which a null is a value.
func (m Member) Object(dst *metadata.Object) error {
	o, err := metadata.ParseObject(m.value)
	if err != nil {
		return fmt.Errorf("field %q: %w", m.field(), err)
	}
	*dst = o
	return nil
}

// Elements reads an array, as parts of what was read. A null is none.
func (m Member) Elements(dst *[]json.RawMessage) error {
	list, err := elements(m.value)
	if err != nil {
		return m.fault()
	}
	*dst = list
	return nil
}

// Inner reads a string that is a member of an object.
func (m Member) Inner(name string, dst *string) error {
	var fault error
	err := jsonscan.Members(m.value, func(quoted, value []byte) {
		inner := Member{Name: unquote(quoted), value: value, outer: m.Name}
		if string(inner.Name) == name {
			fault = inner.String(dst)
		}
	})
	if err != nil {
		return m.fault()
	}
	return fault
}

// field is the member's name, with that of the object it is in.
func (m Member) field() string {
	if m.outer == nil {
		return string(m.Name)
	}
	return string(m.outer) + "." + string(m.Name)
}

func (m Member) fault() error { return fmt.Errorf("field %q %s", m.field(), wrongType) }

func elements(text []byte) ([]json.RawMessage, error) {
	list := []json.RawMessage{}
	err := jsonscan.Elements(text, func(value []byte) { list = append(list, value) })
	if err == nil && string(bytes.TrimSpace(text)) == "null" {
		err = jsonscan.ErrKind
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// unquote is what a valid JSON string says. Most hold nothing to replace, and
// then it is a part of the text.
func unquote(quoted []byte) []byte {
	for _, c := range quoted {
		if c == '\\' || c >= utf8.RuneSelf {
			var s string
			_ = json.Unmarshal(quoted, &s) // it is valid
			return []byte(s)
		}
	}
	return quoted[1 : len(quoted)-1]
}
