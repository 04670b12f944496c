package toclerkmeta

import (
	"context"
	"encoding/json"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/user"

	"github.com/clerkmeta/clerkmeta-go/client"
)

func replaced(ctx context.Context, c *client.Client, raw json.RawMessage) error {
	_, err := user.ReplaceMetadata(ctx, "user_1", &user.ReplaceMetadataParams{PublicMetadata: &raw}) // want `clerkmeta has user.ReplaceMetadata as Users.ReplaceUserMetadata`
	return err
}

func merged(ctx context.Context, c *client.Client) {
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"limits":{"trial":null},"plan":"pro","seats":3,"on":true,"tags":["a"]}`))}) // want `clerkmeta has user.UpdateMetadata as Users.UpdateUserMetadata`
}

// No fix below.

func withoutClient(ctx context.Context, raw json.RawMessage) error {
	_, err := user.ReplaceMetadata(ctx, "user_1", &user.ReplaceMetadataParams{PublicMetadata: &raw}) // want `clerkmeta has user.ReplaceMetadata`
	return err
}

func answerUsed(ctx context.Context, c *client.Client, raw json.RawMessage) (*clerk.User, error) {
	return user.ReplaceMetadata(ctx, "user_1", &user.ReplaceMetadataParams{PublicMetadata: &raw}) // want `clerkmeta has user.ReplaceMetadata`
}

func notConstant(ctx context.Context, c *client.Client, raw json.RawMessage) {
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: &raw}) // want `clerkmeta has user.UpdateMetadata`
}

func noLiteral(ctx context.Context, c *client.Client, params *user.UpdateMetadataParams) {
	user.UpdateMetadata(ctx, "user_1", params) // want `clerkmeta has user.UpdateMetadata`
}

func bytes(ctx context.Context, c *client.Client, text []byte) {
	user.ReplaceMetadata(ctx, "user_1", &user.ReplaceMetadataParams{PublicMetadata: clerk.JSONRawMessage(text)}) // want `clerkmeta has user.ReplaceMetadata`
}

func shadowed(ctx context.Context, c *client.Client, raw json.RawMessage) {
	metadata := "shadow"
	user.ReplaceMetadata(ctx, metadata, &user.ReplaceMetadataParams{PublicMetadata: &raw}) // want `clerkmeta has user.ReplaceMetadata`
}

func large(ctx context.Context, c *client.Client) {
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"n":9007199254740993}`))}) // want `clerkmeta has user.UpdateMetadata`
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{"list":[null]}`))})        // want `clerkmeta has user.UpdateMetadata`
	user.UpdateMetadata(ctx, "user_1", &user.UpdateMetadataParams{PublicMetadata: clerk.JSONRawMessage(json.RawMessage(`{}`))})                     // want `clerkmeta has user.UpdateMetadata`
}

// Nothing is reported below.

func reading(ctx context.Context) { user.Get(ctx, "user_1") }
