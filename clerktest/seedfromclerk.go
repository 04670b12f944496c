package clerktest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// clerk adds a user, an organization or a membership as the Backend API shows it.
func (b *seedBuilder) clerk(e seedEntry, members fields) error {
	switch object := jsonscan.String(members["object"]); object {
	case "user":
		u, err := b.clerkUser(members)
		b.addUser(e, u)
		return err
	case "organization":
		o, err := b.clerkOrganization(members)
		b.addOrganization(e, o)
		return err
	case "organization_membership":
		return b.clerkMembership(e, members)
	default:
		return fmt.Errorf("object is %q; expected user, organization or organization_membership", object)
	}
}

func (b *seedBuilder) addUser(e seedEntry, u User) {
	b.seed.Users = append(b.seed.Users, u)
	b.at["users"] = append(b.at["users"], e.at)
}

func (b *seedBuilder) addOrganization(e seedEntry, o Organization) {
	b.seed.Organizations = append(b.seed.Organizations, o)
	b.at["organizations"] = append(b.at["organizations"], e.at)
}

// seedSchemas are the schemas of the parts of a seed.
var seedSchemas = decoded[schema]([]byte(seedSchema))

// carry decodes into a part of a seed the members that it has, and counts the others that
// hold something. Those handled are neither.
func (b *seedBuilder) carry(kind string, members fields, into json.Unmarshaler, handled ...string) error {
	carried := fields{}
	for name, raw := range members {
		switch {
		case slices.Contains(handled, name), string(raw) == "null" && !strings.HasSuffix(name, "_metadata"):
		case seedSchemas().Defs[kind].Properties[name] != nil:
			carried[name] = raw
		case !isNothing(kind, name, raw):
			b.leaves(name, kind)
		}
	}
	text := encode(carried)
	d := &document{text: text, root: seedSchemas()}
	d.nodes, _ = jsonscan.Outline(text, nil)
	if err := d.check(d.root.Defs[kind], 0, kind); err != nil {
		return errors.Unwrap(err) // without the place, which is none of the file's
	}
	return into.UnmarshalJSON(text)
}

// isNothing reports whether a member has no content, or that which every object of the
// fake has.
func isNothing(kind, name string, raw json.RawMessage) bool {
	text := string(raw)
	if kind == "membership" {
		kind = "organization_membership"
	}
	usual, ok := objects()[kind][name]
	return slices.Contains([]string{"null", "false", "0", `""`, "[]", "{}"}, text) || ok && string(encode(usual)) == text
}

// identification is an email address or a phone number of Clerk's.
type identification struct {
	ID           string `json:"id"`
	EmailAddress string `json:"email_address"`
	PhoneNumber  string `json:"phone_number"`
	Verification *struct {
		Status string `json:"status"`
	} `json:"verification"`
}

func (b *seedBuilder) clerkUser(members fields) (User, error) {
	var u User
	err := cmp.Or(
		splitIdentifiers(members, "email_addresses", "primary_email_address_id"),
		splitIdentifiers(members, "phone_numbers", "primary_phone_number_id"),
	)
	if err == nil {
		err = b.carry("user", members, &u, "object", "primary_email_address_id", "primary_phone_number_id")
	}
	return u, err
}

// splitIdentifiers replaces a list by the verified and the unverified ones, the primary
// one first.
func splitIdentifiers(members fields, list, primary string) error {
	var all []identification
	if raw := members[list]; raw != nil && json.Unmarshal(raw, &all) != nil {
		return fmt.Errorf("user.%s is no list of Clerk's", list)
	}
	var verified, unverified []string
	first := jsonscan.String(members[primary])
	for _, one := range all {
		value := one.EmailAddress + one.PhoneNumber
		switch {
		case one.Verification == nil || one.Verification.Status != "verified":
			unverified = append(unverified, value)
		case one.ID == first:
			verified = slices.Insert(verified, 0, value)
		default:
			verified = append(verified, value)
		}
	}
	members[list], members["unverified_"+list] = encode(verified), encode(unverified)
	return nil
}

func (b *seedBuilder) clerkOrganization(members fields) (o Organization, err error) {
	err = b.carry("organization", members, &o, "object")
	return o, err
}

// clerkMembership adds a membership, with the organization in it and what it says of the
// user.
func (b *seedBuilder) clerkMembership(e seedEntry, members fields) error {
	incomplete := errors.New("the membership names no user or no organization")
	if members["organization"] == nil || members["public_user_data"] == nil {
		return incomplete
	}
	organization, err := seedEntry{e.at, members["organization"]}.members()
	if err != nil {
		return fmt.Errorf("membership.organization %w", err)
	}
	o, err := b.clerkOrganization(organization)
	if err != nil {
		return err
	}
	var u struct {
		UserID     string `json:"user_id"`
		FirstName  string `json:"first_name"`
		LastName   string `json:"last_name"`
		Identifier string `json:"identifier"`
	}
	if json.Unmarshal(members["public_user_data"], &u) != nil || u.UserID == "" || o.ID == "" {
		return incomplete
	}
	b.users = append(b.users, identified(User{ID: u.UserID, FirstName: u.FirstName, LastName: u.LastName}, u.Identifier))
	b.organizations = append(b.organizations, o)
	members["user_id"], members["organization_id"] = encode(u.UserID), encode(o.ID)
	return b.membership(e, members, "object", "organization", "public_user_data", "role_name")
}

// membership adds a membership with the ids of its user and its organization.
func (b *seedBuilder) membership(e seedEntry, members fields, handled ...string) error {
	var m Membership
	if err := b.carry("membership", members, &m, handled...); err != nil {
		return err
	}
	b.seed.Memberships = append(b.seed.Memberships, m)
	b.at["memberships"] = append(b.at["memberships"], e.at)
	b.users = append(b.users, User{ID: m.UserID})
	b.organizations = append(b.organizations, Organization{ID: m.OrganizationID})
	return nil
}

// identified returns a user with what Clerk shows as identifier.
func identified(u User, identifier string) User {
	switch {
	case isEmail(identifier):
		u.EmailAddresses = []string{identifier}
	case isPhone(identifier):
		u.PhoneNumbers = []string{identifier}
	default:
		u.Username = identifier
	}
	return u
}

// export adds a line of an export of the clerkmeta command. Its member was is what the line
// was before someone edited it.
func (b *seedBuilder) export(e seedEntry, members fields) error {
	userID, organizationID := members["user"], members["organization"]
	switch {
	case userID != nil && organizationID != nil:
		members["user_id"], members["organization_id"] = userID, organizationID
		return b.membership(e, members, "user", "organization", "was")
	case userID != nil:
		var u User
		members["id"] = userID
		err := b.carry("user", members, &u, "user", "was")
		b.addUser(e, u)
		return err
	case organizationID != nil:
		var o Organization
		members["id"] = organizationID
		err := b.carry("organization", members, &o, "organization", "was")
		b.addOrganization(e, o)
		return err
	}
	return errors.New("the line names neither a user nor an organization")
}
