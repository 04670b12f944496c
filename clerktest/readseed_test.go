package clerktest_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// made is a seed without the times and the JSON of a file, as its state shows it.
func made(t *testing.T, text string) (clerktest.SeedFile, clerktest.Seed) {
	t.Helper()
	file, err := clerktest.ReadSeed([]byte(text))
	require.NoError(t, err)
	c, err := clerktest.New(file.Seed)
	require.NoError(t, err)
	return file, c.State()
}

// What the fake answers makes a fake that answers alike, in every form of a page.
func TestPagesOfClerk(t *testing.T) {
	t.Parallel()
	seed := full()
	seed.Sessions, seed.Invitations, seed.SessionClaims, seed.SecretKey = nil, nil, nil, ""
	seed.Users[0].UnverifiedEmailAddresses = []string{"queen@example.com", "other@example.com"}
	c := clerktest.Start(t, seed)
	users := string(backend(t, c, "GET", "/users?order_by=%2Bcreated_at", "").body)
	var rows []json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(users), &rows))
	for name, text := range map[string]string{
		"array": users, "page": `{"data":` + users + `,"total_count":2}`, "lines": string(rows[0]) + "\n\n" + string(rows[1]) + "\n",
	} {
		file, state := made(t, text)
		require.Equal(t, "a page of users", file.Kind, name)
		require.Empty(t, file.LeftAside, name)
		want := c.State()
		require.ElementsMatch(t, want.Users, state.Users, name)
	}
	file, state := made(t, string(backend(t, c, "GET", "/users/user_b", "").body))
	require.Equal(t, "a page of users", file.Kind)
	require.Equal(t, c.State().Users[:1], state.Users)

	file, state = made(t, string(backend(t, c, "GET", "/organizations", "").body))
	require.Equal(t, "a page of organizations", file.Kind)
	require.Equal(t, c.State().Organizations, state.Organizations)

	file, state = made(t, string(backend(t, c, "GET", "/organizations/org_a/memberships", "").body))
	require.Equal(t, "a page of memberships", file.Kind)
	require.Empty(t, file.LeftAside)
	require.Equal(t, c.State().Memberships, state.Memberships)
	require.Equal(t, c.State().Organizations, state.Organizations)
	require.Len(t, state.Users, 1)
	require.Equal(t, []any{"user_b", "Ada", []string{"ada@example.com"}}, []any{state.Users[0].ID, state.Users[0].FirstName, state.Users[0].EmailAddresses})

	for _, text := range []string{"[]", ` {"data":[],"total_count":0}`} {
		file, state = made(t, text)
		require.Equal(t, "an empty page", file.Kind)
		require.Empty(t, state.Users)
	}
}

func TestMembershipsOfOneUser(t *testing.T) {
	t.Parallel()
	for identifier, want := range map[string]clerktest.User{
		"a@example.com": {EmailAddresses: []string{"a@example.com"}}, "+15550100": {PhoneNumbers: []string{"+15550100"}}, "ada": {Username: "ada"},
	} {
		line := `{"object":"organization_membership","id":"orgmem_%d","organization":{"object":"organization","id":"org_%d"},"public_user_data":{"user_id":"user_1","identifier":%q}}` + "\n"
		_, state := made(t, fmt.Sprintf(line+line, 1, 1, identifier, 2, 2, identifier))
		require.Len(t, state.Users, 1)
		require.Len(t, state.Organizations, 2)
		u := state.Users[0]
		require.Equal(t, want, clerktest.User{EmailAddresses: u.EmailAddresses, PhoneNumbers: u.PhoneNumbers, Username: u.Username})
	}
}

// What a seed has no place for is counted, and what is empty or usual is not.
func TestLeftAside(t *testing.T) {
	t.Parallel()
	file, _ := made(t, `[
		{"object":"user","id":"user_1","passkeys":[{"id":"p"}],"image_url":"https://img.clerk.com/a","delete_self_enabled":true,"totp_enabled":false,"new\u001b":1,"":1},
		{"object":"user","id":"user_2","passkeys":[{"id":"q"}],"totp_enabled":true,"web3_wallets":[],"last_sign_in_at":null},
		{"object":"organization","id":"org_1","members_count":3,"admin_delete_enabled":true}
	]`)
	require.Equal(t, []string{
		`"" of 1 user`, `"new\x1b" of 1 user`, "image_url of 1 user", "members_count of 1 organization", "passkeys of 2 users", "totp_enabled of 1 user",
	}, file.LeftAside)
}

