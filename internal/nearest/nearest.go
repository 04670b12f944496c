// Package nearest finds which known word a misspelled one was meant to be.
package nearest

import (
	"strings"
	"unicode"
)

// longest bounds the words that are compared, and so the work.
const longest = 64

// Hint returns "; did you mean x?" with the known word that is nearest to a word, "" if
// none is near: it differs in case, in what is around it, in one or two letters, or it
// begins the known word.
func Hint(word string, known []string) string {
	best, least := "", 3
	plain := bare(word)
	if len(plain) < 2 || len(plain) > longest {
		return ""
	}
	for _, k := range known {
		d := Distance(plain, bare(k))
		if strings.HasPrefix(bare(k), plain) {
			d = min(d, 1)
		}
		if d < least && d < len(plain) && d < len(k) {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// bare returns a word in lower case, without the quotes and blanks around it.
func bare(word string) string {
	word = strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
	return strings.ReplaceAll(word, "-", "_")
}

// Distance returns the least number of bytes to insert, remove or replace; longest, if b is
// longer than that.
func Distance(a, b string) int {
	if len(b) > longest {
		return longest
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
