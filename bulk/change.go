package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Entity names whose metadata is meant: a user, an organization or, with both
// ids, the user's membership in the organization.
type Entity struct {
	// OrganizationID is the organization, or that of the membership; "" for a
	// user.
	OrganizationID string
	// UserID is the user, or the member; "" for an organization.
	UserID string
}

// String is "user user_1", "organization org_1" or "membership org_1 user_1".
func (e Entity) String() string {
	switch {
	case e == Entity{}:
		return "no entity"
	case e.OrganizationID == "":
		return "user " + e.UserID
	case e.UserID == "":
		return "organization " + e.OrganizationID
	default:
		return "membership " + e.OrganizationID + " " + e.UserID
	}
}

func (e Entity) isUser() bool       { return e.OrganizationID == "" }
func (e Entity) isMembership() bool { return e.OrganizationID != "" && e.UserID != "" }

// Verb is what a Change does.
type Verb string

// The verbs.
const (
	// Patch merges into the fields that are given.
	Patch Verb = "patch"
	// Replace makes the fields that are given exactly what they are given as.
	// Memberships have none.
	Replace Verb = "replace"
	// Unset removes keys.
	Unset Verb = "unset"
)

// Patches are the fields of a Patch. A nil field is left alone.
type Patches struct {
	// PublicMetadata is readable by the frontend and writable by the backend.
	PublicMetadata metadata.Patch
	// PrivateMetadata is readable and writable by the backend only.
	PrivateMetadata metadata.Patch
	// UnsafeMetadata is for users only.
	UnsafeMetadata metadata.Patch
}

// Values are the fields of a Replace. A zero field is left alone.
type Values struct {
	// PublicMetadata is readable by the frontend and writable by the backend.
	PublicMetadata metadata.Value
	// PrivateMetadata is readable and writable by the backend only.
	PrivateMetadata metadata.Value
	// UnsafeMetadata is for users only.
	UnsafeMetadata metadata.Value
}

// Change is one change of one entity. As JSON it is a line of the NDJSON form,
// which ReadNDJSON reads back as it was.
type Change struct {
	// Line is the line of the input where it begins, 0 where there is none.
	Line int
	// Entity is whose metadata changes. Only a Change that holds nothing, a blank
	// row for example, may have none.
	Entity Entity
	// Verb says which of Patch, Replace and Unset is meant; there is no default.
	Verb Verb
	// Patch, Replace and Unset belong to the verb; the other two are zero. Where
	// the verb's holds nothing, no field or only empty patches, there is nothing to
	// do, and the change is Unchanged without a request.
	Patch   Patches
	Replace Values
	// Unset are the keys to remove: the field and a JSON Pointer (RFC 6901),
	// "private_metadata/billing/trial". What is not there is no error. A path
	// with more than one key needs a read of the entity before the write, since
	// a merge patch would create the objects on the way.
	Unset []string
}

// fields are the names of the three fields, in the order of this package.
var fields = [3]string{entity.PublicMetadata, entity.PrivateMetadata, entity.UnsafeMetadata}

func fieldIndex(name string) (int, bool) {
	for i, f := range fields {
		if f == name {
			return i, true
		}
	}
	return 0, false
}

func (p *Patches) at(i int) *metadata.Patch {
	return [3]*metadata.Patch{&p.PublicMetadata, &p.PrivateMetadata, &p.UnsafeMetadata}[i]
}

func (v *Values) at(i int) *metadata.Value {
	return [3]*metadata.Value{&v.PublicMetadata, &v.PrivateMetadata, &v.UnsafeMetadata}[i]
}

// blank reports whether a change names nothing and nobody, as an empty row does.
func (c Change) blank() bool {
	for i := range fields {
		if *c.Patch.at(i) != nil {
			return false
		}
	}
	return c.Entity == Entity{} && c.holdsNothing()
}

// holdsNothing reports whether there is nothing to do.
func (c Change) holdsNothing() bool {
	for i := range fields {
		if len(*c.Patch.at(i)) > 0 || !c.Replace.at(i).IsZero() {
			return false
		}
	}
	return len(c.Unset) == 0
}

