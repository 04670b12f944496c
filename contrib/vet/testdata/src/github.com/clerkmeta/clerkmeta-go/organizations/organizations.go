package organizations

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

type Service struct{}

type UpdateOrganizationMetadataParams struct{ PublicMetadata, PrivateMetadata metadata.Patch }

type ReplaceOrganizationMetadataParams struct{ PublicMetadata, PrivateMetadata metadata.Value }

func (*Service) UpdateOrganizationMetadata(context.Context, string, UpdateOrganizationMetadataParams) (any, error) {
	return nil, nil
}

func (*Service) ReplaceOrganizationMetadata(context.Context, string, ReplaceOrganizationMetadataParams) (any, error) {
	return nil, nil
}
