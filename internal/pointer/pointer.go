// Package pointer writes and reads JSON Pointers (RFC 6901), the paths in errors,
// reports and the unset of a bulk change. "" is the whole document; the text of a
// step escapes ~ as ~0 and / as ~1.
package pointer

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reasons of Parse. They quote nothing of the text.
var (
	errStart  = errors.New("a JSON Pointer begins with /")
	errText   = errors.New("not valid UTF-8")
	errEscape = errors.New("a ~ is written ~0, and a / in a key ~1")
)

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

// Of returns the pointer of the keys and indexes that lead to a place.
func Of(steps ...string) string {
	var b strings.Builder
	for _, step := range steps {
		b.WriteByte('/')
		b.WriteString(escaper.Replace(step))
	}
	return b.String()
}

// Parse returns the steps of a pointer, none for "". It is the inverse of Of.
func Parse(text string) ([]string, error) {
	switch {
	case text == "":
		return nil, nil
	case text[0] != '/':
		return nil, errStart
	case !utf8.ValidString(text):
		return nil, errText
	case strings.Count(text, "~") != strings.Count(text, "~0")+strings.Count(text, "~1"):
		return nil, errEscape
	}
	steps := strings.Split(text[1:], "/")
	for i, step := range steps {
		steps[i] = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
	}
	return steps, nil
}

// MaxSteps is the number of steps that Printable keeps.
const MaxSteps = 20

// Printable returns a pointer for an error or a log line: control characters are
// escaped, and steps beyond MaxSteps and bytes beyond 64 in a step become "…".
func Printable(path string) string {
	const maxStepSize = 64
	steps := strings.SplitN(path, "/", MaxSteps+2)
	if len(steps) > MaxSteps+1 {
		steps[MaxSteps+1] = "…"
	}
	for i, step := range steps {
		quoted := strconv.Quote(step)
		step = quoted[1 : len(quoted)-1]
		if len(step) > maxStepSize {
			step = strings.ToValidUTF8(step[:maxStepSize], "") + "…"
		}
		steps[i] = step
	}
	return strings.Join(steps, "/")
}

// Lookup returns the value that the steps lead to, through the members of objects only.
func Lookup(members map[string]any, steps []string) (value any, found bool) {
	value = members
	for _, step := range steps {
		object, _ := value.(map[string]any)
		if value, found = object[step]; !found {
			return nil, false
		}
	}
	return value, true
}

// Set sets a value where the steps, at least one, lead to, and makes the objects on the
// way. It reports false, and sets nothing, where another value is in the way.
func Set(members map[string]any, steps []string, value any) bool {
	last := len(steps) - 1
	for _, step := range steps[:last] {
		inner, found := members[step]
		if !found {
			inner = map[string]any{}
			members[step] = inner
		}
		object, isObject := inner.(map[string]any)
		if !isObject {
			return false
		}
		members = object
	}
	members[steps[last]] = value
	return true
}