func TestExports(t *testing.T) {
	t.Parallel()
	text := `{"organization":"org_1","user":"user_1","public_metadata":{"desk":1},"was":{"public_metadata":{"desk":1}}}
{"user":"user_1","public_metadata":{"n":12345678901234567890.10},"private_metadata":{"a":{}},"unsafe_metadata":null,"was":{"public_metadata":{}}}
{"organization":"org_2","public_metadata":{"tier":"gold"}}
`
	file, state := made(t, text)
	require.Equal(t, "an export of clerkmeta", file.Kind)
	require.Empty(t, file.LeftAside)
	require.Len(t, state.Users, 1)
	public, ok := state.Users[0].PublicMetadata.(metadata.Value)
	require.True(t, ok)
	raw, err := public.MarshalJSON()
	require.NoError(t, err)
	require.JSONEq(t, `{"n":12345678901234567890.10}`, string(raw))
	require.Equal(t, metadata.Null(), state.Users[0].UnsafeMetadata)
	require.Equal(t, []string{"org_2", "org_1"}, []string{state.Organizations[0].ID, state.Organizations[1].ID})
	require.Equal(t, "org:member", state.Memberships[0].Role)

	_, state = made(t, strings.SplitAfter(text, "\n")[1])
	require.Equal(t, "user_1", state.Users[0].ID, "one line is an export too")
}

// The forms of Clerk's migration tools and its dashboard. Passwords are made up and kept
// nowhere.
func TestMigrationFiles(t *testing.T) {
	t.Parallel()
	file, state := made(t, `[
		{"userId":"1","email":"John@example.com","firstName":"John","lastName":"Doe","password":"hidden","passwordHasher":"bcrypt","public_metadata":{"a":1}},
		{"userId":"2","email":["al@example.com","a2@example.com"],"unverifiedEmailAddresses":"x@example.com, y@example.com","phone":"+15550100","totpSecret":"hidden"},
		{"userId":"3","email":"john@example.com"},
		{"userId":"user_3","username":"eve","privateMetadata":{"b":2},"banned":true,"password":"","createdAt":"2024-01-01T00:00:00Z"}
	]`)
	require.Equal(t, "a file for Clerk's migration tools", file.Kind)
	require.Equal(t, []string{"1 user whose email_address is taken", "createdAt of 1 user", "totpSecret of 1 user"}, file.LeftAside)
	require.Len(t, state.Users, 3)
	john, al, eve := state.Users[0], state.Users[1], state.Users[2]
	require.Equal(t, []any{"user_1", "1", "John", "Doe", true}, []any{john.ID, john.ExternalID, john.FirstName, john.LastName, john.PasswordEnabled})
	require.Equal(t, []string{"al@example.com", "a2@example.com"}, al.EmailAddresses)
	require.Equal(t, []string{"x@example.com", "y@example.com"}, al.UnverifiedEmailAddresses)
	require.Equal(t, []string{"+15550100"}, al.PhoneNumbers)
	require.Equal(t, []any{"user_3", "", "eve", true, false}, []any{eve.ID, eve.ExternalID, eve.Username, eve.Banned, eve.PasswordEnabled})
	require.NotContains(t, fmt.Sprint(file), "hidden")

	for _, text := range []string{
		`[{"id":"user_a","first_name":"Jane","last_name":null,"primary_email_address":"jane.doe@example.com","email_addresses":["jane@example.com"],
		"phone_numbers":["+15550101"],"password_digest":"hidden","password_hasher":"bcrypt","unsafe_metadata":{"t":1},"has_image":false,"image_url":null,"backup_codes":null}]`,
		"\ufeff# a comment\nid,first_name,last_name,primary_email_address,verified_email_addresses,verified_phone_numbers,password_digest,password_hasher,unsafe_metadata\n" +
			"user_a,Jane,,jane.doe@example.com,jane@example.com|Jane.Doe@example.com,+15550101,hidden,bcrypt,\"{\"\"t\"\":1}\"\n",
	} {
		file, state = made(t, text)
		require.Empty(t, file.LeftAside)
		u := state.Users[0]
		require.Equal(t, []any{"user_a", "", "Jane", "", true}, []any{u.ID, u.ExternalID, u.FirstName, u.LastName, u.PasswordEnabled})
		require.Equal(t, []string{"jane.doe@example.com", "jane@example.com"}, u.EmailAddresses)
		require.Equal(t, []string{"+15550101"}, u.PhoneNumbers)
		raw, err := json.Marshal(u.UnsafeMetadata)
		require.NoError(t, err)
		require.JSONEq(t, `{"t":1}`, string(raw))
	}
}

