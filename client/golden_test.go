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
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

var writeGolden = flag.Bool("golden", false, "write the golden files in testdata/wire")

// TestWireBytes holds every request against a golden file, byte for byte. What
// changes there is seen by Clerk.
func TestWireBytes(t *testing.T) {
	t.Parallel()
	patch := metadata.Patch{"plan": "<pro> & more", "seats": int64(9007199254740993), "trial": metadata.Delete, "billing": metadata.Patch{"vat": metadata.Delete}}
	value := metadata.Of(map[string]any{"plan": "pro", "until": nil})
	credential := me.DevBrowser("dev-token").WithSession("sess_1")
	for name, call := range map[string]func(*client.Client, *me.Service) error{
		"UpdateUserMetadata": func(c *client.Client, _ *me.Service) error {
			_, err := c.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{PublicMetadata: patch, PrivateMetadata: metadata.Patch{}, UnsafeMetadata: patch})
			return err
		},
		"ReplaceUserMetadata": func(c *client.Client, _ *me.Service) error {
			_, err := c.Users.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{PublicMetadata: value, PrivateMetadata: metadata.Empty(), UnsafeMetadata: metadata.Null()})
			return err
		},
		"GetUser": func(c *client.Client, _ *me.Service) error {
			_, err := c.Users.GetUser(t.Context(), "user+1:é")
			return err
		},
		"GetMany": func(c *client.Client, _ *me.Service) error {
			_, _, err := c.Users.GetMany(t.Context(), []string{"user_2", "user_1", "user_2"})
			return err
		},
		"UpdateOrganizationMetadata": func(c *client.Client, _ *me.Service) error {
			_, err := c.Organizations.UpdateOrganizationMetadata(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch})
			return err
		},
		"ReplaceOrganizationMetadata": func(c *client.Client, _ *me.Service) error {
			_, err := c.Organizations.ReplaceOrganizationMetadata(t.Context(), "org_1", organizations.ReplaceOrganizationMetadataParams{PrivateMetadata: value})
			return err
		},
		"GetOrganization": func(c *client.Client, _ *me.Service) error {
			_, err := c.Organizations.GetOrganization(t.Context(), "acme")
			return err
		},
		"UpdateOrganizationMembershipMetadata": func(c *client.Client, _ *me.Service) error {
			_, err := c.Organizations.UpdateOrganizationMembershipMetadata(t.Context(), "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{PrivateMetadata: patch})
			return err
		},
		"GetOrganizationMembership": func(c *client.Client, _ *me.Service) error {
			_, err := c.Organizations.GetOrganizationMembership(t.Context(), "org_1", "user_1")
			return err
		},
		"me.GetMe": func(_ *client.Client, f *me.Service) error {
			_, _, err := f.GetMe(t.Context(), me.NativeToken("client-token"))
			return err
		},
		"me.UpdateMetadata": func(_ *client.Client, f *me.Service) error {
			_, _, err := f.UpdateMetadata(t.Context(), credential, patch)
			return err
		},
		"me.UpdateMetadata.cookie": func(_ *client.Client, f *me.Service) error {
			_, _, err := f.UpdateMetadata(t.Context(), me.Cookie("client-token"), metadata.Patch{"theme": "dark"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wire bytes.Buffer
			h := client.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				writeRequest(t, &wire, r)
				return answer(http.StatusNotFound, "")(r)
			})})
			c, err := client.New(client.SecretKey("sk_test_example"), h)
			require.NoError(t, err)
			f, err := client.NewFrontend("https://clerk.example.com", h)
			require.NoError(t, err)
			require.Error(t, call(c, f), "the answer is a 404")

			got := strings.ReplaceAll(wire.String(), "clerkmeta-go/"+client.Version, "clerkmeta-go/VERSION")
			file := filepath.Join("..", "testdata", "wire", name+".http")
			if *writeGolden {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
			}
			golden, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(golden), got)
		})
	}
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
		fmt.Fprintf(w, "\n%s\n", body)
	}
}
