package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// TestDocumentsAreTrue runs the commands that the documents show with their output, in their
// order, against the emulator as it starts. With -update it writes the output.
func TestDocumentsAreTrue(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		seed  string // of the emulator, "" for its own
		least int
	}{
		"cli.md": {"", 15}, "mistakes.md": {"", 20},
		"edit-by-file.md": {`{"users":[
			{"id":"user_1","public_metadata":{"role":"cook","zip":"00123"}},
			{"id":"user_2","public_metadata":{"role":"cook","seats":12}},
			{"id":"user_3","public_metadata":{"role":"guest","beta":true}}]}`, 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "../../../../docs/" + name
			document, err := os.ReadFile(path)
			require.NoError(t, err)
			args := []string{"--log", "off"}
			if tc.seed != "" {
				args = append(args, "--seed", file(t, tc.seed))
			}
			s := &session{e: emulate(t, "", args...), dir: t.TempDir()}
			got := regexp.MustCompile("(?ms)^```console\n.*?^```").ReplaceAllStringFunc(string(document), func(block string) string {
				return "```console\n" + s.replay(t, strings.TrimSuffix(strings.TrimPrefix(block, "```console\n"), "```")) + "```"
			})
			require.Greater(t, s.ran, tc.least)
			s.e.stop(t)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
				return
			}
			trace := regexp.MustCompile(`[0-9a-f]{32}`) // counts requests
			require.Equal(t, trace.ReplaceAllString(string(document), ""), trace.ReplaceAllString(got, ""), "run this test with -update")
		})
	}
}

// session is a shell in a folder, as far as the documents use one.
type session struct {
	e   *running
	dir string
	ran int
}

// replay runs the commands of a block and returns it with what they print. What follows cat
// is a file that it writes.
func (s *session) replay(t *testing.T, block string) string {
	t.Helper()
	var b strings.Builder
	for shown := range strings.SplitSeq(strings.TrimPrefix(block, "$ "), "\n$ ") {
		line, text, _ := strings.Cut(shown, "\n")
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		if name, ok := strings.CutPrefix(line, "cat "); ok {
			text = strings.TrimSpace(text) + "\n"
			require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600))
		} else {
			text = s.run(t, line)
		}
		b.WriteString("$ " + line + "\n" + text)
	}
	return b.String()
}

// run runs a line and returns what it prints.
func (s *session) run(t *testing.T, line string) string {
	t.Helper()
	env := map[string]string{"CLERK_SECRET_KEY": "sk_test_clerktest", "CLERK_API_URL": s.e.url}
	args := words(line)
	for ; args[0] != "clerkmeta"; args = args[1:] {
		name, value, _ := strings.Cut(args[0], "=")
		env[name] = value
	}
	files, err := os.ReadDir(s.dir)
	require.NoError(t, err)
	for i, arg := range args {
		isNew := i > 0 && slices.Contains([]string{"--csv", "--resume", "--checkpoint", "--undo-log"}, args[i-1])
		if isNew || slices.ContainsFunc(files, func(f os.DirEntry) bool { return f.Name() == arg }) {
			args[i] = filepath.Join(s.dir, arg)
		}
	}
	var got bytes.Buffer
	run := func(t *testing.T) {
		t.Helper()
		cli.Run(t.Context(), cli.Env{
			Args: args[1:], Stdin: strings.NewReader(""), Stdout: &got, Stderr: &got,
			Getenv: func(name string) string { return env[name] },
		})
	}
	if env["CLERK_API_URL"] == s.e.url {
		run(t)
	} else {
		synctest.Test(t, run) // nothing answers there, and the command retries
	}
	s.ran++
	text := regexp.MustCompile(`(?m)^.*; the next attempt follows in .*\n`).ReplaceAllString(got.String(), "") // some are long
	text = regexp.MustCompile(`(?m)^([0-9]+ .*) in [0-9.]+m?s \(`).ReplaceAllString(text, "$1 in 0.1s (")
	text = regexp.MustCompile(`[0-9]+ waited for the rate limit`).ReplaceAllString(text, "0 waited for the rate limit") // on a busy machine some
	return strings.NewReplacer(
		s.dir+string(filepath.Separator), "", strings.TrimPrefix(s.e.url, "http://"), "127.0.0.1:4010",
		"clerkmeta-go/"+client.Version, "clerkmeta-go/…",
	).Replace(text)
}

// words splits a line as a shell does, as far as the document uses one.
func words(line string) []string {
	var all []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}
