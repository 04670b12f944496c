package users

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type Service struct{}

type UpdateUserMetadataParams struct{ PublicMetadata, PrivateMetadata metadata.Patch }

type ReplaceUserMetadataParams struct{ PublicMetadata, PrivateMetadata metadata.Value }

func (*Service) UpdateUserMetadata(context.Context, string, UpdateUserMetadataParams) (any, error) {
	return nil, nil
}

func (*Service) ReplaceUserMetadata(context.Context, string, ReplaceUserMetadataParams) (any, error) {
	return nil, nil
}
