package users_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type (
	public struct {
		Role  string    `json:"role,omitempty"`
		Seats float64   `json:"seats"`
		Since time.Time `json:"since,omitzero"`
	}
	billing struct {
		Plan     string `json:"plan"`
		StripeID string `json:"stripeId,omitempty"`
	}
	private struct {
		Billing *billing        `json:"billing,omitempty"`
		Flags   map[string]bool `json:"flags,omitempty"`
		Items   []billing       `json:"items,omitempty"`
		Note    *string         `json:"note"`
		Big     int64           `json:"big"`
	}
	account = users.Values[public, private, metadata.None]
	view    = users.View[public, private, metadata.None]
)

const (
	storedPublic  = `{"role":"admin","seats":1.0,"since":"2024-01-02T03:04:05.000Z","x":{"y":1}}`
	storedPrivate = `{"billing":{"plan":"pro","stripeID":"theirs","stripeId":"cus_1","x":1},"flags":{"a":true},"items":[{"plan":"a","x":1}],"note":"n","big":9007199254740993}`
	storedUnsafe  = `{"theme":"light"}`
)

func raw(t *testing.T, text string) metadata.Value {
	t.Helper()
	o, err := metadata.ParseObject([]byte(text))
	require.NoError(t, err)
	return metadata.Of(o)
}

func typedClerk(t *testing.T, opts ...clerktest.Option) *clerktest.Test {
	t.Helper()
	return testkit.Start(t, append([]clerktest.Option{clerktest.WithUser(clerktest.User{
		ID: "user_1", PublicMetadata: raw(t, storedPublic), PrivateMetadata: raw(t, storedPrivate), UnsafeMetadata: raw(t, storedUnsafe),
	})}, opts...)...)
}

func typedView(clerk *clerktest.Test, opts ...client.Option) *view {
	return users.For[public, private, metadata.None](clerk.Client(opts...).Users)
}

func TestTypedGet(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	got, err := typedView(clerk).Get(t.Context(), "user_1")
	require.NoError(t, err)
	note := "n"
	require.Equal(t, account{
		Public: public{Role: "admin", Seats: 1, Since: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)},
		Private: private{
			Billing: &billing{Plan: "pro", StripeID: "cus_1"}, Flags: map[string]bool{"a": true},
			Items: []billing{{Plan: "a"}}, Note: &note, Big: 9007199254740993,
		},
	}, got.Values)
	require.Equal(t, "user_1", got.ID)
	require.Contains(t, got.PrivateMetadata.String(), `"stripeID":"theirs"`, "what the types do not know stays in the user")

	_, err = typedView(clerk).Get(t.Context(), "user_2")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)

	wrong, err := users.For[metadata.None, map[string]int, metadata.None](clerk.Client().Users).Get(t.Context(), "user_1")
	require.Nil(t, wrong)
	require.ErrorIs(t, err, metadata.ErrMismatch)
	require.ErrorIs(t, err, clerkerr.ErrDecode)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "private_metadata", e.Param())
	require.Equal(t, "GetUser", e.Operation)
	require.NotContains(t, err.Error(), "cus_1")
}

func TestTypedReplace(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	got, err := typedView(clerk).Replace(t.Context(), "user_1", users.Replacement[public, private, metadata.None]{
		Public: &public{Role: "<b>"}, Unsafe: &metadata.None{},
	})
	require.NoError(t, err)
	require.Equal(t, public{Role: "<b>"}, got.Values.Public)
	require.Equal(t, "pro", got.Values.Private.Billing.Plan, "a field that is left alone is read all the same")
	require.Equal(t, storedUnsafe, got.UnsafeMetadata.String())
	requests := clerk.Requests()
	require.Len(t, requests, 1)
	require.Equal(t, http.MethodPut, requests[0].Method)
	require.Equal(t, `{"public_metadata":{"role":"<b>","seats":0}}`, string(requests[0].Body))

	got, err = typedView(clerk).Replace(t.Context(), "user_1", users.Replacement[public, private, metadata.None]{})
	require.Nil(t, got)
	require.ErrorIs(t, err, clerkerr.ErrNothingToWrite)

	// Public metadata was written as wanted; private metadata is of another type.
	odd, err := users.For[public, map[string]int, metadata.None](clerk.Client().Users).
		Replace(t.Context(), "user_1", users.Replacement[public, map[string]int, metadata.None]{Public: &public{Role: "b"}})
	require.ErrorIs(t, err, metadata.ErrMismatch)
	require.NotNil(t, odd, "the write was applied")
	require.Equal(t, public{Role: "b"}, odd.Values.Public)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, clerkerr.OutcomeApplied, e.Outcome)
}

