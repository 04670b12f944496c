package faults

import (
	"context"
	"iter"
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// sdk is everything that can be called.
type sdk struct {
	*client.Client

	me *me.Service
}

// operation is one request of one method: the one that meets the fault.
type operation struct {
	name string
	// label is the name of the call in its errors, the name if empty.
	label string
	// method tells the request under test from the others of the call, of which
	// passes come before it with the same method.
	method string
	passes int
	// second tells that the call reads something before.
	second bool
	// target and after are what the call changes, and to what; "" for a read.
	target, after string
	// partial says that what could be read of an answer comes beside the error.
	partial bool
	// do reports whether a result came.
	do func(context.Context, sdk) (bool, error)
}

func (o operation) isWrite() bool { return o.method != http.MethodGet }

func (o operation) operation() string {
	if o.label != "" {
		return o.label
	}
	return o.name
}

const (
	token  = "client_token_faults"
	secret = "s3cret-value"

	// before is every field's content at the start; the others are what a
	// merge of patch and a replacement by value make of it.
	before   = `{"kept":1,"list":[0],"old":true}`
	merged   = `{"kept":1,"list":[1,2],"plan":"s3cret-value"}`
	replaced = `{"list":[1,2],"plan":"s3cret-value"}`

	theUser       = "user_1 unsafe"
	theOrg        = "org_1 public"
	theMembership = "org_1/user_1 public"
)

func patch() metadata.Patch {
	return metadata.Patch{"plan": secret, "list": []int{1, 2}, "old": metadata.Delete}
}

func value() metadata.Value {
	return metadata.Of(content{"plan": secret, "list": []int{1, 2}})
}

// content is metadata as a typed view decodes it.
type content map[string]any

// modify is what patch says.
func (c content) modify() {
	c["plan"], c["list"] = secret, []int{1, 2}
	delete(c, "old")
}

// drain walks to the end, or to the error.
func drain[T any](all iter.Seq2[*T, error]) (bool, error) {
	for entry, err := range all {
		if err != nil {
			return entry != nil, err
		}
	}
	return true, nil
}

const get, put, merge = http.MethodGet, http.MethodPut, http.MethodPatch

var operations = []operation{
	{name: "UpdateUserMetadata", method: merge, target: theUser, after: merged, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{UnsafeMetadata: patch()})
		return r != nil, err
	}},
	{name: "ReplaceUserMetadata", method: put, target: theUser, after: replaced, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Users.ReplaceUserMetadata(ctx, "user_1", users.ReplaceUserMetadataParams{UnsafeMetadata: value()})
		return r != nil, err
	}},
	{name: "GetUser", method: get, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Users.GetUser(ctx, "user_1")
		return r != nil, err
	}},
	{name: "GetMany", method: get, do: func(ctx context.Context, s sdk) (bool, error) {
		found, missing, err := s.Users.GetMany(ctx, []string{"user_1", "user_none"})
		return len(found)+len(missing) > 0, err
	}},
	{name: "users.All", label: "ListUsers", method: get, do: func(ctx context.Context, s sdk) (bool, error) {
		return drain(s.Users.All(ctx, users.AllParams{}))
	}},
	{name: "users.All, its last page", label: "ListUsers", method: get, passes: 2, do: func(ctx context.Context, s sdk) (bool, error) {
		return drain(s.Users.All(ctx, users.AllParams{PageSize: 1}))
	}},
	{name: "users.View.Get", label: "GetUser", method: get, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := typedUsers(s).Get(ctx, "user_1")
		return r != nil, err
	}},
	{name: "users.View.Modify, its read", label: "GetUser", method: get, target: theUser, after: merged, do: modifyUser},
	{name: "users.View.Modify, its write", label: "UpdateUserMetadata", second: true, method: merge, target: theUser, after: merged, partial: true, do: modifyUser},
	{name: "UpdateOrganizationMetadata", method: merge, target: theOrg, after: merged, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch()})
		return r != nil, err
	}},
	{name: "ReplaceOrganizationMetadata", method: put, target: theOrg, after: replaced, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Organizations.ReplaceOrganizationMetadata(ctx, "org_1", organizations.ReplaceOrganizationMetadataParams{PublicMetadata: value()})
		return r != nil, err
	}},
	{name: "GetOrganization", method: get, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Organizations.GetOrganization(ctx, "org_1")
		return r != nil, err
	}},
	{name: "organizations.All", label: "ListOrganizations", method: get, do: func(ctx context.Context, s sdk) (bool, error) {
		return drain(s.Organizations.All(ctx, organizations.AllParams{}))
	}},
	{name: "organizations.All, its last page", label: "ListOrganizations", method: get, passes: 1, do: func(ctx context.Context, s sdk) (bool, error) {
		return drain(s.Organizations.All(ctx, organizations.AllParams{PageSize: 1}))
	}},
	{name: "organizations.View.Modify, its write", label: "UpdateOrganizationMetadata", second: true, method: merge, target: theOrg, after: merged, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := organizations.As[withPublic](s.Organizations).Modify(ctx, "org_1", func(v *withPublic) error {
			v.Public.modify()
			return nil
		})
		return r != nil, err
	}},
	{name: "UpdateOrganizationMembershipMetadata", method: merge, target: theMembership, after: merged, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Organizations.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: patch()})
		return r != nil, err
	}},
	{name: "GetOrganizationMembership", method: get, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := s.Organizations.GetOrganizationMembership(ctx, "org_1", "user_1")
		return r != nil, err
	}},
	{name: "AllMemberships", label: "ListOrganizationMemberships", method: get, do: func(ctx context.Context, s sdk) (bool, error) {
		return drain(s.Organizations.AllMemberships(ctx, "org_1", organizations.AllParams{}))
	}},
	{name: "organizations.MembershipView.Modify, its write", label: "UpdateOrganizationMembershipMetadata", second: true, method: merge, target: theMembership, after: merged, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, err := organizations.AsMemberships[withPublic](s.Organizations).Modify(ctx, "org_1", "user_1", func(v *withPublic) error {
			v.Public.modify()
			return nil
		})
		return r != nil, err
	}},
	{name: "me.UpdateMetadata", method: merge, target: theUser, after: merged, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, _, err := s.me.UpdateMetadata(ctx, me.Cookie(token), patch())
		return r != nil, err
	}},
	{name: "me.GetMe", method: get, partial: true, do: func(ctx context.Context, s sdk) (bool, error) {
		r, _, err := s.me.GetMe(ctx, me.Cookie(token))
		return r != nil, err
	}},
	{name: "me.ReplaceMetadata, its read", label: "me.ReplaceMetadata", method: get, target: theUser, after: replaced, do: replaceMe},
	{name: "me.ReplaceMetadata, its write", label: "me.ReplaceMetadata", second: true, method: merge, target: theUser, after: replaced, partial: true, do: replaceMe},
}

type (
	withPublic struct {
		Public content `json:"public_metadata"`
	}
	withUnsafe struct {
		Unsafe content `json:"unsafe_metadata"`
	}
)

func typedUsers(s sdk) *users.View[withUnsafe] { return users.As[withUnsafe](s.Users) }

func modifyUser(ctx context.Context, s sdk) (bool, error) {
	r, err := typedUsers(s).Modify(ctx, "user_1", func(v *withUnsafe) error {
		v.Unsafe.modify()
		return nil
	})
	return r != nil, err
}

func replaceMe(ctx context.Context, s sdk) (bool, error) {
	r, _, err := s.me.ReplaceMetadata(ctx, me.Cookie(token), value())
	return r != nil, err
}
