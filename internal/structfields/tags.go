package structfields

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// tagName returns the name that a json tag other than "-" gives a field, if it gives one.
// A name that not every release of Go takes is odd, and encoding/json's own answer.
func tagName(tag string) (name string, named, odd bool) {
	name, _, _ = strings.Cut(tag, ",")
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) {
			name, named = askName(tag)
			return name, named, true
		}
	}
	return name, name != "", false
}

// askName returns the name that the running encoding/json takes from a tag, if it takes
// one. It encodes a struct that has one field with this tag.
func askName(tag string) (name string, named bool) {
	const untagged = "AskedOfEncodingJSON"
	t := reflect.StructOf([]reflect.StructField{{
		Name: untagged, Type: reflect.TypeFor[int](), Tag: reflect.StructTag("json:" + strconv.Quote(tag)),
	}})
	v := reflect.New(t)
	v.Elem().Field(0).SetInt(1) // a zero could be left out
	text, err := json.Marshal(v.Interface())
	var members map[string]any
	if err != nil || json.Unmarshal(text, &members) != nil {
		return "", false // because of an option, which Unsteady reports
	}
	for name := range members {
		return name, name != untagged
	}
	return "", false
}

// hasOption reports whether a json tag has an option.
func hasOption(tag, option string) bool {
	_, options, _ := strings.Cut(tag, ",")
	return slices.Contains(strings.Split(options, ","), option)
}

// unsteadyOption returns the first option of a json tag that releases of Go read
// differently; "" for none. Some take what begins with an option for the option, and some
// take it in quotes.
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
