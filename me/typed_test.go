package me_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type (
	settings struct {
		Theme string `json:"theme,omitempty"`
		Rows  int    `json:"rows,omitempty"`
	}
	myself struct {
		ID     string         `json:"id"`
		Public map[string]any `json:"public_metadata"`
		Unsafe settings       `json:"unsafe_metadata"`
	}
	misfit struct {
		Unsafe map[string]int `json:"unsafe_metadata"`
	}
)

func TestTypedMe(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	view := me.As[myself](clerk.Frontend())
	credential := me.Cookie(clientToken).WithSession("sess_1")
	got, rotation, err := view.Get(t.Context(), credential)
	require.NoError(t, err)
	require.True(t, rotation.IsZero())
	require.Equal(t, settings{Theme: "light"}, got.Unsafe)
	require.Equal(t, "user_1", got.ID)
}

func TestModifyMe(t *testing.T) {
	t.Parallel()
	for name, credential := range credentials() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := testkit.Start(t, seeded())
			view := me.As[myself](clerk.Frontend())
			got, _, err := view.Modify(t.Context(), credential, func(m *myself) error {
				require.Equal(t, settings{Theme: "light"}, m.Unsafe)
				m.Unsafe.Theme, m.Unsafe.Rows = "", 5
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, settings{Rows: 5}, got.Value.Unsafe)
			require.Equal(t, `{"lang":"en","rows":5}`, got.User.UnsafeMetadata.String())
			require.Equal(t, metadata.Patch{"theme": metadata.Delete, "rows": got.Sent["rows"]}, got.Sent)
			requests := clerk.Requests()
			require.Len(t, requests, 2)
			form, err := url.ParseQuery(string(requests[1].Body))
			require.NoError(t, err)
			require.Equal(t, url.Values{"unsafe_metadata": {`{"rows":5,"theme":null}`}}, form)

			clerk.ResetRequests()
			same, _, err := view.Modify(t.Context(), credential, func(*myself) error { return nil })
			require.NoError(t, err)
			require.Nil(t, same.Sent)
			require.Zero(t, same.Writes)
			require.Len(t, clerk.Requests(), 1)
		})
	}
}

// Every answer renews the credential, and the old one is of no use then.
func TestModifyMeUsesAndReturnsRotations(t *testing.T) {
	t.Parallel()
	for name, credential := range map[string]me.Credential{"native": me.NativeToken(clientToken), "browser": me.Cookie(clientToken)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := testkit.StartWith(t, refusingOld(), seeded())
			view := me.As[myself](clerk.Frontend()).With(metadata.ModifyConfig{MaxReruns: 2})
			calls := 0
			got, rotation, err := view.Modify(t.Context(), credential.WithSession("sess_1"), func(m *myself) error {
				calls++
				if calls == 1 {
					second, _, err := clerk.Frontend().UpdateMetadata(t.Context(), me.DevBrowser(devToken), metadata.Patch{"lang": "de"})
					require.NoError(t, err)
					require.Equal(t, "user_1", second.ID)
				}
				m.Unsafe.Rows++
				return nil
			})
			require.NoError(t, err)
			require.Equal(t, 2, got.Writes)
			require.Equal(t, []string{"unsafe_metadata/lang"}, got.ConcurrentChanges)
			require.Equal(t, 2, got.Value.Unsafe.Rows)
			require.False(t, rotation.IsZero())
			_, _, err = clerk.Frontend(client.WithRetry(client.Retry{MaxRetries: client.None})).GetMe(t.Context(), credential)
			require.ErrorIs(t, err, clerkerr.ErrUnauthorized, "the first one is good no more")

			user, latest, err := clerk.Frontend().GetMe(t.Context(), credential.WithSession("sess_1").Rotated(rotation))
			require.NoError(t, err, "the last of the three is the one that is left")
			require.Equal(t, "user_1", user.ID)

			own := errors.New("the caller's own")
			failed, again, err := view.Modify(t.Context(), credential.Rotated(latest), func(*myself) error { return own })
			require.Nil(t, failed)
			require.False(t, again.IsZero(), "what the read renewed comes with any error")
			require.Same(t, own, err)
		})
	}
}

