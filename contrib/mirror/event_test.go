package mirror_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/signature"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// event is a signed event.
func event(t *testing.T, name, data string) delivery {
	t.Helper()
	key, err := signature.ParseKey(clerktest.DefaultWebhookSecret)
	require.NoError(t, err)
	body := fmt.Sprintf(`{"type":%q,"data":%s}`, name, data)
	now := time.Now().Unix()
	return delivery{http.Header{
		"Svix-Id": {"msg_1"}, "Svix-Timestamp": {fmt.Sprint(now)}, "Svix-Signature": {key.Sign("msg_1", now, []byte(body))},
	}, body}
}

// An event of the row's time with other content makes the mirror read Clerk; one that repeats
// the row, or is older, does not.
func TestTie(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	w.clerk.ResetRequests()
	u, _ := w.clerk.User("user_1")
	o, _ := w.clerk.Organization("org_1")
	s, _ := w.clerk.Membership("org_1", "user_1")
	for _, tc := range []struct {
		name string
		raw  json.RawMessage
	}{
		{webhook.UserUpdated, u.Raw},
		{webhook.OrganizationUpdated, o.Raw},
		{webhook.MembershipUpdated, s.Raw},
	} {
		require.Equal(t, http.StatusNoContent, w.deliver(event(t, tc.name, string(tc.raw))))
		require.Equal(t, http.StatusNoContent, w.deliver(event(t, tc.name, strings.ReplaceAll(string(tc.raw), `"updated_at":1`, `"updated_at":`))))
		require.Empty(t, w.clerk.Requests())
		other := strings.Replace(string(tc.raw), `"public_metadata":{`, `"public_metadata":{"x":1,`, 1)
		other = strings.Replace(other, `{"x":1,}`, `{"x":1}`, 1)
		require.NotEqual(t, string(tc.raw), other)
		require.Equal(t, http.StatusNoContent, w.deliver(event(t, tc.name, other)))
		require.Len(t, w.clerk.Requests(), 1, tc.name)
		w.same()
		w.clerk.ResetRequests()
	}
	// Clerk cannot be read: the event comes again.
	w.clerk.Script(clerktest.GetUserList, clerktest.Answer(403, "forbidden"))
	other := strings.Replace(string(u.Raw), `"public_metadata":{`, `"public_metadata":{"x":1,`, 1)
	require.Equal(t, http.StatusServiceUnavailable, w.deliver(event(t, webhook.UserUpdated, other)))
	// Clerk has no such user any more; the deletion is its event's to make.
	w.remove("users/user_1")
	deleted := w.sent()
	require.Equal(t, http.StatusServiceUnavailable, w.deliver(event(t, webhook.UserUpdated, other)))
	for _, d := range deleted {
		require.Equal(t, http.StatusNoContent, w.deliver(d))
	}
	require.Equal(t, http.StatusNoContent, w.deliver(event(t, webhook.UserUpdated, other)))
	w.same()
}

func TestEventsThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	for _, d := range []delivery{
		event(t, "session.created", `{"id":"sess_1"}`), event(t, "user.unheardOf", `{"id":"user_1"}`),
		event(t, webhook.InvitationCreated, `{"id":"orginv_1"}`),
	} {
		require.Equal(t, http.StatusNoContent, w.deliver(d))
	}
	w.errs.Range(func(text, _ any) bool { return !assertNever(t, text) })
	for _, d := range []delivery{
		event(t, webhook.UserUpdated, `{"id":"user_1","public_metadata":{"a":"hidden"}}`), event(t, webhook.UserUpdated, `{"id":7}`),
		event(t, webhook.UserUpdated, `{"updated_at":1,"public_metadata":{}}`), event(t, webhook.UserDeleted, `{}`),
		event(t, webhook.OrganizationCreated, `{"id":"org_1","public_metadata":"hidden"}`), event(t, webhook.OrganizationDeleted, `{"id":""}`),
		event(t, webhook.MembershipCreated, `{"id":"orgmem_1","updated_at":1,"public_metadata":{}}`), event(t, webhook.MembershipDeleted, `{}`),
		event(t, webhook.UserUpdated, "{\"id\":\"user_1\",\"updated_at\":9999999999999,\"public_metadata\":{\"a\":\"\xff\"}}"),
	} {
		status := w.deliver(d)
		require.True(t, status == http.StatusNoContent || status == http.StatusBadRequest, d.body)
	}
	n := 0
	w.errs.Range(func(text, _ any) bool {
		n++
		require.NotContains(t, text, "hidden")
		return true
	})
	require.GreaterOrEqual(t, n, 5)
	large := event(t, webhook.UserUpdated, `{"id":"user_1","x":"`+strings.Repeat("x", 10<<20)+`"}`)
	require.Equal(t, http.StatusRequestEntityTooLarge, w.deliver(large))
	forged := event(t, webhook.UserDeleted, `{"id":"user_1"}`)
	forged.header.Set("Svix-Signature", "v1,AAAA")
	require.Equal(t, http.StatusUnauthorized, w.deliver(forged))
	w.same()
}

