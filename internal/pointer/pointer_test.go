package pointer_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

func TestPointers(t *testing.T) {
	t.Parallel()
	for text, steps := range map[string][]string{ // those of RFC 6901, section 5, among them
		"": nil, "/": {""}, "//": {"", ""}, "/foo/0": {"foo", "0"}, "/a~1b": {"a/b"}, "/m~0n": {"m~n"}, "/~01": {"~1"}, "/~10": {"/0"},
		"/c%d": {"c%d"}, `/i\j`: {`i\j`}, `/k"l`: {`k"l`}, "/ ": {" "}, "/ü": {"ü"},
	} {
		require.Equal(t, text, pointer.Of(steps...))
		got, err := pointer.Parse(text)
		require.NoError(t, err, text)
		require.Equal(t, steps, got, text)
	}
	for text, want := range map[string]string{
		"a": "begins with /", "#/a": "begins with /", "/a/\xff": "UTF-8", "/a~": "~0", "/~~1": "~0", "/a~2b": "~0",
	} {
		_, err := pointer.Parse(text)
		require.ErrorContains(t, err, want, text)
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":                                 "",
		"/billing/a~1b":                    "/billing/a~1b",
		"/a\nb\x1b[2J":                     `/a\nb\x1b[2J`,
		strings.Repeat("/a", 20):           strings.Repeat("/a", 20),
		strings.Repeat("/a", 21):           strings.Repeat("/a", 20) + "/…",
		"/" + strings.Repeat("k", 65):      "/" + strings.Repeat("k", 64) + "…",
		"/x" + strings.Repeat("ü", 40):     "/x" + strings.Repeat("ü", 31) + "…",
		strings.Repeat("/", 1<<20) + "end": strings.Repeat("/", 21) + "…",
	} {
		require.Equal(t, want, pointer.Printable(path))
	}
}

// FuzzPointers checks that Parse is the inverse of Of.
func FuzzPointers(f *testing.F) {
	for _, text := range []string{"", "/", "/a~1b/m~0n", "/~01", "a", "/~", "/\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		steps, err := pointer.Parse(text)
		if err == nil {
			require.Equal(t, text, pointer.Of(steps...))
		}
		again, err := pointer.Parse(pointer.Of(strings.Split(strings.ToValidUTF8(text, ""), ".")...))
		require.NoError(t, err)
		require.Equal(t, strings.Split(strings.ToValidUTF8(text, ""), "."), again)
	})
}
