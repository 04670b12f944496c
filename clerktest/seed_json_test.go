package clerktest_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Each line of a case is a line of the seed.
func TestInvalidSeedFiles(t *testing.T) {
	t.Parallel()
	const user = `{"users":[{"id":"user_1"}],`
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "", "line 1, column 1: there is no text"},
		{"no JSON", "{\n\"users\": [}", "line 2, column 11: not valid JSON"},
		{"two values", "{}\n{}", "line 2, column 1: not valid JSON: more than one JSON value"},
		{"no object", " []", "line 1, column 2: the document is an array; expected type object"},
		{"invalid UTF-8", "{\n\"\xff\": 1}", "line 2, column 2: string is not valid UTF-8"},
		{"unknown member", "{\n  \"usres\": []}", `line 2, column 3: the document has no member "usres"`},
		{"unknown field", "{\"users\": [\n  {\"id\": \"user_1\", \"frist_name\": 1}]}", `line 2, column 20: users[0] has no member "frist_name"`},
		{"column in characters", `{"users":[{"first_name":"éé","x":1}]}`, `line 1, column 30: users[0] has no member "x"`},
		{"wrong kind of list", `{"users":{}}`, "line 1, column 10: users is an object; expected type array"},
		{"wrong kind of field", `{"users":[{"banned":"yes"}]}`, "users[0].banned is a string; expected type boolean"},
		{"a time that is no integer", `{"users":[{"created_at":1.5}]}`, "users[0].created_at is a number; expected type integer"},
		{"a time before 1970", `{"users":[{"created_at":-1}]}`, "users[0].created_at is outside 0 to "},
		{"a time beyond all bounds", `{"users":[{"created_at":99999999999999999999}]}`, "users[0].created_at is outside 0 to 9223372036854775807"},
		{"an empty id", `{"users":[{"id":""}]}`, "users[0].id is too short"},
		{"a member twice", "{\"users\":[],\n\"users\":[]}", `line 2, column 8: "users": key occurs twice`},
		{"a field twice", `{"users":[{"id":"a","id":"b"}]}`, `line 1, column 25: "id": key occurs twice`},
		{"metadata that is no object", "{\"users\":[{\"public_metadata\":\n[]}]}", "line 2, column 1: users[0].public_metadata: "},
		{"metadata with a key twice", `{"users":[{"public_metadata":{"a":1,"a":2}}]}`, `line 1, column 40: "a": key occurs twice`},
		{"half a surrogate pair in metadata", `{"users":[{"public_metadata":{"a":"\ud800"}}]}`, "line 1, column 36: string is not valid UTF-8: half a surrogate pair"},
		{"half a surrogate pair in an id", "{\"users\":[\n{\"id\":\"user_\\udc00\"}]}", "line 2, column 13: string is not valid UTF-8: half a surrogate pair"},
		{"id twice", "{\"users\":[{\"id\":\"user_1\"},\n{\"banned\":false,\"id\":\"user_1\"}]}", `line 2, column 22: user 2: id "user_1" is taken`},
		{"id that is another's default", `{"users":[{"id":"user_2"},{}]}`, `line 1, column 27: user 2: id "user_2" is taken`},
		{"username twice", `{"users":[{"username":"ada"},{"username":"Ada"}]}`, `user 2: username "Ada" is taken`},
		{"username twice, by a letter with two small forms", `{"users":[{"username":"sam"},{"username":"ſam"}]}`, `user 2: username "ſam" is taken`},
		{"email address twice, of two users", `{"users":[{"email_addresses":["sam@b.test"]},{"email_addresses":["ſam@b.test"]}]}`, `user 2: email_addresses "ſam@b.test" is taken`},
		{"a deep member twice", `{"users":[[{"a":[[{"x":1,"x":2}]]}]]}`, `line 1, column 29: "x": key occurs twice`},
		{"a member of an element twice", `[[],[{"x":1,"x":2}]]`, `line 1, column 16: "x": key occurs twice`},
		{"external id twice", `{"users":[{"external_id":"1"},{"external_id":"1"}]}`, `user 2: external_id "1" is taken`},
		{"email address twice", `{"users":[{"email_addresses":["a@b.test","A@b.test"]}]}`, `user 1: email_addresses "A@b.test" is taken`},
		{"phone number twice", `{"users":[{"phone_numbers":["+1555"]},{"phone_numbers":["+1555"]}]}`, `user 2: phone_numbers "+1555" is taken`},
		{"no phone number", `{"users":[{"phone_numbers":["555"]}]}`, `user 1: "555" is not a phone number such as +15550100`},
		{"no unverified phone number", `{"users":[{"unverified_phone_numbers":["+1a5"]}]}`, `user 1: "+1a5" is not a phone number`},
		{"no unverified email address", `{"users":[{"unverified_email_addresses":["ada"]}]}`, `user 1: "ada" is not an email address`},
		{"no email address", `{"users":[{"email_addresses":["ada lovelace"]}]}`, `user 1: "ada lovelace" is not an email address`},
		{"slug twice", `{"organizations":[{"id":"org_1"},{"slug":"org_1"}]}`, `organization 2: slug "org_1" is taken`},
		{"membership of nobody", user + "\n\"organizations\":[{}],\"memberships\":[{\"organization_id\":\"org_1\",\"user_id\":\"user_9\"}]}", `line 2, column 74: membership 1: user "user_9" does not exist`},
		{"membership in nothing", user + `"memberships":[{"organization_id":"org_1","user_id":"user_1"}]}`, `membership 1: organization "org_1" does not exist`},
		{"membership without a user", user + `"memberships":[{"organization_id":"org_1"}]}`, `memberships[0] lacks "user_id"`},
		{"membership twice", user + `"organizations":[{}],"memberships":[{"organization_id":"org_1","user_id":"user_1"},{"organization_id":"org_1","user_id":"user_1"}]}`, `membership 2: user "user_1" is already a member of "org_1"`},
		{"session of nobody", `{"sessions":[{"user_id":"user_1"}]}`, `session 1: user "user_1" does not exist`},
		{"session in an unknown organization", user + `"sessions":[{"user_id":"user_1","active_organization_id":"org_1"}]}`, `session 1: organization "org_1" does not exist`},
		{"a claim of private metadata", "{\"session_claims\":{\"a\":1,\n\"m\":{\"n\":[\"{{org.private_metadata.a}}\"]}}}", `line 2, column 5: session claims: claim "m": shortcode "org.private_metadata.a": private metadata never`},
		{"a claim that is taken", "{\n\"session_claims\":{\"sub\":1}}", `line 2, column 25: session claims: `},
		{"a webhook without a URL", `{"webhooks":[{}]}`, `webhooks[0] lacks "url"`},
		{"a webhook with credentials", "{\n\"webhooks\":[{\"url\":\"http://a:b@localhost\"}]}", "line 2, column 20: webhook 1: url holds credentials: leave them out"},
		{"a webhook that is no URL", `{"webhooks":[{"url":"localhost:3000"}]}`, "webhook 1: url must begin with https://"},
		{"a webhook of an unknown event", `{"webhooks":[{"url":"http://localhost","events":["session.created"]}]}`, "webhooks[0].events[0] is not one of"},
		{"more webhooks than ten", `{"webhooks":[` + strings.Repeat(`{"url":"http://localhost"},`, 10) + `{"url":"http://localhost"}]}`, "webhook 11: there are more than 10 webhooks"},
		{"a webhook secret that is none", "{\n\"webhook_secret\":\"hidden\"}", "line 2, column 18: webhook_secret is not a signing secret"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			seed, err := clerktest.ParseSeed([]byte(tc.text))
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, "clerktest: line ")
			require.Zero(t, seed)
		})
	}
}

