package proxy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
)

func TestRefusal(t *testing.T) {
	t.Parallel()
	const general = "The application does not allow this change of unsafe_metadata."
	for name, test := range map[string]struct {
		err    error
		shown  string
		reason string
	}{
		"made to be shown":    {proxy.Refuse(`no "role" here`), `no "role" here`, "a policy refused"},
		"wrapped":             {fmt.Errorf("user_1: %w", proxy.Refuse("no")), "no", "a policy refused"},
		"joined":              {errors.Join(errors.New("user_1"), proxy.Refuse("no")), "no", "a policy refused"},
		"without a message":   {proxy.Refuse(""), general, "a policy refused"},
		"another error":       {errors.New("db says dark"), general, "a policy failed"},
		"an error of a check": {clerkerr.Invalid("x", "y", errors.New("dark")), general, "a policy failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var logged bytes.Buffer
			var hooked proxy.Exchange
			over := make(chan struct{})
			g := newGate(t, func(c *proxy.Config) {
				c.Logger = slog.New(slog.NewTextHandler(&logged, nil))
				c.Hook = func(_ context.Context, e proxy.Exchange) { hooked = e; close(over) }
			}, proxy.PolicyFunc(func(*http.Request, metadata.Patch) error { return test.err }))
			answer := g.send(t, update(themed))
			require.Equal(t, http.StatusUnprocessableEntity, answer.status)
			require.Len(t, answer.Errors, 1)
			require.Equal(t, proxy.CodeUnsafeMetadataRefused, answer.Errors[0].Code)
			require.Equal(t, "This change of unsafe_metadata is not allowed", answer.Errors[0].Message)
			require.Equal(t, test.shown, answer.Errors[0].LongMessage)
			require.Equal(t, "unsafe_metadata", answer.Errors[0].Meta.ParamName)
			require.NotContains(t, answer.body, "user_1")
			require.Empty(t, g.arrivals())
			<-over
			require.Equal(t, proxy.CodeUnsafeMetadataRefused, hooked.Code)
			require.Equal(t, test.reason, hooked.Reason)
			for _, secret := range []string{"dark", "user_1", "role", "theme"} {
				require.NotContains(t, logged.String(), secret)
			}
		})
	}
}

func TestNoKeyIsLogged(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	over := make(chan struct{}, 3)
	g := newGate(t, func(c *proxy.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&logged, nil))
		c.Hook = func(context.Context, proxy.Exchange) { over <- struct{}{} }
	}, proxy.AllowKeys("theme"))
	for _, body := range []string{`unsafe_metadata={"recognisable":1}`, `unsafe_metadata={"recognisable":1,"recognisable":2}`, "recognisable[unsafe_metadata]=1"} {
		require.Equal(t, http.StatusUnprocessableEntity, g.send(t, update(body)).status)
		<-over
	}
	require.Equal(t, 3, strings.Count(logged.String(), "level=WARN"))
	require.NotContains(t, logged.String(), "recognisable")
}

// TestPoliciesChangeNothing: whatever a policy does to what it is given, the
// next one and the upstream see the original.
func TestPoliciesChangeNothing(t *testing.T) {
	t.Parallel()
	const body = `username=a&unsafe_metadata={"theme":{"tags":["x",{"y":null}]}}`
	var mu sync.Mutex
	var seen []string
	vandal := func(r *http.Request, patch metadata.Patch) error {
		text, err := patch.MarshalJSON()
		if err != nil {
			return err
		}
		if err := r.ParseForm(); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, string(text)+r.PostForm.Get("username")+r.Header.Get("Cookie")+r.URL.Path)
		if theme, ok := patch["theme"].(map[string]any); ok {
			if tags, ok := theme["tags"].([]any); ok {
				tags[0] = "z"
			}
			theme["role"] = "admin"
		}
		patch["role"] = "admin"
		r.Header.Set("Cookie", "other")
		r.URL.Path, r.URL.RawQuery, r.Method = "/", "", http.MethodDelete
		r.Body, r.ContentLength = http.NoBody, 0
		return nil
	}
	g := newGate(t, nil, proxy.PolicyFunc(vandal), proxy.PolicyFunc(vandal))
	answer := g.send(t, update(body, "Cookie: __client=x"))
	require.Equal(t, http.StatusOK, answer.status, answer.body)
	want := `{"theme":{"tags":["x",{"y":null}]}}a__client=x/__clerk/v1/me/metadata`
	require.Equal(t, []string{want, want}, seen)
	require.Equal(t, body, g.arrivals()[0].body)
	require.Equal(t, "/v1/me/metadata?_method=PATCH&_clerk_session_id=sess_1", g.arrivals()[0].target)
	require.Equal(t, "__client=x", g.arrivals()[0].header.Get("Cookie"))
}

