package clerktest

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// The objects of Clerk's answers, each with every field that the OpenAPI
// documents require of it. What the fake does not model has the value of a
// plain account: no addresses, no second factor, nothing banned.

// userJSON is a User; private is false where the Frontend API reads along.
func userJSON(u *user, private bool) map[string]any {
	none := []any{}
	m := map[string]any{
		"id":                              u.id,
		"object":                          "user",
		"username":                        nullable(u.username),
		"first_name":                      nullable(u.firstName),
		"last_name":                       nullable(u.lastName),
		"image_url":                       imageURL,
		"has_image":                       false,
		"primary_email_address_id":        nil,
		"primary_phone_number_id":         nil,
		"primary_web3_wallet_id":          nil,
		"password_enabled":                false,
		"two_factor_enabled":              false,
		"totp_enabled":                    false,
		"backup_code_enabled":             false,
		"email_addresses":                 none,
		"phone_numbers":                   none,
		"web3_wallets":                    none,
		"passkeys":                        none,
		"external_accounts":               none,
		"saml_accounts":                   none,
		"enterprise_accounts":             none,
		"external_id":                     nil,
		"last_sign_in_at":                 nil,
		"banned":                          false,
		"locked":                          false,
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

// organizationJSON is an Organization.
func organizationJSON(o *organization, private bool) map[string]any {
	m := map[string]any{
		"id":                      o.id,
		"object":                  "organization",
		"name":                    o.name,
		"slug":                    o.slug,
		"image_url":               imageURL,
		"has_image":               false,
		"max_allowed_memberships": 0, // unlimited
		"admin_delete_enabled":    true,
	}
	common(m, &o.entity, private)
	return m
}

// membershipJSON is an OrganizationMembership. The organization inside comes
// without its private metadata, as the documents allow.
func membershipJSON(m *membership) map[string]any {
	public := publicUserJSON(m.user)
	public["user_id"] = m.user.id
	public["profile_image_url"] = imageURL
	j := map[string]any{
		"id":               m.id,
		"object":           "organization_membership",
		"role":             m.role,
		"role_name":        strings.TrimPrefix(m.role, "org:"),
		"permissions":      []any{},
		"organization":     organizationJSON(m.organization, false),
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
		"identifier": or(u.username, u.id+"@example.com"),
	}
}

// clientJSON is the Frontend API's Client.
func clientJSON(c *device) map[string]any {
	sessions := make([]any, len(c.sessions))
	for i, s := range c.sessions {
		sessions[i] = sessionJSON(s)
	}
	return map[string]any{
		"object":                       "client",
		"id":                           c.id,
		"sessions":                     sessions,
		"sign_in":                      nil,
		"sign_up":                      nil,
		"last_active_session_id":       c.sessions[0].id,
		"last_authentication_strategy": nil,
		"cookie_expires_at":            nil,
		"captcha_bypass":               false,
		"created_at":                   c.created.UnixMilli(),
		"updated_at":                   c.created.UnixMilli(),
	}
}

func sessionJSON(s *session) map[string]any {
	return map[string]any{
		"id":                          s.id,
		"object":                      "session",
		"status":                      "active",
		"expire_at":                   s.created.Add(7 * 24 * time.Hour).UnixMilli(),
		"abandon_at":                  s.created.Add(30 * 24 * time.Hour).UnixMilli(),
		"last_active_at":              s.created.UnixMilli(),
		"last_active_organization_id": nil,
		"user":                        userJSON(s.user, false),
		"public_user_data":            publicUserJSON(s.user),
		"factor_verification_age":     []int{0, -1},
		"created_at":                  s.created.UnixMilli(),
		"updated_at":                  s.created.UnixMilli(),
	}
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
