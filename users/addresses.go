package users

import (
	"encoding/json"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
)

// EmailAddress is an e-mail address of a user.
type EmailAddress struct {
	// ID is Clerk's id, "idn_…".
	ID string
	// Address is the address as Clerk has it.
	Address string
	// Verification is how far its verification has come, such as "verified", "unverified" or
	// "expired"; "" where it did not begin.
	Verification string
}

// Verified reports whether the user has proved to own the address.
func (e EmailAddress) Verified() bool { return e.Verification == verified }

// PhoneNumber is a phone number of a user.
type PhoneNumber struct {
	// ID is Clerk's id, "idn_…".
	ID string
	// Number is the number in the form of E.164, "+15550100".
	Number string
	// Verification is as in EmailAddress.
	Verification string
}

// Verified reports whether the user has proved to own the number.
func (p PhoneNumber) Verified() bool { return p.Verification == verified }

const verified = "verified"

// EmailAddresses reads the user's e-mail addresses from Raw: those that the user has
// verified, and those that the user merely entered. The error satisfies clerkerr.ErrDecode.
// It does no I/O, and reads Raw each time, which a write of metadata does not pay for.
func (u *User) EmailAddresses() ([]EmailAddress, error) {
	return parts(u, "email_addresses", func(text []byte) (e EmailAddress, err error) {
		return e, parsePart(text, "email_address", &e.ID, &e.Address, &e.Verification)
	})
}

// PhoneNumbers reads the user's phone numbers from Raw, as EmailAddresses does.
func (u *User) PhoneNumbers() ([]PhoneNumber, error) {
	return parts(u, "phone_numbers", func(text []byte) (p PhoneNumber, err error) {
		return p, parsePart(text, "phone_number", &p.ID, &p.Number, &p.Verification)
	})
}

// parts reads a list of Raw.
func parts[P any](u *User, name string, parse func([]byte) (P, error)) ([]P, error) {
	var id string
	var list []json.RawMessage
	if err := answer.Entity("user", u.Raw, answer.To("id", &id), answer.To(name, &list)); err != nil {
		return nil, err
	}
	all := make([]P, 0, len(list))
	for _, text := range list {
		part, err := parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, part)
	}
	return all, nil
}

// parsePart parses an address or a number, the kind of which is also the name of its value.
func parsePart(text []byte, kind string, id, value, verification *string) error {
	return answer.Entity("user: "+kind, text,
		answer.To("id", id), answer.To(kind, value), answer.To("verification", answer.To("status", verification)))
}
