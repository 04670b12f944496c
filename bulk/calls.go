package bulk

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func documentsOfUser(u *users.User) documents {
	return documents{u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata}
}

// fetch reads one entity.
func fetch(ctx context.Context, c *client.Client, e Entity) (documents, error) {
	switch {
	case e.isUser():
		u, err := c.Users.GetUser(ctx, e.UserID)
		if err != nil {
			return documents{}, err
		}
		return documentsOfUser(u), nil
	case e.isMembership():
		m, err := c.Organizations.GetOrganizationMembership(ctx, e.OrganizationID, e.UserID)
		if err != nil {
			return documents{}, err
		}
		return documents{m.PublicMetadata, m.PrivateMetadata}, nil
	default:
		o, err := c.Organizations.GetOrganization(ctx, e.OrganizationID)
		if err != nil {
			return documents{}, err
		}
		return documents{o.PublicMetadata, o.PrivateMetadata}, nil
	}
}

// replace sends a PUT.
func replace(ctx context.Context, c *client.Client, e Entity, v Values) error {
	var err error
	if e.isUser() {
		_, err = c.Users.ReplaceUserMetadata(ctx, e.UserID, users.ReplaceUserMetadataParams(v))
	} else {
		_, err = c.Organizations.ReplaceOrganizationMetadata(ctx, e.OrganizationID, organizations.ReplaceOrganizationMetadataParams{
			PublicMetadata: v.PublicMetadata, PrivateMetadata: v.PrivateMetadata,
		})
	}
	return err
}

// patch sends a PATCH of the fields that hold something.
func patch(ctx context.Context, c *client.Client, e Entity, p Patches) error {
	for i := range fields {
		if len(*p.at(i)) == 0 {
			*p.at(i) = nil
		}
	}
	var err error
	switch {
	case e.isUser():
		_, err = c.Users.UpdateUserMetadata(ctx, e.UserID, users.UpdateUserMetadataParams(p))
	case e.isMembership():
		_, err = c.Organizations.UpdateOrganizationMembershipMetadata(ctx, e.OrganizationID, e.UserID, organizations.UpdateOrganizationMembershipMetadataParams{
			PublicMetadata: p.PublicMetadata, PrivateMetadata: p.PrivateMetadata,
		})
	default:
		_, err = c.Organizations.UpdateOrganizationMetadata(ctx, e.OrganizationID, organizations.UpdateOrganizationMetadataParams{
			PublicMetadata: p.PublicMetadata, PrivateMetadata: p.PrivateMetadata,
		})
	}
	return err
}

// execute applies one change. It reads first where the change asks for it.
func execute(ctx context.Context, c *client.Client, change Change, skipUnchanged bool) (Outcome, *Diff, error) {
	if err := change.Check(); err != nil {
		return Failed, nil, err
	}
	f := foresight{patches: change.Patch}
	var err error
	switch {
	case skipUnchanged || change.nested():
		var docs documents
		if docs, err = fetch(ctx, c, change.Entity); err == nil {
			f, err = change.foresee(docs, c.MaxFieldSize())
		}
		if err == nil && f.diff.Empty() {
			return Unchanged, f.diff, nil
		}
	case change.Verb == Unset:
		f.patches, err = change.removal(nil)
	}
	if err != nil {
		return Failed, nil, err
	}
	if change.Verb == Replace {
		err = replace(ctx, c, change.Entity, change.Replace)
	} else {
		err = patch(ctx, c, change.Entity, f.patches)
	}
	return outcomeOf(err), f.diff, err
}
