package clerktest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"strings"
)

// The objects of Clerk's answers, each with every field that the OpenAPI
// documents require of it. What the fake does not model has the value of a
// plain account: no phone numbers, no second factor.

// userJSON is a User; private is false where the Frontend API reads along.
func userJSON(u *user, private bool) map[string]any {
	none := []any{}
	emails := make([]any, len(u.emails))
	var primary any
	for i := range u.emails {
		emails[i] = emailJSON(u, i)
		primary = emailID(u, 0)
	}
	m := map[string]any{
		"id":                              u.id,
		"object":                          "user",
		"username":                        nullable(u.username),
		"first_name":                      nullable(u.firstName),
		"last_name":                       nullable(u.lastName),
		"image_url":                       imageURL,
		"has_image":                       false,
		"primary_email_address_id":        primary,
		"primary_phone_number_id":         nil,
		"primary_web3_wallet_id":          nil,
		"password_enabled":                u.password,
		"two_factor_enabled":              false,
		"totp_enabled":                    false,
		"backup_code_enabled":             false,
		"email_addresses":                 emails,
		"phone_numbers":                   none,
		"web3_wallets":                    none,
		"passkeys":                        none,
		"external_accounts":               none,
		"saml_accounts":                   none,
		"enterprise_accounts":             none,
		"external_id":                     nullable(u.externalID),
		"locale":                          nullable(u.locale),
		"last_sign_in_at":                 nil,
		"banned":                          u.banned,
		"locked":                          u.locked,
		"lockout_expires_in_seconds":      nil,
		"verification_attempts_remaining": nil,
		"delete_self_enabled":             true,
		"create_organization_enabled":     true,
		"last_active_at":                  nil,
		"mfa_enabled_at":                  nil,
		"mfa_disabled_at":                 nil,
		"legal_accepted_at":               nil,
	}
	common(m, &u.entity, private)
	return m
}

func (u *user) json() map[string]any { return userJSON(u, true) }

// emailID names a user's i-th address.
func emailID(u *user, i int) string {
	return "idn_" + strings.TrimPrefix(u.id, "user_") + "_" + strconv.Itoa(i+1)
}

// emailJSON is an EmailAddress, verified as those are that the Backend API adds.
func emailJSON(u *user, i int) map[string]any {
	return map[string]any{
		"id":            emailID(u, i),
		"object":        "email_address",
		"email_address": u.emails[i],
		"reserved":      false,
		"verification": map[string]any{
			"object": "verification_admin", "status": "verified", "strategy": "admin", "attempts": nil, "expire_at": nil,
		},
		"linked_to":              []any{},
		"matches_sso_connection": false,
		"created_at":             u.created.UnixMilli(),
		"updated_at":             u.created.UnixMilli(),
	}
}

// deletedJSON is a DeletedObject.
func deletedJSON(object, id string) map[string]any {
	return map[string]any{"id": id, "object": object, "deleted": true}
}

// organizationJSON is an Organization.
func organizationJSON(o *organization, private bool) map[string]any {
	m := map[string]any{
		"id":                      o.id,
		"object":                  "organization",
		"name":                    o.name,
		"slug":                    o.slug,
		"image_url":               imageURL,
		"has_image":               false,
		"max_allowed_memberships": o.most,
		"admin_delete_enabled":    true,
	}
	if o.createdBy != "" {
		m["created_by"] = o.createdBy
	}
	common(m, &o.entity, private)
	return m
}

func (o *organization) json() map[string]any { return organizationJSON(o, true) }

// json is an OrganizationMembership of the Backend API, with the whole organization
// inside.
func (m *membership) json() map[string]any {
	public := publicUserJSON(m.user)
	public["user_id"] = m.user.id
	public["profile_image_url"] = imageURL
	j := map[string]any{
		"id":               m.id,
		"object":           "organization_membership",
		"role":             m.role,
		"role_name":        strings.TrimPrefix(m.role, "org:"),
		"permissions":      []any{},
		"organization":     organizationJSON(m.organization, true),
		"public_user_data": public,
	}
	common(j, &m.entity, true)
	return j
}

func publicUserJSON(u *user) map[string]any {
	return map[string]any{
		"first_name": nullable(u.firstName),
		"last_name":  nullable(u.lastName),
		"image_url":  imageURL,
		"has_image":  false,
		"identifier": u.identifier(),
	}
}

// identifier is what the user signs in with.
func (u *user) identifier() string {
	return cmp.Or(u.email(), u.username, u.id+"@example.com")
}

const imageURL = "https://img.example.com/default.png"

// common adds metadata and times.
func common(m map[string]any, e *entity, private bool) {
	for field, o := range e.meta {
		if field != privateMetadata || private {
			m[field] = o
		}
	}
	m["created_at"] = e.created.UnixMilli()
	m["updated_at"] = e.updated.UnixMilli()
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// encode writes JSON as Clerk's answers hold it, without HTML escapes. What the
// fake encodes always can be.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
