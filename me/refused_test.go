package me_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// noContext is what a caller has who forgot.
var noContext context.Context

func TestBadCredentials(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	svc := clerk.Frontend()
	for name, tc := range map[string]struct {
		credential me.Credential
		says       string
	}{
		"zero":          {me.Credential{}, "is missing"},
		"empty":         {me.Cookie(""), "is empty"},
		"Bearer alone":  {me.NativeToken("Bearer "), "is empty"},
		"newline":       {me.NativeToken("abc\n"), "white space"},
		"second cookie": {me.Cookie("abc; other=1"), "white space or a character"},
		"control":       {me.DevBrowser("a\x01"), "white space or a character"},
		"secret key":    {me.NativeToken("sk_test_example"), "is a secret key"},
		"too long":      {me.Cookie(strings.Repeat("x", 8193)), "8193 bytes long"},
		"session":       {me.Cookie("abc").WithSession("a b"), "session id"},
		"long session":  {me.Cookie("abc").WithSession(strings.Repeat("s", 256)), "session id of 256 bytes: at most 255"},
	} {
		_, _, err := svc.UpdateMetadata(t.Context(), tc.credential, metadata.Patch{"a": 1})
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
		require.ErrorContains(t, err, "credential: ", name)
		require.ErrorContains(t, err, tc.says, name)
		_, _, err = svc.GetMe(t.Context(), tc.credential)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
		_, _, err = svc.ReplaceMetadata(t.Context(), tc.credential, metadata.Empty())
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, name)
	}
	_, _, err := svc.UpdateMetadata(noContext, me.Cookie(clientToken), metadata.Patch{"a": 1})
	require.ErrorContains(t, err, "ctx: is nil")
	for name, patch := range map[string]metadata.Patch{"nil": nil, "empty": {}} {
		_, _, err = svc.UpdateMetadata(t.Context(), me.Cookie(clientToken), patch)
		require.ErrorIs(t, err, clerkerr.ErrNothingToWrite, name)
	}
	require.Empty(t, clerk.Requests())
}

func TestSignedOut(t *testing.T) {
	t.Parallel()
	clerk := testkit.Start(t, seeded())
	for name, credential := range map[string]me.Credential{
		"cookie": me.Cookie("unknown"), "native": me.NativeToken("unknown"), "dev": me.DevBrowser("unknown"),
	} {
		user, _, err := clerk.Frontend().UpdateMetadata(t.Context(), credential, metadata.Patch{"a": 1})
		require.Nil(t, user, name)
		require.ErrorIs(t, err, clerkerr.ErrUnauthorized, name)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "unknown", name)
	}
}
