package twocalls

import (
	"context"
	"encoding/json"

	"github.com/clerk/clerk-sdk-go/v2"
	. "github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/clerk/clerk-sdk-go/v2user"
)

type mine = UpdateParams

func alias(raw json.RawMessage) *mine {
	return &mine{PublicMetadata: &raw} // want `PublicMetadata in user.Update`
}

func unkeyed(raw json.RawMessage) UpdateParams {
	return UpdateParams{clerk.APIParams{}, nil, &raw, nil, nil} // want `PublicMetadata in user.Update`
}

func elements(raw json.RawMessage) []*UpdateParams {
	return []*UpdateParams{{UnsafeMetadata: &raw}} // want `UnsafeMetadata in user.Update`
}

func setLater(ctx context.Context, raw json.RawMessage) error {
	params := UpdateParams{FirstName: clerk.String("Ada")}
	params.PublicMetadata = &raw // want `PublicMetadata in user.Update`
	return send(ctx, &params)
}

func set(params *UpdateParams, raw json.RawMessage) {
	params.PrivateMetadata = &raw // want `PrivateMetadata in user.Update`
}

func send(ctx context.Context, params *UpdateParams) error {
	_, err := Update(ctx, "user_1", params)
	return err
}

// Nothing is reported below.

type kept struct{ PublicMetadata *json.RawMessage }

func other(raw json.RawMessage) kept { return kept{PublicMetadata: &raw} }

func otherModule(raw json.RawMessage) v2user.UpdateParams {
	return v2user.UpdateParams{PublicMetadata: &raw}
}

func withoutMetadata(ctx context.Context) error {
	return send(ctx, &UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: nil})
}

func read(params *UpdateParams) *json.RawMessage { return params.PublicMetadata }

func merged(raw json.RawMessage) *UpdateMetadataParams {
	return &UpdateMetadataParams{PublicMetadata: &raw}
}

func cleared(ctx context.Context, raw json.RawMessage) error {
	params := &UpdateParams{FirstName: clerk.String("Ada"), PublicMetadata: &raw}
	if _, err := ReplaceMetadata(ctx, "user_1", &ReplaceMetadataParams{PublicMetadata: params.PublicMetadata}); err != nil {
		return err
	}
	params.PublicMetadata = nil
	return send(ctx, params)
}
