package live_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// The fields of metadata, by the names that Clerk gives them.
const (
	public  = calls.Public
	private = calls.Private
	unsafe  = calls.Unsafe
)

// key is the only one that the cases write.
const key = "clerkmetaLive"

type fields map[string]metadata.Object

// entity is something with metadata, and the SDK's calls for it.
type entity struct {
	*instance

	name string
	kind calls.Kind
	// lacks says what the config would have to name for it, "" if it does.
	lacks string
	// field is the one that the cases write; other is one to write without it, ""
	// where there is none.
	field, other string
	// get, update and put are the names of the calls; put is "" where Clerk has no PUT.
	get, update, put string
	// owner is whose metadata this is, where another credential writes it; nil for
	// the entity itself.
	owner *entity
}

// call makes a call of the SDK, for the config's user, organization and credential
// where in names no others.
func (i *instance) call(ctx context.Context, name string, in calls.Input) calls.Result {
	in.User, in.Organization = cmp.Or(in.User, i.userID), cmp.Or(in.Organization, i.organizationID)
	in.Credential = i.credential
	r := calls.Named(name).Do(ctx, calls.SDK{Client: i.api, Me: i.frontend}, in)
	i.rotated(r.Rotation.Token())
	return r
}

func (e *entity) call(ctx context.Context, name string, in calls.Input) (fields, error) {
	r := e.instance.call(ctx, name, in)
	if r.Err != nil {
		return nil, r.Err
	}
	all := fields{}
	for _, field := range e.kind.Fields() {
		all[field] = calls.Metadata(r.Found[0], field)
	}
	return all, nil
}

func (e *entity) read(ctx context.Context) (fields, error) {
	return e.call(ctx, e.get, calls.Input{})
}

func (e *entity) merge(ctx context.Context, p calls.Fields[metadata.Patch]) (fields, error) {
	return e.call(ctx, e.update, calls.Input{Patch: p})
}

func (e *entity) replace(ctx context.Context, v calls.Fields[metadata.Value]) (fields, error) {
	return e.call(ctx, e.put, calls.Input{Value: v})
}

func (e *entity) home() *entity {
	if e.owner != nil {
		return e.owner
	}
	return e
}

func (i *instance) user() *entity {
	return &entity{
		instance: i, name: "user", kind: calls.User, field: public, other: unsafe,
		get: "users.GetUser", update: "users.UpdateUserMetadata", put: "users.ReplaceUserMetadata",
	}
}

func (i *instance) organization() *entity {
	e := &entity{
		instance: i, name: "organization", kind: calls.Organization, field: private, other: public, get: "organizations.GetOrganization",
		update: "organizations.UpdateOrganizationMetadata", put: "organizations.ReplaceOrganizationMetadata",
	}
	if i.organizationID == "" {
		e.lacks = "set " + envOrganization + " to include organizations"
	}
	return e
}

func (i *instance) membership() *entity {
	e := &entity{
		instance: i, name: "membership", kind: calls.Membership, field: public, other: private,
		get: "organizations.GetOrganizationMembership", update: "organizations.UpdateOrganizationMembershipMetadata",
	}
	if !i.member {
		e.lacks = "set " + envOrganization + " to an organization that the user is a member of to include memberships"
	}
	return e
}

// signedInUser is the user as the Frontend API sees it.
func (i *instance) signedInUser() *entity {
	e := &entity{
		instance: i, name: "me", kind: calls.SignedIn, field: unsafe, owner: i.user(),
		get: "me.GetMe", update: "me.UpdateMetadata",
	}
	if !i.signedIn() {
		e.lacks = "set " + envClientToken + " or " + envDevBrowser + ", and the Frontend API's address, to include /v1/me"
	}
	return e
}

// keep runs f and then makes the metadata what it was before, whatever f did.
// It removes a key that an earlier, interrupted run left.
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
		// However f ends, by a panic or the end of ctx too.
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

// set makes a field exactly want, with as few writes as possible.
func (e *entity) set(ctx context.Context, field string, want metadata.Object) error {
	now, err := e.read(ctx)
	if err != nil || metadata.Equal(now[field], want) {
		return err
	}
	if e.put == "" {
		patch, err := metadata.Diff(now[field], want)
		if err == nil && len(patch) > 0 {
			_, err = e.merge(ctx, calls.Only(field, patch))
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
	_, err = e.replace(ctx, calls.Only(field, v))
	return err
}

// with returns o with a JSON text as the value of key, or without key for "". Where
// nothing changes it returns o itself, null and absent included.
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
