// Code generated from docs/guides/testing.md. DO NOT EDIT.

package shop

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

type Shop struct {
	clerk *client.Client
}

func (s *Shop) setPlan(ctx context.Context, userID, plan string) error {
	_, err := s.clerk.Users.UpdateUserMetadata(ctx, userID, users.UpdateUserMetadataParams{
		PublicMetadata: metadata.Patch{"plan": plan},
	})
	return err
}
