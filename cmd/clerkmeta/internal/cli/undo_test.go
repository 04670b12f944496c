package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func TestUndo(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	changes := named(t, "c.ndjson", `{"user":"user_1","patch":{"public_metadata":{"role":"admin","limits":{"seats":null}},"private_metadata":{"stripeId":"cus_hidden_2"}}}
{"user":"user_2","patch":{"public_metadata":{"made":{"a":1}}}}
`)
	log := filepath.Join(t.TempDir(), "undo")
	r := s.run(t, "apply --concurrency 1 --undo-log "+log, changes) // so that the log has an order
	require.Equal(t, 0, r.code, r.err)
	info, err := os.Stat(log)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	_, err = s.Client().Users.UpdateUserMetadata(t.Context(), "user_2", users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"made": metadata.Patch{"b": 2}},
	})
	require.NoError(t, err)

	r = s.run(t, "undo --dry-run --details", log)
	require.Equal(t, 14, r.code)
	require.Equal(t, `user user_1: planned +public_metadata/limits/seats ~private_metadata/stripeId ~public_metadata/role
user user_2: unchanged
2 changes (2 undo)

  adds  changes  removals
     1        1         0  public_metadata
     0        1         0  private_metadata

1 would change something, 1 would change nothing
`, r.out)
	require.Contains(t, r.err, "user user_2: stays as it is: public_metadata/made (changed by others)")
	require.Contains(t, r.err, "1 place stays as before the undo: changed by others, or a null that no merge patch restores")
	require.NotContains(t, r.out+r.err, "cus_hidden")
	require.Len(t, s.writes(), 3)

	r = s.run(t, "undo --output json --undo-log "+log+".2", log)
	require.Equal(t, 14, r.code)
	require.Contains(t, r.out, `"verb":"undo","outcome":"unchanged","kept":["public_metadata/made"]}`)
	require.Contains(t, r.out, `{"summary":{`)
	require.NotContains(t, r.out+r.err, "cus_hidden")
	require.Len(t, s.writes(), 4)
	user, err := s.Client().Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.JSONEq(t, `{"role":"shopper","limits":{"seats":5}}`, user.PublicMetadata.String())
	require.JSONEq(t, `{"stripeId":"cus_hidden"}`, user.PrivateMetadata.String())

	r = s.run(t, "undo "+log+".2") // which is to apply again
	require.Equal(t, 0, r.code, r.err)
	user, err = s.Client().Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.JSONEq(t, `{"role":"admin","limits":{}}`, user.PublicMetadata.String())
}

func TestUndoRefuses(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	changes := named(t, "c.ndjson", `{"user":"user_1","patch":{"public_metadata":{"role":"admin"}}}`)
	log := filepath.Join(t.TempDir(), "undo")
	require.Equal(t, 0, s.run(t, "apply --undo-log "+log, changes).code)
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	empty := named(t, "empty", string(text[:strings.IndexByte(string(text), '\n')+1]))
	torn := named(t, "torn", string(text[:len(text)-3]))
	other := named(t, "other", strings.Replace(string(text), `"key":"test"`, `"key":"live"`, 1))
	for line, want := range map[string]string{
		"undo " + changes:                             "cannot be undone: the file is not an undo log",
		"undo " + changes + "x":                       "cannot be undone: open ",
		"undo " + empty:                               "cannot be undone: it notes no changes",
		"undo " + other:                               "the undo log is of changes at " + s.URL() + " with a live key, and this run is at " + s.URL() + " with a test key",
		"undo " + log + " --checkpoint " + log:        "--checkpoint and the undo log are the same file",
		"undo " + log + " --undo-log " + log:          "--undo-log and the undo log are the same file",
		"apply " + changes + " --undo-log " + changes: "--undo-log and the file of changes are the same file",
		"apply " + named(t, "d.ndjson", `{"user":"user_2","patch":{"public_metadata":{"a":1}}}`) + " --undo-log " + log: "the undo log belongs to something else: to another input, or the same read in another way: name another file",
		"apply " + changes + " --undo-log " + log + " --failures " + log:                                                "--failures and --undo-log are the same file",
	} {
		r := s.run(t, line)
		require.Contains(t, r.err, want, line)
		require.NotEqual(t, 0, r.code)
	}
	r := s.run(t, "undo "+torn)
	require.Equal(t, 3, r.code)
	require.Contains(t, r.err, "it notes no changes")
	require.Len(t, s.writes(), 1)
}
