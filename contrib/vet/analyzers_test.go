package vet_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/clerkmeta/clerkmeta-go/contrib/vet"
)

// analyzer returns the analyzer with a name.
func analyzer(t *testing.T, name string) *analysis.Analyzer {
	t.Helper()
	all := vet.Analyzers()
	i := slices.IndexFunc(all, func(a *analysis.Analyzer) bool { return a.Name == name })
	require.NotEqual(t, -1, i, name)
	return all[i]
}

// TestFindings runs each analyzer on fixtures that state what it reports and how it rewrites,
// with near misses among them.
func TestFindings(t *testing.T) {
	t.Parallel()
	for _, a := range vet.Analyzers() {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), a, a.Name)
		})
	}
}

// TestOlderClient runs on versions of clerk-sdk-go that have no ReplaceMetadata.
func TestOlderClient(t *testing.T) {
	t.Parallel()
	results := analysistest.Run(t, filepath.Join(analysistest.TestData(), "old"), analyzer(t, "twocalls"), "old", "first")
	for _, result := range results {
		for _, d := range result.Diagnostics {
			require.Empty(t, d.SuggestedFixes)
		}
	}
}
