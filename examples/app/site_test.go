package main

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// shop is a site with its Clerk and its database.
type shop struct {
	*site

	t     *testing.T
	clerk *clerktest.Clerk
	db    *pgxpool.Pool
}

func start(t *testing.T) *shop {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	address := "http://" + server.Listener.Addr().String()
	clerk, err := newClerk(address)
	require.NoError(t, err)
	db, err := pgxpool.New(t.Context(), database(t))
	require.NoError(t, err)
	s, err := newSite(address, clerk, db, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, s.fill(t.Context()))
	server.Config.Handler = s.routes()
	server.Start()
	t.Cleanup(func() {
		require.NoError(t, clerk.Close())
		server.Close()
		db.Close()
	})
	return &shop{site: s, t: t, clerk: clerk, db: db}
}

// request is of a page, or with a form a POST.
func (s *shop) request(path string, form url.Values) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+path, strings.NewReader(form.Encode()))
	require.NoError(s.t, err)
	if form != nil {
		r.Method = http.MethodPost
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

// as signs a user in and makes that user's request.
func (s *shop) as(user, path string, form url.Values) (status int, body string) {
	s.t.Helper()
	token, err := s.sessionToken(s.t.Context(), user)
	require.NoError(s.t, err)
	r := s.request(path, form)
	r.AddCookie(&http.Cookie{Name: "__session", Value: token})
	return s.send(r)
}

func (s *shop) send(r *http.Request) (status int, body string) {
	s.t.Helper()
	transport := &http.Transport{}
	s.t.Cleanup(transport.CloseIdleConnections)
	answer, err := transport.RoundTrip(r)
	require.NoError(s.t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, answer.Body.Close())
	return answer.StatusCode, string(text)
}

func (s *shop) plan(user string) string {
	s.t.Helper()
	found, ok := s.clerk.User(user)
	require.True(s.t, ok)
	return found.PublicMetadata.String()
}

func TestWhoIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, path := range []string{"/account", "/admin"} {
		status, body := s.send(s.request(path, nil))
		require.Equal(t, http.StatusUnauthorized, status, "no cookie")
		require.Contains(t, body, "Refused: not signed in")
		r := s.request(path, nil)
		r.AddCookie(&http.Cookie{Name: "__session", Value: "eyJhbGciOiJub25lIn0.e30."})
		status, _ = s.send(r)
		require.Equal(t, http.StatusUnauthorized, status, "a forged cookie")
	}
	status, _ := s.send(s.request("/sign-in", url.Values{"user": {"../user_ada"}}))
	require.Equal(t, http.StatusUnauthorized, status)
	admin := url.Values{"user": {"user_alan"}, "role": {"admin"}}
	status, _ = s.as("user_alan", "/admin/role", admin)
	require.Equal(t, http.StatusForbidden, status, "a member")
	status, _ = s.as("user_ada", "/admin/role", url.Values{"user": {"user_alan"}, "role": {"owner"}})
	require.Equal(t, http.StatusBadRequest, status, "no such role")
	status, _ = s.as("user_ada", "/admin/role", url.Values{"user": {"user_nobody"}, "role": {"admin"}})
	require.Equal(t, http.StatusBadRequest, status, "no such user")
	token, err := s.sessionToken(t.Context(), "user_ada")
	require.NoError(t, err)
	r := s.request("/admin/role", admin)
	r.AddCookie(&http.Cookie{Name: "__session", Value: token})
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	status, _ = s.send(r)
	require.Equal(t, http.StatusForbidden, status, "the page of another site")
	require.Empty(t, s.clerk.Requests(clerktest.UpdateUserMetadata)[1:], "but of the unknown user")
}

// stripe sends an event with a signature.
func (s *shop) stripe(event, header string) int {
	s.t.Helper()
	r := s.request("/stripe", url.Values{})
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(event)), int64(len(event))
	if header != "" {
		r.Header.Set("Stripe-Signature", header)
	}
	status, _ := s.send(r)
	return status
}

func TestStripeSignatures(t *testing.T) {
	t.Parallel()
	s := start(t)
	event := stripeEvents("user_ada")[0]
	at := func(d time.Duration, secret string) string {
		seconds := strconv.FormatInt(time.Now().Add(d).Unix(), 10)
		return "t=" + seconds + ",v1=" + stripeSignature(secret, seconds, []byte(event))
	}
	valid := at(0, stripeSecret)
	time0, signature, _ := strings.Cut(valid, ",v1=")
	for name, header := range map[string]string{
		"none":           "",
		"another secret": at(0, "whsec_forged"),
		"too old":        at(-time.Hour, stripeSecret),
		"in the future":  at(time.Hour, stripeSecret),
		"no time":        "v1=" + signature,
		"no number":      "t=now,v1=" + signature,
		"far away":       "t=9223372036854775807,v1=" + signature,
		"another time":   time0 + "0,v1=" + signature,
		"another scheme": time0 + ",v0=" + signature,
		"cut short":      valid[:len(valid)-2],
		"no signature":   time0 + ",v1=",
	} {
		require.Equal(t, http.StatusBadRequest, s.stripe(event, header), name)
	}
	require.Equal(t, http.StatusBadRequest, s.stripe(event+" ", valid), "another body")
	long := `{"type":"` + strings.Repeat("x", maxStripeEvent) + `"}`
	require.Equal(t, http.StatusBadRequest, s.stripe(long, stripeHeader(stripeSecret, []byte(long))), "too long")
	require.Empty(t, s.clerk.Requests(clerktest.UpdateUserMetadata))
	require.Equal(t, http.StatusNoContent, s.stripe(event, time0+",v1=00,v1="+signature), "one of two, as while a secret is rotated")
}

