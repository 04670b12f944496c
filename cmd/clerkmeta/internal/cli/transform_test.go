package cli_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// rename is a program that renames a key of public metadata.
const rename = `.public_metadata |= with_entries(if .key == "role" then .key = "title" else . end)`

func TestTransform(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	dir := t.TempDir()
	edits, log := filepath.Join(dir, "edits"), filepath.Join(dir, "undo")
	flags := " --edits " + edits + " --undo-log " + log + " --jq"

	r := s.run(t, "transform users --dry-run --details --jq", rename)
	require.Equal(t, 0, r.code, r.err)
	require.Contains(t, r.out, "user user_1: planned +public_metadata/title -public_metadata/role\n1 change (1 edit)\n")
	require.Empty(t, s.writes())

	require.NoError(t, os.WriteFile(edits, nil, 0o644)) // for all to read, until it holds edits
	r = s.run(t, "transform users"+flags, rename)
	require.Equal(t, 0, r.code, r.err)
	require.Contains(t, r.out, "1 applied in ")
	user, err := s.Client().Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.JSONEq(t, `{"title":"shopper","limits":{"seats":5}}`, user.PublicMetadata.String())
	require.JSONEq(t, `{"stripeId":"cus_hidden"}`, user.PrivateMetadata.String())
	text, err := os.ReadFile(edits)
	require.NoError(t, err)
	require.NotContains(t, string(text), "cus_hidden", "private metadata is not read")
	info, err := os.Stat(edits)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	r = s.run(t, "transform users"+flags, rename)
	require.Equal(t, 0, r.code, r.err)
	require.Contains(t, r.err, "has the edits already")
	require.Contains(t, r.out, "1 unchanged in ")
	r = s.run(t, "transform users --jq", rename)
	require.Equal(t, "nothing to change\n", r.out)
	require.Len(t, s.writes(), 1)

	r = s.run(t, "undo "+log)
	require.Equal(t, 0, r.code, r.err)
	user, err = s.Client().Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.JSONEq(t, `{"role":"shopper","limits":{"seats":5}}`, user.PublicMetadata.String())

	r = s.run(t, "transform orgs --include-private --yes --jq", `.private_metadata.plan |= ascii_upcase`)
	require.Equal(t, 0, r.code, r.err)
	require.NotContains(t, r.out+r.err, "hidden")
	r = s.run(t, "transform members org_1 --output json --jq", `.public_metadata.desk = 7`)
	require.Equal(t, 0, r.code, r.err)
	require.Contains(t, r.out, `"organization":"org_1","verb":"edit","outcome":"applied","changed":["public_metadata/desk"]`)
}

// The number of entities that were read is for a terminal, also where it shows the output.
func TestTransformProgress(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, crowd(501))
	require.Empty(t, s.run(t, "transform users --jq .").err)
	s.terminals = "out err"
	r := s.run(t, "transform users --jq .")
	require.Equal(t, "\r500 users\r503 users\n", r.err)
	require.Equal(t, "nothing to change\n", r.out)
	r = s.run(t, "transform members org_c1 --jq", "if .user_id == \"user_c1\" then 1 else . end")
	require.Contains(t, r.err, "\r\x1b[Kmembership")
	require.Contains(t, r.err, "yields number, and not an object\n")
	require.Contains(t, r.err, " memberships\n")
}