// What both answers renewed belongs to the browser.
func TestModifyMeAddsRotationsUp(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	clerk.Script(clerktest.GetMe, clerktest.Pass(clerktest.Header("Set-Cookie", "first=1; Path=/")))
	clerk.Script(clerktest.UpdateMeMetadata, clerktest.Pass(clerktest.Header("Set-Cookie", "second=2; Path=/")))
	_, rotation, err := me.As[myself](clerk.Frontend()).Modify(t.Context(), me.Cookie(clientToken), func(m *myself) error { m.Unsafe.Rows++; return nil })
	require.NoError(t, err)
	var names []string
	for _, cookie := range rotation.Cookies() {
		names = append(names, cookie.Name)
	}
	require.Equal(t, []string{"first", "second"}, names)
}

func TestTypedMeRefuses(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Frontend()
	credential := me.Cookie(clientToken)
	keep := func(*myself) error { return nil }
	type private struct {
		Private map[string]any `json:"private_metadata"`
	}
	_, _, get := me.As[func()](svc).Get(t.Context(), credential)
	_, _, modify := me.As[string](svc).Modify(t.Context(), credential, func(*string) error { return nil })
	_, _, noPrivate := me.As[private](svc).Get(t.Context(), credential)
	_, _, noCallback := me.As[myself](svc).Modify(t.Context(), credential, nil)
	_, _, noCredential := me.As[myself](svc).Modify(t.Context(), me.Credential{}, keep)
	_, _, noContext := me.As[myself](svc).Modify(nil, credential, keep) //nolint:staticcheck // a nil context is what is tested
	for says, err := range map[string]error{
		"me.GetMe: type cannot hold metadata: func(): a view is a struct":                        get,
		"me.ModifyMetadata: type cannot hold metadata: string: a view is a struct":               modify,
		"the signed-in user has no private_metadata, it has unsafe_metadata and public_metadata": noPrivate,
		"me.ModifyMetadata: change: is nil":                                                      noCallback,
		"me.ModifyMetadata: credential: is missing":                                              noCredential,
		"me.ModifyMetadata: ctx: is nil":                                                         noContext,
	} {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
	}
	require.Empty(t, clerk.Requests())

	public, _, err := me.As[myself](svc).Modify(t.Context(), credential, func(m *myself) error { m.Public["role"] = "owner"; return nil })
	require.Nil(t, public)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorContains(t, err, "public_metadata: is read-only for the signed-in user")
	require.Empty(t, clerk.Requests(clerktest.UpdateMeMetadata))

	large, _, err := me.As[myself](svc).Modify(t.Context(), credential, func(m *myself) error { m.Unsafe.Theme = strings.Repeat("x", metadata.MaxSize); return nil })
	require.Nil(t, large)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.Empty(t, clerk.Requests(clerktest.UpdateMeMetadata))
	_, _, err = me.As[myself](clerk.Frontend(client.WithoutSizeCheck())).Modify(t.Context(), credential,
		func(m *myself) error { m.Unsafe.Theme = strings.Repeat("x", metadata.MaxSize); return nil })
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.Len(t, clerk.Requests(clerktest.UpdateMeMetadata), 1, "Clerk's own judgement")
}

func TestTypedMeErrors(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Frontend(client.WithRetry(client.Retry{MaxRetries: client.None}))
	credential := me.Cookie(clientToken)
	odd := me.As[misfit](svc)
	got, _, err := odd.Get(t.Context(), credential)
	require.Nil(t, got)
	require.ErrorIs(t, err, metadata.ErrMismatch)
	modified, _, err := odd.Modify(t.Context(), credential, func(*misfit) error { return nil })
	require.Nil(t, modified)
	require.ErrorIs(t, err, metadata.ErrMismatch)

	_, _, err = me.As[myself](svc).Get(t.Context(), me.Cookie("unknown"))
	require.ErrorIs(t, err, clerkerr.ErrUnauthorized)
	clerk.Script(clerktest.UpdateMeMetadata, clerktest.Answer(http.StatusForbidden, "forbidden"))
	modified2, _, err := me.As[myself](svc).Modify(t.Context(), credential, func(m *myself) error { m.Unsafe.Rows = 1; return nil })
	require.Nil(t, modified2)
	require.ErrorIs(t, err, clerkerr.ErrForbidden)

	clerk.Script(clerktest.UpdateMeMetadata, clerktest.AnswerBody(http.StatusOK, "application/json", `{"response":{"id":"user_1","unsafe_metadata":{"rows":"many"}}}`))
	applied, _, err := me.As[myself](svc).Modify(t.Context(), credential, func(m *myself) error { m.Unsafe.Rows = 1; return nil })
	require.ErrorIs(t, err, metadata.ErrMismatch)
	require.Equal(t, "user_1", applied.User.ID, "the write was applied")
	require.Nil(t, applied.Value, "the answer does not fit")
}