// Check tells what is wrong with a change, as far as that can be told without a
// request. The readers check what they read, Plan and Apply what they get. An
// organization is named by its id and never by its slug, also where it could be
// read first: the changes of one entity are kept in order by its name, so it may
// have one only.
func (c Change) Check() error {
	if !c.blank() {
		if err := c.Entity.check(); err != nil {
			return err
		}
	}
	var given [3]bool
	var holds [3]int // patch, replace, unset
	for i := range fields {
		if patch := *c.Patch.at(i); patch != nil {
			given[i] = true
			holds[0]++
			if _, err := patch.MarshalJSON(); err != nil {
				return fmt.Errorf("%s: %w", fields[i], err)
			}
		}
		if value := *c.Replace.at(i); !value.IsZero() {
			given[i] = true
			holds[1]++
			if err := value.Err(); err != nil {
				return fmt.Errorf("%s: %w", fields[i], err)
			}
		}
	}
	for _, path := range c.Unset {
		field, _, err := splitPath(path)
		if err != nil {
			return err
		}
		given[field] = true
		holds[2]++
	}
	return c.checkVerb(given, holds)
}

func (c Change) checkVerb(given [3]bool, holds [3]int) error {
	at := map[Verb]int{Patch: 0, Replace: 1, Unset: 2}
	mine, known := at[c.Verb]
	if !known {
		return fmt.Errorf("verb %q is none of patch, replace, unset", string(c.Verb))
	}
	for i, n := range holds {
		if i != mine && n != 0 {
			return errors.New("only one of patch, replace and unset may be given")
		}
	}
	if c.Verb == Replace && c.Entity.isMembership() {
		return errors.New("memberships cannot be replaced, Clerk has no PUT for them: patch or unset")
	}
	if given[2] && !c.Entity.isUser() {
		return errors.New("unsafe_metadata is for users only")
	}
	return nil
}

// operation is how errors name this package's checks.
const operation = "bulk"

func (e Entity) check() error {
	var err error
	switch {
	case e == Entity{}:
		return errors.New("there is neither user nor organization")
	case e.isMembership():
		if err = entity.CheckMembershipIDs(operation, e.OrganizationID, e.UserID); err == nil {
			err = entity.CheckFilterID(operation, entity.UserID, e.UserID)
		}
	case e.isUser():
		err = entity.CheckFilterID(operation, entity.UserID, e.UserID)
		if err == nil && strings.HasPrefix(e.UserID, "org_") {
			return errors.New("user holds the id of an organization")
		}
	default:
		if strings.HasPrefix(e.OrganizationID, "user_") {
			return errors.New("organization holds the id of a user")
		}
		err = entity.CheckOrganizationID(operation, e.OrganizationID)
	}
	return err
}

// MarshalJSON returns the change as a line of the NDJSON form, without the
// newline.
func (c Change) MarshalJSON() ([]byte, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteByte('{')
	if id := c.Entity.OrganizationID; id != "" {
		fmt.Fprintf(&b, `"organization":%s,`, quote(id))
	}
	if id := c.Entity.UserID; id != "" {
		fmt.Fprintf(&b, `"user":%s,`, quote(id))
	}
	fmt.Fprintf(&b, `"%s":`, c.Verb)
	if c.Verb == Unset {
		paths := make([]string, len(c.Unset))
		for i, path := range c.Unset {
			paths[i] = string(quote(path))
		}
		b.WriteString("[" + strings.Join(paths, ",") + "]}")
		return b.Bytes(), nil
	}
	b.WriteByte('{')
	separator := ""
	for i, name := range fields {
		var text []byte
		var err error
		switch patch, value := *c.Patch.at(i), *c.Replace.at(i); {
		case patch != nil:
			text, err = patch.MarshalJSON()
		case !value.IsZero():
			text, err = value.MarshalJSON()
		default:
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fmt.Fprintf(&b, `%s"%s":%s`, separator, name, text)
		separator = ","
	}
	b.WriteString("}}")
	return b.Bytes(), nil
}

// quote encodes a string that is valid UTF-8.
func quote(s string) []byte {
	text, _ := json.Marshal(s) // a string encodes
	return text
}
