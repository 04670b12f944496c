package entity

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

const maxIDBytes = 255

// CheckID refuses an id that could change the shape of a path.
func CheckID(operation, param, id string) error {
	if reason := badID(id); reason != "" {
		return clerkerr.Invalid(operation, param, errors.New(reason))
	}
	return nil
}

// CheckFilterID refuses what CheckID refuses, and what CheckSign refuses.
func CheckFilterID(operation, param, id string) error {
	if err := CheckSign(operation, param, id); err != nil {
		return err
	}
	return CheckID(operation, param, id)
}

// CheckSign refuses a leading sign: in a filter of a list by ids of users, organizations or
// other systems Clerk takes it for "include" or "exclude".
func CheckSign(operation, param, id string) error {
	if strings.HasPrefix(id, "+") || strings.HasPrefix(id, "-") {
		return clerkerr.Invalid(operation, param, errors.New("begins with a sign, which inverts the meaning of a filter"))
	}
	return nil
}

// CheckOrganizationID refuses what CheckID refuses, and a slug.
func CheckOrganizationID(operation, id string) error {
	if err := CheckID(operation, OrganizationID, id); err != nil {
		return err
	}
	if IsSlug(id) {
		return clerkerr.Invalid(operation, OrganizationID, errors.New(
			"is a slug, by which Clerk only reads an organization: give its id (org_…), which GetOrganization and \"clerkmeta orgs get\" return"))
	}
	return nil
}

// IsSlug reports whether a name of an organization is its slug. Clerk documents the
// characters of a slug: lowercase letters, digits and dashes. That an id always has
// another, the underscore of org_…, is a guess: every id in Clerk's documents has it.
func IsSlug(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') })
}

// CheckMembershipIDs checks the two ids of a membership, and that they are not swapped.
func CheckMembershipIDs(operation, organizationID, userID string) error {
	const swapped = "the ids are swapped: the organization's (org_…) comes first, then the user's (user_…)"
	switch {
	case strings.HasPrefix(organizationID, "user_"):
		return clerkerr.Invalid(operation, OrganizationID, errors.New(swapped))
	case strings.HasPrefix(userID, "org_"):
		return clerkerr.Invalid(operation, UserID, errors.New(swapped))
	}
	if err := CheckOrganizationID(operation, organizationID); err != nil {
		return err
	}
	return CheckID(operation, UserID, userID)
}

func badID(id string) string {
	switch {
	case id == "":
		return "is empty"
	case id == "." || id == "..":
		return "is a path segment, not an id"
	case len(id) > maxIDBytes:
		return fmt.Sprintf("is %d bytes long, at most %d are allowed", len(id), maxIDBytes)
	case !utf8.ValidString(id):
		return "is not valid UTF-8"
	}
	for _, r := range id {
		switch {
		case strings.ContainsRune(`/\%?#`, r):
			return fmt.Sprintf("holds %q, which has a meaning in a URL", r)
		case unicode.IsSpace(r):
			return fmt.Sprintf("holds white space (%U)", r)
		case !unicode.IsPrint(r):
			return fmt.Sprintf("holds a control character or one that is not seen (%U)", r)
		}
	}
	return ""
}
