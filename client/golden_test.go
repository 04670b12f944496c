package client_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

var writeGolden = flag.Bool("golden", false, "write the golden files in testdata/wire")

// TestWireBytes holds every request of every call against a golden file, byte for
// byte. What changes there is seen by Clerk.
func TestWireBytes(t *testing.T) {
	t.Parallel()
	for _, c := range calls.All() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			var wire bytes.Buffer
			for _, in := range goldenInput(c) {
				seed := calls.Seed(map[string]any{"trial": true, "billing": map[string]int{"vat": 19}})
				seed.SecretKey = key
				clerk := testkit.Start(t, seed)
				r := c.Do(t.Context(), newSDK(t, roundTripper(func(r *http.Request) (*http.Response, error) {
					writeRequest(t, &wire, r)
					return clerk.Transport().RoundTrip(r)
				})), in)
				require.NoError(t, r.Err)
			}
			got := strings.ReplaceAll(wire.String(), "clerkmeta-go/"+client.Version, "clerkmeta-go/VERSION")
			file := filepath.Join("..", "testdata", "wire", c.Name+".http")
			if *writeGolden {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
			}
			golden, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(golden), got)
		})
	}
}

// TestNoOtherGoldenFiles fails where the call of a golden file is gone.
func TestNoOtherGoldenFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "testdata", "wire", "*"))
	require.NoError(t, err)
	require.Len(t, files, len(calls.All()))
}

// goldenInput has something else in each field, and for the Frontend API each of the
// credentials.
func goldenInput(c calls.Call) []calls.Input {
	in := calls.Valid()
	patch := metadata.Patch{"plan": "<pro> & more", "seats": int64(9007199254740993), "trial": metadata.Delete, "billing": metadata.Patch{"vat": metadata.Delete}}
	in.Patch = calls.Fields[metadata.Patch]{Public: patch, Private: metadata.Patch{"until": "ü"}, Unsafe: metadata.Patch{}}
	in.Value = calls.Fields[metadata.Value]{Public: metadata.Of(map[string]any{"plan": "pro", "until": nil}), Private: metadata.Empty(), Unsafe: metadata.Null()}
	in.PageSize = 1
	if c.Creates > 0 {
		in.Value.Unsafe = metadata.Of(map[string]any{"html": "<b>"}) // a creation takes no null
	}
	if !c.IsFrontend() {
		return []calls.Input{in}
	}
	in.Patch.Unsafe, in.Value.Unsafe = patch, metadata.Of(map[string]any{"plan": "pro"})
	native, browser := in, in
	native.Credential = me.NativeToken(calls.Token)
	browser.Credential = me.DevBrowser(calls.DevBrowser).WithSession("sess_1")
	return []calls.Input{in, native, browser}
}

// writeRequest writes a request as it goes out, headers sorted.
func writeRequest(t *testing.T, w io.Writer, r *http.Request) {
	t.Helper()
	fmt.Fprintf(w, "%s %s\n", r.Method, r.URL)
	var lines []string
	for name, values := range r.Header {
		lines = append(lines, name+": "+strings.Join(values, ", "))
	}
	slices.Sort(lines)
	fmt.Fprintln(w, strings.Join(lines, "\n"))
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.EqualValues(t, len(body), r.ContentLength, "the length is declared")
		r.Body = io.NopCloser(bytes.NewReader(body))
		fmt.Fprintf(w, "\n%s\n", body)
	}
}
