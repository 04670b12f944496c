package clerktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/signature"
)

// received is an event as a receiver sees it.
type received struct {
	id         string
	verified   bool
	payload    string
	Object     string
	Type       string
	Timestamp  int64
	InstanceID string `json:"instance_id"`
	Attributes struct {
		Request struct {
			IP    string `json:"client_ip"`
			Agent string `json:"user_agent"`
		} `json:"http_request"`
	} `json:"event_attributes"`
	Data object
}

// receiver collects events and answers with the statuses, then with 200.
type receiver struct {
	mu       sync.Mutex
	secret   string
	got      []received
	statuses []int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	e := received{id: req.Header.Get("Svix-Id"), payload: string(body)}
	_ = json.Unmarshal(body, &e)
	at, _ := strconv.ParseInt(req.Header.Get("Svix-Timestamp"), 10, 64)
	key, _ := signature.ParseKey(r.secret)
	e.verified = req.Method == http.MethodPost && req.Header.Get("Content-Type") == "application/json" &&
		key.Verify(e.id, at, body, req.Header.Get("Svix-Signature"))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, e)
	if len(r.statuses) > 0 {
		w.WriteHeader(r.statuses[0])
		r.statuses = r.statuses[1:]
	}
}

// types are those of the events that came, in their order.
func (r *receiver) types() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := []string{}
	for _, e := range r.got {
		all = append(all, e.Type)
	}
	return all
}

// listening is an instance whose events the receiver gets.
func listening(t *testing.T, seed clerktest.Seed) (*clerktest.Test, *receiver) {
	t.Helper()
	r := &receiver{secret: clerktest.DefaultWebhookSecret}
	return clerktest.Config{Webhooks: r}.Start(t, seed), r
}

// invited is content with a pending invitation to org_2 of a user's address, and one to
// the application.
func invited() clerktest.Seed {
	seed := content()
	seed.Users[1].EmailAddresses = []string{"ben@example.com"}
	seed.Invitations = []clerktest.Invitation{
		{ID: "orginv_1", OrganizationID: "org_2", EmailAddress: "ben@example.com", PrivateMetadata: object{"seat": 4}},
		{ID: "inv_1", EmailAddress: "cleo@example.com", PublicMetadata: object{"role": "admin"}},
	}
	seed.Sessions = append(seed.Sessions, clerktest.Session{ID: "sess_3", UserID: "user_2", ClientToken: "client_token_3"})
	return seed
}