// A form that somebody in front parsed of something else is not a policy's.
func TestPolicyReadsTheBodysForm(t *testing.T) {
	t.Parallel()
	var read string
	h, err := proxy.New(guardedConfig("https://clerk.example", proxy.PolicyFunc(func(r *http.Request, _ metadata.Patch) error {
		read = r.FormValue("unsafe_metadata")
		return proxy.Refuse("seen")
	})))
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPatch, "/__clerk/v1/me/metadata", strings.NewReader(themed))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Form = map[string][]string{"unsafe_metadata": {"{}"}}
	h.ServeHTTP(httptest.NewRecorder(), r)
	require.JSONEq(t, `{"theme":"dark"}`, read)
}

func TestAllPoliciesMustAgree(t *testing.T) {
	t.Parallel()
	var asked []string
	says := func(name string, err error) proxy.Policy {
		return proxy.PolicyFunc(func(*http.Request, metadata.Patch) error {
			asked = append(asked, name)
			return err
		})
	}
	g := newGate(t, nil, says("first", nil), says("second", proxy.Refuse("second")), says("third", nil))
	require.Equal(t, http.StatusUnprocessableEntity, g.send(t, update(themed)).status)
	require.Equal(t, []string{"first", "second"}, asked)
	require.Equal(t, http.StatusOK, g.send(t, update("username=a")).status)
	require.Len(t, asked, 2, "nobody is asked where there is no unsafe metadata")
}

// TestPolicyPanics: the connection breaks, as after any panic of a handler.
func TestPolicyPanics(t *testing.T) {
	t.Parallel()
	g := newGate(t, nil, proxy.PolicyFunc(func(*http.Request, metadata.Patch) error { panic(http.ErrAbortHandler) }))
	conn, err := net.Dial("tcp", g.address)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, update(themed))
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Empty(t, answer)
	require.Empty(t, g.arrivals())
}

// TestRefusalReachesTheClient: package me sees the refusal as an error of Clerk's
// shape, and Clerk sees nothing.
func TestRefusalReachesTheClient(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, clerktest.Seed{
		Users:    []clerktest.User{{ID: "user_1", UnsafeMetadata: map[string]any{"theme": "light"}}},
		Sessions: []clerktest.Session{{ID: "sess_1", UserID: "user_1", ClientToken: "token-1"}},
	})
	config := guardedConfig("http://127.0.0.1:1", proxy.AllowKeys("theme"))
	config.Transport = clerk.Transport()
	config.SecretKey = client.SecretKey(clerk.SecretKey())
	handler, err := proxy.New(config)
	require.NoError(t, err)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	frontend, err := client.NewFrontend(server.URL + "/__clerk")
	require.NoError(t, err)

	user, _, err := frontend.UpdateMetadata(t.Context(), me.Cookie("token-1"), metadata.Patch{"theme": "a+b & ü"})
	require.NoError(t, err)
	require.JSONEq(t, `{"theme":"a+b & ü"}`, user.UnsafeMetadata.String())

	clerk.ResetRequests()
	_, _, err = frontend.UpdateMetadata(t.Context(), me.Cookie("token-1"), metadata.Patch{"role": "admin"})
	var refused *clerkerr.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, proxy.CodeUnsafeMetadataRefused, refused.Code())
	require.Equal(t, "unsafe_metadata", refused.Details[0].Param)
	require.Equal(t, "/role: key is not allowed: expected one of theme", refused.Details[0].LongMessage)
	require.Equal(t, clerkerr.OutcomeNotApplied, refused.Outcome)
	require.Empty(t, clerk.Requests())
	stored, _ := clerk.User("user_1")
	require.JSONEq(t, `{"theme":"a+b & ü"}`, stored.UnsafeMetadata.String())
}
