package bulk_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// change is the change that the tests here read, once for each n.
func change(n int) string {
	return fmt.Sprintf(`{"user":"user_%d","patch":{"public_metadata":{"a":"]},{[","b":[%d,{}]}}}`, n, n)
}

// pretty is the same over several lines.
func pretty(n int) string {
	return fmt.Sprintf("{\n  \"user\": \"user_%d\",\n\n  \"patch\": {\n    \"public_metadata\": {\n      \"a\": \"]},{[\",\n      \"b\":\n        [\n%d,\n{\n}\n]\n    }\n  }\n}", n, n)
}

// Whatever the form, the same changes are read, from readers of any manners.
func TestFormsOfJSON(t *testing.T) {
	t.Parallel()
	want := []string{change(1), change(2), change(3)}
	for name, text := range map[string]string{
		"a line each":                  change(1) + "\n" + change(2) + "\n" + change(3),
		"trailing blank lines":         change(1) + "\n\n \t\n" + change(2) + "\r\n" + change(3) + "\r\n\r\n\n",
		"pretty":                       pretty(1) + "\n" + pretty(2) + "\n" + pretty(3) + "\n",
		"pretty, CRLF":                 strings.ReplaceAll(pretty(1)+"\n"+pretty(2)+"\n"+pretty(3), "\n", "\r\n"),
		"pretty and not":               pretty(1) + "\n" + change(2) + "\n" + pretty(3),
		"array, an element a line":     "[" + change(1) + ",\n" + change(2) + ",\n" + change(3) + "]\n",
		"array of jq":                  "[\n  " + pretty(1) + ",\n  " + pretty(2) + ",\n  " + pretty(3) + "\n]\n",
		"array on one line":            "[" + change(1) + "," + change(2) + "," + change(3) + "]",
		"comma first":                  "[\n  " + change(1) + "\n, " + change(2) + "\n, " + change(3) + "\n]",
		"two arrays":                   "[" + change(1) + "]\n[]\n[" + pretty(2) + " , " + change(3) + "]",
		"arrays and lines":             change(1) + "\n[" + change(2) + "]" + change(3),
		"byte order mark":              "\uFEFF" + change(1) + "\n" + change(2) + "\n" + change(3),
		"byte order mark and array":    "\uFEFF[" + change(1) + "," + change(2) + "," + change(3) + "]",
		"byte order marks in between":  "\uFEFF" + change(1) + "\n\uFEFF" + change(2) + "\n" + change(3) + "\n\uFEFF",
		"white space around all of it": " \n\t [ \r\n" + change(1) + " , " + change(2) + "\n,\n" + change(3) + " ] \n ",
	} {
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			all, bad := readAll(t, bulk.ReadNDJSON(r))
			require.Empty(t, bad, name)
			require.Equal(t, want, all, name)
		}
	}
}

// Where the next change begins is unknown, nothing behind is read, and SkipInvalid
// does not hide it. A value that begins and breaks off on one line is that line.
func TestBrokenForms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		good       int
		line       int
		want       string
	}{
		{"array without brackets", change(1) + ",\n" + change(2) + ",\n" + change(3), 0, 1, "',' follows the object"},

		{"array without its beginning", change(1) + "\n" + change(2) + "]\n" + change(3), 1, 2, "']' follows the object"},
		{"array without its end", "[\n" + change(1) + ",\n" + change(2) + "\n", 2, 1, "the JSON array that begins here does not end"},
		{"array behind lines", change(1) + "\n[\n" + change(2) + "\n" + change(3) + "\n]", 2, 4, `'{' is no element`},
		{"array with a trailing comma", "[" + change(1) + ",\n]\n" + change(2), 1, 2, `']' is no element`},
		{"array with two commas", "[" + change(1) + ",,\n" + change(2) + "]", 1, 1, `',' is no element`},
		{"array with a comma first", "[," + change(1) + "]", 0, 1, `',' is no element`},
		{"element cut off", "[" + change(1) + ",\n{\"user\":\"us\n" + change(2) + "]", 1, 2, "does not end"},
		{"element that is not valid", "[" + change(1) + ",\n{\"user\":user_1},\n" + change(2) + "]", 1, 2, "not valid JSON"},
		{"pretty and cut off", change(1) + "\n" + pretty(2)[:60], 1, 2, "does not end"},
		{"pretty and not valid", change(1) + "\n" + strings.Replace(pretty(2), `"patch"`, `patch`, 1) + "\n" + change(3), 1, 2, "not valid JSON"},
		{"pretty and more", pretty(1) + "x\n" + change(2), 0, 15, "more follows"},
		{"rest of an array", change(1) + "\n]\n" + change(2), 1, 2, "begins with ']'"},
		{"rest of an object", change(1) + "\n}\n" + change(2), 1, 2, "begins with '}'"},
		{"comma on a line", change(1) + "\n," + change(2), 1, 2, "begins with ','"},
		{"UTF-16", "\xff\xfe{\x00", 0, 1, "UTF-16"},
		{"UTF-16, big endian", "\xfe\xff\x00{", 0, 1, "UTF-16"},
		{"UTF-16 without a mark", "{\x00\"\x00", 0, 1, "UTF-16"},
		{"UTF-32", "\x00\x00\xfe\xff\x00\x00\x00{", 0, 1, "UTF-16 or UTF-32"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			good, last := 0, error(nil)
			skipped := bulk.SkipInvalid(bulk.ReadNDJSON(strings.NewReader(tc.text)), func(*bulk.LineError) {})
			for _, err := range skipped {
				require.NoError(t, last, "it is the last")
				if last = err; err == nil {
					good++
				}
			}
			require.Equal(t, tc.good, good)
			var bad *bulk.LineError
			require.ErrorAs(t, last, &bad)
			require.True(t, bad.Last)
			require.Equal(t, tc.line, bad.Line)
			require.ErrorContains(t, last, tc.want)
			require.NotContains(t, last.Error(), "]},{[")
		})
	}
}
