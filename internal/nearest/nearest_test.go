package nearest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
)

func TestHint(t *testing.T) {
	t.Parallel()
	known := []string{"output", "user", "organization", "verb", "public_metadata", "set", "set-string", "get", "zsh"}
	for word, want := range map[string]string{
		"outpt": "output", "ouptut": "output", "OUTPUT": "output", "usr": "user", "users": "user", "orgnization": "organization",
		`"public"`: "public_metadata", " verb ": "verb", "public-metadata": "public_metadata", "gett": "get", "set_string": "set-string",
		"": "", "x": "", "nothing": "", "delete": "", "bahs": "", "né": "", strings.Repeat("user", 100): "",
	} {
		got := nearest.Hint(word, known)
		if want != "" {
			want = "; did you mean " + want + "?"
		}
		require.Equal(t, want, got, word)
	}
	require.Empty(t, nearest.Hint("user", nil))
	require.Empty(t, nearest.Hint("user", []string{"", "u" + strings.Repeat("x", 100)}))
}
