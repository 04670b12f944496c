package clerktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

type object = map[string]any

// seeded is the instance that most tests start from.
func seeded(t *testing.T) *clerktest.Test {
	t.Helper()
	return clerktest.Start(t, content())
}

// configured is that instance with another behaviour.
func configured(t *testing.T, config clerktest.Config) *clerktest.Test {
	t.Helper()
	return config.Start(t, content())
}

func guessing(name clerktest.GuessName, answer string) clerktest.Config {
	return clerktest.Config{Guesses: map[clerktest.GuessName]string{name: answer}}
}

func content() clerktest.Seed {
	return clerktest.Seed{
		Users: []clerktest.User{
			{
				ID:              "user_1",
				PublicMetadata:  object{"role": "shopper", "nested": object{"a": 1, "b": 2}},
				PrivateMetadata: object{"stripeId": "cus_example"},
				UnsafeMetadata:  object{"theme": "dark"},
				FirstName:       "Ada",
			},
			{ID: "user_2"},
		},
		Organizations: []clerktest.Organization{
			{ID: "org_1", Slug: "acme", Name: "Acme", PublicMetadata: object{"tier": "free"}},
			{ID: "org_2"},
		},
		Memberships: []clerktest.Membership{{
			OrganizationID: "org_1", UserID: "user_1", Role: "org:admin", PublicMetadata: object{"desk": 1},
		}},
		Sessions: []clerktest.Session{
			{ID: "sess_1", UserID: "user_1", ClientToken: "client_token_1", DevBrowser: "dvb_1"},
			{ID: "sess_2", UserID: "user_2", ClientToken: "client_token_1"},
		},
	}
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

// send sends raw HTTP in process; headers are name, value, name, value ….
func send(t *testing.T, c http.RoundTripper, method, path, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://clerk.test"+path, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return reply{resp.StatusCode, resp.Header, text}
}

// backend sends a JSON request with the secret key.
func backend(t *testing.T, c *clerktest.Test, method, path, body string, headers ...string) reply {
	t.Helper()
	return send(t, c.Transport(), method, "/v1"+path, body, append([]string{
		"Authorization", "Bearer " + c.SecretKey(), "Content-Type", "application/json",
	}, headers...)...)
}

// native sends a form as a native app that is signed in as user_1.
func native(t *testing.T, c *clerktest.Test, method, path, body string, headers ...string) reply {
	t.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	return send(t, c.Transport(), method, "/v1"+path+joint+"_is_native=1", body, append([]string{
		"Authorization", "client_token_1", "Content-Type", "application/x-www-form-urlencoded",
	}, headers...)...)
}

// field is one member of a 200's object, as JSON text.
func (r reply) field(t *testing.T, path ...string) string {
	t.Helper()
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	raw := json.RawMessage(r.body)
	for _, name := range path {
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(raw, &members))
		require.Contains(t, members, name)
		raw = members[name]
	}
	return string(raw)
}

type clerkErrors struct {
	Errors []struct {
		Message     string `json:"message"`
		LongMessage string `json:"long_message"`
		Code        string `json:"code"`
		Meta        struct {
			ParamName   string `json:"param_name"`
			OperationID string `json:"operation_id"`
		} `json:"meta"`
	} `json:"errors"`
	TraceID string `json:"clerk_trace_id"`
}

// requireFailed checks an error answer, and that its envelope is whole.
func requireFailed(t *testing.T, r reply, status int, code, param string) clerkErrors {
	t.Helper()
	require.Equal(t, status, r.status, "%s", r.body)
	require.Equal(t, "application/json", r.header.Get("Content-Type"))
	var e clerkErrors
	require.NoError(t, json.Unmarshal(r.body, &e))
	require.NotEmpty(t, e.Errors)
	require.Equal(t, code, e.Errors[0].Code)
	require.Equal(t, param, e.Errors[0].Meta.ParamName)
	require.NotEmpty(t, e.Errors[0].Message)
	require.NotEmpty(t, e.Errors[0].LongMessage)
	require.Equal(t, r.header.Get("Clerk-Trace-Id"), e.TraceID)
	require.Len(t, e.TraceID, 32)
	return e
}

// isList checks that a 200 holds an array, and returns the ids in it.
func (r reply) isList(t *testing.T) []string {
	t.Helper()
	require.Equal(t, http.StatusOK, r.status, "%s", r.body)
	var rows []struct {
		ID string `json:"id"`
	}
	require.NoError(t, json.Unmarshal(r.body, &rows), "%s", r.body)
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids
}

// rounds is how often a test repeats something: n times, with -short a third.
func rounds(n int) int {
	if testing.Short() {
		return n / 3
	}
	return n
}