// full has every field of every struct set.
func full() clerktest.Seed {
	object := metadata.Of(map[string]any{"n": json.Number("12345678901234567890.10"), "null": nil, "l": []any{nil}})
	return clerktest.Seed{
		SecretKey:     "sk_test_example",
		WebhookSecret: "whsec_" + strings.Repeat("A", 32),
		Webhooks:      []clerktest.Webhook{{URL: "http://127.0.0.1:9/hook", Events: []string{"user.updated"}}},
		SessionClaims: map[string]any{"metadata": "{{user.public_metadata}}", "n": []any{json.Number("12345678901234567890.10"), nil}},
		Users: []clerktest.User{
			{
				ID: "user_b", PublicMetadata: object, PrivateMetadata: metadata.Null(), UnsafeMetadata: metadata.Empty(),
				FirstName: "Ada", LastName: "L", Username: "ada", ExternalID: "7", Locale: "en-GB",
				EmailAddresses: []string{"ada@example.com", "al@example.com"}, UnverifiedEmailAddresses: []string{"queen@example.com"},
				PhoneNumbers: []string{"+15550100"}, UnverifiedPhoneNumbers: []string{"+15550101"},
				PasswordEnabled: true, Banned: true, Locked: true, LastActiveAt: 1_700_000_000_005,
				CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_001,
			},
			{ID: "user_a", PublicMetadata: metadata.Empty(), PrivateMetadata: metadata.Empty(), UnsafeMetadata: object, CreatedAt: 1_600_000_000_000, UpdatedAt: 1_600_000_000_000},
		},
		Organizations: []clerktest.Organization{{
			ID: "org_a", Slug: "acme", Name: "Acme", PublicMetadata: object, PrivateMetadata: object, CreatedBy: "user_gone",
			MaxAllowedMemberships: 5, CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_002,
		}},
		Memberships: []clerktest.Membership{{
			ID: "orgmem_a", OrganizationID: "org_a", UserID: "user_b", Role: "org:admin", PublicMetadata: object, PrivateMetadata: object,
			CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_003,
		}},
		Invitations: []clerktest.Invitation{
			{
				ID: "inv_a", EmailAddress: "eve@example.com", PublicMetadata: object, Status: "revoked",
				ExpiresAt: 1_800_000_000_000, CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_006,
			},
			{
				ID: "orginv_a", OrganizationID: "org_a", EmailAddress: "bob@example.com", Role: "org:admin", InviterUserID: "user_b",
				PublicMetadata: object, PrivateMetadata: object, RedirectURL: "https://example.com/join", Status: "pending",
				ExpiresAt: 1_800_000_000_000, CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_000,
			},
		},
		Sessions: []clerktest.Session{
			{ID: "sess_b", UserID: "user_b", Status: "active", ClientID: "client_a", ClientToken: "token_a", DevBrowser: "dvb_1", CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_000},
			{
				ID: "sess_a", UserID: "user_a", Status: "active", ClientID: "client_a", ClientToken: "token_a", DevBrowser: "dvb_2", Active: true,
				ActiveOrganizationID: "org_a", CreatedAt: 1_700_000_000_000, UpdatedAt: 1_700_000_000_004,
			},
		},
	}
}

