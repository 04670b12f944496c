package goclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"sync"
	"testing"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/organizationmembership"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/test/clients/recorder"
)

// clients are the official ones, pointed at an emulator of the test's own.
type clients struct {
	emulator      *clerktest.Test
	url           string
	users         *user.Client
	organizations *organization.Client
	memberships   *organizationmembership.Client
	jwks          *jwks.Client
	config        *clerk.ClientConfig
}

// start starts an emulator with content. When the test ends, everything that it asked and was answered
// is compared with Clerk's documents.
func start(t *testing.T) *clients {
	t.Helper()
	return startWith(t, clerktest.Config{}, content(t))
}

// content is user_1 in org_1.
func content(t *testing.T) clerktest.Seed {
	t.Helper()
	return clerktest.Seed{
		Users: []clerktest.User{{
			ID: "user_1", PublicMetadata: value(t, `{"plan":"free","limits":{"seats":3,"trial":true}}`),
			PrivateMetadata: value(t, `{"crm":{"id":7}}`), UnsafeMetadata: value(t, `{"theme":"dark"}`),
		}},
		Organizations: []clerktest.Organization{{ID: "org_1", Slug: "acme", PublicMetadata: value(t, `{"tier":{"name":"gold","since":2020}}`)}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
	}
}

func startWith(t *testing.T, config clerktest.Config, seed clerktest.Seed) *clients {
	t.Helper()
	emulator := config.Start(t, seed)
	var rec recorder.Recorder
	server := httptest.NewServer(rec.Wrap(emulator))
	t.Cleanup(server.Close)
	t.Cleanup(func() { check(t, rec.Exchanges()) })
	return connect(emulator, server.URL, clerktest.DefaultSecretKey)
}

func connect(emulator *clerktest.Test, url, key string) *clients {
	config := &clerk.ClientConfig{BackendConfig: clerk.BackendConfig{URL: clerk.String(url + "/v1"), Key: clerk.String(key)}}
	return &clients{
		emulator, url, user.NewClient(config), organization.NewClient(config),
		organizationmembership.NewClient(config), jwks.NewClient(config), config,
	}
}

// Reading Clerk's documents takes longer than any test here.
var checker = sync.OnceValues(recorder.NewChecker)

func check(t *testing.T, exchanges []recorder.Exchange) {
	t.Helper()
	checker, err := checker()
	if errors.Is(err, recorder.ErrNoDocuments) {
		t.Log(err)
		return
	}
	require.NoError(t, err)
	report, err := checker.CheckAll(context.Background(), exchanges) // the context of t has ended by now
	if err != nil {
		t.Errorf("%v", err)
	}
	t.Log(report)
}

func value(t *testing.T, text string) metadata.Value {
	t.Helper()
	var v metadata.Value
	require.NoError(t, json.Unmarshal([]byte(text), &v))
	return v
}

// raw is how this client takes metadata.
func raw(text string) *json.RawMessage { return clerk.JSONRawMessage(json.RawMessage(text)) }

// refusal is a failed call's error, as this client reports it.
func refusal(t *testing.T, err error) *clerk.APIErrorResponse {
	t.Helper()
	var e *clerk.APIErrorResponse
	require.ErrorAs(t, err, &e)
	require.NotEmpty(t, e.Errors)
	return e
}
