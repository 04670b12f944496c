package testkit

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Generated compares parts of the document in file with what the code says. A part begins at the comment
// "<!-- name: generated -->" and ends at "<!-- name: end -->". With update, Generated writes the parts
// into the file instead.
func Generated(t *testing.T, file string, parts map[string]string, update bool) {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // a document of the repository
	require.NoError(t, err)
	want := string(text)
	for name, part := range parts {
		begin, end := "<!-- "+name+": generated -->\n", "<!-- "+name+": end -->"
		before, rest, begins := strings.Cut(want, begin)
		_, after, ends := strings.Cut(rest, end)
		require.True(t, begins && ends, "%s has no part %q", file, name)
		want = before + begin + part + end + after
	}
	if update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o600)) //nolint:gosec // the same document
		return
	}
	require.Equal(t, want, string(text), "run this test with -update")
}
