package toclerkmeta

import (
	"context"
	"encoding/json"

	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

import "github.com/clerkmeta/clerkmeta-go/client"

func organizationReplaced(ctx context.Context, byClient *organization.Client, c *client.Client, raw json.RawMessage) metadata.Value {
	byClient.ReplaceMetadata(ctx, "org_1", &organization.ReplaceMetadataParams{PrivateMetadata: &raw}) // want `clerkmeta has organization.ReplaceMetadata as Organizations.ReplaceOrganizationMetadata`
	return metadata.Of(raw)
}
