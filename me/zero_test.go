package me_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

func TestNilAndZeroService(t *testing.T) {
	t.Parallel()
	type user struct {
		ID string `json:"id"`
	}
	ctx, credential := t.Context(), me.NativeToken("token")
	for name, s := range map[string]*me.Service{"nil": nil, "zero": new(me.Service)} {
		_, _, update := s.UpdateMetadata(ctx, credential, metadata.Patch{"a": 1})
		_, _, replace := s.ReplaceMetadata(ctx, credential, metadata.Empty())
		_, _, get := s.GetMe(ctx, credential)
		_, _, typed := me.As[user](s).Get(ctx, credential)
		_, _, modify := me.As[user](s).Modify(ctx, credential, func(*user) error { return nil })
		for call, err := range map[string]error{
			"UpdateMetadata": update, "ReplaceMetadata": replace, "GetMe": get, "View.Get": typed, "View.Modify": modify,
		} {
			require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, "%s %s", name, call)
			require.ErrorContains(t, err, "service: is nil or zero: make it with client.NewFrontend", "%s %s", name, call)
		}
		s.CloseIdleConnections()
	}
}

func TestZeroView(t *testing.T) {
	t.Parallel()
	type user struct {
		ID string `json:"id"`
	}
	ctx, credential := t.Context(), me.NativeToken("token")
	var view me.View[user]
	_, _, get := view.Get(ctx, credential)
	_, _, modify := view.With(metadata.ModifyConfig{}).Modify(ctx, credential, func(*user) error { return nil })
	for _, err := range []error{get, modify} {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.ErrorContains(t, err, "view: is zero: make it with As")
	}
}
