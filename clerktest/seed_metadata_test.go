package clerktest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// A seed takes metadata as Go code has it, and State holds it as a Value that
// survives JSON.
func TestSeedsTakeGoValues(t *testing.T) {
	t.Parallel()
	type role struct {
		Role string `json:"role"`
		N    int64  `json:"n"`
	}
	object, err := metadata.ParseObject([]byte(`{"b":1.50,"a":9007199254740993}`))
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		seeded any
		stored string
	}{
		"nothing":        {nil, `{}`},
		"the zero Value": {metadata.Value{}, `{}`},
		"null":           {metadata.Null(), `null`},
		"a map":          {map[string]any{"a": nil, "n": int64(9007199254740993)}, `{"a":null,"n":9007199254740993}`},
		"a struct":       {role{"shopper", 9007199254740993}, `{"n":9007199254740993,"role":"shopper"}`},
		"a pointer":      {&role{Role: "shopper"}, `{"n":0,"role":"shopper"}`},
		"a Value":        {metadata.Of(map[string]any{"a": 1}), `{"a":1}`},
		"an Object":      {object, `{"a":9007199254740993,"b":1.50}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := clerktest.Start(t, clerktest.Seed{
				Users:         []clerktest.User{{UnsafeMetadata: tc.seeded}},
				Organizations: []clerktest.Organization{{PublicMetadata: tc.seeded}},
				Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1", PrivateMetadata: tc.seeded}},
			})
			text, err := json.Marshal(c.State())
			require.NoError(t, err)
			var again clerktest.Seed
			require.NoError(t, json.Unmarshal(text, &again))
			require.Equal(t, c.State(), again)
			for _, seed := range []clerktest.Seed{c.State(), again} {
				require.NoError(t, c.SetState(seed))
				u, _ := c.User("user_1")
				o, _ := c.Organization("org_1")
				m, _ := c.Membership("org_1", "user_1")
				require.Equal(t, []string{tc.stored, tc.stored, tc.stored},
					[]string{u.UnsafeMetadata.String(), o.PublicMetadata.String(), m.PrivateMetadata.String()})
			}
		})
	}
}

// A number that no float64 holds is a number of JSON all the same.
func TestSeedsKeepNumbers(t *testing.T) {
	t.Parallel()
	const stored = `{"n":1e400,"long":0.12345678901234567890}`
	text := []byte(`{
		"users": [{"public_metadata": ` + stored + `}],
		"organizations": [{"public_metadata": ` + stored + `}],
		"memberships": [{"organization_id": "org_1", "user_id": "user_1", "public_metadata": ` + stored + `}]
	}`)
	seed, err := clerktest.ParseSeed(text)
	require.NoError(t, err)
	c := clerktest.Start(t, seed)
	u, _ := c.User("user_1")
	o, _ := c.Organization("org_1")
	m, _ := c.Membership("org_1", "user_1")
	for _, held := range []metadata.Object{u.PublicMetadata, o.PublicMetadata, m.PublicMetadata} {
		require.Contains(t, held.String(), `"n":1e400`)
		require.Contains(t, held.String(), `"long":0.12345678901234567890`)
	}
}

func TestSeedMetadataMustBeObjects(t *testing.T) {
	t.Parallel()
	for want, metadata := range map[string]any{
		"[]int encodes to an array": []int{1},
		"string encodes to":         "admin",
		"use Null() to store null":  map[string]any(nil),
		"chan int":                  map[string]any{"c": make(chan int)},
	} {
		_, err := clerktest.New(clerktest.Seed{Users: []clerktest.User{{}, {PrivateMetadata: metadata}}})
		require.ErrorContains(t, err, "clerktest: user 2: private_metadata: ")
		require.ErrorContains(t, err, want)
	}
	var seed clerktest.Seed
	require.Error(t, json.Unmarshal([]byte(`{"users":[{"public_metadata":"admin"}]}`), &seed))
}
