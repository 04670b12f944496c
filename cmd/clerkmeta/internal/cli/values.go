package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// longestDocument bounds what is read as metadata: Clerk's 8 KB many times over.
const longestDocument = 4 << 20

// values are the flags with what to write: a document, and single values over it.
type values struct {
	*connection
	flag    *pflag.Flag // of json
	json    string
	set     []string
	strings []string
}

func documentFlag(cmd *cobra.Command, c *connection) *values {
	v := &values{connection: c}
	cmd.Flags().StringVar(&v.json, "json", "", "JSON `object`, @FILE for one in a file, - for one on standard input")
	v.flag = cmd.Flags().Lookup("json")
	complete(cmd, nil, "json")
	return v
}

func valueFlags(cmd *cobra.Command, k *kind, c *connection) *values {
	v := documentFlag(cmd, c)
	cmd.Flags().StringArrayVar(&v.set, "set", nil, "set one value, `PATH=VALUE`: JSON if it is valid JSON, a string otherwise; may be repeated")
	cmd.Flags().StringArrayVar(&v.strings, "set-string", nil, "set one string, `PATH=TEXT`, whatever it looks like; may be repeated")
	pick(cmd, 1, 3, "json", "set", "set-string")
	completeWith(cmd, k.completePath, "set", "set-string")
	return v
}

type assignment struct {
	path  []string
	value any
}

// patch reads the values as a merge patch, in which null removes a key.
func (v *values) patch() (metadata.Patch, error) {
	return parsed(v, metadata.ParsePatch)
}

// value reads the values as a whole field, in which null is data.
func (v *values) value() (metadata.Value, error) {
	return parsed(v, func(text []byte) (metadata.Value, error) {
		var value metadata.Value
		err := value.UnmarshalJSON(text)
		if err == nil && value.IsNull() {
			err = errors.New("null is not an object; {} clears the field")
		}
		return value, err
	})
}

// parsed parses the document as it was given, for errors that name it, and if there are
// single values again with them.
func parsed[T any](v *values, parse func([]byte) (T, error)) (T, error) {
	var none T
	text, code, err := v.document()
	if err != nil {
		return none, err
	}
	whole, err := parse(text)
	if err != nil {
		return none, failed(code, "--json: %w", err)
	}
	assignments, err := v.assignments()
	if err != nil || len(assignments) == 0 {
		return whole, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text)) // parse was strict
	decoder.UseNumber()                               // keeps the digits
	var tree map[string]any
	if err := decoder.Decode(&tree); err != nil {
		return none, failed(code, "--json: %w", err)
	}
	for _, a := range assignments {
		if !pointer.Set(tree, a.path, a.value) {
			return none, failed(ExitUsage, "%s cannot be set: a parent of it in --json is not an object", dotted(a.path))
		}
	}
	if text, err = json.Marshal(tree); err != nil {
		return none, err
	}
	if whole, err = parse(text); err != nil {
		return none, failed(ExitUsage, "--set: %w", err)
	}
	return whole, nil
}

// document returns the text of --json, and the exit code for errors in it.
func (v *values) document() (text []byte, code int, err error) {
	name, isFile := strings.CutPrefix(v.json, "@")
	switch {
	case !v.flag.Changed:
		return []byte("{}"), ExitUsage, nil
	case v.json == "": // such as "$UNSET", which would clear the field
		return nil, 0, failed(ExitUsage, "--json is empty; expected a JSON object, @FILE or -")
	case v.json == "-":
		if err := v.stdinOnce("JSON"); err != nil {
			return nil, 0, err
		}
		text, err = readText(v.in, longestDocument)
	case isFile:
		text, err = readTextFile(name, longestDocument)
	default:
		return []byte(v.json), ExitUsage, nil
	}
	if err != nil {
		return nil, 0, failed(ExitFile, "--json: %w", err)
	}
	return text, ExitFile, nil
}

// assignments returns the single values. It refuses two of them for the same place: the two
// flags have no order.
func (v *values) assignments() ([]assignment, error) {
	var all []assignment
	for i, text := range slices.Concat(v.set, v.strings) {
		isString := i >= len(v.set)
		a, err := parseValue(text, isString)
		if err != nil && isString {
			return nil, failed(ExitUsage, "--set-string: %w", err)
		}
		if err != nil {
			return nil, failed(ExitUsage, "--set: %w", err)
		}
		for _, other := range all {
			if n := min(len(a.path), len(other.path)); slices.Equal(a.path[:n], other.path[:n]) {
				return nil, failed(ExitUsage, "%s and %s are both set, and one holds the other", dotted(other.path), dotted(a.path))
			}
		}
		all = append(all, a)
	}
	return all, nil
}

// parseValue reads PATH=VALUE. A value that is no JSON is a string too.
func parseValue(text string, isString bool) (assignment, error) {
	path, value, err := parseAssignment(text)
	if err != nil || isString || !json.Valid([]byte(value)) {
		return assignment{path, value}, err
	}
	// Checked here, since a decoder drops keys that occur twice.
	if _, err := metadata.ParsePatch([]byte(`{"value":` + value + `}`)); err != nil {
		return assignment{}, fmt.Errorf("%s: %w", dotted(path), err)
	}
	return assignment{path, json.RawMessage(value)}, nil
}
