package structfields

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// tagName is the name that a json tag gives a field, "" for none, and whether it
// is one that not every release of Go takes. Such a name is asked of encoding/json.
// The caller handles "-" alone, which leaves the field out.
func tagName(tag string) (name string, odd bool) {
	name, _, _ = strings.Cut(tag, ",")
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) {
			return askName(tag), true
		}
	}
	return name, false
}

// TagName is the name that a json tag gives a field, "" for none.
func TagName(tag string) string {
	name, _ := tagName(tag)
	return name
}

// askName is the name that the running encoding/json takes from a tag, "" for
// none. It encodes a struct that has one field with this tag.
func askName(tag string) string {
	const untagged = "AskedOfEncodingJSON"
	t := reflect.StructOf([]reflect.StructField{{
		Name: untagged, Type: reflect.TypeFor[int](), Tag: reflect.StructTag("json:" + strconv.Quote(tag)),
	}})
	v := reflect.New(t)
	v.Elem().Field(0).SetInt(1) // a zero could be left out
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return "" // of an option; Unsteady says so
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return ""
	}
	for name := range members {
		if name != untagged {
			return name
		}
	}
	return ""
}

// HasOption reports whether a json tag has an option.
func HasOption(tag, option string) bool {
	_, options, _ := strings.Cut(tag, ",")
	for o := range strings.SplitSeq(options, ",") {
		if o == option {
			return true
		}
	}
	return false
}

// unsteadyOption returns the first option of a json tag that releases of Go read
// differently; "" for none. Some take what begins with a word of theirs for the
// word, and some take it in quotes.
func unsteadyOption(tag string) string {
	_, options, _ := strings.Cut(tag, ",")
	for option := range strings.SplitSeq(options, ",") {
		word := option
		if end := strings.IndexFunc(option, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }); end >= 0 {
			word = option[:end]
		}
		switch word {
		case "case", "embed", "format", "inline", "unknown":
			return option
		case "omitempty", "omitzero", "string":
			if option != word {
				return option
			}
		}
		if strings.Contains(option, "'") {
			return option
		}
	}
	return ""
}
