package security

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shortest is how much of a secret is a leak.
const shortest = 8

// secret is a text that may not be seen. What it begins with in public, as
// "sk_test_" does, is not part of it.
type secret struct{ name, text string }

// scanner finds secrets in texts.
type scanner []secretForm

// secretForm is how a part of a secret can look in a text.
type secretForm struct{ name, needle string }

// newScanner looks for the first and the last characters of each secret, which
// are in any longer part that has one of its ends, and for some in the middle.
func newScanner(secrets ...secret) scanner {
	var s scanner
	for _, of := range secrets {
		middle := (len(of.text) - shortest) / 2
		for _, part := range []string{of.text[:shortest], of.text[middle : middle+shortest], of.text[len(of.text)-shortest:]} {
			for _, needle := range forms(part) {
				s = append(s, secretForm{of.name, needle})
			}
		}
	}
	return s
}

// forms are the ways in which programs write a text.
func forms(text string) []string {
	quoted := strconv.Quote(text)
	encoded, _ := json.Marshal(text)
	all := []string{
		text, url.QueryEscape(text), url.PathEscape(text), lowerEscapes(url.QueryEscape(text)), html.EscapeString(text),
		quoted[1 : len(quoted)-1], string(encoded[1 : len(encoded)-1]),
		strings.Trim(string(mustJSON(string(encoded[1:len(encoded)-1]))), `"`), // JSON in JSON
		fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), strings.Trim(fmt.Sprintf("%d", []byte(text)), "[]"),
		strings.Trim(fmt.Sprintf("%#v", []byte(text)), "[]byte{}"),
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, encodedAnywhere(encoding, text)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// encodedAnywhere is what of a text can be told in the base64 of a longer one, for
// each of the three places where it can begin in a group.
func encodedAnywhere(encoding *base64.Encoding, text string) []string {
	var all []string
	for before := range 3 {
		encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + text))
		first, whole := (before*8+5)/6, (before+len(text))*8/6
		all = append(all, encoded[first:whole])
	}
	return all
}

// lowerEscapes writes %2B as %2b.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(string(b[i:i+3])))
		}
	}
	return string(b)
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		return []byte(err.Error())
	}
	return text
}

// in names the secrets that a text shows, each with what showed it.
func (s scanner) in(text string) []string {
	var found []string
	for _, form := range s {
		if at := strings.Index(text, form.needle); at >= 0 {
			around := text[max(0, at-40):min(len(text), at+len(form.needle)+10)]
			found = append(found, fmt.Sprintf("%s as %s in %q", form.name, form.needle, around))
		}
	}
	return found
}

// requireNone fails the test for each secret that a text shows.
func (s scanner) requireNone(t *testing.T, where, text string) {
	t.Helper()
	for _, found := range s.in(text) {
		t.Errorf("%s shows %s", where, found)
	}
}
