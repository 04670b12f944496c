package clerktest_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// withInvitations holds invitations in every state.
func withInvitations(t *testing.T) *clerktest.Test {
	t.Helper()
	plan := map[string]any{"plan": "pro"}
	return clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", EmailAddresses: []string{"ada@example.com"}}, {ID: "user_2", EmailAddresses: []string{"mem@example.com"}}},
		Organizations: []clerktest.Organization{{ID: "org_1"}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_2"}},
		Sessions:      []clerktest.Session{{UserID: "user_1", ClientToken: "token"}},
		Invitations: []clerktest.Invitation{
			{ID: "inv_new", EmailAddress: "new@example.com", PublicMetadata: plan},
			{ID: "inv_taken", EmailAddress: "ada@example.com"},
			{ID: "inv_revoked", EmailAddress: "r@example.com", Status: "revoked"},
			{ID: "inv_accepted", EmailAddress: "a@example.com", Status: "accepted"},
			{ID: "inv_expired", EmailAddress: "e@example.com", CreatedAt: 1},
			{ID: "orginv_new", OrganizationID: "org_1", EmailAddress: "new@example.com", Role: "org:admin", PublicMetadata: plan, PrivateMetadata: map[string]any{"crm": 7}},
			{ID: "orginv_ada", OrganizationID: "org_1", EmailAddress: "ADA@example.com", PublicMetadata: plan, PrivateMetadata: map[string]any{"crm": 7}},
			{ID: "orginv_mem", OrganizationID: "org_1", EmailAddress: "mem@example.com"},
			{ID: "orginv_revoked", OrganizationID: "org_1", EmailAddress: "ada@example.com", Status: "revoked"},
			{ID: "orginv_accepted", OrganizationID: "org_1", EmailAddress: "a@example.com", Status: "accepted"},
		},
	})
}

