package users

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
)

// Identifier names a user by an id, an address, a number or a name. It is made by
// ByID and the functions like it, or ParseIdentifier; the zero Identifier names nobody. Two
// Identifiers are equal (==) if they have the same text, letter by letter.
type Identifier struct {
	filter string // the parameter of Clerk's list of users
	value  string
}

// The filters of Clerk's list of users by identifiers.
const (
	byExternalID   = "external_id"
	byEmailAddress = "email_address"
	byPhoneNumber  = "phone_number"
	byUsername     = "username"
)

// ByID names a user by Clerk's id.
func ByID(id string) Identifier { return Identifier{entity.UserID, id} }

// ByExternalID names a user by the id in another system. It cannot begin with a sign, which
// inverts the meaning of Clerk's filter.
func ByExternalID(id string) Identifier { return Identifier{byExternalID, id} }

// ByEmailAddress names the user who has verified an e-mail address. The case of the letters
// A to Z does not matter. That of other letters does: some are taken for another letter in
// the other case, and so another address.
func ByEmailAddress(address string) Identifier { return Identifier{byEmailAddress, address} }

// ByPhoneNumber names the user who has verified a phone number in the form of E.164:
// "+15550100".
func ByPhoneNumber(number string) Identifier { return Identifier{byPhoneNumber, number} }

// ByUsername names a user by the username, with case as for ByEmailAddress.
func ByUsername(name string) Identifier { return Identifier{byUsername, name} }

// prefixes are how ParseIdentifier names the filters.
var prefixes = []struct{ prefix, filter string }{
	{"id", entity.UserID}, {"external", byExternalID}, {"email", byEmailAddress}, {"phone", byPhoneNumber}, {"username", byUsername},
}

// ParseIdentifier parses the text that people write for a user:
//
//	user_2x9…              an id
//	ada@example.com        an e-mail address
//	+15550100              a phone number
//	external:4711          an external id
//	username:ada           a username
//
// The prefixes id:, email: and phone: name the first three, whatever the text looks like.
// Any other text is an id. What Identifier.Err refuses, and an unknown prefix, is
// clerkerr.ErrInvalidArgument.
func ParseIdentifier(text string) (Identifier, error) {
	const operation = "users.ParseIdentifier"
	i := parseIdentifier(text)
	if i.filter == "" {
		prefix, _, _ := strings.Cut(text, ":")
		var known []string
		for _, p := range prefixes {
			known = append(known, p.prefix)
		}
		return i, clerkerr.Invalid(operation, "text", fmt.Errorf("prefix %q is unknown; expected one of %s%s",
			prefix, strings.Join(known, ", "), nearest.Hint(prefix, known)))
	}
	return i, i.check(operation, i.filter)
}

// parseIdentifier returns an identifier without a filter for an unknown prefix.
func parseIdentifier(text string) Identifier {
	prefix, value, prefixed := strings.Cut(text, ":")
	for _, p := range prefixes {
		if prefixed && prefix == p.prefix {
			return Identifier{p.filter, value}
		}
	}
	switch {
	case prefixed && !strings.Contains(prefix, "@"):
		return Identifier{}
	case strings.Contains(text, "@"):
		return ByEmailAddress(text)
	case strings.HasPrefix(text, "+"):
		return ByPhoneNumber(text)
	default:
		return ByID(text)
	}
}

// String returns a text that ParseIdentifier reads back, "" for the zero Identifier.
func (i Identifier) String() string {
	if parseIdentifier(i.value) == i && i.filter != "" {
		return i.value
	}
	for _, p := range prefixes {
		if p.filter == i.filter {
			return p.prefix + ":" + i.value
		}
	}
	return ""
}

// Err returns why no user can be found by the identifier, nil if it may name one: it is
// empty, has white space around it or characters that are not seen, is no address (a part,
// @ and a part) or number (+ and up to 15 digits), or is an id that the calls refuse. The
// error is clerkerr.ErrInvalidArgument.
func (i Identifier) Err() error { return i.check("users.Identifier", i.filter) }

func (i Identifier) check(operation, param string) error {
	if i.filter == entity.UserID {
		return entity.CheckFilterID(operation, param, i.value)
	}
	if reason := i.fault(); reason != "" {
		return clerkerr.Invalid(operation, param, errors.New(reason))
	}
	if i.filter == byExternalID {
		return entity.CheckSign(operation, param, i.value)
	}
	return nil
}

func (i Identifier) fault() string {
	const most = 1024
	hidden := func(r rune) bool { return !unicode.IsPrint(r) }
	switch {
	case i.filter == "":
		return "names nobody: make it with ByEmailAddress or another such function"
	case i.value == "":
		return "is empty"
	case len(i.value) > most:
		return fmt.Sprintf("is %d bytes long, at most %d are allowed", len(i.value), most)
	case !utf8.ValidString(i.value):
		return "is not valid UTF-8"
	case strings.ContainsFunc(i.value, hidden):
		return "has a character that is not seen"
	case strings.TrimSpace(i.value) != i.value:
		return "has white space around it"
	case i.filter == byEmailAddress && !isAddress(i.value):
		return "is no e-mail address, such as ada@example.com"
	case i.filter == byPhoneNumber && !isNumber(i.value):
		return "is no phone number in the form of E.164, such as +15550100: + and up to 15 digits"
	default:
		return ""
	}
}

func isAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsFunc(s, unicode.IsSpace)
}

func isNumber(s string) bool {
	const most = 15
	digits, plus := strings.CutPrefix(s, "+")
	return plus && digits != "" && len(digits) <= most && strings.Trim(digits, "0123456789") == ""
}

// ignoresCase reports whether an identifier names the same user in another case. For
// usernames this is a guess.
func (i Identifier) ignoresCase() bool { return i.filter == byEmailAddress || i.filter == byUsername }

// spellings are the texts to ask Clerk for: whether its filters regard case is not
// published, so the text as it is, and in lower case.
func (i Identifier) spellings() []string {
	if lower := entity.Fold(i.value); i.ignoresCase() && lower != i.value {
		return []string{i.value, lower}
	}
	return []string{i.value}
}

// holding is how a user has an identifier.
type holding int

const (
	notHeld holding = iota
	// resembling: unverified, or alike but not the same.
	resembling
	held
)

// handle is a value that identifies a user.
type handle struct {
	value    string
	verified bool
}

// handles returns the values of a user that a filter of the list compares.
func (u *User) handles(filter string) (all []handle, err error) {
	switch filter {
	case entity.UserID:
		all = []handle{{u.ID, true}}
	case byExternalID:
		all = []handle{{u.ExternalID, true}}
	case byUsername:
		all = []handle{{u.Username, true}}
	case byEmailAddress:
		var addresses []EmailAddress
		addresses, err = u.EmailAddresses()
		for _, e := range addresses {
			all = append(all, handle{e.Address, e.Verified()})
		}
	case byPhoneNumber:
		var numbers []PhoneNumber
		numbers, err = u.PhoneNumbers()
		for _, p := range numbers {
			all = append(all, handle{p.Number, p.Verified()})
		}
	}
	return all, err
}

// among returns how a user with the handles has the identifier.
func (i Identifier) among(handles []handle) holding {
	best := notHeld
	for _, h := range handles {
		switch {
		case h.value == "":
		case h.verified && (h.value == i.value || i.ignoresCase() && len(h.value) == len(i.value) && entity.Fold(h.value) == entity.Fold(i.value)):
			best = held
		case strings.EqualFold(h.value, i.value):
			best = max(best, resembling)
		}
	}
	return best
}
