package clerktest

import (
	"bytes"
	_ "embed" // for the objects
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// objectsText has, for each kind of object of Clerk's answers, the members that are the
// same in every plain account: no passkeys, no second factor. With those that the
// functions below add, an object has every member that the OpenAPI documents require.
//
//go:embed objects.json
var objectsText []byte

// object is an object of a kind with these members.
func object(kind string, members map[string]any) map[string]any {
	m := maps.Clone(objects()[kind])
	maps.Copy(m, members)
	return m
}

var objects = decoded[map[string]map[string]any](objectsText)

// decoded decodes an embedded text when it is first needed.
func decoded[T any](text []byte) func() T {
	return sync.OnceValue(func() (v T) {
		_ = json.Unmarshal(text, &v) // no test that reads an answer passes with an invalid text
		return v
	})
}

// json is a User, without private metadata for the Frontend API.
func (u *user) json(private bool) map[string]any {
	emails := identifications(u, "email_address", 0, u.emailAddresses(), len(u.EmailAddresses))
	phones := identifications(u, "phone_number", len(emails), u.phoneNumbers(), len(u.PhoneNumbers))
	m := object("user", map[string]any{
		"username":         nullable(u.Username),
		"first_name":       nullable(u.FirstName),
		"last_name":        nullable(u.LastName),
		"password_enabled": u.PasswordEnabled,
		"email_addresses":  emails,
		"phone_numbers":    phones,
		"external_id":      nullable(u.ExternalID),
		"locale":           nullable(u.Locale),
		"banned":           u.Banned,
		"locked":           u.Locked,
	})
	if len(u.EmailAddresses) > 0 {
		m["primary_email_address_id"] = identificationID(u, 0)
	}
	if len(u.PhoneNumbers) > 0 {
		m["primary_phone_number_id"] = identificationID(u, len(emails))
	}
	if u.LastActiveAt != 0 {
		m["last_active_at"] = u.LastActiveAt
	}
	u.addTo(m, private)
	return m
}

// identifications are addresses or numbers of a user, of which the first are verified.
// Those of a user are numbered from a number on.
func identifications(u *user, kind string, from int, values []string, verified int) []any {
	all := make([]any, len(values))
	for i, value := range values {
		m := object(kind, map[string]any{
			"id": identificationID(u, from+i), kind: value, "created_at": u.created, "updated_at": u.created,
		})
		if i >= verified {
			m["verification"] = object("unverified_"+kind, nil)
		}
		all[i] = m
	}
	return all
}

// identificationID names the i-th address or number of a user.
func identificationID(u *user, i int) string {
	return "idn_" + strings.TrimPrefix(u.id, "user_") + "_" + strconv.Itoa(i+1)
}

// deletedJSON is a DeletedObject.
func deletedJSON(object, id string) map[string]any {
	return map[string]any{"id": id, "object": object, "deleted": true}
}

// json is an Organization.
func (o *organization) json(private bool) map[string]any {
	m := object("organization", map[string]any{
		"name": o.Name, "slug": o.Slug, "max_allowed_memberships": o.MaxAllowedMemberships,
	})
	if o.CreatedBy != "" && private {
		m["created_by"] = o.CreatedBy
	}
	o.addTo(m, private)
	return m
}

// json is an OrganizationMembership with the whole organization inside.
func (m *membership) json(private bool) map[string]any {
	public := publicUserJSON(m.user)
	public["user_id"] = m.user.id
	public["profile_image_url"] = public["image_url"]
	j := object("organization_membership", map[string]any{
		"role":             m.Role,
		"role_name":        strings.TrimPrefix(m.Role, "org:"),
		"organization":     m.organization.json(private),
		"public_user_data": public,
	})
	m.addTo(j, private)
	return j
}

func publicUserJSON(u *user) map[string]any {
	return object("public_user_data", map[string]any{
		"first_name": nullable(u.FirstName), "last_name": nullable(u.LastName), "identifier": u.identifier(),
	})
}

// addTo adds the members that objects with a time of their creation share.
func (e *entity) addTo(m map[string]any, private bool) {
	m["id"], m["created_at"], m["updated_at"] = e.id, e.created, e.updated
	for field, o := range e.meta {
		if field != privateMetadata || private {
			m[field] = o
		}
	}
}

// wrapped is an answer of the Frontend API, in which most objects come with the client
// of the request.
func wrapped(response any, cl *device) any {
	return map[string]any{"response": response, "client": clientJSON(cl)}
}

// ownUserJSON is a User as users see themselves: with their organizations, and
// without anything private.
func ownUserJSON(u *user) map[string]any {
	memberships := []any{}
	for _, m := range ordered(u.memberships.byID) {
		memberships = append(memberships, m.json(false))
	}
	j := u.json(false)
	j["organization_memberships"] = memberships
	return j
}

// clientJSON is a Client, null for a browser or an app without one.
func clientJSON(cl *device) any {
	if cl == nil {
		return nil
	}
	sessions := make([]any, len(cl.sessions))
	for i, s := range cl.sessions {
		sessions[i] = sessionJSON(s)
	}
	m := object("client", map[string]any{"sessions": sessions})
	cl.addTo(m, false)
	if s := cl.current(); s != nil {
		m["last_active_session_id"] = s.id
	}
	if cl.signUp != nil && cl.signUp.session == nil {
		m["sign_up"] = signUpJSON(cl.signUp)
	}
	return m
}

const day = 24 * time.Hour

// sessionJSON is a Session as the Frontend API shows it.
func sessionJSON(s *session) map[string]any {
	m := object("session", map[string]any{
		"user":                    ownUserJSON(s.user),
		"public_user_data":        publicUserJSON(s.user),
		"factor_verification_age": []int{0, -1},
	})
	s.addTo(m, false)
	return m
}

// json is a Session as the Backend API shows it.
func (s *session) json(private bool) map[string]any {
	m := object("session", map[string]any{"user_id": s.user.id, "client_id": s.client.id})
	s.addTo(m, private)
	return m
}

// addTo adds the members that a session has in both APIs.
func (s *session) addTo(m map[string]any, private bool) {
	s.entity.addTo(m, private)
	m["status"], m["last_active_at"] = s.status, s.updated
	m["expire_at"] = s.created + (7 * day).Milliseconds()
	m["abandon_at"] = s.created + (30 * day).Milliseconds()
	if s.organization != nil {
		m["last_active_organization_id"] = s.organization.id
	}
}

// signUpJSON is a SignUp.
func signUpJSON(s *signUp) map[string]any {
	m := object("sign_up_attempt", map[string]any{
		"id":               s.id,
		"username":         nullable(s.Username),
		"email_address":    nullable(first(s.EmailAddresses)),
		"phone_number":     nullable(first(s.PhoneNumbers)),
		"first_name":       nullable(s.FirstName),
		"last_name":        nullable(s.LastName),
		"password_enabled": s.PasswordEnabled,
		"unsafe_metadata":  s.meta[unsafeMetadata],
		"public_metadata":  s.meta[publicMetadata],
		"abandon_at":       s.created + day.Milliseconds(),
	})
	if s.session != nil {
		m["created_user_id"], m["created_session_id"] = s.session.user.id, s.session.id
	} else {
		m["status"], m["missing_fields"] = "missing_requirements", []string{"email_address"}
	}
	if s.accepted {
		m["legal_accepted_at"] = s.created
	}
	return m
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// encode writes JSON as in Clerk's answers, without HTML escapes. It encodes only values
// that cannot fail.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
