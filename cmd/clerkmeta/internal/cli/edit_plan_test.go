package cli_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// An edit shows what plan shows of a file with the same change, sends the request that
// apply sends, and leaves the same state.
func TestEditsArePlansOfOneChange(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ edit, line string }{
		{`users patch user_1 --public --json {"role":null,"limits":{"seats":5,"a":[1]}}`, `{"user":"user_1","patch":{"public_metadata":{"role":null,"limits":{"seats":5,"a":[1]}}}}`},
		{`users patch user_1 --private --set a=1`, `{"user":"user_1","patch":{"private_metadata":{"a":1}}}`},
		{`users patch user_1 --unsafe --set a/b~=1`, `{"user":"user_1","patch":{"unsafe_metadata":{"a/b~":1}}}`},
		{`users patch user_1 --public --set role=shopper`, `{"user":"user_1","patch":{"public_metadata":{"role":"shopper"}}}`},
		{`users patch user_1 --public --json {}`, `{"user":"user_1","patch":{"public_metadata":{}}}`},
		{`users replace user_1 --public --json {"role":null}`, `{"user":"user_1","replace":{"public_metadata":{"role":null}}}`},
		{`users replace user_1 --private --json {}`, `{"user":"user_1","replace":{"private_metadata":{}}}`},
		{`users unset user_1 --public role gone`, `{"user":"user_1","unset":["public_metadata/role","public_metadata/gone"]}`},
		{`users unset user_1 --public limits.seats gone.deep`, `{"user":"user_1","unset":["public_metadata/limits/seats","public_metadata/gone/deep"]}`},
		{`users unset user_1 --public gone`, `{"user":"user_1","unset":["public_metadata/gone"]}`},
		{`users unset user_3 --unsafe a/b~`, `{"user":"user_3","unset":["unsafe_metadata/a~1b~0"]}`},
		{`orgs patch org_1 --private --set plan=x`, `{"organization":"org_1","patch":{"private_metadata":{"plan":"x"}}}`},
		{`orgs patch acme --private --set plan=x`, `{"organization":"org_2","patch":{"private_metadata":{"plan":"x"}}}`},
		{`orgs replace org_1 --public --json {"a":{}}`, `{"organization":"org_1","replace":{"public_metadata":{"a":{}}}}`},
		{`orgs unset org_1 --private plan`, `{"organization":"org_1","unset":["private_metadata/plan"]}`},
		{`members patch org_1 user_1 --public --json {"desk":{"n":1}}`, `{"organization":"org_1","user":"user_1","patch":{"public_metadata":{"desk":{"n":1}}}}`},
		{`members unset org_1 user_1 --public desk`, `{"organization":"org_1","user":"user_1","unset":["public_metadata/desk"]}`},
	} {
		t.Run(tc.edit, func(t *testing.T) {
			t.Parallel()
			seed := clerktest.Seed{
				Users:         []clerktest.User{{ID: "user_3", UnsafeMetadata: object{"a/b~": 1}}},
				Organizations: []clerktest.Organization{{ID: "org_2", Slug: "acme"}},
			}
			edited, applied := newShellWith(t, testKey, seed), newShellWith(t, testKey, seed)
			name := file(t, tc.line+"\n")

			dry := edited.run(t, tc.edit+" --dry-run")
			require.Equal(t, cli.ExitOK, dry.code, dry.err)
			require.Empty(t, edited.writes())
			edit := edited.run(t, tc.edit)
			require.Equal(t, cli.ExitOK, edit.code, edit.err)
			plan := applied.run(t, "plan --details "+name)
			require.Equal(t, cli.ExitOK, plan.code, plan.err)
			require.Empty(t, applied.writes())
			require.Equal(t, planLines(plan.out), editLines(edit.err))
			require.Equal(t, editLines(dry.err), editLines(edit.err))

			apply := applied.run(t, "apply --skip-unchanged "+name)
			require.Equal(t, cli.ExitOK, apply.code, apply.err)
			require.Equal(t, requests(applied), requests(edited))
			require.Equal(t, held(applied), held(edited))
			for _, request := range requests(edited) {
				method, body, _ := strings.Cut(request, "\n")
				require.Contains(t, dry.out, method[:strings.Index(method, " ")])
				if !strings.Contains(body, "private_metadata") { // whose values are hidden
					require.Contains(t, dry.out, body)
				}
			}
		})
	}
}

// The lines of diff are those of the replacement that leads there.
func TestDiffShowsWhatReplaceDoes(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	for _, line := range []string{
		`users VERB user_1 --public --json {"role":null,"new":1}`,
		`users VERB user_1 --unsafe --json {"a":{"b":1}}`,
		`orgs VERB org_1 --private --show-private --json {"plan":"y"}`,
	} {
		replace := s.run(t, strings.Replace(line, "VERB", "replace", 1)+" --dry-run")
		diff := s.run(t, strings.Replace(line, "VERB", "diff", 1))
		require.Equal(t, cli.ExitOK, diff.code, diff.err)
		_, lines, _ := strings.Cut(replace.err, ":\n")
		require.Equal(t, strings.ReplaceAll(lines, "\n  ", "\n"), "  "+diff.out)
	}
}

// editLines are signs and paths of what an edit showed.
func editLines(stderr string) []string {
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^  ([+~-]) (\S+): `).FindAllStringSubmatch(stderr, -1) {
		all = append(all, m[1]+strings.ReplaceAll(m[2], ".", "/"))
	}
	slices.Sort(all)
	return all
}

// planLines are signs and paths of what a plan of one change showed.
func planLines(stdout string) []string {
	var all []string
	for _, m := range regexp.MustCompile(` ([+~-])\w+_metadata/(\S+)`).FindAllStringSubmatch(stdout, -1) {
		all = append(all, m[1]+strings.NewReplacer("~1", "/", "~0", "~").Replace(m[2]))
	}
	slices.Sort(all)
	return all
}

// held is all metadata that a Clerk holds.
func held(s *shell) string {
	var b strings.Builder
	state := s.State()
	for _, u := range state.Users {
		fmt.Fprintln(&b, u.ID, u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata)
	}
	for _, o := range state.Organizations {
		fmt.Fprintln(&b, o.ID, o.PublicMetadata, o.PrivateMetadata)
	}
	for _, m := range state.Memberships {
		fmt.Fprintln(&b, m.ID, m.PublicMetadata, m.PrivateMetadata)
	}
	return b.String()
}

// requests are the writes that a Clerk got.
func requests(s *shell) (all []string) {
	for _, w := range s.writes() {
		all = append(all, w.Method+" "+w.Path+"\n"+string(w.Body))
	}
	return all
}
