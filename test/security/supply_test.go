package security

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

var (
	exactVersion = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`)
	generate     = regexp.MustCompile(`(?m)^//go:generate (.*)$`)
	// vulnerabilities are data, of which the newest is wanted.
	vulnerabilities = "go mod download -json golang.org/x/vulndb@latest"
	// pinnedTool is a tool of a module of this repository, at the version in its go.mod.
	pinnedTool = regexp.MustCompile(`^go (tool -modfile=(\.\./)+tools/go\.mod|run -C (\.\./)+tools \./) ?[a-z-]+ `)
	floating   = regexp.MustCompile(`@latest|@master|@main|go install|npx |npm install|curl |wget `)
)

// repository calls each for every file of the repository that may be read.
func repository(t *testing.T, each func(path, text string)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != ".ci" && d.Name() != ".github"
			if hidden && path != root || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			each(path, string(text))
		}
		return nil
	}))
}

// TestToolsArePinned requires everything that builds, generates, checks or tests to be
// of a version that the repository names: Go modules by go.mod and go.sum, npm
// packages by a lock file with a sum each, and no script that fetches another.
func TestToolsArePinned(t *testing.T) {
	t.Parallel()
	directives, locks := 0, 0
	repository(t, func(path, text string) {
		switch name := filepath.Base(path); {
		case name == "go.mod":
			require.FileExists(t, filepath.Join(filepath.Dir(path), "go.sum"))
			require.Regexp(t, `(?m)^go 1\.[0-9]+\.[0-9]+$`, text, path)
		case name == "package.json":
			requireExactVersions(t, path, text)
		case name == "package-lock.json":
			locks++
			requireSums(t, path, text)
		case name == "run", name == "lib", name == "selfcheck", filepath.Ext(name) == ".sh", filepath.Ext(name) == ".yml" && strings.Contains(path, ".github"):
			require.NotRegexp(t, floating, strings.ReplaceAll(text, vulnerabilities, ""), path)
			for line := range strings.Lines(text) {
				require.True(t, !strings.Contains(line, "npm ci") || strings.Contains(line, "--ignore-scripts"), "%s: %s", path, line)
			}
		case filepath.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go"):
			for _, m := range generate.FindAllStringSubmatch(text, -1) {
				directives++
				require.Regexp(t, pinnedTool, m[1], path)
			}
		}
	})
	require.NotZero(t, directives)
	require.NotZero(t, locks)
}

func requireExactVersions(t *testing.T, path, text string) {
	t.Helper()
	require.FileExists(t, filepath.Join(filepath.Dir(path), "package-lock.json"))
	var p struct{ Dependencies, DevDependencies map[string]string }
	require.NoError(t, json.Unmarshal([]byte(text), &p), path)
	for _, wanted := range []map[string]string{p.Dependencies, p.DevDependencies} {
		for name, version := range wanted {
			require.Regexp(t, exactVersion, version, "%s: %s", path, name)
		}
	}
}

func requireSums(t *testing.T, path, text string) {
	t.Helper()
	var lock struct {
		Packages map[string]struct{ Version, Integrity string }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &lock), path)
	require.Greater(t, len(lock.Packages), 1, path)
	for name, p := range lock.Packages {
		if name != "" { // the folder itself
			require.True(t, strings.HasPrefix(p.Integrity, "sha512-"), "%s: %s", path, name)
			require.NotEmpty(t, p.Version)
		}
	}
}

// TestCIChecksTheSupply looks for the checks that SECURITY.md names in what CI runs.
func TestCIChecksTheSupply(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, ".ci", "run"))
	require.NoError(t, err)
	for _, line := range []string{
		`go -C "$dir" mod tidy -diff`, "go generate ./...", `if ! diff "$tmp/before" "$tmp/after"`,
		`"$tools/govulncheck" -db "file://$vulndb" -C "$dir" ./...`, "need govulncheck vulndb", `"$tmp/licenses" $shipped`,
	} {
		require.Contains(t, string(text), line)
	}
}

// keyLike is what real credentials look like, to scanners for leaked ones: Clerk's keys, the
// signing secret of a webhook, a signed token and a private key.
var keyLike = regexp.MustCompile(`sk_live_[0-9A-Za-z]{12}|sk_test_[0-9A-Za-z]{30}|whsec_[0-9A-Za-z+/]{32}` +
	`|eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{40}|-----BEGIN [A-Z ]*PRIVATE KEY`)

// TestNothingLooksLikeARealKey reads every file of the repository.
func TestNothingLooksLikeARealKey(t *testing.T) {
	t.Parallel()
	some := strings.Repeat("a", 50)
	for _, like := range []string{
		"sk_live_" + some, "sk_test_" + some, "whsec_" + some, "eyJ" + some + ".eyJ" + some + "." + some,
		"-----BEGIN " + "PRIVATE KEY-----", "-----BEGIN RSA " + "PRIVATE KEY-----",
	} {
		require.Regexp(t, keyLike, like)
	}
	// The fake's secret says that it is made up.
	madeUp := strings.NewReplacer(clerktest.DefaultWebhookSecret, "")
	repository(t, func(path, text string) { require.NotRegexp(t, keyLike, madeUp.Replace(text), path) })
}
