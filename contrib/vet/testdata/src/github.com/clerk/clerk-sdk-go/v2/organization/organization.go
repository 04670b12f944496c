package organization

import (
	"context"
	"encoding/json"

	"github.com/clerk/clerk-sdk-go/v2"
)

type Client struct{}

type UpdateParams struct {
	clerk.APIParams
	Name            *string
	PublicMetadata  *json.RawMessage
	PrivateMetadata *json.RawMessage
}

type UpdateMetadataParams struct {
	clerk.APIParams
	PublicMetadata  *json.RawMessage
	PrivateMetadata *json.RawMessage
}

type ReplaceMetadataParams struct {
	clerk.APIParams
	PublicMetadata  *json.RawMessage
	PrivateMetadata *json.RawMessage
}

func Get(context.Context, string) (*clerk.Organization, error) { return nil, nil }

func Update(context.Context, string, *UpdateParams) (*clerk.Organization, error) { return nil, nil }

func UpdateMetadata(context.Context, string, *UpdateMetadataParams) (*clerk.Organization, error) {
	return nil, nil
}

func ReplaceMetadata(context.Context, string, *ReplaceMetadataParams) (*clerk.Organization, error) {
	return nil, nil
}

func (*Client) Update(context.Context, string, *UpdateParams) (*clerk.Organization, error) {
	return nil, nil
}

func (*Client) UpdateMetadata(context.Context, string, *UpdateMetadataParams) (*clerk.Organization, error) {
	return nil, nil
}

func (*Client) ReplaceMetadata(context.Context, string, *ReplaceMetadataParams) (*clerk.Organization, error) {
	return nil, nil
}
