package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/licenseclassifier/v2/assets"
	"github.com/stretchr/testify/require"
)

func TestOwnModules(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, run(&out, false, []string{"../../.."}))
	require.Contains(t, out.String(), "github.com/hashicorp/go-retryablehttp")
	require.Contains(t, out.String(), ": MPL-2.0\n")
	out.Reset()
	require.NoError(t, run(&out, true, []string{".", "../../lint"}))
	require.NotContains(t, out.String(), " 0 modules")
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path        string
		found       []string
		development bool
		fault       string
	}{
		{"example.com/m", []string{"MIT"}, false, ""},
		{"example.com/m", []string{"Apache-2.0", "MIT"}, false, ""},
		{"example.com/m", []string{"GPL-3.0", "MIT"}, false, "GPL-3.0"},
		{"example.com/m", []string{"GPL-3.0"}, true, ""},
		{"example.com/m", []string{"AGPL-3.0"}, true, "AGPL-3.0"},
		{"example.com/m", []string{"MPL-2.0"}, false, "MPL-2.0"},
		{"github.com/hashicorp/go-retryablehttp", []string{"MPL-2.0"}, false, ""},
		{"github.com/hashicorp/go-retryablehttp", []string{"BUSL-1.1"}, false, "BUSL-1.1"},
		{"example.com/m", nil, false, "no licence is recognized"},
		{"example.com/m", nil, true, "no licence is recognized"},
	} {
		require.Equal(t, tc.fault, judge(tc.path, tc.found, tc.development), "%+v", tc)
	}
}

func TestLicences(t *testing.T) {
	t.Parallel()
	known, err := assets.DefaultClassifier()
	require.NoError(t, err)
	text := func(name string) string {
		b, err := assets.ReadLicenseFile("License/" + name + "/pristine.txt")
		require.NoError(t, err)
		return string(b)
	}
	for name, tc := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"one":           {map[string]string{"LICENSE": "Copyright (c) 2026 Example\n\n" + text("MIT")}, []string{"MIT"}},
		"two":           {map[string]string{"LICENSE-MIT": text("MIT"), "licence.txt": text("Zlib")}, []string{"MIT", "Zlib"}},
		"not a licence": {map[string]string{"LICENSE": strings.Repeat("all rights reserved\n", 10)}, nil},
		"elsewhere":     {map[string]string{"README.md": text("MIT")}, nil},
		"none":          {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, content := range tc.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600))
			}
			got, err := licences(known, dir)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

// A dependency that is not allowed fails the run, which names it.
func TestRefused(t *testing.T) {
	t.Parallel()
	dir, foreign := t.TempDir(), t.TempDir()
	for path, content := range map[string]string{
		filepath.Join(dir, "go.mod"):     "module " + own + "m\n\ngo 1.26.0\n\nrequire example.com/foreign v0.0.0\n\nreplace example.com/foreign => " + foreign + "\n",
		filepath.Join(dir, "m.go"):       "package m\n\nimport _ \"example.com/foreign\"\n",
		filepath.Join(foreign, "go.mod"): "module example.com/foreign\n\ngo 1.26.0\n",
		filepath.Join(foreign, "f.go"):   "package foreign\n",
	} {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	var out bytes.Buffer
	require.EqualError(t, run(&out, false, []string{dir}), "not allowed:\nexample.com/foreign v0.0.0: no licence is recognized")
	require.Error(t, run(&out, false, []string{t.TempDir()}))
	require.Error(t, run(&out, true, []string{t.TempDir()}))
}