// What a table says of a user arrives whole, and rows without a cell are no users.
func TestMigrationTable(t *testing.T) {
	t.Parallel()
	file, state := made(t, "userId,email,firstName,external_id,banned,password_enabled\n1,a@example.com,true,2,true,false\n,,\n,\n")
	require.Equal(t, []string{"external_id of 1 user"}, file.LeftAside)
	require.Len(t, state.Users, 1)
	u := state.Users[0]
	require.Equal(t, []any{"true", "1", true, false}, []any{u.FirstName, u.ExternalID, u.Banned, u.PasswordEnabled})
	_, state = made(t, "# a comment\nuserId,email\n#1,a@example.com\n")
	require.Equal(t, "#1", state.Users[0].ExternalID, "a row is no comment")
	_, state = made(t, `[{"userId":"1","password_enabled":false},{"userId":"2","password_enabled":true}]`)
	require.Equal(t, []bool{false, true}, []bool{state.Users[0].PasswordEnabled, state.Users[1].PasswordEnabled})
}

// Faults have the place of the object, those of JSON and CSV the place itself.
func TestFaultySeedFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[{\"object\":\"user\",\"id\":\"user_1\"},\n{\"object\":\"user\",\"id\":\"user_1\"}]": `line 2, column 1: user 2: id "user_1" is taken`,
		"[{\"object\":\"user\"},\n {\"object\":\"user\",\"first_name\":7}]":                   `line 2, column 2: user.first_name is a number; expected type string`,
		"[{\"object\":\"user\"},\n {\"object\":\"user\",\"email_addresses\":[\"a\"]}]":        `line 2, column 2: user.email_addresses is no list of Clerk's`,
		"[{\"object\":\"user\"},\n {\"object\":\"user\",\"public_metadata\":[]}]":             `line 2, column 2: user.public_metadata: `,
		"[{\"object\":\"user\"},\n {\"object\":\"session\"}]":                                 `line 2, column 2: object is "session"; expected user, organization or organization_membership`,
		"[{\"object\":\"user\"},\n 7]":                                                        `line 2, column 2: is a number; expected an object`,
		"[{\"object\":\"user\",\"a\":1,\n\"a\":2}]":                                           `line 2, column 4: "a": key occurs twice`,
		"{\"object\":\"user\"}\n{\"object\":":                                                 `line 2, column 11: not valid JSON`,
		"{\"user\":\"user_1\",\"public_metadata\":{}}\n{\"was\":{}}":                          `line 2, column 1: the line names neither a user nor an organization`,
		"{\"user\":\"user_1\",\"public_metadata\":{}}\n  {\"user\":7}":                        `line 2, column 3: user.id is a number`,
		`{"object":"organization_membership","organization":7,"public_user_data":{}}`:         `line 1, column 1: membership.organization is a number; expected an object`,
		`{"object":"organization_membership","organization":{"id":"org_1"}}`:                  `the membership names no user or no organization`,
		`[{"userId":"1","email":7}]`:                                                          `line 1, column 2: user.email is neither a text nor a list of texts`,
		`[{"userId":"1","email":"no address"}]`:                                               `line 1, column 2: user 1: "no address" is not an email address`,
		"userId,email\n1,a@example.com\n2,b@example.com,c":                                    `line 3, column 17: the cell has no column in the header`,
		"userId,email\n1,a@example.com\n2,\"b":                                                `line 3, column 5: extraneous or missing "`,
		"# c\n# c\n\nuserId,email\n\n1,\"a@example.com\"\n\r\n\n2,nope\n":                     `line 9, column 1: user 2: "nope" is not an email address`,
		"userId,username,email\n1,\"a\nb\",a@example.com\n2,,nope\n":                          `line 4, column 1: user 2: "nope" is not an email address`,
		"userId,email,email\n1,a@example.com,b":                                               `line 1, column 14: the column "email" occurs twice`,
		"userId,email\n1,\xff":                                                                `line 2, column 3: the cell is not UTF-8`,
		"userId,publicMetadata\n1,x":                                                          `user.public_metadata: `,
		"[{\"userId\":\"1\",\"privateMetadata\":\"hidden\"}]":                                 `user.private_metadata: `,
	} {
		_, err := clerktest.ReadSeed([]byte(text))
		require.ErrorContains(t, err, want, text)
		require.ErrorContains(t, err, "clerktest: line ", text)
		require.NotContains(t, err.Error(), "hidden")
	}
}