// Deliveries to a server: what is not Clerk's, or comes again, changes nothing.
func TestServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	server := httptest.NewServer(w.receiver.Handler(w.mirror.Handle))
	t.Cleanup(server.Close)
	post := func(header http.Header, body io.Reader) (int, error) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, body)
		require.NoError(t, err)
		request.Header = header.Clone()
		answer, err := server.Client().Do(request)
		if err != nil {
			return 0, err
		}
		return answer.StatusCode, answer.Body.Close()
	}
	w.write("user_1", metadata.Patch{"n": 1})
	first := w.sent()[0]
	w.write("user_1", metadata.Patch{"n": 2})
	second := w.sent()[0]
	gone := `{"type":"user.deleted","data":{"id":"user_1"}}`
	old := first.header.Clone()
	old.Set("Svix-Timestamp", "1700000000")
	for _, tc := range []struct {
		header http.Header
		body   string
		status int
	}{
		{http.Header{}, gone, http.StatusUnauthorized},
		{first.header, gone, http.StatusUnauthorized},
		{first.header, first.body, http.StatusNoContent},
		{second.header, second.body, http.StatusNoContent},
		{first.header, first.body, http.StatusNoContent},
		{old, first.body, http.StatusUnauthorized},
		{event(t, "user.unheardOf", `{}`).header, `{"type":"user.unheardOf","data":{}}`, http.StatusNoContent},
	} {
		status, err := post(tc.header, strings.NewReader(tc.body))
		require.NoError(t, err)
		require.Equal(t, tc.status, status, tc.body)
	}
	w.same()
	large := event(t, webhook.UserDeleted, `{"id":"user_1","x":"`+strings.Repeat("x", 10<<20)+`"}`)
	for _, body := range []io.Reader{strings.NewReader(large.body), io.MultiReader(strings.NewReader(large.body))} { // with its length and without
		status, err := post(large.header, body)
		if err == nil { // the server may end the connection before all is sent
			require.Equal(t, http.StatusRequestEntityTooLarge, status)
		}
	}
	w.same()
}

func assertNever(t *testing.T, text any) bool {
	t.Helper()
	t.Errorf("unexpected: %v", text)
	return true
}

// A user who is erased is gone everywhere, for good.
func TestErase(t *testing.T) {
	t.Parallel()
	w := newWorld(t, seed, all)
	require.NoError(t, w.mirror.Sync(t.Context()))
	require.NoError(t, w.mirror.Erase(t.Context(), "user_1"))
	u := w.write("user_1", metadata.Patch{"back": true})
	s, err := w.client.Organizations.UpdateOrganizationMembershipMetadata(t.Context(), "org_1", "user_1",
		organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: metadata.Patch{"back": true}})
	require.NoError(t, err)
	for _, d := range w.sent() {
		require.Equal(t, http.StatusNoContent, w.deliver(d))
	}
	// A membership that is new is not stored either.
	rejoined := event(t, webhook.MembershipCreated, strings.Replace(string(s.Raw), s.ID, "orgmem_new", 1))
	require.Equal(t, http.StatusNoContent, w.deliver(rejoined))
	require.NoError(t, w.mirror.ApplyUser(t.Context(), u))
	require.NoError(t, w.mirror.ApplyMembership(t.Context(), s))
	require.NoError(t, w.mirror.Sync(t.Context()))
	require.NotContains(t, w.bodies("clerk_users"), "user_1")
	require.Empty(t, w.bodies("clerk_memberships"))
	require.Equal(t, 2, w.count(`SELECT count(*) FROM clerkmirror_row r WHERE deleted`))
	require.Zero(t, w.count(`SELECT count(*) FROM clerkmirror_row r WHERE kind <> 'organization' AND r::text LIKE '%user_1%' AND id <> 'user_1'`))
	require.Equal(t, 1, w.count(`SELECT count(*) FROM clerkmirror_row WHERE id = 'user_1' AND body IS NULL AND digest IS NULL
		AND public_metadata IS NULL AND private_metadata IS NULL AND unsafe_metadata IS NULL`))
	require.NoError(t, w.mirror.Erase(t.Context(), "user_unknown"), "nobody whom a late event brings")
	o, err := w.client.Organizations.UpdateOrganizationMetadata(t.Context(), "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"a": 1}})
	require.NoError(t, err)
	require.NoError(t, w.mirror.ApplyOrganization(t.Context(), o))
	require.Equal(t, string(o.Raw), w.bodies("clerk_organizations")["org_1"])
}
