package cli_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// What holds nothing changes nothing, in plan and in apply, is counted, is no
// fault of the file, and holds nothing back.
func TestChangesThatHoldNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file, text string
		nothing    int
	}{
		"empty objects": {"c.ndjson", `{"user":"user_1","patch":{"public_metadata":{}}}
{"user":"user_1","patch":{"public_metadata":{},"private_metadata":{},"unsafe_metadata":{}}}
{"user":"user_1","patch":{}}
{"user":"user_1","unset":[]}
{"user":"user_1","replace":{}}
{"user":"user_nobody","patch":{"public_metadata":{}}}
{"user":"user_1","patch":{"public_metadata":{"role":"admin"},"private_metadata":{}}}
`, 6},
		"cells without anything": {"c.csv", "user,verb,public_metadata/role,public_metadata/limits/seats:json,paths\nuser_1,,,,\nuser_1,unset,,,\nuser_1,replace,,,\n,,,,\n\n,,,,\nuser_1,,admin,,\n", 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, testKey)
			path := named(t, tc.file, tc.text)
			total := fmt.Sprint(tc.nothing+1, " changes")
			r := s.run(t, "plan", path)
			require.Equal(t, cli.ExitOK, r.code, r.err)
			require.Contains(t, r.out, total)
			require.Contains(t, r.out, "1 would change something, "+fmt.Sprint(tc.nothing, " would change nothing"))
			require.Empty(t, r.err)
			for _, more := range []string{"", "--no-plan --skip-unchanged"} {
				s := newShell(t, testKey)
				r = s.run(t, "apply "+more, path)
				require.Equal(t, cli.ExitOK, r.code, r.err)
				require.Contains(t, r.out, "1 applied, "+fmt.Sprint(tc.nothing, " unchanged"))
				writes := s.writes()
				require.Len(t, writes, 1)
				require.JSONEq(t, `{"public_metadata":{"role":"admin"}}`, string(writes[0].Body))
			}
		})
	}
	s := newShell(t, testKey)
	r := s.run(t, "apply", named(t, "c.csv", "user,public_metadata/role\n,\n"))
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Contains(t, r.out, "1 would change nothing\n1 unchanged in")
	require.Empty(t, s.Requests())
}

func TestPlanFindsWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, clerktest.Seed{Users: []clerktest.User{{
		ID: "user_full", PublicMetadata: object{"profile": object{"bio": strings.Repeat("x", 8000), "a/b": 1}, "role": "member"},
	}}})
	name := named(t, "c.ndjson", `{"user":"user_full","patch":{"public_metadata":{"note":"`+strings.Repeat("hidden", 40)+`"}}}
{"user":"user_full","patch":{"public_metadata":{"role":"admin"}}}
{"user":"user_1","patch":{"public_metadata":{"role":"admin"}}}
`)
	const why = "line 1 user user_full: failed: public_metadata: too large: 8296 bytes after the merge, Clerk's documented limit is 8192; " +
		"largest keys: public_metadata/profile/bio (8002 bytes), public_metadata/note (242 bytes), public_metadata/role (8 bytes)"
	r := s.run(t, "plan", name)
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.err, why)
	require.Contains(t, r.err, "line 2 user user_full: held back")
	require.Contains(t, r.err, "2 changes cannot be made")
	require.Contains(t, r.out, "1 would change something, 1 cannot be made, 1 would be held back")
	r = s.run(t, "apply", name)
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.err, "line 1 user user_full: failed: "+s.host()+" (development key) refused the write as too large (status 422, form_param_exceeds_allowed_size")
	require.Contains(t, r.out, "1 applied, 1 failed, 1 held back")

	for _, dryRun := range []string{"", " --dry-run"} {
		r = s.run(t, "users patch user_full --public --set note="+strings.Repeat("y", 300)+dryRun)
		require.Equal(t, cli.ExitInvalid, r.code)
		require.Contains(t, r.err, "largest keys: public_metadata/profile/bio (8002 bytes)")
		require.NotContains(t, r.err, "hidden")
	}
}

// An organization is read by its slug, and written by the id that was read.
func TestOrganizationBySlug(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, clerktest.Seed{Organizations: []clerktest.Organization{{ID: "org_named", Slug: "acme", PublicMetadata: object{"old": 1}}}})
	for _, args := range []string{
		"orgs patch acme --public --set plan=pro", "orgs unset acme --public plan old", `orgs replace acme --private --json {"seats":5}`,
	} {
		r := s.run(t, args)
		require.Equal(t, cli.ExitOK, r.code, r.err)
	}
	for _, w := range s.writes() {
		require.Equal(t, "/v1/organizations/org_named/metadata", w.Path)
	}
	o, _ := s.Organization("org_named")
	require.Equal(t, `{}`, o.PublicMetadata.String())
	require.JSONEq(t, `{"seats":5}`, o.PrivateMetadata.String())
	r := s.run(t, "orgs patch acme --public --set plan=pro --dry-run")
	require.Contains(t, r.out, "/organizations/org_named/metadata")

	s.ResetRequests()
	for _, args := range []string{
		"members get acme user_1", "members patch acme user_1 --public --set desk=1", "export members acme",
		"apply " + named(t, "c.ndjson", `{"organization":"acme","patch":{"public_metadata":{"plan":"pro"}}}`),
		"plan " + named(t, "c.csv", "user,organization,paths,verb\nuser_1,acme,public_metadata/desk,unset\n"),
	} {
		r := s.run(t, args)
		require.NotEqual(t, cli.ExitOK, r.code, args)
		require.Contains(t, r.err, "organization_id: is a slug, by which Clerk only reads an organization: give its id (org_…)", args)
	}
	require.Empty(t, s.Requests())
}

// Where the plan finds that nothing can be made, nothing is sent.
func TestApplyDoesNotStart(t *testing.T) {
	t.Parallel()
	all := `{"user":"user_1","patch":{"public_metadata":{"n":1}}}
{"user":"user_1","patch":{"public_metadata":{}}}
{"organization":"org_1","patch":{"public_metadata":{"n":1}}}
`
	for name, script := range map[string]func(*shell){
		"Clerk is down": func(s *shell) {
			for range 20 {
				s.Script(clerktest.AnyOperation, clerktest.Answer(http.StatusNotImplemented, "x"))
			}
		},
		"another instance": func(s *shell) { require.NoError(t, s.SetState(clerktest.Seed{})) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, liveKey)
			script(s)
			failures := filepath.Join(t.TempDir(), "failed")
			r := s.run(t, "apply --yes --failures "+failures, named(t, "c.ndjson", all))
			require.Equal(t, cli.ExitPartly, r.code, r.err)
			require.Contains(t, r.out, "1 would change nothing, 2 cannot be made")
			require.Contains(t, r.err, "nothing was sent: none of the remaining changes can be made")
			require.Empty(t, s.writes())
			require.NoFileExists(t, failures)

			s.Reset()
			r = s.run(t, "apply --yes --no-plan", named(t, "c.ndjson", all))
			require.NotContains(t, r.err, "nothing was sent")
		})
	}
	s := newShell(t, testKey)
	r := s.run(t, "apply", named(t, "c.ndjson", all+`{"user":"user_9","patch":{"public_metadata":{"n":1}}}`))
	require.Equal(t, cli.ExitPartly, r.code)
	require.Contains(t, r.out, "2 applied, 1 unchanged, 1 failed")
}
