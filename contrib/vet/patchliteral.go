package vet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// patchLiteral returns a metadata.Patch as Go source for the text of a merge patch, "" if the
// text is no object or holds what a literal cannot. An empty patch alone is an error of this SDK.
func patchLiteral(text, meta string) string {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil || len(object) == 0 || decoder.More() {
		return ""
	}
	source, ok := objectLiteral(object, meta)
	if !ok {
		return ""
	}
	return source
}

func objectLiteral(object map[string]any, meta string) (string, bool) {
	elems := make([]string, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		value := object[name]
		source, ok := meta+".Delete", true
		if value != nil {
			source, ok = valueLiteral(value, meta)
		}
		if !ok {
			return "", false
		}
		elems = append(elems, strconv.Quote(name)+": "+source)
	}
	return meta + ".Patch{" + strings.Join(elems, ", ") + "}", true
}

func valueLiteral(value any, meta string) (string, bool) {
	switch value := value.(type) {
	case string:
		return strconv.Quote(value), true
	case bool:
		return strconv.FormatBool(value), true
	case json.Number:
		// Another number could change its digits, or not be a constant of type int.
		if _, err := strconv.ParseInt(value.String(), 10, 32); err != nil {
			return "", false
		}
		return value.String(), true
	case map[string]any:
		return objectLiteral(value, meta)
	case []any:
		elems := make([]string, len(value))
		for i, elem := range value {
			if _, isObject := elem.(map[string]any); isObject || elem == nil {
				return "", false // a null has another meaning in an array
			}
			source, ok := valueLiteral(elem, meta)
			if !ok {
				return "", false
			}
			elems[i] = source
		}
		return fmt.Sprintf("[]any{%s}", strings.Join(elems, ", ")), true
	}
	return "", false
}
