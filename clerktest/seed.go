package clerktest

import (
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// User seeds a user. What is left out gets a default: the id "user_1", "user_2"
// and so on by position, metadata {}, names null.
type User struct {
	ID              string         `json:"id,omitempty"`
	PublicMetadata  metadata.Value `json:"public_metadata,omitzero"`
	PrivateMetadata metadata.Value `json:"private_metadata,omitzero"`
	UnsafeMetadata  metadata.Value `json:"unsafe_metadata,omitzero"`
	FirstName       string         `json:"first_name,omitempty"`
	LastName        string         `json:"last_name,omitempty"`
	Username        string         `json:"username,omitempty"`
}

// Organization seeds an organization. What is left out gets a default: the id
// "org_1" and so on by position, the id as slug and as name, metadata {}.
type Organization struct {
	ID              string         `json:"id,omitempty"`
	Slug            string         `json:"slug,omitempty"`
	Name            string         `json:"name,omitempty"`
	PublicMetadata  metadata.Value `json:"public_metadata,omitzero"`
	PrivateMetadata metadata.Value `json:"private_metadata,omitzero"`
}

// Membership seeds a membership of a seeded user in a seeded organization, both
// of which must be named. Its role is "org:member" and its metadata {} unless
// given.
type Membership struct {
	OrganizationID  string         `json:"organization_id"`
	UserID          string         `json:"user_id"`
	Role            string         `json:"role,omitempty"`
	PublicMetadata  metadata.Value `json:"public_metadata,omitzero"`
	PrivateMetadata metadata.Value `json:"private_metadata,omitzero"`
}

// Session seeds a session in which a seeded user is signed in to the Frontend
// API. Sessions with the same ClientToken, or the same DevBrowser, belong to one
// client; a request that names no session gets the client's first. The id
// defaults to "sess_1" and so on by position.
type Session struct {
	ID     string `json:"id,omitempty"`
	UserID string `json:"user_id"`
	// ClientToken is what a browser sends as cookie __client and a native app
	// as Authorization. It defaults to "client_token_" and the session's id.
	ClientToken string `json:"client_token,omitempty"`
	// DevBrowser is what a development browser sends as __clerk_db_jwt or
	// __dev_session; without it there is none.
	DevBrowser string `json:"dev_browser,omitempty"`
}
