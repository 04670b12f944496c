package users_test

import (
	"context"
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

func TestModifyRefusesBeforeAnyRequest(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	svc := clerk.Client().Users
	v := typedView(clerk)
	keep := func(*account) error { return nil }
	modify := func(ctx context.Context, id string, change func(*account) error, config ...metadata.ModifyConfig) error {
		view := v
		for _, c := range config {
			view = view.With(c)
		}
		got, err := view.Modify(ctx, id, change)
		require.Nil(t, got)
		return err
	}
	type bad struct {
		Public struct{ F func() } `json:"public_metadata"`
	}
	_, getErr := users.As[bad](svc).Get(t.Context(), "user_1")
	_, modifyErr := users.As[bad](svc).Modify(t.Context(), "user_1", func(*bad) error { return nil })
	for says, err := range map[string]error{
		"change: is nil":                     modify(t.Context(), "user_1", nil),
		"MaxReruns: is -1; expected 0 to 10": modify(t.Context(), "user_1", keep, metadata.ModifyConfig{MaxReruns: -1}),
		"MaxReruns: is 11; expected 0 to 10": modify(t.Context(), "user_1", keep, metadata.ModifyConfig{MaxReruns: 11}),
		"user_id: is empty":                  modify(t.Context(), "", keep),
		"ctx: is nil":                        modify(nil, "user_1", keep),
		"GetUser: type cannot hold metadata: users_test.bad.public_metadata.F: a Go func() has no JSON form": getErr,
		"ModifyUserMetadata: type cannot hold metadata: ":                                                    modifyErr,
	} {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, says)
		require.ErrorContains(t, err, says)
	}
	require.Empty(t, clerk.Requests())
}

func TestModifySizeCheck(t *testing.T) {
	t.Parallel()
	type text struct {
		K string `json:"k"`
	}
	// {"k":"…","x":1} is 14 bytes around the string.
	type user struct {
		Public text `json:"public_metadata"`
	}
	modify := func(clerk *clerktest.Test, size int, opts ...client.Option) (*users.Modified[user], error) {
		return users.As[user](clerk.Client(opts...).Users).
			Modify(t.Context(), "user_1", func(v *user) error {
				v.Public.K = strings.Repeat("x", size-14)
				return nil
			})
	}
	clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1", PublicMetadata: raw(t, `{"x":1}`)}}})
	got, err := modify(clerk, metadata.MaxSize+1)
	require.Nil(t, got)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorContains(t, err, "public_metadata: too large: 8193 bytes after the merge, Clerk's documented limit is 8192")
	require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata))

	got, err = modify(clerk, metadata.MaxSize)
	require.NoError(t, err)
	require.Equal(t, metadata.MaxSize, got.User.PublicMetadata.Size())

	got, err = modify(clerk, metadata.MaxSize+2, client.WithoutSizeCheck())
	require.Nil(t, got)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge, "Clerk's own judgement")
	require.NotErrorIs(t, err, clerkerr.ErrInvalidArgument)
}
