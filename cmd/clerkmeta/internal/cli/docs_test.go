package cli_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// TestDocumentIsTrue runs the commands that docs/cli.md shows with their output,
// in its order, against the emulator as it starts.
func TestDocumentIsTrue(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../../docs/cli.md")
	require.NoError(t, err)
	e := emulate(t, "", "--log", "off")
	env := map[string]string{"CLERK_SECRET_KEY": "sk_test_clerktest", "CLERK_API_URL": e.url}
	trace := regexp.MustCompile(`[0-9a-f]{32}`) // counts requests
	ran := 0
	for _, block := range regexp.MustCompile("(?ms)^```console\n(.*?)^```").FindAllStringSubmatch(string(document), -1) {
		for _, shown := range strings.Split("\n"+block[1], "\n$ clerkmeta ")[1:] {
			line, want, _ := strings.Cut(shown, "\n")
			var got bytes.Buffer
			cli.Run(t.Context(), cli.Env{
				Args: words(line), Stdin: strings.NewReader(""), Stdout: &got, Stderr: &got,
				Getenv: func(name string) string { return env[name] },
			})
			text := strings.NewReplacer(strings.TrimPrefix(e.url, "http://"), "127.0.0.1:4010", "clerkmeta-go/"+client.Version, "clerkmeta-go/…").Replace(got.String())
			require.Equal(t,
				strings.TrimSpace(trace.ReplaceAllString(want, "trace")),
				strings.TrimSpace(trace.ReplaceAllString(text, "trace")), line)
			ran++
		}
	}
	require.Greater(t, ran, 15)
	e.stop(t)
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