func TestModifySendsTheSmallestPatch(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change          func(*account)
		body            string
		public, private string
	}{
		"one leaf": {
			change: func(a *account) { a.Public.Role = "member" },
			body:   `{"public_metadata":{"role":"member"}}`,
			public: `{"role":"member","seats":1.0,"since":"2024-01-02T03:04:05.000Z","x":{"y":1}}`,
		},
		"two fields": {
			change:  func(a *account) { a.Public.Seats = 0; a.Private.Billing.Plan = "free" },
			body:    `{"private_metadata":{"billing":{"plan":"free"}},"public_metadata":{"seats":0}}`,
			public:  `{"role":"admin","seats":0,"since":"2024-01-02T03:04:05.000Z","x":{"y":1}}`,
			private: strings.Replace(storedPrivate, `"pro"`, `"free"`, 1),
		},
		"a nested struct is cleared": {
			change:  func(a *account) { a.Private.Billing = nil; a.Public.Role = "" },
			body:    `{"private_metadata":{"billing":{"plan":null,"stripeId":null}},"public_metadata":{"role":null}}`,
			public:  `{"seats":1.0,"since":"2024-01-02T03:04:05.000Z","x":{"y":1}}`,
			private: strings.Replace(storedPrivate, `{"plan":"pro","stripeID":"theirs","stripeId":"cus_1","x":1}`, `{"stripeID":"theirs","x":1}`, 1),
		},
		"a map's last key": {
			change:  func(a *account) { delete(a.Private.Flags, "a") },
			body:    `{"private_metadata":{"flags":{"a":null}}}`,
			private: strings.Replace(storedPrivate, `{"a":true}`, `{}`, 1),
		},
		"a number to the digit": {
			change:  func(a *account) { a.Private.Big += 2 },
			body:    `{"private_metadata":{"big":9007199254740995}}`,
			private: strings.Replace(storedPrivate, `993`, `995`, 1),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := typedClerk(t)
			got, err := typedView(clerk).Modify(t.Context(), "user_1", func(a *account) error { tc.change(a); return nil })
			require.NoError(t, err)
			require.Equal(t, 1, got.Writes)
			require.Empty(t, got.Foreign)
			requests := clerk.Requests()
			require.Len(t, requests, 2)
			require.Equal(t, []string{http.MethodGet, http.MethodPatch}, []string{requests[0].Method, requests[1].Method})
			require.Equal(t, tc.body, string(requests[1].Body))
			requireStored(t, clerk, or(tc.public, storedPublic), or(tc.private, storedPrivate))
			require.Nil(t, got.Sent.UnsafeMetadata)
			require.Equal(t, strings.Contains(tc.body, "private_metadata"), got.Sent.PrivateMetadata != nil)
			require.Equal(t, strings.Contains(tc.body, "public_metadata"), got.Sent.PublicMetadata != nil)

			// The result is decoded from what Clerk answered.
			again, err := typedView(clerk).Get(t.Context(), "user_1")
			require.NoError(t, err)
			require.Equal(t, again.Values, got.Values)
			require.Equal(t, again.PrivateMetadata.String(), got.PrivateMetadata.String())
		})
	}
}

func or(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

// requireStored compares by value, and unsafe metadata with what was seeded: no
// view of these tests uses it.
func requireStored(t *testing.T, clerk *clerktest.Test, public, private string) {
	t.Helper()
	u, ok := clerk.User("user_1")
	require.True(t, ok)
	for want, got := range map[string]metadata.Object{public: u.PublicMetadata, private: u.PrivateMetadata, storedUnsafe: u.UnsafeMetadata} {
		o, err := metadata.ParseObject([]byte(want))
		require.NoError(t, err)
		require.True(t, metadata.Equal(o, got), "stored %s, wanted %s", got, want)
	}
}

func TestModifyOfNothing(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	for name, change := range map[string]func(*account){
		"untouched":          func(*account) {},
		"set to what it was": func(a *account) { a.Public.Role = strings.ToLower("ADMIN") },
		"equal in JSON": func(a *account) {
			a.Public.Since = a.Public.Since.In(time.UTC)
			a.Private.Items = []billing{{Plan: "a"}}
		},
		"changed and back":      func(a *account) { a.Private.Billing = &billing{Plan: "pro", StripeID: "cus_1"} },
		"an empty map, omitted": func(a *account) { a.Private.Flags["b"] = true; delete(a.Private.Flags, "b") },
	} {
		clerk.ResetRequests()
		got, err := typedView(clerk).Modify(t.Context(), "user_1", func(a *account) error { change(a); return nil },
			metadata.FailOnForeignChange(), metadata.Rounds(10))
		require.NoError(t, err, name)
		require.Len(t, clerk.Requests(), 1, name)
		require.Equal(t, "user_1", got.ID, name)
		require.Zero(t, got.Writes, name)
		require.Zero(t, got.Sent, name)
		require.Nil(t, got.Foreign, name)
		require.Equal(t, "admin", got.Values.Public.Role, name)
	}
	requireStored(t, clerk, storedPublic, storedPrivate)
}

func TestModifyRefusesBeforeTheWrite(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	own := errors.New("the caller's own")
	got, err := typedView(clerk).Modify(t.Context(), "user_1", func(a *account) error {
		a.Public.Role = "member"
		return own
	})
	require.Nil(t, got)
	require.Same(t, own, err, "as it is")

	for name, tc := range map[string]struct {
		change func(*account)
		reason error
		says   string
	}{
		"an array changed over unknown keys": {func(a *account) { a.Private.Items[0].Plan = "b" }, metadata.ErrUnknownKeys, `private_metadata: /items: change would erase unknown keys: it holds /items/0/x`},
		"an array deleted over unknown keys": {func(a *account) { a.Private.Items = nil }, metadata.ErrUnknownKeys, `private_metadata: /items: `},
		"a null":                             {func(a *account) { a.Private.Note = nil }, metadata.ErrNull, `private_metadata: a merge patch cannot set null, wanted at "/note"`},
		"a value that has no JSON form":      {func(a *account) { a.Public.Role = "\xff" }, metadata.ErrInvalidString, `public_metadata: /role: `},
	} {
		got, err := typedView(clerk).Modify(t.Context(), "user_1", func(a *account) error { tc.change(a); return nil })
		require.Nil(t, got, name)
		require.ErrorIs(t, err, tc.reason, name)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
		require.ErrorContains(t, err, "ModifyUserMetadata: "+tc.says, name)
		var e *clerkerr.Error
		require.ErrorAs(t, err, &e, name)
		require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome, name)
	}
	require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata))
	requireStored(t, clerk, storedPublic, storedPrivate)
}
