package client_test

import (
	"encoding/base64"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

type env map[string]string

// all holds a value for each variable that is read, "" where e has none.
func (e env) all() env {
	full := env{"CLERK_SECRET_KEY": "", "CLERK_API_URL": "", "CLERK_PUBLISHABLE_KEY": "", "CLERK_FAPI_URL": ""}
	maps.Copy(full, e)
	return full
}

func TestFromEnv(t *testing.T) {
	const otherKey = "sk_live_example"
	for _, tc := range []struct {
		name string
		env  env
		opts []client.Option
		want string
	}{
		{"key alone", env{"CLERK_SECRET_KEY": otherKey}, nil, "https://api.clerk.com/v1"},
		{"API URL", env{"CLERK_SECRET_KEY": otherKey, "CLERK_API_URL": "https://a.example"}, nil, "https://a.example/v1"},
		{
			"overridden", env{"CLERK_SECRET_KEY": otherKey, "CLERK_API_URL": "https://a.example"},
			[]client.Option{client.WithBaseURL("https://b.example")}, "https://b.example/v1",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, value := range tc.env.all() {
				t.Setenv(name, value)
			}
			rt := play(answer(404, ""))
			c, err := client.FromEnv(over(rt, tc.opts...)...)
			require.NoError(t, err)
			_, err = c.Users.GetUser(t.Context(), "user_1")
			require.Error(t, err)
			require.Equal(t, tc.want+"/users/user_1", rt.seen[0].URL.String())
			require.Equal(t, "Bearer "+otherKey, rt.seen[0].Header.Get("Authorization"))
		})
	}
}

func TestFromEnvFails(t *testing.T) {
	t.Setenv("CLERK_SECRET_KEY", "")
	t.Setenv("CLERK_API_URL", "")
	_, err := client.FromEnv()
	requireInvalid(t, err, "client.New", "key", "CLERK_SECRET_KEY")
	t.Setenv("CLERK_SECRET_KEY", key)
	t.Setenv("CLERK_API_URL", "http://a.example")
	_, err = client.FromEnv()
	requireInvalid(t, err, "client.New", "base URL", "is plain http")
	_, err = client.FromEnv(client.Option{})
	requireInvalid(t, err, "client.New", "option", "zero Option")
}

// The option from the environment is not written into the caller's slice.
func TestFromEnvDoesNotAlias(t *testing.T) {
	t.Setenv("CLERK_SECRET_KEY", key)
	t.Setenv("CLERK_API_URL", "https://a.example")
	backing := []client.Option{client.WithRetry(client.Retry{MaxRetries: client.None}), client.WithUserAgent("kept/1")}
	_, err := client.FromEnv(backing[:1]...)
	require.NoError(t, err)
	rt := play(answer(404, ""))
	_, err = newClient(t, rt, backing...).Users.GetUser(t.Context(), "user_1")
	require.Error(t, err)
	require.Contains(t, rt.seen[0].UserAgent(), "kept/1")
	require.Equal(t, "api.clerk.com", rt.seen[0].URL.Host)
}

func TestFrontendFromEnv(t *testing.T) {
	publishable := "pk_test_" + base64.StdEncoding.EncodeToString([]byte("clerk.example.com$"))
	for _, tc := range []struct {
		name string
		env  env
		want string
	}{
		{"publishable key", env{"CLERK_PUBLISHABLE_KEY": publishable}, "https://clerk.example.com/v1/me"},
		{"address", env{"CLERK_FAPI_URL": "https://b.example/x"}, "https://b.example/x/v1/me"},
		{"address before the key", env{"CLERK_FAPI_URL": "https://b.example", "CLERK_PUBLISHABLE_KEY": publishable}, "https://b.example/v1/me"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, value := range tc.env.all() {
				t.Setenv(name, value)
			}
			rt := play(answer(401, ""))
			s, err := client.FrontendFromEnv(over(rt)...)
			require.NoError(t, err)
			_, _, err = s.GetMe(t.Context(), me.Cookie("tok"))
			require.Error(t, err)
			require.Equal(t, tc.want, rt.seen[0].URL.String())
		})
	}
	for name, value := range (env{"CLERK_SECRET_KEY": key}).all() {
		t.Setenv(name, value)
	}
	_, err := client.FrontendFromEnv()
	requireInvalid(t, err, "client.FrontendURL", "publishableKey", "CLERK_PUBLISHABLE_KEY")
	for name, value := range (env{"CLERK_FAPI_URL": "clerk.example.com"}).all() {
		t.Setenv(name, value)
	}
	_, err = client.FrontendFromEnv()
	requireInvalid(t, err, "client.NewFrontend", "frontend URL", "must begin with https://")
}
