package clerktest

// Seed is the state of an instance, which New takes and State returns. SeedSchema
// describes its JSON form and ParseSeed reads it. A field left out gets a default.
//
// A Seed lacks what only a running instance has: rotated client tokens, clients
// without a session, scripted faults, the log.
type Seed struct {
	// SecretKey is the key that the Backend API accepts; DefaultSecretKey if left out.
	SecretKey string `json:"secret_key,omitempty"`
	// WebhookSecret signs the events that Webhooks and Config.Webhooks receive: whsec_ and
	// the base64 of at least 24 bytes; DefaultWebhookSecret if left out.
	WebhookSecret string `json:"webhook_secret,omitempty"`
	// Webhooks receive the events, at most ten of them.
	Webhooks []Webhook `json:"webhooks,omitzero"`
	// SessionClaims are the claims that session tokens have besides Clerk's own, as the
	// dashboard takes them: JSON values with shortcodes in their strings, such as
	// {"metadata": "{{user.public_metadata}}", "tier": "{{org.public_metadata.tier || 'free'}}"}.
	// Shortcodes begin with user, org (the organization that is active in the session) or
	// org_membership. One that leads nowhere is null; private metadata is an error, as
	// are the claims that every session token has. What changes in between shows in the
	// next token, as with Clerk. Tokens have no limit of size here: see
	// metadata.CheckClaims.
	SessionClaims map[string]any `json:"session_claims,omitempty"`
	// Users are the users, the oldest first where CreatedAt is equal.
	Users []User `json:"users,omitempty"`
	// Organizations are the organizations, ordered like Users.
	Organizations []Organization `json:"organizations,omitempty"`
	// Memberships say which of Users belong to which of Organizations.
	Memberships []Membership `json:"memberships,omitempty"`
	// Invitations invite people to the application or to one of Organizations.
	Invitations []Invitation `json:"invitations,omitempty"`
	// Sessions say which of Users are signed in to the Frontend API, or were.
	Sessions []Session `json:"sessions,omitempty"`
}

// User seeds a user. What is left out gets a default: the id "user_1", "user_2"
// and so on by position, metadata {}, names null, now as both times. Usernames,
// external ids, and verified email addresses and phone numbers are unique.
type User struct {
	// ID is any text; Clerk's ids begin with "user_".
	ID string `json:"id,omitempty"`
	// PublicMetadata, PrivateMetadata and UnsafeMetadata are anything that
	// metadata.Of takes (a map, a struct) or a metadata.Value; nil is {}. The limit
	// of size does not apply to them. State returns them as a metadata.Value.
	PublicMetadata  any `json:"public_metadata,omitzero"`
	PrivateMetadata any `json:"private_metadata,omitzero"`
	UnsafeMetadata  any `json:"unsafe_metadata,omitzero"`
	// FirstName and LastName are null in an answer where they are "".
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	// Username is unique without regard to case; "" is none.
	Username string `json:"username,omitempty"`
	// ExternalID is the user's id in another system, unique; "" is none.
	ExternalID string `json:"external_id,omitempty"`
	// Locale is the user's language, such as "nl-NL"; "" is none.
	Locale string `json:"locale,omitempty"`
	// EmailAddresses are verified, and the first is the primary one.
	EmailAddresses []string `json:"email_addresses,omitempty"`
	// UnverifiedEmailAddresses were entered by the user, who has not proved to own them:
	// other users can have the same, verified or not.
	UnverifiedEmailAddresses []string `json:"unverified_email_addresses,omitempty"`
	// PhoneNumbers are verified, in the form of E.164 (+15550100), and the first is the
	// primary one.
	PhoneNumbers []string `json:"phone_numbers,omitempty"`
	// UnverifiedPhoneNumbers are like UnverifiedEmailAddresses.
	UnverifiedPhoneNumbers []string `json:"unverified_phone_numbers,omitempty"`
	// PasswordEnabled says that the user has a password; the fake keeps none.
	PasswordEnabled bool `json:"password_enabled,omitempty"`
	// Banned and Locked appear in answers, and lists can filter by Banned. They
	// restrict nothing else.
	Banned bool `json:"banned,omitempty"`
	Locked bool `json:"locked,omitempty"`
	// LastActiveAt is when the user was last active, in Unix milliseconds; 0 is never.
	LastActiveAt int64 `json:"last_active_at,omitempty"`
	// CreatedAt and UpdatedAt are Unix milliseconds.
	CreatedAt int64 `json:"created_at,omitempty"`
	UpdatedAt int64 `json:"updated_at,omitempty"`
}

// Organization seeds an organization. What is left out gets a default: the id
// "org_1" and so on by position, the id as slug and as name, metadata {}, any
// number of members, now as both times.
type Organization struct {
	// ID is any text; Clerk's ids begin with "org_".
	ID string `json:"id,omitempty"`
	// Slug differs from every other slug and id: requests name an organization by
	// either.
	Slug string `json:"slug,omitempty"`
	// Name is the display name; it need not be unique.
	Name string `json:"name,omitempty"`
	// PublicMetadata and PrivateMetadata are like User's.
	PublicMetadata  any `json:"public_metadata,omitzero"`
	PrivateMetadata any `json:"private_metadata,omitzero"`
	// CreatedBy is the id of a user, who may be deleted.
	CreatedBy string `json:"created_by,omitempty"`
	// MaxAllowedMemberships of 0 is no limit.
	MaxAllowedMemberships int `json:"max_allowed_memberships,omitempty"`
	// CreatedAt and UpdatedAt are Unix milliseconds.
	CreatedAt int64 `json:"created_at,omitempty"`
	UpdatedAt int64 `json:"updated_at,omitempty"`
}

