package clerktest

import (
	"time"
)

// wrapped is an answer of the Frontend API: most objects travel together with
// the client that asked.
func (st *store) wrapped(response any, cl *device) any {
	return map[string]any{"response": response, "client": st.clientJSON(cl)}
}

// ownUserJSON is a User as users see themselves: with their organizations, and
// without anything private.
func (st *store) ownUserJSON(u *user) map[string]any {
	own := ordered(u.memberships.byID)
	memberships := make([]any, len(own))
	for i, m := range own {
		j, o := m.json(), organizationJSON(m.organization, false)
		delete(j, privateMetadata)
		delete(o, "created_by")
		j["organization"] = o
		memberships[i] = j
	}
	j := userJSON(u, false)
	j["organization_memberships"] = memberships
	return j
}

// clientJSON is a Client; a browser or an app that has none yet gets null.
func (st *store) clientJSON(cl *device) any {
	if cl == nil {
		return nil
	}
	sessions := make([]any, len(cl.sessions))
	for i, s := range cl.sessions {
		sessions[i] = st.sessionJSON(s)
	}
	var active any
	if s := cl.current(); s != nil {
		active = s.id
	}
	var pending any
	if cl.signUp != nil && cl.signUp.session == nil {
		pending = signUpJSON(cl.signUp)
	}
	return map[string]any{
		"object":                       "client",
		"id":                           cl.id,
		"sessions":                     sessions,
		"sign_in":                      nil,
		"sign_up":                      pending,
		"last_active_session_id":       active,
		"last_authentication_strategy": nil,
		"cookie_expires_at":            nil,
		"captcha_bypass":               false,
		"created_at":                   cl.created.UnixMilli(),
		"updated_at":                   cl.updated.UnixMilli(),
	}
}

func (st *store) sessionJSON(s *session) map[string]any {
	var organization any
	if s.organization != nil {
		organization = s.organization.id
	}
	return map[string]any{
		"id":                          s.id,
		"object":                      "session",
		"status":                      s.status,
		"expire_at":                   s.created.Add(7 * 24 * time.Hour).UnixMilli(),
		"abandon_at":                  s.created.Add(30 * 24 * time.Hour).UnixMilli(),
		"last_active_at":              s.updated.UnixMilli(),
		"last_active_organization_id": organization,
		"actor":                       nil,
		"user":                        st.ownUserJSON(s.user),
		"public_user_data":            publicUserJSON(s.user),
		"factor_verification_age":     []int{0, -1},
		"created_at":                  s.created.UnixMilli(),
		"updated_at":                  s.updated.UnixMilli(),
	}
}

// signUpJSON is a SignUp.
func signUpJSON(s *signUp) map[string]any {
	none := []string{}
	status, missing := "complete", none
	var userID, sessionID any
	if s.session != nil {
		userID, sessionID = s.session.user.id, s.session.id
	} else {
		status, missing = "missing_requirements", []string{"email_address"}
	}
	return map[string]any{
		"object":             "sign_up_attempt",
		"id":                 s.id,
		"status":             status,
		"required_fields":    none,
		"optional_fields":    []string{"first_name", "last_name", "password", "phone_number", "username"},
		"missing_fields":     missing,
		"unverified_fields":  none,
		"verifications":      map[string]any{"email_address": nil, "phone_number": nil, "web3_wallet": nil, "external_account": nil},
		"username":           nullable(s.fields["username"]),
		"email_address":      nullable(s.fields["email_address"]),
		"phone_number":       nullable(s.fields["phone_number"]),
		"web3_wallet":        nil,
		"password_enabled":   s.fields["password"] != "",
		"first_name":         nullable(s.fields["first_name"]),
		"last_name":          nullable(s.fields["last_name"]),
		"unsafe_metadata":    s.meta[unsafeMetadata],
		"public_metadata":    s.meta[publicMetadata],
		"custom_action":      false,
		"external_id":        nil,
		"created_session_id": sessionID,
		"created_user_id":    userID,
		"abandon_at":         s.created.Add(24 * time.Hour).UnixMilli(),
		"legal_accepted_at":  s.legalAccepted(),
	}
}
