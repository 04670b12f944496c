package calls_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
)

func TestStartRecords(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(testkit.EnvRecordDir, dir)
	t.Run("a test that makes a request", func(t *testing.T) {
		clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
		_, err := clerk.Client().Users.GetUser(t.Context(), "user_1")
		require.NoError(t, err)
	})
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	var line map[string]any
	require.NoError(t, json.Unmarshal(text, &line))
	require.Equal(t, "bapi", line["api"])
	require.Equal(t, "GetUser", line["operation"])
	require.Equal(t, "/v1/users/user_1", line["path"])
	require.NotContains(t, string(text), "sk_test", "no credential is recorded")
}
