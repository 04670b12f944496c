package conformance_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/test/conformance"
)

var update = flag.Bool("update", false, "write the list of operations anew")

// TestOperationsAreWhole compares the list of operations with Clerk's documents; with -update it
// writes the list.
func TestOperationsAreWhole(t *testing.T) {
	t.Parallel()
	want := conformance.OperationsHeader +
		conformance.Operations("bapi", "/v1", theirs(t, "bapi")) + conformance.Operations("fapi", "", theirs(t, "fapi"))
	file := filepath.Join("..", "..", "internal", "operations", "operations.txt")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o600))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "run go -C test/conformance test -run TestOperationsAreWhole -update .")
}

// TestEveryOperationIsKnown asks clerktest for every operation of Clerk's documents: it is done, or refused
// by its own name.
func TestEveryOperationIsKnown(t *testing.T) {
	t.Parallel()
	for api, base := range map[string]string{"bapi": "/v1", "fapi": ""} {
		for path, item := range theirs(t, api).Paths.Map() {
			for method, op := range item.Operations() {
				c, err := clerktest.Config{RequestLog: 1}.New(clerktest.Seed{})
				require.NoError(t, err)
				r := httptest.NewRequestWithContext(t.Context(), method, "https://clerk.test"+base+braces.Replace(path), http.NoBody)
				if api == "bapi" {
					r.Header.Set("Authorization", "Bearer "+clerktest.DefaultSecretKey)
				} else {
					r.Header.Set("Cookie", "__client=token")
				}
				w := httptest.NewRecorder()
				c.ServeHTTP(w, r)
				seen := c.Requests()[0]
				require.Equal(t, op.OperationID, string(seen.Operation), "%s %s %s", api, method, path)
				require.Equal(t, api, string(seen.API), "%s %s", method, path)
				require.Less(t, w.Code, http.StatusInternalServerError, "%s %s %s", api, method, path)
				if strings.Contains(w.Body.String(), "clerktest_unsupported") {
					require.Equal(t, http.StatusBadRequest, w.Code)
					require.Contains(t, w.Body.String(), `"operation_id":"`+op.OperationID+`"`)
				}
			}
		}
	}
}

// braces makes a path's parameters ids.
var braces = strings.NewReplacer("{", "", "}", "")
