package users_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func TestNilAndZeroService(t *testing.T) {
	t.Parallel()
	type account struct {
		ID string `json:"id"`
	}
	ctx := t.Context()
	for name, s := range map[string]*users.Service{"nil": nil, "zero": new(users.Service)} {
		view := users.As[account](s)
		_, update := s.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"a": 1}})
		_, replace := s.ReplaceUserMetadata(ctx, "user_1", users.ReplaceUserMetadataParams{PublicMetadata: metadata.Empty()})
		_, get := s.GetUser(ctx, "user_1")
		_, _, getMany := s.GetMany(ctx, []string{"user_1"})
		_, typed := view.Get(ctx, "user_1")
		_, modify := view.Modify(ctx, "user_1", func(*account) error { return nil })
		faults := map[string]error{
			"UpdateUserMetadata": update, "ReplaceUserMetadata": replace, "GetUser": get, "GetMany": getMany, "View.Get": typed, "View.Modify": modify,
		}
		for _, err := range s.All(ctx, users.AllParams{}) {
			faults["All"] = err
		}
		for _, err := range view.GetMany(ctx, []string{"user_1"}) {
			faults["View.GetMany"] = err
		}
		for _, err := range view.All(ctx, users.AllParams{}) {
			faults["View.All"] = err
		}
		require.Len(t, faults, 9)
		for call, err := range faults {
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "%s %s", name, call)
			require.ErrorContains(t, err, "service: is nil or zero: make it with client.New", "%s %s", name, call)
		}
	}
}

func TestZeroView(t *testing.T) {
	t.Parallel()
	type account struct {
		ID string `json:"id"`
	}
	ctx := t.Context()
	var view users.View[account]
	_, get := view.Get(ctx, "user_1")
	_, decode := view.Decode(new(users.User))
	_, modify := view.With(metadata.ModifyConfig{MaxReruns: 1}).Modify(ctx, "user_1", func(*account) error { return nil })
	faults := map[string]error{"Get": get, "Decode": decode, "Modify": modify}
	for _, err := range view.GetMany(ctx, []string{"user_1"}) {
		faults["GetMany"] = err
	}
	for _, err := range view.All(ctx, users.AllParams{}) {
		faults["All"] = err
	}
	require.Len(t, faults, 5)
	for call, err := range faults {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, call)
		require.ErrorContains(t, err, "view: is zero: make it with As", call)
	}
}
