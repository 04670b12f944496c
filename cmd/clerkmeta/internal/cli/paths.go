package cli

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/difference"
)

// pathHelp is the help on paths.
const pathHelp = `A PATH is keys with dots between them: billing.plan. A backslash before a dot,
an equals sign or a backslash makes it part of a key: hosts.example\.com.`

var (
	errPathEmpty  = errors.New("a path holds an empty key")
	errPathEscape = errors.New(`a backslash in a path must precede a dot, an equals sign or a backslash`)
	errPathText   = errors.New("a path is not valid UTF-8")
	errNoValue    = errors.New("expected PATH=VALUE, such as role=admin")
)

func parsePath(text string) ([]string, error) {
	path, _, err := cutPath(text, 0) // no argument can hold a zero
	return path, err
}

// parseAssignment splits PATH=VALUE at the first equals sign without a backslash before it.
// Its errors quote nothing: all of the text may be a value.
func parseAssignment(text string) (path []string, value string, err error) {
	path, rest, err := cutPath(text, '=')
	switch {
	case err != nil:
		return nil, "", err
	case rest == "":
		return nil, "", errNoValue
	}
	return path, rest[1:], nil
}

// cutPath reads keys up to the first stop. The rest begins with it.
func cutPath(text string, stop byte) (path []string, rest string, err error) {
	if !utf8.ValidString(text) {
		return nil, "", errPathText
	}
	var key strings.Builder
	end := func() {
		if key.Len() == 0 {
			err = errPathEmpty
		}
		path = append(path, key.String())
		key.Reset()
	}
	i := 0
	for ; i < len(text) && text[i] != stop; i++ {
		switch text[i] {
		case '.':
			end()
		case '\\':
			i++
			if i == len(text) || !strings.ContainsRune(`.=\`, rune(text[i])) {
				return nil, "", errPathEscape
			}
			key.WriteByte(text[i])
		default:
			key.WriteByte(text[i])
		}
	}
	end()
	return path, text[i:], err
}

// dotted returns a path as arguments write it, safe for a terminal.
func dotted(path []string) string { return visible(difference.Dotted(path)) }