func TestStripeEvents(t *testing.T) {
	t.Parallel()
	s := start(t)
	send := func(event string) int { return s.stripe(event, stripeHeader(stripeSecret, []byte(event))) }
	checkout, bought := stripeEvents("user_ada")[0], stripeEvents("user_ada")[1]
	require.Equal(t, http.StatusServiceUnavailable, send(bought), "before the checkout: Stripe sends it again")
	require.Equal(t, http.StatusNoContent, send(checkout))
	for range 2 {
		require.Equal(t, http.StatusNoContent, send(bought))
		require.JSONEq(t, `{"role":"admin","plan":"pro"}`, s.plan("user_ada"))
	}
	require.Equal(t, http.StatusNoContent, send(strings.ReplaceAll(bought, `"pro"`, `"platinum"`)), "no plan of the shop")
	require.Equal(t, http.StatusNoContent, send(`{"type":"invoice.paid","data":{"object":{"customer":"cus_user_ada"}}}`))
	require.Equal(t, http.StatusNoContent, send(`{"type":"checkout.session.completed","data":{"object":{"client_reference_id":"user_ada"}}}`), "no customer")
	require.JSONEq(t, `{"role":"admin","plan":"pro"}`, s.plan("user_ada"))
	require.Equal(t, http.StatusNoContent, send(stripeEvents("user_gone")[0]), "it will never work")
	require.Equal(t, http.StatusBadRequest, send(`[]`))
	require.Equal(t, http.StatusNoContent, send(`{"type":"customer.subscription.deleted","data":{"object":{"customer":"cus_user_ada"}}}`))
	require.JSONEq(t, `{"role":"admin","plan":"free"}`, s.plan("user_ada"))
	require.NoError(t, s.clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(401, "clerk_key_invalid")))
	require.Equal(t, http.StatusServiceUnavailable, send(bought), "the key was revoked")
	require.Equal(t, http.StatusNoContent, send(bought))
}

// Without the database the shop stays closed where it needs it, and sells to nobody.
func TestDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := start(t)
	var logs bytes.Buffer
	s.log = slog.New(slog.NewTextHandler(&logs, nil))
	s.db.Close()
	status, body := s.as("user_ada", "/admin", nil)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "the list of users is not available")
	status, _ = s.as("user_ada", "/checkout", url.Values{})
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, logs.String(), "level=ERROR msg=\"users by plan\"")
	require.NotContains(t, logs.String(), "cus_")
	require.NoError(t, s.clerk.Script(clerktest.UpdateUserMetadata, clerktest.Answer(401, "clerk_key_invalid")))
	status, _ = s.as("user_ada", "/admin/role", url.Values{"user": {"user_alan"}, "role": {"admin"}})
	require.Equal(t, http.StatusBadGateway, status)
}

// While Clerk is down and its keys are unknown, nobody passes and nobody is signed out.
func TestClerkIsDown(t *testing.T) {
	t.Parallel()
	s := start(t)
	token, err := s.sessionToken(t.Context(), "user_ada")
	require.NoError(t, err)
	require.NoError(t, s.clerk.Close())
	r := s.request("/account", nil)
	r.AddCookie(&http.Cookie{Name: "__session", Value: token})
	status, body := s.send(r)
	require.Equal(t, http.StatusServiceUnavailable, status, "not even the keys")
	require.Contains(t, body, "Refused: not possible now, try again in a minute")
}

// Nothing but Clerk's webhook can bring a role to the mirror of this test.
func TestRoleArrives(t *testing.T) {
	t.Parallel()
	s := start(t)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, step := range []step{
		{path: "/sign-in", form: url.Values{"user": {"user_grace"}}, status: http.StatusOK, holds: "role admin"},
		{path: "/admin/role", form: url.Values{"user": {"user_alan"}, "role": {"admin"}}, status: http.StatusOK},
		{path: "/admin", status: http.StatusOK, holds: "free: Ada (admin), Alan (admin), Grace (admin)", arrives: true},
	} {
		_, err := step.take(t.Context(), browser, s.url)
		require.NoError(t, err)
	}
}
