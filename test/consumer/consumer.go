// Package consumer imports the SDK as a program of its users would, in a module
// of its own, so that what it makes them compile can be listed.
package consumer

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Use touches every public package of the SDK.
func Use(ctx context.Context, c *client.Client, f *me.Service) error {
	patch := metadata.Patch{"seen": true}
	if _, err := c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{PublicMetadata: patch}); err != nil {
		return err
	}
	if _, err := c.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch}); err != nil {
		return err
	}
	_, _, err := f.UpdateMetadata(ctx, me.Cookie("client-token"), patch)
	return err
}