// Membership seeds a membership of a seeded user in a seeded organization; it must name
// both. Unless given, its id is "orgmem_1" and so on by position, its role "org:member"
// and its metadata {}.
type Membership struct {
	// ID is the membership's id, which no request of this module uses.
	ID string `json:"id,omitempty"`
	// OrganizationID is the id, not the slug, of a seeded organization.
	OrganizationID string `json:"organization_id"`
	// UserID is a seeded user, once for each organization.
	UserID string `json:"user_id"`
	// Role is any text: the fake has no list of roles.
	Role string `json:"role,omitempty"`
	// PublicMetadata and PrivateMetadata are like User's.
	PublicMetadata  any `json:"public_metadata,omitzero"`
	PrivateMetadata any `json:"private_metadata,omitzero"`
	// CreatedAt and UpdatedAt are Unix milliseconds.
	CreatedAt int64 `json:"created_at,omitempty"`
	UpdatedAt int64 `json:"updated_at,omitempty"`
}

// Invitation seeds an invitation to the application, or to a seeded organization if it
// names one. Unless given, its id is "inv_1" or "orginv_1" and so on by position, its
// status "pending", its role "org:member" and its metadata {}; it expires 30 days after it
// was made. Its ticket is "ticket_" and the id.
type Invitation struct {
	// ID is any text; Clerk's ids begin with "inv_" or "orginv_".
	ID string `json:"id,omitempty"`
	// OrganizationID is the id of a seeded organization, "" for the application.
	OrganizationID string `json:"organization_id,omitempty"`
	// EmailAddress is who is invited.
	EmailAddress string `json:"email_address"`
	// Role and InviterUserID go with an organization only.
	Role          string `json:"role,omitempty"`
	InviterUserID string `json:"inviter_user_id,omitempty"`
	// PublicMetadata and PrivateMetadata are like User's; an invitation to the
	// application has no private metadata.
	PublicMetadata  any `json:"public_metadata,omitzero"`
	PrivateMetadata any `json:"private_metadata,omitzero"`
	// RedirectURL is where the link of the invitation leads.
	RedirectURL string `json:"redirect_url,omitempty"`
	// Status is "pending", "accepted", "revoked" or "expired".
	Status string `json:"status,omitempty"`
	// ExpiresAt, CreatedAt and UpdatedAt are Unix milliseconds.
	ExpiresAt int64 `json:"expires_at,omitempty"`
	CreatedAt int64 `json:"created_at,omitempty"`
	UpdatedAt int64 `json:"updated_at,omitempty"`
}

// Session seeds a session in which a seeded user is signed in to the Frontend
// API. Sessions with the same ClientToken, or the same DevBrowser, belong to one
// client; a request that names no session gets the client's first. The id
// defaults to "sess_1" and so on by position.
type Session struct {
	// ID is what requests name the session by (_clerk_session_id); unique.
	ID string `json:"id,omitempty"`
	// UserID is the seeded user who is signed in. It is required.
	UserID string `json:"user_id"`
	// Status is "active", which is the default, "revoked", "ended", "removed",
	// "expired", "abandoned" or "replaced". Only an active session is signed in. A
	// client still shows a revoked one; the others have none of the credentials below.
	Status string `json:"status,omitempty"`
	// ClientID is the id of the client; that of its first session counts. It defaults
	// to "client_1" and so on by position.
	ClientID string `json:"client_id,omitempty"`
	// ClientToken is what a browser sends as cookie __client and a native app
	// as Authorization. It defaults to "client_token_" and the session's id.
	ClientToken string `json:"client_token,omitempty"`
	// DevBrowser is what a development browser sends as __clerk_db_jwt or
	// __dev_session; "" is none.
	DevBrowser string `json:"dev_browser,omitempty"`
	// Active makes it the client's current session, which otherwise is the first. The
	// last of several counts.
	Active bool `json:"active,omitempty"`
	// ActiveOrganizationID is the organization that the session acts in.
	ActiveOrganizationID string `json:"active_organization_id,omitempty"`
	// CreatedAt and UpdatedAt are Unix milliseconds, now if left out.
	CreatedAt int64 `json:"created_at,omitempty"`
	UpdatedAt int64 `json:"updated_at,omitempty"`
}

// Webhook seeds an endpoint that receives events, as Clerk's dashboard makes one. The
// instance posts each event to it when it happens, until Close.
type Webhook struct {
	// URL is an http or https address, on the loopback interface unless
	// Config.WebhookHosts has its host. It has no credentials and no query.
	URL string `json:"url"`
	// Events are the types of the events that it receives, such as "user.updated"; all if
	// left out.
	Events []string `json:"events,omitempty"`
}
