package clerktest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

const (
	publicMetadata  = "public_metadata"
	privateMetadata = "private_metadata"
	unsafeMetadata  = "unsafe_metadata"
)

// entity is what users, organizations, memberships and sessions share. Its fields replace
// those of the part of a seed that is embedded beside it.
type entity struct {
	id               string
	seq              int   // order of creation, where created is the same
	created, updated int64 // Unix milliseconds, as answers show them
	// meta has a key for each metadata field of this kind of entity.
	meta map[string]metadata.Object
}

func (e *entity) base() *entity { return e }

// touch advances updated by at least a millisecond, so that every write shows.
func (e *entity) touch() { e.updated = max(e.updated+1, time.Now().UnixMilli()) }

type user struct {
	entity
	User
	memberships *table[*membership]
	sessions    []*session
}

type organization struct {
	entity
	Organization
	members *table[*membership]
}

type membership struct {
	entity
	Membership
	organization *organization
	user         *user
}

// member is the key of a membership.
type member struct{ organization, user string }

// handle is an identifier that only one user can have.
type handle struct{ kind, value string }

// key is equal for handles that Clerk takes for the same.
func (h handle) key() handle {
	if h.kind != "external_id" {
		// Both, because some letters have two small forms.
		h.value = strings.ToLower(strings.ToUpper(h.value))
	}
	return h
}

// handles are a user's identifiers, besides the id.
func (u *user) handles() []handle {
	all := []handle{{"username", u.Username}, {"external_id", u.ExternalID}}
	all = append(all, handlesOf("email_address", u.EmailAddresses)...)
	all = append(all, handlesOf("phone_number", u.PhoneNumbers)...)
	return slices.DeleteFunc(all, func(h handle) bool { return h.value == "" })
}

// claims are the identifiers that the user has not verified: others can have them, too.
func (u *user) claims() []handle {
	return append(handlesOf("email_address", u.UnverifiedEmailAddresses), handlesOf("phone_number", u.UnverifiedPhoneNumbers)...)
}

func handlesOf(kind string, values []string) []handle {
	var all []handle
	for _, value := range values {
		all = append(all, handle{kind, value})
	}
	return all
}

// emailAddresses are the user's, the verified ones first.
func (u *user) emailAddresses() []string {
	return slices.Concat(u.EmailAddresses, u.UnverifiedEmailAddresses)
}

// phoneNumbers are the user's, the verified ones first.
func (u *user) phoneNumbers() []string {
	return slices.Concat(u.PhoneNumbers, u.UnverifiedPhoneNumbers)
}

func (u *user) fullName() string {
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}

// email is the primary address, "" if there is none.
func (u *user) email() string { return first(u.EmailAddresses) }

// phone is the primary number, "" if there is none.
func (u *user) phone() string { return first(u.PhoneNumbers) }

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// identifier is what the user signs in with.
func (u *user) identifier() string {
	return cmp.Or(u.email(), u.phone(), u.Username, u.id+"@example.com")
}

// isEmail is a rough check: it refuses only what is certainly no address.
func isEmail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(s, " \t\r\n<>")
}

// isPhone is a rough check for the form of E.164.
func isPhone(s string) bool {
	digits, plus := strings.CutPrefix(s, "+")
	return plus && digits != "" && strings.Trim(digits, "0123456789") == ""
}

func containsFold(values []string, value string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, value) })
}
