package bulk_test

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// omitting leaves empty private metadata out of the answers, as Clerk may.
type omitting struct{ base http.RoundTripper }

func (o omitting) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := o.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, []byte(`"private_metadata":{},`), nil)
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	answer.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return answer, nil
}

// A field that Clerk leaves out of its answers is empty: a change of it is noted, and taken
// back.
func TestUndoOfOmittedField(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{
		Users: []clerktest.User{{ID: "user_1"}}, Organizations: []clerktest.Organization{{ID: "org_1"}},
		Memberships: []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
	})
	c, err := client.New(client.SecretKey(clerk.SecretKey()), client.WithHTTPClient(&http.Client{Transport: omitting{clerk.Transport()}}))
	require.NoError(t, err)
	u, err := c.Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	require.True(t, u.PrivateMetadata.IsZero())

	before := state(clerk)
	path := filepath.Join(t.TempDir(), "undo")
	log, err := bulk.OpenUndoLog(path, inputOnly)
	require.NoError(t, err)
	const patch = `"patch":{"private_metadata":{"x":1}}}`
	results, err := walk(bulk.Apply(t.Context(), c, lines(
		`{"user":"user_1",`+patch, `{"organization":"org_1",`+patch, `{"organization":"org_1","user":"user_1",`+patch,
	), bulk.ApplyParams{UndoLog: log}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Applied: 3}, counts(results))
	require.NoError(t, log.Close())
	require.NotEqual(t, before, state(clerk))
	undone(t, clerk, path)
	require.Equal(t, before, state(clerk))
}
