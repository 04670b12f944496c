package consumer_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/test/consumer"
)

// external is every package from outside the standard library and this project
// that a consumer compiles. It only ever gets shorter without a good reason.
var external = []string{
	"github.com/apapsch/go-jsonmerge/v2",
	"github.com/google/uuid",
	"github.com/hashicorp/go-cleanhttp",
	"github.com/hashicorp/go-retryablehttp",
	"github.com/oapi-codegen/runtime",
	"github.com/oapi-codegen/runtime/types",
}

func TestWhatAConsumerCompiles(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	require.NoError(t, err)
	var got []string
	for _, path := range strings.Fields(string(out)) {
		if !strings.HasPrefix(path, "github.com/clerkmeta/clerkmeta-go/") {
			got = append(got, path)
		}
	}
	require.ElementsMatch(t, external, got)
	require.NotContains(t, string(out), "clerkmeta-go/clerktest", "the fake is not in a consumer's program")
}

// Drivers of the modules under contrib are not even in a consumer's list of modules.
func TestWhatAConsumerLists(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "all").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "github.com/hashicorp/go-retryablehttp ")
	for _, driver := range []string{"redis", "opentelemetry"} {
		require.NotContains(t, string(out), driver)
	}
}

func TestUse(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1"}},
		Organizations: []clerktest.Organization{{ID: "org_1"}},
		Sessions:      []clerktest.Session{{UserID: "user_1", ClientToken: "client-token"}},
	})
	require.NoError(t, consumer.Use(t.Context(), clerk.Client(), clerk.Frontend()))
}
