package cli_test

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// The keys of the tests, by a word that no output may hold.
const (
	recognisable = "recognisable"
	testKey      = "sk_test_" + recognisable
	liveKey      = "sk_live_" + recognisable
)

// shell is the command with a Clerk behind it, over the loopback interface.
type shell struct {
	*clerktest.Test
	env map[string]string
	// terminals are the streams that are terminals: in, out, err.
	terminals string
	columns   int // of the terminals, 80 for 0
	stdin     io.Reader
}

// result is what a run left.
type result struct {
	code     int
	out, err string
}

type object = map[string]any

// newShell starts a Clerk with a user, an organization and a membership.
func newShell(t *testing.T, key string) *shell {
	t.Helper()
	return newShellWith(t, key, clerktest.Seed{})
}

// newShellWith starts a Clerk that also holds what more does.
func newShellWith(t *testing.T, key string, more clerktest.Seed) *shell {
	t.Helper()
	clerk := clerktest.Start(t, clerktest.Seed{
		SecretKey: key,
		Users: append(more.Users, clerktest.User{
			ID:              "user_1",
			PublicMetadata:  object{"role": "shopper", "limits": object{"seats": 5}},
			PrivateMetadata: object{"stripeId": "cus_hidden"},
		}, clerktest.User{ID: "user_2"}),
		Organizations: append(more.Organizations, clerktest.Organization{ID: "org_1", PrivateMetadata: object{"plan": "cus_hidden"}}),
		Memberships: append(more.Memberships, clerktest.Membership{
			OrganizationID: "org_1", UserID: "user_1", PublicMetadata: object{"desk": "3.14"},
		}),
	})
	return &shell{Test: clerk, env: map[string]string{"CLERK_SECRET_KEY": key, "CLERK_API_URL": clerk.URL(), "NO_COLOR": "1"}}
}

// run runs a command line, split at blanks; an argument with blanks in it is
// given as one of more.
func (s *shell) run(t *testing.T, line string, more ...string) result {
	t.Helper()
	return s.runContext(t.Context(), t, line, more...)
}

func (s *shell) runContext(ctx context.Context, t *testing.T, line string, more ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	stdin := s.stdin
	if stdin == nil {
		stdin = strings.NewReader("")
	}
	code := cli.Run(ctx, cli.Env{
		Args: append(strings.Fields(line), more...), Stdin: stdin, Stdout: &out, Stderr: &errs,
		Getenv: func(name string) string { return s.env[name] },
		Columns: func(stream any) int {
			if stream == stdin && strings.Contains(s.terminals, "in") ||
				stream == &out && strings.Contains(s.terminals, "out") ||
				stream == &errs && strings.Contains(s.terminals, "err") {
				return cmp.Or(s.columns, 80)
			}
			return 0
		},
	})
	r := result{code, out.String(), errs.String()}
	require.NotContains(t, r.out+r.err, recognisable)
	return r
}

// host is where Clerk listens.
func (s *shell) host() string { return strings.TrimPrefix(s.URL(), "http://") }

// writes are the writes that Clerk has seen.
func (s *shell) writes() (seen []clerktest.Request) {
	for _, r := range s.Requests() {
		if r.Method != http.MethodGet {
			seen = append(seen, r)
		}
	}
	return seen
}

// file writes a file of the test's own and returns its name.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}
