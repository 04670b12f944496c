package live_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// The whole table, on the fake. What the SDK sends is recorded; the faulty
// requests are not, since they are invalid on purpose.
func TestFake(t *testing.T) {
	t.Parallel()
	t.Run("by the SDK", func(t *testing.T) {
		t.Parallel()
		clerk := testkit.StartWith(t, rotating(), seeds())
		unchanged(t, clerk)
		i := fake(t, clerk, "org_1")
		run(t, i.semantics()...)
	})
	t.Run("by plain HTTP", func(t *testing.T) {
		t.Parallel()
		clerk := rotating().Start(t, seeds())
		unchanged(t, clerk)
		i := fake(t, clerk, "org_1")
		run(t, i.faults())
	})
}

// The whole table and every guess, on a development instance.
func TestLive(t *testing.T) { //nolint:paralleltest // Clerk counts the requests
	if os.Getenv(envLive) != "1" {
		t.Skip(howTo)
	}
	runLive(t)
}

func runLive(t *testing.T) {
	t.Helper()
	c, err := fromEnv()
	require.NoError(t, err)
	i, err := connect(t.Context(), c)
	require.NoError(t, err)
	run(t, append(i.semantics(), i.faults())...)
	t.Run("guesses", func(t *testing.T) {
		verdicts, err := i.settle(t.Context())
		for _, v := range verdicts {
			t.Log(v)
			if v.failed() {
				t.Errorf("%s: correct it in package clerktest, or run again where there was no answer", v.Name)
			}
		}
		require.NoError(t, err)
	})
}

// semantics is every group that the SDK can run.
func (i *instance) semantics() []group {
	return []group{
		semantics(i.user()), semantics(i.organization()), semantics(i.membership()), semantics(i.signedInUser()),
		i.hidden(), i.refusals(),
	}
}

func run(t *testing.T, groups ...group) {
	t.Helper()
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			if g.entity.lacks != "" {
				t.Skip(g.entity.lacks)
			}
			require.NoError(t, g.each(t.Context(), func(name string, do func() error) {
				t.Run(name, func(t *testing.T) { require.NoError(t, do()) })
			}))
		})
	}
}

// seeds are a user with metadata that is not easy to put back, an organization
// that it is a member of and one that it is not.
func seeds() clerktest.Seed {
	odd := metadata.Of(map[string]any{"n": int64(12345678901234567), "null": nil, "list": []any{nil, "<&>"}, "o": map[string]any{"a": nil}})
	return clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", PublicMetadata: odd, PrivateMetadata: metadata.Null()}},
		Organizations: []clerktest.Organization{{ID: "org_1", PrivateMetadata: odd}, {ID: "org_2"}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", PublicMetadata: odd}},
		Sessions:      []clerktest.Session{{UserID: "user_1", ClientToken: "native_1", DevBrowser: "browser_1"}},
	}
}

// rotating is how every fake here behaves, guessing one that also answers a guess otherwise.
func rotating() clerktest.Config { return clerktest.Config{Rotation: true} }

func guessing(name clerktest.GuessName, answer string) clerktest.Config {
	return clerktest.Config{Rotation: true, Guesses: map[clerktest.GuessName]string{name: answer}}
}

// fake connects to a fake in process.
func fake(t *testing.T, clerk *clerktest.Test, organizationID string) *instance {
	t.Helper()
	i, err := connect(t.Context(), config{
		backendURL: "https://clerk.test/v1", frontendURL: "https://clerk.test", transport: clerk.Transport(),
		secretKey: clerk.SecretKey(), userID: "user_1", organizationID: organizationID, clientToken: "native_1",
	})
	require.NoError(t, err)
	return i
}

// unchanged checks, when the test ends, that the fake's metadata is as it was.
func unchanged(t *testing.T, clerk *clerktest.Test) {
	t.Helper()
	before := everything(t, clerk)
	t.Cleanup(func() { require.Equal(t, before, everything(t, clerk)) })
}

func everything(t *testing.T, clerk *clerktest.Test) []string {
	t.Helper()
	u, ok := clerk.User("user_1")
	require.True(t, ok)
	o, ok := clerk.Organization("org_1")
	require.True(t, ok)
	m, ok := clerk.Membership("org_1", "user_1")
	require.True(t, ok)
	return []string{
		u.PublicMetadata.String(), u.PrivateMetadata.String(), u.UnsafeMetadata.String(),
		o.PublicMetadata.String(), o.PrivateMetadata.String(), m.PublicMetadata.String(), m.PrivateMetadata.String(),
	}
}
