package clerktest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// lines writes the changes of the last request as a page does.
func lines(t *testing.T, c *clerktest.Test) []string {
	t.Helper()
	all := c.Requests()
	require.NotEmpty(t, all)
	var lines []string
	for _, d := range all[len(all)-1].Changes {
		line := strings.TrimSuffix(fmt.Sprintf("%s %s %s %s", d.Sign, d.Kind, d.ID, d.Path), " ")
		if d.From != nil {
			line += " " + string(d.From)
		}
		if d.To != nil {
			line += " => " + string(d.To)
		}
		lines = append(lines, line)
	}
	return lines
}

// Each request is logged with what it changed: metadata in the notation of the command.
func TestChanges(t *testing.T) {
	t.Parallel()
	older := []string{"Clerk-API-Version", "2025-11-10"}
	for _, tc := range []struct {
		name, method, path, body string
		headers, want            []string
	}{
		{"a read", "GET", "/users/user_1", "", nil, nil},
		{"a merge", "PATCH", "/users/user_1/metadata", `{"public_metadata":{"role":null,"nested":{"a":2,"c.d":"<"}},"private_metadata":{"stripeId":"x"}}`, nil, []string{
			`~ user user_1 private_metadata.stripeId "cus_example" => "x"`,
			`~ user user_1 public_metadata.nested.a 1 => 2`,
			`+ user user_1 public_metadata.nested.c\.d => "<"`,
			`- user user_1 public_metadata.role "shopper"`,
		}},
		{"a merge of what is there", "PATCH", "/users/user_1/metadata", `{"public_metadata":{"role":"shopper"}}`, nil, nil},
		{"a refused merge", "PATCH", "/users/user_1/metadata", `{"public_metadata":{"a":1},"private_metadata":[]}`, nil, nil},
		{"a replacement", "PUT", "/organizations/org_1/metadata", `{"public_metadata":{"tier":"pro"}}`, nil, []string{
			`~ organization org_1 public_metadata.tier "free" => "pro"`,
		}},
		{"a field that becomes null", "PUT", "/organizations/org_1/metadata", `{"public_metadata":null}`, nil, []string{
			`~ organization org_1 public_metadata {"tier":"free"} => null`,
			`- organization org_1 public_metadata.tier "free"`,
		}},
		{"a membership", "PATCH", "/organizations/org_1/memberships/user_1/metadata", `{"private_metadata":{"a":[1]}}`, nil, []string{
			`+ membership orgmem_1 private_metadata.a => [1]`,
		}},
		{"a name", "PATCH", "/users/user_1", `{"first_name":"Eva","username":"eva"}`, nil, []string{
			`~ user user_1 first_name "Ada" => "Eva"`, `~ user user_1 username null => "eva"`,
		}},
		{"a general update of older versions", "PATCH", "/users/user_1", `{"public_metadata":{"role":"admin"}}`, older, []string{
			`- user user_1 public_metadata.nested {"a":1,"b":2}`, `~ user user_1 public_metadata.role "shopper" => "admin"`,
		}},
		{"an organization's name", "PATCH", "/organizations/org_1", `{"name":"Apex"}`, nil, []string{`~ organization org_1 name "Acme" => "Apex"`}},
		{"a role", "PATCH", "/organizations/org_1/memberships/user_1", `{"role":"org:member"}`, nil, []string{
			`~ membership orgmem_1 role "org:admin" => "org:member"`,
		}},
		{"a user who goes", "DELETE", "/users/user_1", "", nil, []string{`- membership orgmem_1`, `- session sess_1`, `- user user_1`}},
		{"an organization that goes", "DELETE", "/organizations/org_1", "", nil, []string{`- membership orgmem_1`, `- organization org_1`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := seeded(t)
			backend(t, c, tc.method, tc.path, tc.body, tc.headers...)
			require.Equal(t, tc.want, lines(t, c))
		})
	}
}

// What a request makes is listed with its metadata, under ids that are made up.
func TestChangesOfWhatIsMade(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	id := func(r reply) string { return strings.Trim(r.field(t, "id"), `"`) }

	user := id(backend(t, c, "POST", "/users", `{"first_name":"Eva","public_metadata":{"a":1}}`))
	require.Equal(t, []string{"+ user " + user, "+ user " + user + " public_metadata.a => 1"}, lines(t, c))

	org := id(backend(t, c, "POST", "/organizations", `{"name":"New","created_by":"user_2"}`))
	membership, _ := c.Membership(org, "user_2")
	require.Equal(t, []string{"+ organization " + org, "+ membership " + membership.ID}, lines(t, c))

	invitation := id(backend(t, c, "POST", "/invitations", `{"email_address":"new@example.com","public_metadata":{"b":2}}`))
	require.Equal(t, []string{"+ invitation " + invitation, "+ invitation " + invitation + " public_metadata.b => 2"}, lines(t, c))
	backend(t, c, "POST", "/invitations/"+invitation+"/revoke", "")
	require.Equal(t, []string{
		"~ invitation " + invitation + " revoked false => true", "~ invitation " + invitation + ` status "pending" => "revoked"`,
	}, lines(t, c))

	native(t, c, "PATCH", "/me/metadata", "unsafe_metadata=%7B%22theme%22%3Anull%7D")
	require.Equal(t, []string{`- user user_1 unsafe_metadata.theme "dark"`}, lines(t, c))

	// An invitation that Go code accepts belongs to no request.
	again := id(backend(t, c, "POST", "/invitations", `{"email_address":"again@example.com"}`))
	_, err := c.AcceptInvitation(again)
	require.NoError(t, err)
	backend(t, c, "GET", "/users/user_1", "")
	require.Empty(t, lines(t, c))
}

