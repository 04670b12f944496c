// Code generated from docs/guides/moving-to-2026-05-12.md. DO NOT EDIT.

package main

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

func TestSideBySide(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]func(context.Context, *clerktest.Test) error{
		"by hand": func(ctx context.Context, fake *clerktest.Test) error {
			return on(fake, "2026-05-12").promote(ctx, "user_1")
		},
		"merge": func(ctx context.Context, fake *clerktest.Test) error {
			return promoteBySDK(ctx, fake.Client(), "user_1")
		},
		"replace": func(ctx context.Context, fake *clerktest.Test) error {
			return replaceBySDK(ctx, fake.Client(), "user_1")
		},
	} {
		old, now := start(t), start(t)
		require.NoError(t, on(old, "2025-11-10").promoteBefore(t.Context(), "user_1"), name)
		require.Error(t, on(now, "2026-05-12").promoteBefore(t.Context(), "user_1"), name)
		require.NoError(t, after(t.Context(), now), name)
		was, _ := old.User("user_1")
		is, _ := now.User("user_1")
		require.JSONEq(t, was.PublicMetadata.String(), is.PublicMetadata.String(), name)
	}
}

func start(t *testing.T) *clerktest.Test {
	return clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{
		{ID: "user_1", PublicMetadata: map[string]any{"role": "member", "plan": "pro"}},
	}})
}

func on(fake *clerktest.Test, version string) api {
	return api{http: &http.Client{}, baseURL: fake.URL() + "/v1", key: fake.SecretKey(), version: version}
}
