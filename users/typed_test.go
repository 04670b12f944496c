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
	account struct {
		ID      string  `json:"id"`
		Public  public  `json:"public_metadata"`
		Private private `json:"private_metadata"`
	}
)

const (
	storedPublic  = `{"role":"admin","seats":1.0,"since":"2024-01-02T03:04:05.000Z","x":{"y":1}}`
	storedPrivate = `{"billing":{"plan":"pro","stripeID":"theirs","stripeId":"cus_1","x":1},"flags":{"a":true},"items":[{"plan":"a","x":1}],"note":"n","big":9007199254740993}`
	storedUnsafe  = `{"theme":"light"}`
)

// misfit has another type for private metadata than what is stored.
type misfit struct {
	Private map[string]int `json:"private_metadata"`
}

func raw(t *testing.T, text string) metadata.Value {
	t.Helper()
	o, err := metadata.ParseObject([]byte(text))
	require.NoError(t, err)
	return metadata.Of(o)
}

func typedClerk(t *testing.T) *clerktest.Test {
	t.Helper()
	return testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{
		ID: "user_1", PublicMetadata: raw(t, storedPublic), PrivateMetadata: raw(t, storedPrivate), UnsafeMetadata: raw(t, storedUnsafe),
	}}})
}

func typedView(clerk *clerktest.Test, opts ...client.Option) users.View[account] {
	return users.As[account](clerk.Client(opts...).Users)
}

func TestTypedGet(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	got, err := typedView(clerk).Get(t.Context(), "user_1")
	require.NoError(t, err)
	note := "n"
	require.Equal(t, &account{
		ID:     "user_1",
		Public: public{Role: "admin", Seats: 1, Since: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)},
		Private: private{
			Billing: &billing{Plan: "pro", StripeID: "cus_1"}, Flags: map[string]bool{"a": true},
			Items: []billing{{Plan: "a"}}, Note: &note, Big: 9007199254740993,
		},
	}, got)

	_, err = typedView(clerk).Get(t.Context(), "user_2")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)

	wrong, err := users.As[misfit](clerk.Client().Users).Get(t.Context(), "user_1")
	require.Nil(t, wrong)
	require.ErrorIs(t, err, metadata.ErrMismatch)
	require.ErrorIs(t, err, clerkerr.ErrDecode)
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "private_metadata", e.Param())
	require.Equal(t, "GetUser", e.Operation)
	require.NotContains(t, err.Error(), "cus_1")
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
			require.Empty(t, got.ConcurrentChanges)
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
			require.Equal(t, again, got.Value)
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
		strict := typedView(clerk).With(metadata.ModifyConfig{MaxReruns: 10, FailOnConcurrentChange: true})
		got, err := strict.Modify(t.Context(), "user_1", func(a *account) error { change(a); return nil })
		require.NoError(t, err, name)
		require.Len(t, clerk.Requests(), 1, name)
		require.Equal(t, "user_1", got.User.ID, name)
		require.Zero(t, got.Writes, name)
		require.Zero(t, got.Sent, name)
		require.Nil(t, got.ConcurrentChanges, name)
		require.Equal(t, "admin", got.Value.Public.Role, name)
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
		"an array changed over unknown keys": {func(a *account) { a.Private.Items[0].Plan = "b" }, metadata.ErrUnknownKeys, `private_metadata: /private_metadata/items: change would erase unknown keys: it holds /private_metadata/items/0/x`},
		"an array deleted over unknown keys": {func(a *account) { a.Private.Items = nil }, metadata.ErrUnknownKeys, `private_metadata: /private_metadata/items: `},
		"a null":                             {func(a *account) { a.Private.Note = nil }, metadata.ErrNull, `private_metadata: a merge patch cannot set null, wanted at "/private_metadata/note"`},
		"a value that has no JSON form":      {func(a *account) { a.Public.Role = "\xff" }, metadata.ErrInvalidString, `public_metadata: /public_metadata/role: `},
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