func TestWhatAFileLooksLike(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"data":{"id":"user_1"},"object":"event","type":"user.created"}`:        "a webhook event",
		`{"type":"user.created","data":{}}`:                                      "a webhook event",
		`[{"object":"session","id":"sess_1"}]`:                                   "a page of sessions",
		`{"data":[{"object":"session"}],"total_count":1}`:                        "a page of sessions",
		`[{"object":"organization_invitation"}]`:                                 "a page of organization invitations",
		`{"data":[{"object":"invitation"}],"total_count":1}`:                     "a page of invitations",
		"1,a@example.com,hidden\n2,b@example.com,hidden\n":                       "a table without the columns of Clerk's migration tools",
		"userId;email\n1;a@example.com\n":                                        "a table without the columns of Clerk's migration tools",
		`{"object":"verification"}`:                                              "objects of Clerk's of another kind",
		`{"openapi":"3.0.3","paths":{}}`:                                         "an OpenAPI document",
		"user,was,public_metadata/role:json\nuser_1,w,1":                         "a table of clerkmeta export --csv",
		"id,aud,encrypted_password,phone\n":                                      "users of Supabase",
		"openapi: 3.0.3\npaths: {}\n":                                            "an OpenAPI document",
		string(clerktest.SeedSchema()):                                           "a JSON Schema",
		`{"errors":[{"code":"resource_not_found"}]}`:                             "an error of Clerk's",
		`{"operation":"GetUser","faults":[]}`:                                    "a script of faults",
		`{"user":"user_1","patch":{"public_metadata":{}}}`:                       "changes for clerkmeta apply",
		"{\"user\":\"user_1\",\"unset\":[]}\n{\"user\":\"user_2\",\"unset\":[]}": "changes for clerkmeta apply",
		`[{"id":"1","email":"a@example.com","email_verified":null}]`:             "users of Auth.js; expected a seed: Clerk's migration tool reads it",
		`[{"user_id":"auth0|1","identities":[]}]`:                                "users of Auth0",
		`[{"id":"1","email":"a","encrypted_password":""}]`:                       "users of Supabase",
		`{"users": [ {"localId":"1"}]}`:                                          "users of Firebase",
	} {
		for _, read := range []func([]byte) error{
			func(text []byte) error { _, err := clerktest.ParseSeed(text); return err },
			func(text []byte) error { _, err := clerktest.ReadSeed(text); return err },
		} {
			err := read([]byte(text))
			require.ErrorContains(t, err, "clerktest: line 1, column 1: this looks like "+want, text)
			require.NotContains(t, err.Error(), "hidden")
		}
	}
	_, err := clerktest.ParseSeed([]byte(`[{"object":"user"}]`))
	require.ErrorContains(t, err, "this looks like a page of users; expected a seed: clerkmeta emulate --seed and clerktest.ReadSeed make one of it")
	_, err = clerktest.ReadSeed([]byte(`{"users":[{"frist_name":""}]}`))
	require.EqualError(t, err, `clerktest: line 1, column 12: users[0] has no member "frist_name"`)
	file, err := clerktest.ReadSeed([]byte(`{"users":[{}]}`))
	require.NoError(t, err)
	require.Equal(t, "a seed", file.Kind)
}

// TestReadSeedMemory: eight times as many users take at most sixteen times as much memory.
// Not parallel: it counts what the process allocates.
func TestReadSeedMemory(t *testing.T) { //nolint:paralleltest // see above
	for _, user := range []string{
		`{"object":"user","id":"user_%d","passkeys":[{}],"email_addresses":[{"email_address":"%[1]d@example.com","verification":{"status":"verified"}}]}` + "\n",
		`{"userId":"%d","email":"%[1]d@example.com","k%[1]d":1}` + "\n",
	} {
		allocated := func(n int) uint64 {
			var text strings.Builder
			for i := range n {
				fmt.Fprintf(&text, user, i)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := clerktest.ReadSeed([]byte(text.String()))
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			return after.TotalAlloc - before.TotalAlloc
		}
		allocated(1) // what is made once
		require.Less(t, allocated(2000), 16*allocated(250))
	}
}

// What is read makes an instance, whose state is a seed.
func FuzzReadSeed(f *testing.F) {
	f.Add([]byte(`{"object":"organization_membership","organization":{"id":"org_1"},"public_user_data":{"user_id":"user_1","identifier":"a@b"}}`))
	f.Add([]byte(`[{"object":"user","email_addresses":[{"id":"a","email_address":"a@b","verification":{"status":"verified"}}]}]`))
	f.Add([]byte("{\"user\":\"a\",\"public_metadata\":{}}\n{\"user\":\"a\",\"organization\":\"b\"}"))
	f.Add([]byte(`[{"userId":"1","email":"a@b","password":"x"}]`))
	f.Add([]byte("userId,email,banned\n1,a@b,true\n"))
	f.Add([]byte(`{"users":[{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := clerktest.ReadSeed(text)
		if err != nil {
			require.ErrorContains(t, err, "clerktest: line ")
			return
		}
		c, err := clerktest.New(file.Seed)
		require.NoError(t, err)
		state, err := json.Marshal(c.State())
		require.NoError(t, err)
		_, err = clerktest.ParseSeed(state)
		require.NoError(t, err)
	})
}
