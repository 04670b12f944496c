package user

import (
	"context"
	"encoding/json"

	"github.com/clerk/clerk-sdk-go/v2"
)

type UpdateParams struct {
	PublicMetadata *json.RawMessage
}

func Update(context.Context, string, *UpdateParams) (*clerk.User, error) { return nil, nil }
