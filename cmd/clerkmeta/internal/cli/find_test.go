package cli_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// newFindShell is newShell with users who have addresses, one of whom claims another's.
func newFindShell(t *testing.T) *shell {
	t.Helper()
	return newShellWith(t, testKey, clerktest.Seed{Users: []clerktest.User{
		{
			ID: "user_ada", EmailAddresses: []string{"ada@example.com", "queen@example.com"}, PhoneNumbers: []string{"+15550100"},
			ExternalID: "4711", Username: "ada", PublicMetadata: object{"role": "shopper"},
		},
		{ID: "user_bob", EmailAddresses: []string{"bob@example.com"}},
		{ID: "user_eve", UnverifiedEmailAddresses: []string{"ada@example.com", "grace@example.com"}},
	}, Memberships: []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_ada"}}})
}

func TestUsersNamedOtherwise(t *testing.T) {
	t.Parallel()
	s := newFindShell(t)
	for _, name := range []string{"ada@example.com", "ADA@example.com", "+15550100", "external:4711", "username:ada", "id:user_ada", "email:queen@example.com"} {
		r := s.run(t, "users get --public", name)
		require.Equal(t, cli.ExitOK, r.code, r.err)
		require.Equal(t, "user_ada\nFIELD   KEY   VALUE\npublic  role  \"shopper\"\n", r.out)
	}
	for _, line := range []string{
		"users patch ada@example.com --public --set role=admin",
		"users replace external:4711 --public --json {}",
		"users unset username:ada PATH --public",
		"users diff +15550100 --public --json {}",
		"members patch org_1 ada@example.com --public --set desk=1",
		"members get org_1 queen@example.com",
		"members unset org_1 queen@example.com desk --public",
	} {
		s.ResetRequests()
		r := s.run(t, line)
		require.Equal(t, cli.ExitOK, r.code, r.err)
		for _, request := range s.Requests()[1:] {
			require.NotContains(t, request.Path, "@")
			require.True(t, strings.Contains(request.Path, "user_ada") || len(request.Query["user_id"]) > 0, request.Path)
		}
	}
	r := s.run(t, "users patch ada@example.com --public --set role=admin --dry-run")
	require.Contains(t, r.out, "/v1/users/user_ada/metadata")
	r = s.run(t, "users get ada@example.com nobody@example.com user_1 gone@example.com --unsafe")
	require.Equal(t, cli.ExitNotFound, r.code)
	require.Contains(t, r.err, "has one of these ids: nobody@example.com, gone@example.com")
}

func TestUsersNotFound(t *testing.T) {
	t.Parallel()
	s := newFindShell(t)
	for line, want := range map[string]struct {
		code int
		says string
	}{
		"users get nobody@example.com":                     {cli.ExitNotFound, "no user nobody@example.com at 127.0.0.1:"},
		"users get grace@example.com":                      {cli.ExitNotFound, "(development key): not verified, or not the same, at user_eve\n"},
		"users get external:1":                             {cli.ExitNotFound, "no user external:1 at "},
		"users patch grace@example.com --public --set a=1": {cli.ExitNotFound, "not verified, or not the same, at user_eve"},
		"members get org_1 grace@example.com":              {cli.ExitNotFound, "no user grace@example.com at "},
		"users get extrenal:1":                             {cli.ExitInvalid, `prefix "extrenal" is unknown; expected one of id, external, email, phone, username; did you mean external?`},
		"users get external:":                              {cli.ExitInvalid, "external_id: is empty"},
		"users get +49x":                                   {cli.ExitInvalid, "is no phone number in the form of E.164"},
		"users get @example.com":                           {cli.ExitInvalid, "is no e-mail address"},
	} {
		r := s.run(t, line)
		require.Equal(t, want.code, r.code, "%s: %s", line, r.err)
		require.Contains(t, r.err, want.says)
	}
	s.Script(clerktest.GetUserList, clerktest.AnswerBody(http.StatusOK, "application/json", `[{"id":"user_1","external_id":"7"},{"id":"user_2","external_id":"7"}]`))
	r := s.run(t, "users get external:7")
	require.Equal(t, cli.ExitFailure, r.code)
	require.Contains(t, r.err, "external:7: names 2 users: user_1, user_2")
	for _, request := range s.Requests() {
		require.Equal(t, http.MethodGet, request.Method)
	}
}

// file writes a file of changes.
func (s *shell) file(t *testing.T, name string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return path
}

func TestApplyNamed(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string][]string{
		"changes.csv":    {"email,organization,public_metadata/role", "Ada@example.com,,admin", "bob@example.com,,buyer", "Ada@example.com,org_1,chair"},
		"changes.ndjson": {`{"email":"ada@example.com","patch":{"public_metadata":{"role":"admin"}}}`, `{"email":"bob@example.com","patch":{"public_metadata":{"role":"buyer"}}}`, `{"organization":"org_1","email":"ada@example.com","patch":{"public_metadata":{"role":"chair"}}}`},
		"changes":        {"external_id,public_metadata/role", "4711,admin"},
	} {
		s := newFindShell(t)
		r := s.run(t, "plan --details", s.file(t, name, lines...))
		require.Equal(t, cli.ExitOK, r.code, r.err)
		require.Contains(t, r.out, "line 2 user user_")
		r = s.run(t, "apply", s.file(t, name, lines...))
		require.Equal(t, cli.ExitOK, r.code, r.err)
		roles := map[string]string{}
		for _, u := range s.State().Users {
			text, err := json.Marshal(u.PublicMetadata)
			require.NoError(t, err)
			roles[u.ID] = string(text)
		}
		require.JSONEq(t, `{"role":"admin"}`, roles["user_ada"], name)
		require.JSONEq(t, `{}`, roles["user_eve"], name)
	}
}

// Nothing is sent where a name is not certain; with --skip-invalid the others are.
func TestApplyUncertainNames(t *testing.T) {
	t.Parallel()
	s := newFindShell(t)
	file := s.file(t, "changes.csv", "email,public_metadata/role", "ada@example.com,admin", "nobody@example.com,admin", "grace@example.com,admin", "queen@example.com,admin", "bob@example.com,buyer")
	for _, command := range []string{"plan", "apply --no-plan", "apply"} {
		r := s.run(t, command, file)
		require.Equal(t, cli.ExitFile, r.code, r.err)
		for _, says := range []string{
			"line 3: no user nobody@example.com at ", "line 4: no user grace@example.com at ", "not verified, or not the same, at user_eve\n",
			`line 5: email "queen@example.com" is user_ada, as is "ada@example.com" in line 2: name a user in one way` + "\n",
			"3 names do not stand for one user each, nothing was sent\nhint: correct the lines, or skip them with --skip-invalid\n",
		} {
			require.Contains(t, r.err, says)
		}
	}
	failures := filepath.Join(t.TempDir(), "failed.ndjson")
	r := s.run(t, "apply --skip-invalid --failures "+failures, file)
	require.Equal(t, cli.ExitPartly, r.code, r.err)
	require.Contains(t, r.out, "2 applied, 3 failed")
	text, err := os.ReadFile(failures)
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(string(text), "\n"))
	require.Contains(t, string(text), `{"email":"nobody@example.com","patch":`)

	mixed := s.file(t, "mixed.ndjson", `{"email":"ada@example.com","patch":{}}`, `{"user":"user_1","patch":{}}`)
	r = s.run(t, "apply", mixed)
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, "line 2: user names the user here, and email in line 1: name all users of a file in one way")

	s.Script(clerktest.GetUserList, clerktest.Answer(http.StatusUnauthorized, "clerk_key_invalid"))
	r = s.run(t, "apply", file)
	require.Equal(t, cli.ExitUnauthorized, r.code)
	require.Contains(t, r.err, "; nothing was sent")
}