func TestStateIsTheSeed(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, full())
	require.Equal(t, full(), c.State())

	text, err := json.Marshal(c.State())
	require.NoError(t, err)
	parsed, err := clerktest.ParseSeed(text)
	require.NoError(t, err)
	require.Equal(t, full(), parsed)
}

// What changed since is in the state, and an instance made of it answers alike.
func TestStateRoundTrip(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	backend(t, c, "POST", "/users", `{"email_address":["eve@example.com"],"public_metadata":{"a":1}}`).field(t)
	backend(t, c, "POST", "/organizations", `{"name":"New & Old","created_by":"user_2"}`).field(t)
	backend(t, c, "PATCH", "/users/user_1/metadata", `{"public_metadata":{"role":null}}`).field(t)
	backend(t, c, "DELETE", "/organizations/org_2", "").field(t)
	again := clerktest.Start(t, c.State())
	require.Equal(t, c.State(), again.State())
	for _, path := range []string{"/users", "/users?order_by=-updated_at", "/users/count", "/organizations?include_members_count=true", "/organizations/org_1/memberships"} {
		one, other := backend(t, c, "GET", path, ""), backend(t, again, "GET", path, "")
		require.Equal(t, 200, one.status)
		require.Equal(t, string(one.body), string(other.body))
	}
	require.Equal(t, native(t, c, "GET", "/me", "").field(t, "response"), native(t, again, "GET", "/me", "").field(t, "response"))

	// What State returned is a copy.
	state := c.State()
	state.Users[0].FirstName, state.Users[2].EmailAddresses[0] = "changed", "changed"
	require.NotEqual(t, state, c.State())
}

