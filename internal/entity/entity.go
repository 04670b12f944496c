// Package entity names what has metadata: a user, an organization, or a user's
// membership in an organization. It has their ids and fields.
package entity

import (
	"errors"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Names of the ids and of the metadata fields in Clerk's API and in errors.
const (
	UserID          = "user_id"
	OrganizationID  = "organization_id"
	InvitationID    = "invitation_id"
	PublicMetadata  = "public_metadata"
	PrivateMetadata = "private_metadata"
	UnsafeMetadata  = "unsafe_metadata"
)

// Kind is one of the three kinds of entities.
type Kind int

// The kinds.
const (
	User Kind = iota
	Organization
	Membership
)

// String returns "user", "organization" or "membership".
func (k Kind) String() string { return [...]string{"user", "organization", "membership"}[k] }

// fields are the fields of users, of which the other kinds have the first two.
var fields = [...]string{PublicMetadata, PrivateMetadata, UnsafeMetadata}

// Fields returns the names of the kind's metadata fields, in the order of Patches,
// Values and Objects. Only users have unsafe metadata.
func (k Kind) Fields() []string {
	if k == User {
		return slices.Clone(fields[:])
	}
	return slices.Clone(fields[:2])
}

// Field returns the name of the field with an index.
func Field(i int) string { return fields[i] }

// FieldIndex returns the index of a field by its name, -1 for another name.
func FieldIndex(name string) int { return slices.Index(fields[:], name) }

// Patches has a patch for each field. Fields that a kind does not have are nil.
type Patches [3]metadata.Patch

// Values has a value for each field. Fields that a kind does not have are zero.
type Values [3]metadata.Value

// Objects has an object for each field. Fields that a kind does not have are zero.
type Objects [3]metadata.Object

// ID names one entity: a user by UserID, an organization by OrganizationID, a
// membership by both.
type ID struct {
	OrganizationID string
	UserID         string
}

// Kind returns the kind that the ids name; User for none.
func (id ID) Kind() Kind {
	switch {
	case id.OrganizationID == "":
		return User
	case id.UserID == "":
		return Organization
	default:
		return Membership
	}
}

// String returns "user user_1", "organization org_1" or "membership org_1 user_1".
func (id ID) String() string {
	if id == (ID{}) {
		return "no entity"
	}
	return strings.Join(slices.DeleteFunc([]string{id.Kind().String(), id.OrganizationID, id.UserID}, func(s string) bool { return s == "" }), " ")
}

// Check refuses ids that name no entity which can be written: empty ids, those of
// another kind, slugs, and those that could change a path or a filter.
func (id ID) Check(operation string) error {
	switch {
	case id == ID{}:
		return errors.New("neither user nor organization is given")
	case id.Kind() == User && strings.HasPrefix(id.UserID, "org_"):
		return errors.New("user holds the id of an organization")
	case id.Kind() == Organization && strings.HasPrefix(id.OrganizationID, "user_"):
		return errors.New("organization holds the id of a user")
	case id.Kind() == User:
		return CheckFilterID(operation, UserID, id.UserID)
	case id.Kind() == Organization:
		return CheckOrganizationID(operation, id.OrganizationID)
	}
	if err := CheckMembershipIDs(operation, id.OrganizationID, id.UserID); err != nil {
		return err
	}
	return CheckFilterID(operation, UserID, id.UserID)
}

// ErrNoReplace reports that Clerk cannot replace a membership's metadata.
var ErrNoReplace = errors.New("memberships cannot be replaced, Clerk has no PUT for them: patch or unset")

// Record is an entity that was read.
type Record struct {
	ID
	// Name is the entity's own id: a membership has one besides those in ID.
	Name    string
	Objects Objects
}

// Fold returns a text with the letters A to Z in lower case, for comparing addresses. Other
// letters stay, some of which are taken for another letter in the other case.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