func TestTransformRefuses(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	edits := filepath.Join(t.TempDir(), "edits")
	require.Equal(t, 0, s.run(t, "transform users --dry-run --edits "+edits+" --jq", rename).code)
	kept, err := os.ReadFile(edits)
	require.NoError(t, err)
	foreign := named(t, "c.ndjson", `{"user":"user_1","patch":{}}`)
	for program, want := range map[string]string{
		`if .id == "user_2" then empty else . end`:      "user user_2, number 2: the program yields no value",
		`if .id == "user_2" then ., . else . end`:       "user user_2, number 2: the program yields more than one value",
		`if .id == "user_2" then 1 else . end`:          "user user_2, number 2: the program yields number, and not an object",
		`if .id == "user_2" then error("x") else . end`: "user user_2, number 2: the program ends with error",
		`.public_metadata.role.x`:                       "user user_1, number 1: the program fails: expected an object but got: string",
		`.id = "user_9"`:                                "the program changes id: only metadata can change",
		`del(.public_metadata)`:                         "the program drops a member",
		`.public_metadata = null`:                       "public_metadata: an edit cannot make a null of a field",
		`.public_metadata = []`:                         "public_metadata: metadata must be a JSON object",
		`.public_metadata.role = null`:                  "a merge patch cannot set null",
		`.private_metadata = {}`:                        "the program sets private_metadata, which is not read: pass --include-private",
		`.[.public_metadata.role] = 1`:                  `the program adds a member to the object: only metadata can change` + "\n",
		`.publc_metadata = 1`:                           `only metadata can change; did you mean public_metadata?`,
		`.public_metadata.role = nan`:                   "is not finite",
	} {
		r := s.run(t, "transform users --jq", program)
		require.Equal(t, 7, r.code, program)
		require.Contains(t, r.err, want, program)
		require.Contains(t, r.err, "nothing was sent")
		require.NotContains(t, r.err, "shopper")
	}
	for line, want := range map[string]string{
		"--checkpoint " + edits + ".done --jq .": "--checkpoint needs --edits",
		"--edits " + edits + " --jq .":           "it holds edits of another program, kind, instance or choice of --include-private",
		"--edits " + foreign + " --jq .":         "it holds no edits of a transform",
		"--jq .a.":                               "--jq is no program",
		"--jq debug":                             "--jq cannot be used",
	} {
		r := s.run(t, "transform users "+line)
		require.NotEqual(t, 0, r.code, line)
		require.Contains(t, r.err, want, line)
	}
	r := s.run(t, "transform users --include-private --edits "+edits+" --jq", rename)
	require.Contains(t, r.err, "it holds edits of another program")
	now, err := os.ReadFile(edits)
	require.NoError(t, err)
	require.Equal(t, string(kept), string(now), "it is left as it is")
	require.Empty(t, s.writes())
}

// A transform that was killed at any moment and is run again changes each user once, also
// with a program that is not idempotent.
func TestTransformKilledAndRunAgain(t *testing.T) {
	t.Parallel()
	kills, users := number(t, "CLERKMETA_KILLS", 3), 40
	r := rand.New(rand.NewPCG(uint64(kills), 13))
	for round := range kills {
		s := newServer(t, users)
		before := s.state()
		dir := t.TempDir()
		log := filepath.Join(dir, "undo")
		args := []string{"transform", "users", "--jq", ".public_metadata.a.old += 1", "--rate", "100000/10s", "--edits", filepath.Join(dir, "edits"), "--undo-log", log}
		if r.IntN(2) == 0 {
			args = append(args, "--checkpoint", filepath.Join(dir, "done"))
		}
		s.kill(t, s.command(t.Context(), t, args...), 1+r.Int64N(int64(users)), r.IntN(2) == 0)
		s.settle(t)
		out, err := s.command(t.Context(), t, args...).CombinedOutput()
		require.NoError(t, err, "round %d: %s", round, out)
		for _, u := range s.State().Users {
			require.Equal(t, `{"a":{"old":2}}`, fmt.Sprint(u.PublicMetadata))
		}
		out, err = s.command(t.Context(), t, "undo", log, "--rate", "100000/10s").CombinedOutput()
		require.NoError(t, err, "round %d: %s", round, out)
		require.Equal(t, before, s.state())
	}
}

// Edits that were not written to the end are made again.
func TestTransformBeginsAgain(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, clerktest.Seed{})
	edits := filepath.Join(t.TempDir(), "edits")
	require.Equal(t, 0, s.run(t, "transform users --dry-run --edits "+edits+" --jq", rename).code)
	whole, err := os.ReadFile(edits)
	require.NoError(t, err)
	for cut := range whole {
		if cut%7 > 0 && cut < len(whole)-3 {
			continue
		}
		require.NoError(t, os.WriteFile(edits, whole[:cut], 0o600))
		require.Equal(t, 0, s.run(t, "transform users --dry-run --edits "+edits+" --jq", rename).code)
		text, err := os.ReadFile(edits)
		require.NoError(t, err)
		require.Equal(t, string(whole), string(text))
	}
	require.NoError(t, os.WriteFile(edits, append(whole[:len(whole)-len("{\"clerkmeta_edits\":\"all\"}\n")], []byte("{}\n{\"clerkmeta_edits\":\"all\"}\n")...), 0o600))
	r := s.run(t, "transform users --edits "+edits+" --jq", rename)
	require.Equal(t, 3, r.code)
	require.Contains(t, r.err, "the edits cannot be read: line 2: ")
	require.Empty(t, s.writes())
}
