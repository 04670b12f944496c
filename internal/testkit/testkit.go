// Package testkit starts the in-process Clerk for this module's own tests.
package testkit

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// EnvRecordDir names a folder to which every request of a test is written, so
// that they can be validated against Clerk's own OpenAPI documents.
const EnvRecordDir = "CLERKMETA_RECORD_DIR"

// Start is clerktest.Start, and records.
func Start(t *testing.T, seed clerktest.Seed) *clerktest.Test {
	t.Helper()
	return StartWith(t, clerktest.Config{}, seed)
}

// StartWith is config.Start, and records.
func StartWith(t *testing.T, config clerktest.Config, seed clerktest.Seed) *clerktest.Test {
	t.Helper()
	clerk := config.Start(t, seed)
	if dir := os.Getenv(EnvRecordDir); dir != "" {
		t.Cleanup(func() { record(t, dir, clerk.Requests()) })
	}
	return clerk
}

// line is what the validation reads; the log holds no credentials.
type line struct {
	API       string      `json:"api"`
	Operation string      `json:"operation"`
	Method    string      `json:"method"`
	Path      string      `json:"path"`
	Query     string      `json:"query"`
	Header    http.Header `json:"header"`
	Body      string      `json:"body"`
}

func record(t *testing.T, dir string, requests []clerktest.Request) {
	t.Helper()
	f, err := os.CreateTemp(dir, "requests-*.ndjson")
	require.NoError(t, err)
	enc := json.NewEncoder(f)
	for _, r := range requests {
		require.NoError(t, enc.Encode(line{
			API: string(r.API), Operation: string(r.Operation), Method: r.Method, Path: r.Path,
			Query: r.Query.Encode(), Header: r.Header, Body: string(r.Body),
		}))
	}
	require.NoError(t, f.Close())
}
