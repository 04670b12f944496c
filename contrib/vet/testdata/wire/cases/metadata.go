//go:build !older

package cases

import (
	"context"
	"encoding/json"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

func init() {
	All["user_merged"] = userMerged
	All["user_replaced"] = userReplaced
	All["org_merged"] = organizationMerged
}

func userMerged(ctx context.Context, id string) error {
	_, err := user.UpdateMetadata(ctx, id, &user.UpdateMetadataParams{
		PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"role":"a \"b\" <c>","kept":{"since":null},"seats":3,"tags":["x",true]}`)),
		UnsafeMetadata: clerk.JSONRawMessage(json.RawMessage(`{"role":null}`)),
	})
	return err
}

func userReplaced(ctx context.Context, id string) error {
	raw := json.RawMessage(`{"nothing":null,"large":9007199254740993}`)
	_, err := user.ReplaceMetadata(ctx, id, &user.ReplaceMetadataParams{PrivateMetadata: &raw})
	return err
}

func organizationMerged(ctx context.Context, id string) error {
	_, err := organization.UpdateMetadata(ctx, id, &organization.UpdateMetadataParams{PrivateMetadata: clerk.JSONRawMessage(json.RawMessage(`{"tier":"free"}`))})
	return err
}