func TestSetStateAndReset(t *testing.T) {
	t.Parallel()
	seed := content()
	seed.SessionClaims = map[string]any{"metadata": "{{user.public_metadata}}"}
	c := clerktest.Start(t, seed)
	before := c.State()
	require.NoError(t, c.SetState(full()))
	require.Equal(t, full(), c.State())
	require.Equal(t, "sk_test_example", c.SecretKey())
	backend(t, c, "GET", "/users/user_b", "").field(t)

	// Nothing of a bad seed is taken.
	bad := full()
	bad.Sessions[1].UserID = "user_gone"
	require.EqualError(t, c.SetState(bad), `clerktest: session 2: user "user_gone" does not exist`)
	require.Equal(t, full(), c.State())
	bad = full()
	bad.SessionClaims["sub"] = "{{user.id}}"
	require.ErrorContains(t, c.SetState(bad), "session claims")

	bad = full()
	bad.Users[0].UnsafeMetadata = metadata.Of([]int{1})
	require.ErrorIs(t, c.SetState(bad), metadata.ErrNotObject)
	bad = full()
	bad.Organizations[0].MaxAllowedMemberships = -1
	require.EqualError(t, c.SetState(bad), "clerktest: organization 1: max_allowed_memberships is negative")

	// The secrets and the webhooks stay where the seed has none.
	require.NoError(t, c.SetState(clerktest.Seed{}))
	require.Equal(t, clerktest.Seed{SecretKey: "sk_test_example", WebhookSecret: full().WebhookSecret, Webhooks: full().Webhooks}, c.State())
	require.NoError(t, c.SetState(clerktest.Seed{Webhooks: []clerktest.Webhook{}}))
	require.Empty(t, c.State().Webhooks)

	require.NoError(t, c.Clerk.Script(clerktest.AnyOperation, clerktest.Drop()))
	require.NotEmpty(t, c.Requests())
	c.Reset()
	require.Equal(t, before, c.State())
	require.Empty(t, c.Requests())
	require.Empty(t, c.Unused())
}

// The schema and the structs have the same members.
func TestSchemaAgreesWithTheStructs(t *testing.T) {
	t.Parallel()
	type part struct {
		Properties map[string]any `json:"properties"`
		Additional *bool          `json:"additionalProperties"`
		Defs       map[string]struct {
			Properties map[string]any `json:"properties"`
			Additional *bool          `json:"additionalProperties"`
		} `json:"$defs"`
	}
	var doc part
	require.NoError(t, json.Unmarshal(clerktest.SeedSchema(), &doc))
	for name, of := range map[string]reflect.Type{
		"":             reflect.TypeFor[clerktest.Seed](),
		"user":         reflect.TypeFor[clerktest.User](),
		"organization": reflect.TypeFor[clerktest.Organization](),
		"membership":   reflect.TypeFor[clerktest.Membership](),
		"invitation":   reflect.TypeFor[clerktest.Invitation](),
		"session":      reflect.TypeFor[clerktest.Session](),
	} {
		properties, additional := doc.Properties, doc.Additional
		if name != "" {
			properties, additional = doc.Defs[name].Properties, doc.Defs[name].Additional
		}
		require.NotNil(t, additional, name)
		require.False(t, *additional, name)
		var tags, described []string
		for i := range of.NumField() {
			tag, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			tags = append(tags, tag)
		}
		for property := range properties {
			described = append(described, property)
		}
		require.ElementsMatch(t, tags, described, name)
	}

	// Nothing of the full seed is left out, so that it tests every field.
	require.NotZero(t, full())
	for i := range reflect.TypeFor[clerktest.User]().NumField() {
		require.False(t, reflect.ValueOf(full().Users[0]).Field(i).IsZero())
	}
	schema := clerktest.SeedSchema()
	schema[0] = 'x'
	require.Equal(t, byte('{'), clerktest.SeedSchema()[0], "it is a copy")
}

// The examples of the documentation are seeds.
func TestSeedExamples(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/emulator.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "\n## Seed\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	examples := regexp.MustCompile("(?ms)^```json\n(.*?)^```").FindAllStringSubmatch(section, -1)
	require.NotEmpty(t, examples)
	for _, example := range examples {
		seed, err := clerktest.ParseSeed([]byte(example[1]))
		require.NoError(t, err)
		clerktest.Start(t, seed)
	}
	require.True(t, slices.ContainsFunc(examples, func(e []string) bool { return strings.Contains(e[1], `"sessions"`) }))
}