func signUpWith(t *testing.T, c *clerktest.Test, ticket string) reply {
	t.Helper()
	form := url.Values{"strategy": {"ticket"}, "ticket": {ticket}, "first_name": {"New"}}
	return send(t, c.Transport(), "POST", "/v1/client/sign_ups", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// The public metadata of an invitation lands on the user who signs up with its ticket.
func TestSignUpWithATicket(t *testing.T) {
	t.Parallel()
	c := withInvitations(t)
	r := signUpWith(t, c, "ticket_inv_new")
	require.Equal(t, "complete", text(t, r, "response", "status"))
	require.Equal(t, "new@example.com", text(t, r, "response", "email_address"))
	u, ok := c.User(text(t, r, "response", "created_user_id"))
	require.True(t, ok)
	require.JSONEq(t, `{"plan":"pro"}`, u.PublicMetadata.String())
	require.JSONEq(t, `{}`, u.PrivateMetadata.String())
	require.Contains(t, string(u.Raw), "new@example.com")
	requireFailed(t, signUpWith(t, c, "ticket_inv_new"), 400, "invitation_already_accepted", "")

	for _, request := range c.Requests() {
		require.NotContains(t, string(request.Body), "ticket_inv_new", "a ticket is a credential")
	}
}

// That of an organization's invitation, both fields, lands on the membership.
func TestSignUpWithATicketOfAnOrganization(t *testing.T) {
	t.Parallel()
	c := withInvitations(t)
	r := signUpWith(t, c, "ticket_orginv_new")
	id := text(t, r, "response", "created_user_id")
	m, ok := c.Membership("org_1", id)
	require.True(t, ok)
	require.Equal(t, "org:admin", m.Role)
	require.JSONEq(t, `{"plan":"pro"}`, m.PublicMetadata.String())
	require.JSONEq(t, `{"crm":7}`, m.PrivateMetadata.String())
	u, _ := c.User(id)
	require.JSONEq(t, `{}`, u.PublicMetadata.String())
}

func TestRefusedTickets(t *testing.T) {
	t.Parallel()
	for ticket, code := range map[string]string{
		"ticket_none": "ticket_invalid_code", "inv_new": "ticket_invalid_code",
		"ticket_inv_taken": "invitation_account_exists", "ticket_inv_revoked": "revoked_invitation",
		"ticket_inv_accepted": "invitation_already_accepted", "ticket_inv_expired": "ticket_expired_code",
		"ticket_orginv_ada":      "organization_invitation_identification_already_exists",
		"ticket_orginv_revoked":  "organization_invitation_revoked_code",
		"ticket_orginv_accepted": "organization_invitation_already_accepted",
	} {
		t.Run(ticket, func(t *testing.T) {
			t.Parallel()
			c := withInvitations(t)
			before := c.State()
			requireFailed(t, signUpWith(t, c, ticket), 400, code, "")
			require.Equal(t, before, c.State())
		})
	}
}

// A signed-in user finds and accepts invitations to organizations.
func TestAcceptOverTheFrontendAPI(t *testing.T) {
	t.Parallel()
	c := withInvitations(t)
	ask := func(method, path string) reply {
		return send(t, c.Transport(), method, "/v1/me/organization_invitations"+path, "", "Cookie", "__client=token")
	}
	list := ask("GET", "?status=pending")
	require.Equal(t, "1", list.field(t, "response", "total_count"))
	require.Contains(t, string(list.body), "orginv_ada")
	require.NotContains(t, string(list.body), "crm", "private metadata never gets there")

	r := ask("POST", "/orginv_ada/accept")
	require.Equal(t, "accepted", text(t, r, "response", "status"))
	require.Equal(t, "org_1", text(t, r, "response", "public_organization_data", "id"))
	m, ok := c.Membership("org_1", "user_1")
	require.True(t, ok)
	require.JSONEq(t, `{"plan":"pro"}`, m.PublicMetadata.String())
	require.JSONEq(t, `{"crm":7}`, m.PrivateMetadata.String())

	requireFailed(t, ask("POST", "/orginv_ada/accept"), 404, "organization_invitation_not_pending", "")
	requireFailed(t, ask("POST", "/orginv_revoked/accept"), 404, "organization_invitation_not_pending", "")
	for _, others := range []string{"orginv_new", "inv_new", "none"} {
		requireFailed(t, ask("POST", "/"+others+"/accept"), 404, "organization_invitation_not_found", "")
	}
}

func TestAcceptInvitation(t *testing.T) {
	t.Parallel()
	c := withInvitations(t)
	id, err := c.AcceptInvitation("inv_new")
	require.NoError(t, err)
	u, _ := c.User(id)
	require.JSONEq(t, `{"plan":"pro"}`, u.PublicMetadata.String())

	same, err := c.AcceptInvitation("orginv_new")
	require.NoError(t, err)
	require.Equal(t, id, same, "the user with the address")
	m, _ := c.Membership("org_1", id)
	require.JSONEq(t, `{"crm":7}`, m.PrivateMetadata.String())

	for id, says := range map[string]string{
		"none": "does not exist", "inv_new": "is accepted; expected pending", "inv_expired": "is expired", "orginv_revoked": "is revoked",
		"inv_taken": `user "user_1" has the address`, "orginv_mem": "already a member",
	} {
		_, err := c.AcceptInvitation(id)
		require.ErrorContains(t, err, says, id)
	}
}

// A full organization takes no more members, whichever way they come.
func TestInvitationsToAFullOrganization(t *testing.T) {
	t.Parallel()
	c := clerktest.Start(t, clerktest.Seed{
		Users:         []clerktest.User{{ID: "user_1", EmailAddresses: []string{"ada@example.com"}}, {ID: "user_2"}},
		Organizations: []clerktest.Organization{{ID: "org_1", MaxAllowedMemberships: 1}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_2"}},
		Sessions:      []clerktest.Session{{UserID: "user_1", ClientToken: "token"}},
		Invitations: []clerktest.Invitation{
			{ID: "orginv_ada", OrganizationID: "org_1", EmailAddress: "ada@example.com"},
			{ID: "orginv_new", OrganizationID: "org_1", EmailAddress: "new@example.com"},
		},
	})
	before := c.State()
	requireFailed(t, signUpWith(t, c, "ticket_orginv_new"), 403, "organization_membership_quota_exceeded", "")
	r := send(t, c.Transport(), "POST", "/v1/me/organization_invitations/orginv_ada/accept", "", "Cookie", "__client=token")
	requireFailed(t, r, 403, "organization_membership_quota_exceeded", "")
	for id, says := range map[string]string{"orginv_new": "has all the members", "orginv_ada": "quota exceeded"} {
		_, err := c.AcceptInvitation(id)
		require.ErrorContains(t, err, says)
	}
	require.Equal(t, before, c.State())
}

func TestInvitationErrors(t *testing.T) {
	t.Parallel()
	eleven := "[" + strings.Repeat(`{"email_address":"x@example.com"},`, 10) + `{"email_address":"x@example.com"}]`
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		code, param        string
	}{
		"invited already":             {"POST", "/invitations", `{"email_address":"NEW@example.com"}`, 400, "duplicate_record", ""},
		"a user's":                    {"POST", "/invitations", `{"email_address":"ada@example.com"}`, 400, "duplicate_record", ""},
		"a user's, not invited":       {"POST", "/invitations", `{"email_address":"mem@example.com"}`, 422, "form_identifier_exists", "email_address"},
		"no address":                  {"POST", "/invitations", `{"email_address":"x"}`, 422, "form_param_format_invalid", "email_address"},
		"none":                        {"POST", "/invitations", `{}`, 422, "form_param_missing", "email_address"},
		"days":                        {"POST", "/invitations", `{"email_address":"x@example.com","expires_in_days":366}`, 422, "form_param_value_invalid", "expires_in_days"},
		"private metadata":            {"POST", "/invitations", `{"email_address":"x@example.com","private_metadata":{}}`, 422, "form_param_unknown", "private_metadata"},
		"metadata":                    {"POST", "/invitations", `{"email_address":"x@example.com","public_metadata":[]}`, 422, "form_param_value_invalid", "public_metadata"},
		"template":                    {"POST", "/invitations", `{"email_address":"x@example.com","template_slug":"x"}`, 422, "form_param_value_invalid", "template_slug"},
		"bulk, none":                  {"POST", "/invitations/bulk", `[]`, 422, "form_param_missing", "email_address"},
		"bulk, eleven":                {"POST", "/invitations/bulk", eleven, 422, "form_param_array_size_exceeded", "email_address"},
		"bulk, twice":                 {"POST", "/invitations/bulk", `[{"email_address":"x@example.com"},{"email_address":"X@example.com"}]`, 400, "duplicate_record", ""},
		"bulk, a user's":              {"POST", "/invitations/bulk", `[{"email_address":"mem@example.com","ignore_existing":true}]`, 422, "form_identifier_exists", "email_address"},
		"bulk, no list":               {"POST", "/invitations/bulk", `{}`, 400, "request_body_invalid", ""},
		"revoke, unknown":             {"POST", "/invitations/inv_none/revoke", "", 404, "resource_not_found", ""},
		"revoke, an organization's":   {"POST", "/invitations/orginv_new/revoke", "", 404, "resource_not_found", ""},
		"revoke, revoked":             {"POST", "/invitations/inv_revoked/revoke", "", 400, "invitation_already_revoked", ""},
		"revoke, accepted":            {"POST", "/invitations/inv_accepted/revoke", "", 400, "invitation_already_accepted", ""},
		"status":                      {"GET", "/invitations?status=new", "", 422, "form_param_value_invalid", ""},
		"organization, invited":       {"POST", "/organizations/org_1/invitations", `{"email_address":"new@example.com","role":"r"}`, 400, "organization_invitation_not_unique", ""},
		"organization, member":        {"POST", "/organizations/org_1/invitations", `{"email_address":"mem@example.com","role":"r"}`, 400, "already_a_member_in_organization", ""},
		"organization, no role":       {"POST", "/organizations/org_1/invitations", `{"email_address":"x@example.com"}`, 422, "form_param_missing", "role"},
		"organization, inviter":       {"POST", "/organizations/org_1/invitations", `{"email_address":"x@example.com","role":"r","inviter_user_id":"user_1"}`, 403, "not_a_member_in_organization", ""},
		"organization, unknown":       {"POST", "/organizations/org_9/invitations", `{"email_address":"x@example.com","role":"r"}`, 404, "resource_not_found", ""},
		"organization, revoke":        {"POST", "/organizations/org_1/invitations/inv_new/revoke", "{}", 404, "resource_not_found", ""},
		"organization, revoke twice":  {"POST", "/organizations/org_1/invitations/orginv_revoked/revoke", "{}", 404, "organization_invitation_not_pending", ""},
		"organization, odd revoking":  {"POST", "/organizations/org_1/invitations/orginv_new/revoke", `{"x":1}`, 422, "form_param_unknown", "x"},
		"organization, of no such id": {"GET", "/organizations/org_1/invitations/inv_new", "", 404, "resource_not_found", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := withInvitations(t)
			before := c.State()
			requireFailed(t, backend(t, c, tc.method, tc.path, tc.body), tc.status, tc.code, tc.param)
			require.Equal(t, before, c.State())
		})
	}
}

// The way of an invitation over the SDK: create, find, list, revoke, invite again.
func TestWayOfAnInvitation(t *testing.T) {
	t.Parallel()
	c := withInvitations(t)
	api, ctx := c.Client(), t.Context()
	params := users.CreateInvitationParams{
		EmailAddress: "x@example.com", PublicMetadata: metadata.Of(map[string]any{"n": 1}),
		RedirectURL: "https://example.com/join?a=1", ExpiresInDays: 7, WithoutEmail: true,
	}
	made, err := api.Users.CreateInvitation(ctx, params)
	require.NoError(t, err)
	require.Equal(t, "pending", made.Status)
	require.Equal(t, "https://example.com/join?__clerk_ticket=ticket_"+made.ID+"&a=1", made.URL)
	require.Equal(t, 7*24*time.Hour, made.ExpiresAt.Sub(made.CreatedAt).Round(time.Minute))
	found, err := api.Users.FindInvitation(ctx, "X@example.com")
	require.NoError(t, err)
	require.Equal(t, made, found)
	revoked, err := api.Users.RevokeInvitation(ctx, made.ID)
	require.NoError(t, err)
	require.Equal(t, "revoked", revoked.Status)
	_, err = api.Users.FindInvitation(ctx, "x@example.com")
	require.Error(t, err)
	for _, again := range []bool{false, true} {
		params.IgnoreExisting = again
		_, err = api.Users.CreateInvitation(ctx, params)
		require.NoError(t, err)
	}
	count := 0
	for invitation, err := range api.Users.AllInvitations(ctx, users.AllInvitationsParams{PageSize: 2}) {
		require.NoError(t, err)
		require.NotEqual(t, "revoked", invitation.Status)
		count++
	}
	require.Equal(t, 4+2, count, "all but the revoked")
	for invitation, err := range api.Organizations.AllInvitations(ctx, "org_1", organizations.AllInvitationsParams{Status: "revoked"}) {
		require.NoError(t, err)
		require.Equal(t, "orginv_revoked", invitation.ID)
	}
}

func TestHourlyLimits(t *testing.T) {
	t.Parallel()
	for path, most := range map[string]int{
		"/invitations": 100, "/invitations/bulk": 25, "/organizations/org_1/invitations": 250, "/organizations/org_1/invitations/bulk": 50,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := clerktest.Config{Limits: clerktest.LimitsProduction}.Start(t, clerktest.Seed{Organizations: []clerktest.Organization{{ID: "org_1"}}})
				invite := func(i int) reply {
					body := `{"email_address":"` + strconv.Itoa(i) + `@example.com","role":"r"}`
					if !strings.Contains(path, "organizations") {
						body = strings.Replace(body, `,"role":"r"`, "", 1)
					}
					if strings.HasSuffix(path, "bulk") {
						body = "[" + body + "]"
					}
					return backend(t, c, "POST", path, body)
				}
				for i := range most {
					require.Equal(t, http.StatusOK, invite(i).status)
				}
				r := invite(most)
				requireFailed(t, r, http.StatusTooManyRequests, "too_many_requests", "")
				require.Equal(t, "3600", r.header.Get("Retry-After"))
				require.Equal(t, http.StatusOK, backend(t, c, "GET", "/users", "").status)
				time.Sleep(time.Hour)
				require.Equal(t, http.StatusOK, invite(most).status)
			})
		})
	}
}
