// Package answer reads what Clerk answers: the members of an entity, as values and as
// the JSON that came, and the elements of a list. It does no I/O.
package answer

import (
	"bytes"
	"cmp"
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

// Members passes each member of the object that text is to f, in order and doubled
// ones too; a null has no members. Of a text that was cut short it passes the members
// that came whole. The error does not quote the text.
func Members(text []byte, f func(name, value []byte)) error {
	err := jsonscan.Members(text, func(quoted, value []byte) { f(unquote(quoted), value) })
	if err != nil {
		return whole(text, err)
	}
	return nil
}

// Object reads fields of the object that text is, as Members does. The error is the
// first; it names the field at fault.
func Object(text []byte, fields ...Field) error {
	var first error
	err := Members(text, func(name, value []byte) {
		for _, f := range fields {
			if f.name != string(name) {
				continue
			}
			if err := f.read(f.name, value); first == nil {
				first = err
			}
		}
	})
	return cmp.Or(err, first)
}

// Entity is Object for an entity, which errors call kind and whose id comes first in
// fields. An entity without an id is an error. The error satisfies clerkerr.ErrDecode.
func Entity(kind string, text []byte, fields ...Field) error {
	err := Object(text, fields...)
	if id, _ := fields[0].place.(*string); err == nil && *id == "" {
		err = errors.New(`field "id" is missing`)
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w", clerkerr.ErrDecode, kind, err)
	}
	return nil
}

// Elements returns the elements of the array that text is, as parts of it. A null is an
// error, not an empty list. Errors are as for Members.
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

// Field is a member of an object and the place that it is read into.
type Field struct {
	name  string
	place any
}

// To returns the field with a name, in exact case, that is read into place: a string, an
// integer, a time (Clerk's Unix milliseconds; 0 is the zero Time), an object of metadata,
// any JSON or an array, as parts of the text, or a field of an object. A null leaves place as it is;
// only metadata has it as a value.
func To[P *string | *int64 | *time.Time | *metadata.Object | *json.RawMessage | *[]json.RawMessage | Field](name string, place P) Field {
	return Field{name, place}
}

// read reads a value; errors call the field path.
func (f Field) read(path string, value []byte) error {
	if object, ok := f.place.(*metadata.Object); ok {
		o, err := metadata.ParseObject(value)
		if err != nil {
			return fmt.Errorf("field %q: %w", path, err)
		}
		*object = o
		return nil
	}
	if value[0] == 'n' {
		return nil
	}
	var err, inner error
	switch place := f.place.(type) {
	case *string:
		if value[0] != '"' {
			err = jsonscan.ErrKind
			break
		}
		*place = string(unquote(value))
	case *int64:
		var n int64
		if n, err = strconv.ParseInt(string(value), 10, 64); err == nil {
			*place = n
		}
	case *time.Time:
		var millis int64
		if millis, err = strconv.ParseInt(string(value), 10, 64); err == nil && millis != 0 {
			*place = time.UnixMilli(millis).UTC()
		}
	case *json.RawMessage:
		*place = value
	case *[]json.RawMessage:
		*place, err = elements(value)
	case Field:
		err = jsonscan.Members(value, func(quoted, value []byte) {
			if string(unquote(quoted)) == place.name {
				inner = place.read(path+"."+place.name, value)
			}
		})
	}
	if err != nil {
		return fmt.Errorf("field %q %s", path, wrongType)
	}
	return inner
}

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

// unquote returns what a valid JSON string says: a part of the text if it has no escapes.
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