// A fault decides whether the operation runs, and what is logged says so.
func TestChangesUnderFaults(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	c.Script(clerktest.UpdateUserMetadata, clerktest.Answer(429, "too_many_requests"), clerktest.Answer(504, "gateway_timeout").And(clerktest.Applied()))
	const path, body = "/users/user_2/metadata", `{"public_metadata":{"a":1}}`
	backend(t, c, "PATCH", path, body)
	require.Empty(t, lines(t, c))
	backend(t, c, "PATCH", path, body)
	require.Equal(t, []string{"+ user user_2 public_metadata.a => 1"}, lines(t, c))
}

// The list of changes is bounded, by their number and by the size of their values.
func TestChangesAreBounded(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	many, large := object{}, object{}
	for i := range 300 {
		many[fmt.Sprintf("k%03d", i)] = i
	}
	for i := range 10 {
		large[fmt.Sprintf("k%d", i)] = strings.Repeat("x", 20_000)
	}
	for _, tc := range []struct {
		metadata     object
		listed, more int
	}{{many, 100, 200}, {large, 3, 7}} {
		require.NoError(t, c.SetState(clerktest.Seed{Users: []clerktest.User{{PublicMetadata: tc.metadata}}}))
		backend(t, c, "PUT", "/users/user_1/metadata", `{"public_metadata":{}}`)
		all := c.Requests()
		require.Len(t, all[len(all)-1].Changes, tc.listed)
		require.Equal(t, tc.more, all[len(all)-1].MoreChanges)
	}
}

func TestControlRequestChanges(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	backend(t, c, "GET", "/users/user_1", "")
	backend(t, c, "PATCH", "/users/user_1/metadata", `{"public_metadata":{"role":"admin"}}`)
	type row struct {
		Seq        int      `json:"seq"`
		Time       string   `json:"time"`
		DurationMS *float64 `json:"duration_ms"`
		Body       *string  `json:"body"`
		Changes    []any    `json:"changes"`
	}
	all := controlled[struct{ Requests []row }](t, control(c, "GET", "requests", "")).Requests
	require.Len(t, all, 2)
	require.Equal(t, []int{1, 2}, []int{all[0].Seq, all[1].Seq})
	require.Nil(t, all[0].Changes)
	require.Equal(t, []any{object{
		"sign": "~", "kind": "user", "id": "user_1", "path": "public_metadata.role", "from": "shopper", "to": "admin",
	}}, all[1].Changes)
	require.NotNil(t, all[1].DurationMS)
	require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, all[1].Time)

	require.Equal(t, all[1], controlled[row](t, control(c, "GET", "requests?seq=2", "")))
	requireRefused(t, control(c, "GET", "requests?seq=3", ""), http.StatusNotFound, "request 3 is not in the log")
	requireRefused(t, control(c, "GET", "requests?seq=x", ""), http.StatusBadRequest, `seq "x" is not a whole number`)

	// The numbers continue after the log was emptied.
	control(c, "DELETE", "requests", "")
	backend(t, c, "GET", "/users/user_1", "")
	require.Equal(t, 3, controlled[row](t, control(c, "GET", "requests?seq=3", "")).Seq)
}

// The log has when a request came and how long its answer took, what a fault waited
// included. In a bubble that is exact.
func TestRequestTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := seeded(t)
		c.Script(clerktest.GetUser, clerktest.SlowHeaders(90*time.Second))
		began := time.Now()
		backend(t, c, "GET", "/users/user_1", "")
		seen := c.Requests()[0]
		require.True(t, began.Equal(seen.Time))
		require.Equal(t, 90*time.Second, seen.Duration)
	})
}

func TestChangesOfSessions(t *testing.T) {
	t.Parallel()
	c := seeded(t)
	session := strings.Trim(backend(t, c, "POST", "/sessions", `{"user_id":"user_1"}`).field(t, "id"), `"`)
	require.Equal(t, []string{"+ session " + session}, lines(t, c))
	native(t, c, "POST", "/client/sessions/sess_1/touch", "active_organization_id=org_1")
	require.Equal(t, []string{`~ session sess_1 last_active_organization_id null => "org_1"`}, lines(t, c))
	native(t, c, "POST", "/client/sessions/sess_1/tokens", "")
	require.Empty(t, lines(t, c))
	backend(t, c, "POST", "/sessions/sess_1/revoke", "")
	require.Equal(t, []string{`~ session sess_1 status "active" => "revoked"`}, lines(t, c))
	for _, token := range []string{"client_token_1", "eyJ"} {
		require.NotContains(t, control(c, "GET", "requests", "").Body.String(), token)
	}
}
