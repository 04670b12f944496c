package live_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// The fields of metadata, by the names that Clerk gives them.
const (
	public  = "public_metadata"
	private = "private_metadata"
	unsafe  = "unsafe_metadata"
)

// key is the only one that the cases write.
const key = "clerkmetaLive"

type (
	fields  map[string]metadata.Object
	patches map[string]metadata.Patch
	values  map[string]metadata.Value
)

// entity is something with metadata, and the SDK's calls for it.
type entity struct {
	name string
	// lacks says what the config would have to name for it, "" if it is there.
	lacks string
	// field is the one that the cases write; other is one to leave it alone
	// with, "" where there is none.
	field, other string
	read         func(context.Context) (fields, error)
	merge        func(context.Context, patches) (fields, error)
	// replace is nil where Clerk has no PUT.
	replace func(context.Context, values) (fields, error)
	// owner is whose metadata this is, where that is written to with another
	// credential; nil for itself.
	owner *entity
}

func (e *entity) home() *entity {
	if e.owner != nil {
		return e.owner
	}
	return e
}

func (i *instance) user() *entity {
	result := func(u *users.User, err error) (fields, error) {
		if err != nil {
			return nil, err
		}
		return fields{public: u.PublicMetadata, private: u.PrivateMetadata, unsafe: u.UnsafeMetadata}, nil
	}
	return &entity{
		name: "user", field: public, other: unsafe,
		read: func(ctx context.Context) (fields, error) { return result(i.api.Users.GetUser(ctx, i.userID)) },
		merge: func(ctx context.Context, p patches) (fields, error) {
			return result(i.api.Users.UpdateUserMetadata(ctx, i.userID, users.UpdateUserMetadataParams{
				PublicMetadata: p[public], PrivateMetadata: p[private], UnsafeMetadata: p[unsafe],
			}))
		},
		replace: func(ctx context.Context, v values) (fields, error) {
			return result(i.api.Users.ReplaceUserMetadata(ctx, i.userID, users.ReplaceUserMetadataParams{
				PublicMetadata: v[public], PrivateMetadata: v[private], UnsafeMetadata: v[unsafe],
			}))
		},
	}
}

func (i *instance) organization() *entity {
	result := func(o *organizations.Organization, err error) (fields, error) {
		if err != nil {
			return nil, err
		}
		return fields{public: o.PublicMetadata, private: o.PrivateMetadata}, nil
	}
	e := &entity{
		name: "organization", field: private, other: public,
		read: func(ctx context.Context) (fields, error) {
			return result(i.api.Organizations.GetOrganization(ctx, i.organizationID))
		},
		merge: func(ctx context.Context, p patches) (fields, error) {
			return result(i.api.Organizations.UpdateOrganizationMetadata(ctx, i.organizationID,
				organizations.UpdateOrganizationMetadataParams{PublicMetadata: p[public], PrivateMetadata: p[private]}))
		},
		replace: func(ctx context.Context, v values) (fields, error) {
			return result(i.api.Organizations.ReplaceOrganizationMetadata(ctx, i.organizationID,
				organizations.ReplaceOrganizationMetadataParams{PublicMetadata: v[public], PrivateMetadata: v[private]}))
		},
	}
	if i.organizationID == "" {
		e.lacks = "set " + envOrganization + " to include organizations"
	}
	return e
}

func (i *instance) membership() *entity {
	result := func(m *organizations.Membership, err error) (fields, error) {
		if err != nil {
			return nil, err
		}
		return fields{public: m.PublicMetadata, private: m.PrivateMetadata}, nil
	}
	e := &entity{
		name: "membership", field: public, other: private,
		read: func(ctx context.Context) (fields, error) {
			return result(i.api.Organizations.GetOrganizationMembership(ctx, i.organizationID, i.userID))
		},
		merge: func(ctx context.Context, p patches) (fields, error) {
			return result(i.api.Organizations.UpdateOrganizationMembershipMetadata(ctx, i.organizationID, i.userID,
				organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: p[public], PrivateMetadata: p[private]}))
		},
	}
	if !i.member {
		e.lacks = "set " + envOrganization + " to an organization that the user is a member of to include memberships"
	}
	return e
}

// signedInUser is the user as the Frontend API sees it.
func (i *instance) signedInUser() *entity {
	result := func(u *me.User, r me.Rotation, err error) (fields, error) {
		i.rotated(r.Token())
		if err != nil {
			return nil, err
		}
		return fields{public: u.PublicMetadata, unsafe: u.UnsafeMetadata}, nil
	}
	e := &entity{
		name: "me", field: unsafe, owner: i.user(),
		read: func(ctx context.Context) (fields, error) { return result(i.frontend.GetMe(ctx, i.credential)) },
		merge: func(ctx context.Context, p patches) (fields, error) {
			return result(i.frontend.UpdateMetadata(ctx, i.credential, p[unsafe]))
		},
	}
	if !i.signedIn() {
		e.lacks = "set " + envClientToken + " or " + envDevBrowser + ", and the Frontend API's address, to include /v1/me"
	}
	return e
}

// keep runs f and then makes the metadata what it was before, whatever f did.
// A key that a run left behind which was broken off is not kept.
func keep(ctx context.Context, e *entity, f func(saved fields) error) (err error) {
	saved, err := e.read(ctx)
	if err != nil {
		return fmt.Errorf("saving the %s: %w", e.name, err)
	}
	for name, o := range saved {
		if saved[name], err = with(o, ""); err != nil {
			return err
		}
	}
	defer func() {
		// However f ended, a panic or an end of ctx included.
		if failed := e.restore(context.WithoutCancel(ctx), saved); failed != nil {
			err = errors.Join(err, fmt.Errorf("the %s is NOT as it was: %w", e.name, failed))
		}
	}()
	return f(saved)
}

func (e *entity) restore(ctx context.Context, saved fields) error {
	for name, want := range saved {
		if err := e.set(ctx, name, want); err != nil {
			return err
		}
	}
	now, err := e.read(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(saved)) {
		paths, err := metadata.Changed(saved[name], now[name])
		if err != nil || len(paths) > 0 {
			return errors.Join(err, fmt.Errorf("%s differs at %q", name, paths))
		}
	}
	return nil
}

// set makes a field exactly want, with as few writes as that takes.
func (e *entity) set(ctx context.Context, field string, want metadata.Object) error {
	now, err := e.read(ctx)
	if err != nil || metadata.Equal(now[field], want) {
		return err
	}
	if e.replace == nil {
		patch, err := metadata.Diff(now[field], want)
		if err == nil && len(patch) > 0 {
			_, err = e.merge(ctx, patches{field: patch})
		}
		return err
	}
	v := metadata.Of(want)
	switch {
	case want.IsZero():
		v = metadata.Empty()
	case want.IsNull():
		v = metadata.Null()
	}
	_, err = e.replace(ctx, values{field: v})
	return err
}

// with is an object in which key has the value of a JSON text; "" is without it.
// Where nothing has to change it is the object itself, null and absent included.
func with(o metadata.Object, text string) (metadata.Object, error) {
	members, err := o.Map()
	if err != nil {
		return o, err
	}
	if text != "" {
		value, err := metadata.ParseObject([]byte(`{"` + key + `":` + text + `}`))
		if err != nil {
			return o, err
		}
		added, err := value.Map()
		if err != nil {
			return o, err
		}
		maps.Copy(members, added)
	} else if _, there := members[key]; there {
		delete(members, key)
	} else {
		return o, nil
	}
	return metadata.Of(members).Object()
}
