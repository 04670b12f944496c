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
	modify := func(ctx context.Context, id string, change func(*account) error, opts ...metadata.ModifyOption) error {
		got, err := v.Modify(ctx, id, change, opts...)
		require.Nil(t, got)
		return err
	}
	bad := users.For[chan int, metadata.None, metadata.None](svc)
	type rivals struct {
		*public
		*private
		Rival func() `json:"rival"`
	}
	_, getErr := bad.Get(t.Context(), "user_1")
	_, replaceErr := bad.Replace(t.Context(), "user_1", users.Replacement[chan int, metadata.None, metadata.None]{})
	_, modifyErr := users.For[metadata.None, metadata.None, rivals](svc).Modify(t.Context(), "user_1", func(*users.Values[metadata.None, metadata.None, rivals]) error { return nil })
	for says, err := range map[string]error{
		"change: is nil":                            modify(t.Context(), "user_1", nil),
		"Rounds: is -1, allowed is 0 to 10":         modify(t.Context(), "user_1", keep, metadata.Rounds(-1)),
		"Rounds: is 11, allowed is 0 to 10":         modify(t.Context(), "user_1", keep, metadata.Rounds(11)),
		"option: is nil":                            modify(t.Context(), "user_1", keep, nil),
		"user_id: is empty":                         modify(t.Context(), "", keep),
		"ctx: is nil":                               modify(nil, "user_1", keep),
		"public_metadata: type cannot hold":         getErr,
		"chan int: does not encode to a JSON objec": replaceErr,
		"unsafe_metadata: type cannot hold metadata: users_test.rivals": modifyErr,
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
	modify := func(clerk *clerktest.Test, size int, opts ...client.Option) (*users.Modified[text, metadata.None, metadata.None], error) {
		return users.For[text, metadata.None, metadata.None](clerk.Client(opts...).Users).
			Modify(t.Context(), "user_1", func(v *users.Values[text, metadata.None, metadata.None]) error {
				v.Public.K = strings.Repeat("x", size-14)
				return nil
			})
	}
	clerk := testkit.Start(t, clerktest.WithUser(clerktest.User{ID: "user_1", PublicMetadata: raw(t, `{"x":1}`)}))
	got, err := modify(clerk, metadata.MaxSize+1)
	require.Nil(t, got)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorContains(t, err, "public_metadata: too large: 8193 bytes after the merge, Clerk's documented limit is 8192")
	require.Empty(t, clerk.Requests(clerktest.UpdateUserMetadata))

	got, err = modify(clerk, metadata.MaxSize)
	require.NoError(t, err)
	require.Equal(t, metadata.MaxSize, got.PublicMetadata.Size())

	got, err = modify(clerk, metadata.MaxSize+2, client.WithoutSizeCheck())
	require.Nil(t, got)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge, "Clerk's own judgement")
	require.NotErrorIs(t, err, clerkerr.ErrInvalidArgument)
}
