package calls

import (
	"net/http"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// SDK is every service.
type SDK struct {
	*client.Client

	Me *me.Service
}

// New returns the services with the secret key and the base URLs given, whose
// requests rt carries.
func New(key, backendURL, frontendURL string, rt http.RoundTripper, opts ...client.Option) (SDK, error) {
	opts = append(opts[:len(opts):len(opts)], client.WithHTTPClient(&http.Client{Transport: rt}))
	frontend, err := client.NewFrontend(frontendURL, opts...)
	if err != nil {
		return SDK{}, err
	}
	backend, err := client.New(client.SecretKey(key), append(opts, client.WithBaseURL(backendURL))...)
	return SDK{backend, frontend}, err
}

// Input has the arguments of every call; a call takes those that it has parameters for.
type Input struct {
	User, Organization string
	// Newcomer is the user who becomes a member.
	Newcomer string
	// Invitation and MemberInvitation are pending.
	Invitation, MemberInvitation string
	// Password is that of a new user, "" for none.
	Password   string
	Credential me.Credential
	Patch      Fields[metadata.Patch]
	Value      Fields[metadata.Value]
	// PageSize is that of walks; 0 is the default.
	PageSize int
	// Limit is how many steps of a walk are made; 0 is no limit.
	Limit int
}

// WithID is the input with another id; param names it as errors do.
func (in Input) WithID(param, id string) Input {
	switch param {
	case "organization_id":
		in.Organization = id
	case "invitation_id":
		in.Invitation, in.MemberInvitation = id, id
	default:
		in.User, in.Newcomer = id, id
	}
	return in
}

// Fields are the metadata fields of an entity.
type Fields[T any] struct{ Public, Private, Unsafe T }

// Same is v in every field.
func Same[T any](v T) Fields[T] { return Fields[T]{v, v, v} }

// Only is v in one field.
func Only[T any](field string, v T) Fields[T] {
	var f Fields[T]
	*f.at(field) = v
	return f
}

// Get is one field.
func (f Fields[T]) Get(field string) T { return *f.at(field) }

func (f *Fields[T]) at(field string) *T {
	switch field {
	case Public:
		return &f.Public
	case Private:
		return &f.Private
	case Unsafe:
		return &f.Unsafe
	}
	return new(T)
}

// Token is the credential of Valid, a cookie.
const Token = "client-token"

// Valid is input that every call accepts.
func Valid() Input {
	return Input{
		User: "user_1", Organization: "org_1", Newcomer: "user_3", Invitation: "inv_1", MemberInvitation: "orginv_1", Password: "correct horse", Credential: me.Cookie(Token),
		Patch: Same(metadata.Patch{"a": 1}), Value: Same(metadata.Of(map[string]any{"a": 1})),
	}
}

// Seed is a Clerk on which every call with Valid succeeds, and changes something if
// it writes. It holds two of each entity, with field in every metadata field of the
// first, and a user who is no member.
func Seed(field any) clerktest.Seed {
	return clerktest.Seed{
		Users: []clerktest.User{
			{ID: "user_1", PublicMetadata: field, PrivateMetadata: field, UnsafeMetadata: field}, {ID: "user_2"}, {ID: "user_3"},
		},
		Organizations: []clerktest.Organization{
			{ID: "org_1", PublicMetadata: field, PrivateMetadata: field}, {ID: "org_2"},
		},
		Memberships: []clerktest.Membership{
			{OrganizationID: "org_1", UserID: "user_1", PublicMetadata: field, PrivateMetadata: field},
			{OrganizationID: "org_1", UserID: "user_2"},
		},
		Invitations: []clerktest.Invitation{
			{ID: "inv_1", EmailAddress: Guest, PublicMetadata: field}, {ID: "inv_2", EmailAddress: "other@example.com"},
			{ID: "orginv_1", OrganizationID: "org_1", EmailAddress: Guest, PublicMetadata: field, PrivateMetadata: field},
			{ID: "orginv_2", OrganizationID: "org_1", EmailAddress: "other@example.com"},
		},
		Sessions: []clerktest.Session{{ID: "sess_1", UserID: "user_1", ClientToken: Token, DevBrowser: DevBrowser}},
	}
}

// Guest is the address of both invitations of Valid.
const Guest = "guest@example.com"

// DevBrowser is the token of a development browser that is signed in on a Clerk with
// Seed.
const DevBrowser = "dev-token"
