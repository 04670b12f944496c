package proxy

import (
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unsafeMetadata is the form field that a browser writes.
const unsafeMetadata = "unsafe_metadata"

// pair is a name and its value in a form, decoded.
type pair struct{ name, value string }

// parseForm reads a form or a query, and reports false for a text that two
// parsers could read differently: with a ';' (which some take for a '&'), an
// escape that is none, bytes that are not UTF-8, a name that Clerk has no use
// for. No JSON object, XML or multipart text is a form by these rules, so that
// nothing read as a form here can be read as one of those elsewhere.
func parseForm(text string) (pairs []pair, ok bool) {
	for part := range strings.SplitSeq(text, "&") {
		rawName, rawValue, _ := strings.Cut(part, "=")
		name, nameErr := url.QueryUnescape(rawName)
		value, valueErr := url.QueryUnescape(rawValue)
		if nameErr != nil || valueErr != nil || strings.Contains(part, ";") ||
			!isFormName(name) || !utf8.ValidString(value) {
			return nil, false
		}
		pairs = append(pairs, pair{name, value})
	}
	return pairs, true
}

// isFormName allows what the names of Clerk's parameters are made of, brackets,
// and the empty name of an empty part.
func isFormName(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return !isPlainRune(r) && r != '[' && r != ']' })
}

func isPlainRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_.-", r)
}

// resemblesField reports whether a name could pass for unsafe_metadata: with
// other separators, in another case, inside brackets, or escaped more than once.
func resemblesField(name string) bool {
	return strings.Contains(strings.ReplaceAll(foldName(name), "_", ""), "unsafemetadata")
}

// resemblesMethod reports whether a name could pass for _method.
func resemblesMethod(name string) bool {
	return strings.HasPrefix(foldName(name), methodParam)
}

// foldName takes off what a careless parser might take off or ignore: escapes, case,
// and whatever is no letter, digit or underscore.
func foldName(name string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(unicode.ToUpper(r)) // the way of 'ſ' is through 'S'
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, unescapeAll(name))
}

// unescapeAll undoes percent-encoding until there is none left, and leaves
// alone what is no escape.
func unescapeAll(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		out = append(out, s[i])
		for n := len(out) - 3; n >= 0 && out[n] == '%'; n = len(out) - 3 {
			char, err := hex.DecodeString(string(out[n+1:]))
			if err != nil {
				break
			}
			out = append(out[:n], char...)
		}
	}
	return string(out)
}
