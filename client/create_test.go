package client_test

import (
	"context"
	"net"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// A call that creates or revokes something follows only an attempt that changed nothing.
func TestPostIsNotRepeated(t *testing.T) {
	t.Parallel()
	reset := broken(&net.OpError{Op: "read", Err: syscall.ECONNRESET})
	created := answer(200, `{"id":"new_1","data":[]}`)
	const applied, not, unknown = clerkerr.OutcomeApplied, clerkerr.OutcomeNotApplied, clerkerr.OutcomeUnknown
	for _, tc := range []struct {
		name     string
		first    roundTripper
		attempts int // 2: another one followed and succeeded
		outcome  clerkerr.Outcome
	}{
		{"dial refused", broken(errDial), 2, not},
		{"429", answer(429, tooManyJSON), 2, not},
		{"locked", answer(409, lockedJSON), 2, not},
		{"408", answer(408, ""), 1, unknown},
		{"425", answer(425, ""), 2, not},
		{"422", answer(422, codeJSON("form_identifier_exists")), 1, not},
		{"reset after sending", reset, 1, unknown},
		{"500", answer(500, ""), 1, unknown},
		{"502", answer(502, page, "Content-Type", "text/html"), 1, unknown},
		{"503 with Retry-After", answer(503, "", "Retry-After", "1"), 1, unknown},
		{"504", answer(504, ""), 1, unknown},
		{"520", answer(520, ""), 1, unknown},
		{"no answer in time", hangs, 1, unknown},
		{"a page", answer(200, page, "Content-Type", "text/html"), 1, unknown},
		{"success cut short", cut(200, `{"id":"new_1",`), 1, applied},
	} {
		for _, c := range calls.Select(calls.Call.IsPost) {
			t.Run(tc.name+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					rt := play(tc.first, created)
					err := c.Do(t.Context(), newSDK(t, rt), calls.Valid()).Err
					require.Equal(t, tc.attempts, rt.count())
					if tc.attempts == 2 {
						return
					}
					require.Equal(t, tc.outcome, asFailure(t, err).Outcome)
					require.Equal(t, clerkerr.StopFinal, asFailure(t, err).Stop)
				})
			})
		}
	}
}

func TestBadCreations(t *testing.T) {
	t.Parallel()
	type user = users.CreateUserParams
	type organization = organizations.CreateOrganizationParams
	for name, tc := range map[string]struct {
		do    func(calls.SDK) error
		param string
		says  string
	}{
		"name that is not UTF-8":       {creating(user{FirstName: "\xff"}), "first_name", "not valid UTF-8"},
		"external id":                  {creating(user{ExternalID: "\xff"}), "external_id", "not valid UTF-8"},
		"address that is none":         {creating(user{EmailAddresses: []string{"a@b.example", "ada"}}), "email_address[1]", "not an email address"},
		"address with white space":     {creating(user{EmailAddresses: []string{"a b@example.com"}}), "email_address[0]", "not an email address"},
		"empty address":                {creating(user{EmailAddresses: []string{""}}), "email_address[0]", "is empty"},
		"empty phone number":           {creating(user{PhoneNumbers: []string{""}}), "phone_number[0]", "is empty"},
		"short password":               {creating(user{Password: users.PlainPassword("1234567")}), "password", "too short"},
		"password that is not UTF-8":   {creating(user{Password: users.PlainPassword("12345678\xff")}), "password", "not valid UTF-8"},
		"password and none":            {creating(user{Password: users.PlainPassword("12345678"), WithoutPassword: true}), "password", "excludes it"},
		"organization without a name":  {founding(organization{}), "name", "is empty"},
		"long name":                    {founding(organization{Name: string(make([]rune, 257))}), "name", "too long"},
		"slug with capitals":           {founding(organization{Name: "n", Slug: "Acme"}), "slug", "lowercase"},
		"creator with a slash":         {founding(organization{Name: "n", CreatedBy: "a/b"}), "created_by", "has a meaning in a URL"},
		"fewer than no members":        {founding(organization{Name: "n", MaxAllowedMemberships: -1}), "max_allowed_memberships", "negative"},
		"membership without a role":    {joining(""), "role", "is empty"},
		"membership with an odd role":  {joining("\xff"), "role", "not valid UTF-8"},
		"address that quotes a secret": {creating(user{EmailAddresses: []string{"s3cret-value"}}), "email_address[0]", "not an email address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rt := play(answer(200, userJSON))
			err := tc.do(newSDK(t, rt))
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
			require.Equal(t, tc.param, asFailure(t, err).Param())
			require.ErrorContains(t, err, tc.says)
			require.NotContains(t, err.Error(), "s3cret")
			require.Zero(t, rt.count())
		})
	}
}

func creating(params users.CreateUserParams) func(calls.SDK) error {
	return func(s calls.SDK) error {
		_, err := s.Users.CreateUser(context.Background(), params)
		return err
	}
}

func founding(params organizations.CreateOrganizationParams) func(calls.SDK) error {
	return func(s calls.SDK) error {
		_, err := s.Organizations.CreateOrganization(context.Background(), params)
		return err
	}
}

func joining(role string) func(calls.SDK) error {
	return func(s calls.SDK) error {
		_, err := s.Organizations.CreateOrganizationMembership(context.Background(), "org_1", "user_1",
			organizations.CreateOrganizationMembershipParams{Role: role})
		return err
	}
}

// A creation needs no metadata, and takes no null for it.
func TestMetadataOfCreations(t *testing.T) {
	t.Parallel()
	for _, c := range calls.Select(func(c calls.Call) bool { return c.Creates > 0 }) {
		in := calls.Valid()
		in.Value = calls.Fields[metadata.Value]{}
		rt := play(answer(200, `{"id":"new_1","data":[]}`))
		_ = c.Do(t.Context(), newSDK(t, rt), in)
		require.Equal(t, 1, rt.count(), c.Name)
		require.NotContains(t, rt.sent[0], "metadata", c.Name)

		in.Value = calls.Same(metadata.Null())
		rt = play(answer(200, userJSON))
		r := c.Do(t.Context(), newSDK(t, rt), in)
		requireRefused(t, c, r, c.Param(c.Target.Fields()[0]), rt)
		require.ErrorContains(t, r.Err, "is null")
	}
}

func TestPasswordShowsNothing(t *testing.T) {
	t.Parallel()
	none := metadata.Empty()
	params := users.CreateUserParams{
		PublicMetadata: none, PrivateMetadata: none, UnsafeMetadata: none,
		Username: "ada", Password: users.PlainPassword("s3cret-value"),
	}
	requireNoSecrets(t, everyPrint(t, params))
	requireNoSecrets(t, everyPrint(t, params.Password))
	require.Equal(t, "…redacted", params.Password.String())
	require.Equal(t, "none", users.Password{}.String())
}
