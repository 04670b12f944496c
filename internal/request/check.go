// Package request checks what a caller passes and encodes it, before any I/O.
package request

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Names of the parameters, as Clerk's API and the errors call them.
const (
	UserID          = "user_id"
	OrganizationID  = "organization_id"
	PublicMetadata  = "public_metadata"
	PrivateMetadata = "private_metadata"
	UnsafeMetadata  = "unsafe_metadata"
)

const maxIDBytes = 255

// Context refuses a nil context.
func Context(operation string, ctx context.Context) error { //nolint:revive // the operation comes first in every check
	if ctx == nil {
		return clerkerr.Invalid(operation, "ctx", errors.New("is nil: pass context.Background() at least"))
	}
	return nil
}

// ID refuses an id that could change the shape of a path.
func ID(operation, param, id string) error {
	if reason := badID(id); reason != "" {
		return clerkerr.Invalid(operation, param, errors.New(reason))
	}
	return nil
}

// OrganizationByID refuses what ID refuses, and a slug. Clerk
// documents the characters of a slug: lowercase letters, digits and dashes. That
// an id always has another, the underscore of org_…, is a guess: every id in
// Clerk's documents has it.
func OrganizationByID(operation, id string) error {
	if err := ID(operation, OrganizationID, id); err != nil {
		return err
	}
	if !strings.ContainsFunc(id, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
		return clerkerr.Invalid(operation, OrganizationID, errors.New(
			"is a slug, by which Clerk only reads an organization: give its id (org_…), which GetOrganization and \"clerkmeta orgs get\" return"))
	}
	return nil
}

// FilterID refuses what ID refuses, and a leading sign: in a list filter Clerk
// takes it for "include" or "exclude".
func FilterID(operation, param, id string) error {
	if strings.HasPrefix(id, "+") || strings.HasPrefix(id, "-") {
		return clerkerr.Invalid(operation, param, errors.New("begins with a sign, which inverts the meaning of a filter"))
	}
	return ID(operation, param, id)
}

// MembershipIDs checks the two ids of a membership, and that they are not
// swapped.
func MembershipIDs(operation, organizationID, userID string) error {
	const swapped = "the ids are swapped: the organization's (org_…) comes first, then the user's (user_…)"
	switch {
	case strings.HasPrefix(organizationID, "user_"):
		return clerkerr.Invalid(operation, OrganizationID, errors.New(swapped))
	case strings.HasPrefix(userID, "org_"):
		return clerkerr.Invalid(operation, UserID, errors.New(swapped))
	}
	if err := OrganizationByID(operation, organizationID); err != nil {
		return err
	}
	return ID(operation, UserID, userID)
}

func badID(id string) string {
	switch {
	case id == "":
		return "is empty"
	case id == "." || id == "..":
		return "is a path segment with a meaning of its own, not an id"
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

// Ended is the error of a walk whose context has ended; nil while it has not.
func Ended(operation string, ctx context.Context) error { //nolint:revive // the operation comes first in every check
	if err := ctx.Err(); err != nil {
		return &clerkerr.Error{Operation: operation, Outcome: clerkerr.OutcomeNotApplied, Stop: clerkerr.StopCanceled, Err: err}
	}
	return nil
}

// PageSize checks the size of a list's page; 0 is the default.
func PageSize(operation string, size int) (int, error) {
	const usual, most = 100, 500
	switch {
	case size == 0:
		return usual, nil
	case size < 0 || size > most:
		return 0, clerkerr.Invalid(operation, "PageSize", fmt.Errorf("is %d, allowed is 1 to %d, and 0 for %d", size, most, usual))
	default:
		return size, nil
	}
}
