package old

import (
	"context"
	"encoding/json"

	"github.com/clerk/clerk-sdk-go/v2/user"
)

func store(ctx context.Context, raw json.RawMessage) error {
	_, err := user.Update(ctx, "user_1", &user.UpdateParams{
		PublicMetadata: &raw, // want `PublicMetadata in user.Update: API version 2026-05-12 refuses it there; update clerk-sdk-go to v2.7.0`
	})
	return err
}
