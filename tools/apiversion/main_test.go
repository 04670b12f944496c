package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	src, err := generate([]byte("info:\n  version: '2026-05-12'\n"), "bapi")
	require.NoError(t, err)
	require.Contains(t, string(src), "package bapi\n")
	require.Contains(t, string(src), `const APIVersion = "2026-05-12"`)
}

func TestGenerateRefuses(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"no version":       "info: {}",
		"not a date":       "info: {version: v1}",
		"not YAML":         "info: [",
		"quote in version": `info: {version: "2026-05-12\""}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := generate([]byte(doc), "bapi")
			require.Error(t, err)
		})
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	spec, out := filepath.Join(dir, "spec.yaml"), filepath.Join(dir, "out.go")
	require.NoError(t, os.WriteFile(spec, []byte("info: {version: '2030-01-02'}"), 0o600))
	require.NoError(t, run(spec, "fapi", out))
	src, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Contains(t, string(src), `"2030-01-02"`)
	require.ErrorContains(t, run(filepath.Join(dir, "absent"), "fapi", out), "absent")
}
