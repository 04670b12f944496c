package bulk_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// instance is a Clerk with users, organizations and memberships.
func instance(t *testing.T, users int) *clerktest.Test {
	t.Helper()
	var seed clerktest.Seed
	for i := range users {
		seed.Users = append(seed.Users, clerktest.User{
			ID:             fmt.Sprintf("user_%d", i+1),
			PublicMetadata: map[string]any{"role": "shopper", "a": map[string]any{"b": i}},
		})
	}
	seed.Organizations = []clerktest.Organization{{ID: "org_1"}, {ID: "org_2"}}
	seed.Memberships = []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}}
	return clerktest.Start(t, seed)
}

// lines is NDJSON of lines.
func lines(text ...string) iter.Seq2[bulk.Change, error] {
	return bulk.ReadNDJSON(strings.NewReader(strings.Join(text, "\n")))
}

// walk collects a walk: its results by index, and its error.
func walk(results iter.Seq2[bulk.Result, error]) (map[int64]bulk.Result, error) {
	all := map[int64]bulk.Result{}
	for r, err := range results {
		if err != nil {
			return all, err
		}
		all[r.Index] = r
	}
	return all, nil
}

func counts(results map[int64]bulk.Result) (c bulk.Counts) {
	for _, r := range results {
		c.Add(r.Outcome)
	}
	return c
}

// impatient is a client that does not retry.
func impatient(clerk *clerktest.Test) *client.Client {
	return clerk.Client(client.WithRetry(client.Retry{MaxRetries: client.None}))
}

// state is everything that an instance holds of metadata.
func state(clerk *clerktest.Test) string {
	var b strings.Builder
	s := clerk.State()
	for _, u := range s.Users {
		fmt.Fprintln(&b, u.ID, u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata)
	}
	for _, o := range s.Organizations {
		fmt.Fprintln(&b, o.ID, o.PublicMetadata, o.PrivateMetadata)
	}
	for _, m := range s.Memberships {
		fmt.Fprintln(&b, m.OrganizationID, m.UserID, m.PublicMetadata, m.PrivateMetadata)
	}
	return b.String()
}

// randomLines are changes of few keys of few entities, so that they meet.
func randomLines(r *rand.Rand, n int) []string {
	entities := []string{
		`"user":"user_1"`, `"user":"user_2"`, `"user":"user_3"`,
		`"organization":"org_1"`, `"organization":"org_1","user":"user_1"`,
	}
	values := []func() string{
		func() string { return fmt.Sprint(r.IntN(100)) },
		func() string { return "null" },
		func() string { return fmt.Sprintf(`{"b":%d}`, r.IntN(100)) },
		func() string { return fmt.Sprintf(`{"c":{"d":%d}}`, r.IntN(100)) },
		func() string { return `{"b":null}` },
	}
	all := make([]string, n)
	for i := range all {
		who := r.IntN(len(entities))
		field := []string{"public_metadata", "private_metadata"}[r.IntN(2)]
		key := []string{"a", "role"}[r.IntN(2)]
		what := fmt.Sprintf(`"patch":{"%s":{"%s":%s}}`, field, key, values[r.IntN(len(values))]())
		switch r.IntN(6) {
		case 0:
			if who != len(entities)-1 {
				what = fmt.Sprintf(`"replace":{"%s":{"%s":%s}}`, field, key, values[r.IntN(len(values))]())
			}
		case 1:
			what = fmt.Sprintf(`"unset":["%s/%s%s"]`, field, key, []string{"", "/b", "/c/d"}[r.IntN(3)])
		}
		all[i] = "{" + entities[who] + "," + what + "}"
	}
	return all
}

// sequential is the state after the changes, one after the other.
func sequential(t *testing.T, all []string) string {
	t.Helper()
	clerk := instance(t, 3)
	for r, err := range bulk.Apply(context.Background(), clerk.Client(), lines(all...), bulk.ApplyParams{Workers: 1, Window: 1}) {
		require.NoError(t, err)
		require.NoError(t, r.Err)
	}
	return state(clerk)
}

// brokenFaults are what can go wrong with a request.
func brokenFaults() []clerktest.Fault {
	return []clerktest.Fault{
		clerktest.Drop(),
		clerktest.Drop().And(clerktest.Applied()),
		clerktest.Answer(http.StatusBadGateway, "bad_gateway").And(clerktest.Applied()),
		clerktest.Answer(http.StatusTooManyRequests, "too_many_requests"),
		clerktest.Truncate(),
	}
}