// Every write that changes what is stored sends its events, and no other request does.
func TestEvents(t *testing.T) {
	t.Parallel()
	type call func(*testing.T, *clerktest.Test) reply
	by := func(method, path, body string) call {
		return func(t *testing.T, c *clerktest.Test) reply { t.Helper(); return backend(t, c, method, path, body) }
	}
	app := func(method, path, body string) call {
		return func(t *testing.T, c *clerktest.Test) reply { t.Helper(); return native(t, c, method, path, body) }
	}
	const older = "?__clerk_api_version=2025-04-10"
	for _, tc := range []struct {
		name string
		does call
		want string // the types
	}{
		{"create a user", by("POST", "/users", `{"public_metadata":{"a":1}}`), "user.created"},
		{"update a user", by("PATCH", "/users/user_1", `{"first_name":"B"}`), "user.updated"},
		{"update a user with metadata", by("PATCH", "/users/user_1"+older, `{"public_metadata":{"a":1}}`), "user.updated"},
		{"merge a user's metadata", by("PATCH", "/users/user_1/metadata", `{"public_metadata":{"a":1}}`), "user.updated"},
		{"replace a user's metadata", by("PUT", "/users/user_1/metadata", `{"public_metadata":{"a":1}}`), "user.updated"},
		{"delete a user", by("DELETE", "/users/user_1", ""), "organizationMembership.deleted user.deleted"},
		{"create an organization", by("POST", "/organizations", `{"name":"B","created_by":"user_2"}`), "organization.created organizationMembership.created"},
		{"update an organization", by("PATCH", "/organizations/org_1", `{"name":"B","slug":"b"}`), "organization.updated"},
		{"merge an organization's metadata", by("PATCH", "/organizations/org_1/metadata", `{"public_metadata":{"a":1}}`), "organization.updated"},
		{"replace an organization's metadata", by("PUT", "/organizations/org_1/metadata", `{"public_metadata":{"a":1}}`), "organization.updated"},
		{"delete an organization", by("DELETE", "/organizations/org_1", ""), "organizationMembership.deleted organization.deleted"},
		{"create a membership", by("POST", "/organizations/org_2/memberships", `{"user_id":"user_2","role":"org:member"}`), "organizationMembership.created"},
		{"update a membership", by("PATCH", "/organizations/org_1/memberships/user_1", `{"role":"org:member"}`), "organizationMembership.updated"},
		{"merge a membership's metadata", by("PATCH", "/organizations/org_1/memberships/user_1/metadata", `{"private_metadata":{"a":1}}`), "organizationMembership.updated"},
		{"delete a membership", by("DELETE", "/organizations/org_1/memberships/user_1", ""), "organizationMembership.deleted"},
		{"invite to an organization", by("POST", "/organizations/org_1/invitations", `{"email_address":"d@example.com","role":"org:member"}`), "organizationInvitation.created"},
		{
			"invite two to an organization",
			by("POST", "/organizations/org_1/invitations/bulk", `[{"email_address":"d@example.com","role":"org:member"},{"email_address":"e@example.com","role":"org:member"}]`),
			"organizationInvitation.created organizationInvitation.created",
		},
		{"revoke an invitation to an organization", by("POST", "/organizations/org_2/invitations/orginv_1/revoke", ""), "organizationInvitation.revoked"},
		{"invite to the application", by("POST", "/invitations", `{"email_address":"d@example.com"}`), ""},
		{"revoke an invitation to the application", by("POST", "/invitations/inv_1/revoke", ""), ""},
		{"write own metadata", app("PATCH", "/me/metadata", "unsafe_metadata=%7B%22a%22:1%7D"), "user.updated"},
		{"update oneself", app("PATCH", "/me", "first_name=B"), "user.updated"},
		{"accept an invitation", func(t *testing.T, c *clerktest.Test) reply {
			t.Helper()
			return native(t, c, "POST", "/me/organization_invitations/orginv_1/accept", "", "Authorization", "client_token_3")
		}, "organizationMembership.created organizationInvitation.accepted"},
		{"sign up", app("POST", "/client/sign_ups", "email_address=d@example.com&unsafe_metadata=%7B%22a%22:1%7D"), "user.created"},
		{"sign up with a ticket", app("POST", "/client/sign_ups", "strategy=ticket&ticket=ticket_inv_1"), "user.created"},
		{"sign up in part", app("POST", "/client/sign_ups", "first_name=D"), ""},
		{"sign out", app("DELETE", "/client/sessions", ""), ""},
		{"read", by("GET", "/users/user_1", ""), ""},
		{"list", by("GET", "/organizations", ""), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, r := listening(t, invited())
			reply := tc.does(t, c)
			require.Equal(t, http.StatusOK, reply.status, "%s", reply.body)
			require.NoError(t, c.Deliver(t.Context()))
			require.Equal(t, tc.want, strings.Join(r.types(), " "))
			for _, e := range r.got {
				require.True(t, e.verified)
				require.Regexp(t, `^msg_\w+$`, e.id)
				require.Equal(t, "event", e.Object)
				require.Equal(t, "ins_clerktest", e.InstanceID)
				require.Positive(t, e.Timestamp)
				require.Equal(t, "127.0.0.1", e.Attributes.Request.IP)
				require.NotEmpty(t, e.Attributes.Request.Agent)
			}
		})
	}
}

