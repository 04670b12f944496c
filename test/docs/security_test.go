package docs_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSecurityPromisesAreHeld requires of every promise in SECURITY.md that each test
// that is said to hold it is there.
func TestSecurityPromisesAreHeld(t *testing.T) {
	t.Parallel()
	promises := promises(t, read(t, filepath.Join(root, "SECURITY.md")))
	require.Greater(t, len(promises), 20)
	for promise, tests := range promises {
		for _, problem := range unheld(tests) {
			t.Errorf("SECURITY.md: %s: %s", promise, problem)
		}
	}
}

func TestSecurityCheckCanFail(t *testing.T) {
	t.Parallel()
	require.Empty(t, unheld("`client.TestRedirects`"))
	require.Equal(t, []string{"no test holds it"}, unheld("all of us"))
	require.Equal(t, []string{"no test function client.TestWeather"}, unheld("`client.TestRedirects`, `client.TestWeather`"))
	require.Len(t, promises(t, "| promise | held by |\n|---|---|\n| a | b |\n"), 1)
}

// promises are the rows of the tables: what is promised, and the tests.
func promises(t *testing.T, text string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if cells[0] != "" || len(cells) == 1 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[1]) == "promise" {
			continue
		}
		require.Len(t, cells, 4, "a row has two cells: %s", line)
		all[strings.TrimSpace(cells[1])] = cells[2]
	}
	return all
}

// unheld says what is wrong with the tests of a promise.
func unheld(tests string) (problems []string) {
	names := quoted.FindAllStringSubmatch(tests, -1)
	if names == nil {
		return []string{"no test holds it"}
	}
	for _, m := range names {
		if problem := noTest(m[1]); problem != "" {
			problems = append(problems, problem)
		}
	}
	return problems
}
