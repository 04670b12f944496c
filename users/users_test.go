package users_test

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// noContext is what a caller has who forgot.
var noContext context.Context

func seeded() clerktest.Seed {
	return clerktest.Seed{Users: []clerktest.User{{
		ID:              "user_1",
		PublicMetadata:  map[string]any{"role": "admin", "beta": true},
		PrivateMetadata: map[string]any{"billing": map[string]any{"plan": "pro", "trial": true}, "big": int64(9007199254740993)},
		UnsafeMetadata:  map[string]any{"theme": "light"},
	}}}
}

func TestUpdateUserMetadata(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		params                       users.UpdateUserMetadataParams
		body, public, private, unsaf string
	}{
		"a key is set, others stay": {
			params: users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"role": "shopper"}},
			body:   `{"public_metadata":{"role":"shopper"}}`,
			public: `{"beta":true,"role":"shopper"}`,
		},
		"nested objects merge and keys are removed at depth": {
			params:  users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"billing": metadata.Patch{"trial": metadata.Delete, "seats": 3}}},
			body:    `{"private_metadata":{"billing":{"seats":3,"trial":null}}}`,
			private: `{"big":9007199254740993,"billing":{"plan":"pro","seats":3}}`,
		},
		"three fields at once": {
			params: users.UpdateUserMetadataParams{
				PublicMetadata:  metadata.Patch{"beta": metadata.Delete},
				PrivateMetadata: metadata.Patch{"stripeId": "cus_<1>&"},
				UnsafeMetadata:  metadata.Patch{"theme": "dark"},
			},
			body:    `{"private_metadata":{"stripeId":"cus_<1>&"},"public_metadata":{"beta":null},"unsafe_metadata":{"theme":"dark"}}`,
			public:  `{"role":"admin"}`,
			private: `{"big":9007199254740993,"billing":{"plan":"pro","trial":true},"stripeId":"cus_<1>&"}`,
			unsaf:   `{"theme":"dark"}`,
		},
		"an empty patch beside one that is not is sent and changes nothing": {
			params: users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{}, UnsafeMetadata: metadata.Patch{"a": 1}},
			body:   `{"public_metadata":{},"unsafe_metadata":{"a":1}}`,
			unsaf:  `{"a":1,"theme":"light"}`,
		},
		"an array is replaced as a whole": {
			params: users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"role": []string{"a", "b"}}},
			body:   `{"public_metadata":{"role":["a","b"]}}`,
			public: `{"beta":true,"role":["a","b"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := testkit.Start(t, seeded())
			user, err := clerk.Client().Users.UpdateUserMetadata(t.Context(), "user_1", tc.params)
			require.NoError(t, err)
			require.Equal(t, "user_1", user.ID)
			requireFields(t, user, tc.public, tc.private, tc.unsaf)
			stored, ok := clerk.User("user_1")
			require.True(t, ok)
			requireFields(t, stored, tc.public, tc.private, tc.unsaf)

			requests := clerk.Requests()
			require.Len(t, requests, 1)
			require.Equal(t, http.MethodPatch, requests[0].Method)
			require.Equal(t, "/v1/users/user_1/metadata", requests[0].Path)
			require.Equal(t, "application/json", requests[0].Header.Get("Content-Type"))
			require.Equal(t, client.APIVersion, requests[0].Header.Get("Clerk-Api-Version"))
			require.Equal(t, tc.body, string(requests[0].Body), "the bytes on the wire")
		})
	}
}

func TestReplaceUserMetadata(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		params                       users.ReplaceUserMetadataParams
		body, public, private, unsaf string
	}{
		"the field becomes exactly this": {
			params: users.ReplaceUserMetadataParams{PublicMetadata: metadata.Of(map[string]any{"tier": 2})},
			body:   `{"public_metadata":{"tier":2}}`,
			public: `{"tier":2}`,
		},
		"a field is cleared": {
			params:  users.ReplaceUserMetadataParams{PrivateMetadata: metadata.Empty()},
			body:    `{"private_metadata":{}}`,
			private: `{}`,
		},
		"a null inside is stored": {
			params: users.ReplaceUserMetadataParams{UnsafeMetadata: metadata.Of(map[string]any{"theme": nil})},
			body:   `{"unsafe_metadata":{"theme":null}}`,
			unsaf:  `{"theme":null}`,
		},
		"a field is set to null": {
			params:  users.ReplaceUserMetadataParams{PrivateMetadata: metadata.Null()},
			body:    `{"private_metadata":null}`,
			private: `null`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := testkit.Start(t, seeded())
			user, err := clerk.Client().Users.ReplaceUserMetadata(t.Context(), "user_1", tc.params)
			require.NoError(t, err)
			requireFields(t, user, tc.public, tc.private, tc.unsaf)
			requests := clerk.Requests()
			require.Len(t, requests, 1)
			require.Equal(t, http.MethodPut, requests[0].Method)
			require.Equal(t, "/v1/users/user_1/metadata", requests[0].Path)
			require.Equal(t, tc.body, string(requests[0].Body), "the bytes on the wire")
		})
	}
}

// requireFields compares the three fields; "" means the seeded one.
func requireFields(t *testing.T, u *users.User, public, private, unsaf string) {
	t.Helper()
	for _, f := range []struct {
		got          metadata.Object
		want, seeded string
	}{
		{u.PublicMetadata, public, `{"beta":true,"role":"admin"}`},
		{u.PrivateMetadata, private, `{"big":9007199254740993,"billing":{"plan":"pro","trial":true}}`},
		{u.UnsafeMetadata, unsaf, `{"theme":"light"}`},
	} {
		if f.want == "" {
			f.want = f.seeded
		}
		require.Equal(t, f.want, f.got.String())
	}
}

func TestGetUser(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	user, err := clerk.Client().Users.GetUser(t.Context(), "user_1")
	require.NoError(t, err)
	requireFields(t, user, "", "", "")
	require.False(t, user.CreatedAt.IsZero())
	require.True(t, json.Valid(user.Raw))
	require.Contains(t, string(user.Raw), `"id":"user_1"`)

	_, err = clerk.Client().Users.GetUser(t.Context(), "user_unknown")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "GetUser", e.Operation)
	require.Equal(t, http.StatusNotFound, e.Status)
	require.Equal(t, []string{"resource_not_found"}, e.Codes())
	require.NotEmpty(t, e.TraceID)
}

func TestWritesOfNothing(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Client().Users
	for name, params := range map[string]users.UpdateUserMetadataParams{
		"zero params":     {},
		"empty patches":   {PublicMetadata: metadata.Patch{}, PrivateMetadata: metadata.Patch{}},
		"one empty patch": {UnsafeMetadata: metadata.Patch{}},
	} {
		user, err := svc.UpdateUserMetadata(t.Context(), "user_1", params)
		requireRefused(t, user, err, clerkerr.ErrNothingToWrite, name)
	}
	user, err := svc.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{})
	requireRefused(t, user, err, clerkerr.ErrNothingToWrite, "zero params of a PUT")
	require.Empty(t, clerk.Requests())
}

func requireRefused(t *testing.T, user *users.User, err, sentinel error, msg string) {
	t.Helper()
	require.Nil(t, user, msg)
	require.ErrorIs(t, err, sentinel, msg)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, msg)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e, msg)
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome, msg)
	require.Zero(t, e.Attempts, msg)
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	var typedNil *string
	clerk := testkit.Start(t, seeded())
	svc := clerk.Client().Users
	for name, tc := range map[string]struct {
		patch  metadata.Patch
		reason error
		says   string
	}{
		"nil":                 {metadata.Patch{"a": nil}, metadata.ErrNull, "private_metadata: /a: "},
		"nil pointer":         {metadata.Patch{"a": map[string]any{"b": typedNil}}, metadata.ErrNull, "/a/b: "},
		"NaN":                 {metadata.Patch{"a": math.NaN()}, metadata.ErrNotFinite, "/a: "},
		"infinity in a slice": {metadata.Patch{"a": []float64{1, math.Inf(1)}}, metadata.ErrNotFinite, "/a/1: "},
		"invalid UTF-8":       {metadata.Patch{"a": "\xff"}, metadata.ErrInvalidString, "/a: "},
		"function":            {metadata.Patch{"a": func() {}}, metadata.ErrUnsupported, "/a: "},
	} {
		user, err := svc.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{PrivateMetadata: tc.patch})
		requireRefused(t, user, err, tc.reason, name)
		require.ErrorContains(t, err, tc.says, name)
	}
	for name, value := range map[string]metadata.Value{
		"nil":     metadata.Of(nil),
		"array":   metadata.Of([]int{1}),
		"string":  metadata.Of("x"),
		"nil map": metadata.Of(map[string]any(nil)),
	} {
		user, err := svc.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{PublicMetadata: value})
		requireRefused(t, user, err, metadata.ErrNotObject, name)
	}
	require.Empty(t, clerk.Requests())
}

func TestBadIDs(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Client().Users
	for _, id := range []string{
		"", ".", "..", "user_1/../user_2", `user\1`, "user%2f1", "user_1?x", "user_1#f", "user 1", "user\t1", "user\n", "user\u00a01",
		"user\x00", "user\u0085", strings.Repeat("u", 256), "user_\xff",
	} {
		_, err := svc.GetUser(t.Context(), id)
		requireRefused(t, nil, err, clerkerr.ErrInvalid, id)
		require.ErrorContains(t, err, "user_id: ", id)
		user, err := svc.UpdateUserMetadata(t.Context(), id, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"a": 1}})
		requireRefused(t, user, err, clerkerr.ErrInvalid, id)
		user, err = svc.ReplaceUserMetadata(t.Context(), id, users.ReplaceUserMetadataParams{PublicMetadata: metadata.Empty()})
		requireRefused(t, user, err, clerkerr.ErrInvalid, id)
	}
	require.Empty(t, clerk.Requests())
}

func TestNilContext(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Client().Users
	_, err := svc.GetUser(noContext, "user_1")
	requireRefused(t, nil, err, clerkerr.ErrInvalidArgument, "GetUser")
	require.ErrorContains(t, err, "ctx: is nil")
	user, err := svc.UpdateUserMetadata(noContext, "user_1", users.UpdateUserMetadataParams{})
	requireRefused(t, user, err, clerkerr.ErrInvalidArgument, "UpdateUserMetadata")
	user, err = svc.ReplaceUserMetadata(noContext, "user_1", users.ReplaceUserMetadataParams{})
	requireRefused(t, user, err, clerkerr.ErrInvalidArgument, "ReplaceUserMetadata")
	require.Empty(t, clerk.Requests())
}

func TestSizeOfReplacement(t *testing.T) {
	t.Parallel()
	// {"k":"…"} is eight bytes around the string.
	ofSize := func(n int) metadata.Value { return metadata.Of(map[string]string{"k": strings.Repeat("x", n-8)}) }
	clerk := testkit.Start(t, seeded())

	user, err := clerk.Client().Users.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{PublicMetadata: ofSize(metadata.MaxSize + 1)})
	requireRefused(t, user, err, clerkerr.ErrTooLarge, "one byte over")
	require.ErrorContains(t, err, "public_metadata: too large: 8193 bytes")
	require.Empty(t, clerk.Requests())

	user, err = clerk.Client().Users.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{PublicMetadata: ofSize(metadata.MaxSize)})
	require.NoError(t, err)
	require.Equal(t, metadata.MaxSize, user.PublicMetadata.Size())

	_, err = clerk.Client(client.WithoutSizeCheck()).Users.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{PublicMetadata: ofSize(metadata.MaxSize + 1)})
	require.ErrorIs(t, err, clerkerr.ErrTooLarge, "Clerk's own judgement")
	require.NotErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.Len(t, clerk.Requests(), 2)
}