func TestRefusedWritesSendNoEvent(t *testing.T) {
	t.Parallel()
	c, r := listening(t, content())
	c.Script(clerktest.UpdateUserMetadata, clerktest.Answer(500, "internal_clerk_error"), clerktest.Drop().And(clerktest.Applied()))
	require.Equal(t, 422, backend(t, c, "PATCH", "/users/user_2", `{"username":1}`).status)
	require.Equal(t, 500, backend(t, c, "PATCH", "/users/user_2/metadata", `{"public_metadata":{"a":1}}`).status)
	require.NoError(t, c.Deliver(t.Context()))
	require.Empty(t, r.types())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, "https://clerk.test/v1/users/user_2/metadata", strings.NewReader(`{}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+c.SecretKey())
	req.Header.Set("Content-Type", "application/json")
	_, err = c.Transport().RoundTrip(req)
	require.Error(t, err)
	require.NoError(t, c.Deliver(t.Context()))
	require.Equal(t, []string{"user.updated"}, r.types(), "the client does not know that the write was applied")
}

// An event carries the entity as the Backend API shows it, after a deletion what is left.
func TestEventData(t *testing.T) {
	t.Parallel()
	c, r := listening(t, invited())
	last := func(typ string) received {
		t.Helper()
		require.NoError(t, c.Deliver(t.Context()))
		require.NotEmpty(t, r.got)
		e := r.got[len(r.got)-1]
		require.Equal(t, typ, e.Type)
		return e
	}
	same := func(typ string, answer reply) {
		t.Helper()
		data, err := json.Marshal(last(typ).Data)
		require.NoError(t, err)
		require.JSONEq(t, string(answer.body), string(data))
	}
	same("user.updated", backend(t, c, "PATCH", "/users/user_1/metadata", `{"private_metadata":{"n":1}}`))
	require.Contains(t, r.got[0].payload, `"private_metadata":{"n":1,"stripeId":"cus_example"}`)
	same("organization.updated", backend(t, c, "PATCH", "/organizations/org_1/metadata", `{"private_metadata":{"n":1}}`))
	same("organizationMembership.updated", backend(t, c, "PATCH", "/organizations/org_1/memberships/user_1/metadata", `{"private_metadata":{"n":1}}`))
	same("organizationMembership.deleted", backend(t, c, "DELETE", "/organizations/org_1/memberships/user_1", ""))
	same("organizationInvitation.created", backend(t, c, "POST", "/organizations/org_1/invitations", `{"email_address":"d@example.com","role":"org:member"}`))

	id, err := c.AcceptInvitation("orginv_1")
	require.NoError(t, err)
	e := last("organizationInvitation.accepted")
	require.Equal(t, id, e.Data["user_id"])
	require.Equal(t, "accepted", e.Data["status"])
	require.Empty(t, e.Attributes.Request.Agent, "no request did it")
	require.Equal(t, object{"seat": 4.0}, r.got[len(r.got)-2].Data["private_metadata"])

	// A user who signs up is created with what the invitation brings, in one event.
	_, err = c.AcceptInvitation("inv_1")
	require.NoError(t, err)
	require.Equal(t, object{"role": "admin"}, last("user.created").Data["public_metadata"])

	backend(t, c, "PATCH", "/users/user_2", `{"external_id":"7"}`)
	backend(t, c, "DELETE", "/users/user_2", "")
	require.Equal(t, object{"object": "user", "id": "user_2", "deleted": true, "external_id": "7"}, last("user.deleted").Data)
	backend(t, c, "DELETE", "/users/user_1", "")
	require.Equal(t, object{"object": "user", "id": "user_1", "deleted": true}, last("user.deleted").Data)
	backend(t, c, "DELETE", "/organizations/org_1", "")
	require.Equal(t, object{"object": "organization", "id": "org_1", "deleted": true, "slug": "acme"}, last("organization.deleted").Data)
}
