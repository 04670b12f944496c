package kinds

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Users is the store of users.
type Users struct{ Service *users.Service }

// Get calls GetUser.
func (s Users) Get(ctx context.Context, id entity.ID) (*users.User, error) {
	return s.Service.GetUser(ctx, id.UserID)
}

// Patch calls UpdateUserMetadata.
func (s Users) Patch(ctx context.Context, id entity.ID, p entity.Patches) (*users.User, error) {
	return s.Service.UpdateUserMetadata(ctx, id.UserID, users.UpdateUserMetadataParams{
		PublicMetadata: p[0], PrivateMetadata: p[1], UnsafeMetadata: p[2],
	})
}

// Replace calls ReplaceUserMetadata.
func (s Users) Replace(ctx context.Context, id entity.ID, v entity.Values) (*users.User, error) {
	return s.Service.ReplaceUserMetadata(ctx, id.UserID, users.ReplaceUserMetadataParams{
		PublicMetadata: v[0], PrivateMetadata: v[1], UnsafeMetadata: v[2],
	})
}

// Organizations is the store of organizations.
type Organizations struct{ Service *organizations.Service }

// Get calls GetOrganization.
func (s Organizations) Get(ctx context.Context, id entity.ID) (*organizations.Organization, error) {
	return s.Service.GetOrganization(ctx, id.OrganizationID)
}

// Patch calls UpdateOrganizationMetadata.
func (s Organizations) Patch(ctx context.Context, id entity.ID, p entity.Patches) (*organizations.Organization, error) {
	return s.Service.UpdateOrganizationMetadata(ctx, id.OrganizationID, organizations.UpdateOrganizationMetadataParams{
		PublicMetadata: p[0], PrivateMetadata: p[1],
	})
}

// Replace calls ReplaceOrganizationMetadata.
func (s Organizations) Replace(ctx context.Context, id entity.ID, v entity.Values) (*organizations.Organization, error) {
	return s.Service.ReplaceOrganizationMetadata(ctx, id.OrganizationID, organizations.ReplaceOrganizationMetadataParams{
		PublicMetadata: v[0], PrivateMetadata: v[1],
	})
}

// Memberships is the store of memberships.
type Memberships struct{ Service *organizations.Service }

// Get calls GetOrganizationMembership.
func (s Memberships) Get(ctx context.Context, id entity.ID) (*organizations.Membership, error) {
	return s.Service.GetOrganizationMembership(ctx, id.OrganizationID, id.UserID)
}

// Patch calls UpdateOrganizationMembershipMetadata.
func (s Memberships) Patch(ctx context.Context, id entity.ID, p entity.Patches) (*organizations.Membership, error) {
	return s.Service.UpdateOrganizationMembershipMetadata(ctx, id.OrganizationID, id.UserID, organizations.UpdateOrganizationMembershipMetadataParams{
		PublicMetadata: p[0], PrivateMetadata: p[1],
	})
}

// Replace fails: Clerk has no replacement.
func (Memberships) Replace(context.Context, entity.ID, entity.Values) (*organizations.Membership, error) {
	return nil, clerkerr.Invalid("Memberships.Replace", "", entity.ErrNoReplace)
}
