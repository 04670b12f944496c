package bulk

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Members of a line, and columns of a table, that name a user otherwise than by id.
const (
	ofEmail       = "email"
	ofExternalID  = "external_id"
	ofPhoneNumber = "phone_number"
	ofUsername    = "username"
)

// isName reports whether a member or a column names a user otherwise than by id.
func isName(kind string) bool {
	return slices.Contains([]string{ofEmail, ofExternalID, ofPhoneNumber, ofUsername}, kind)
}

// name is how an input names a user otherwise than by id.
type name struct{ kind, text string }

// of returns the text of a name of that kind, "" of another.
func (n name) of(kind string) string {
	if n.kind != kind {
		return ""
	}
	return n.text
}

func (n name) identifier() users.Identifier {
	switch n.kind {
	case ofEmail:
		return users.ByEmailAddress(n.text)
	case ofExternalID:
		return users.ByExternalID(n.text)
	case ofPhoneNumber:
		return users.ByPhoneNumber(n.text)
	default:
		return users.ByUsername(n.text)
	}
}

// setName sets how the input names the user.
func (c *Change) setName(kind, text string) error {
	if c.name.kind != "" {
		return fmt.Errorf("%s and %s both name the user: give one", c.name.kind, kind)
	}
	c.name = name{kind, text}
	if err := c.name.identifier().Err(); err != nil {
		return fmt.Errorf("%s %q %w", kind, short(text), errors.Unwrap(err))
	}
	return nil
}

// withName returns the change as it is before its name is resolved: the name stands in the
// place of an id that the input does not have, so that the entity is of the right kind and
// no other's.
func (c Change) withName() Change {
	if c.name.kind != "" && c.entity.UserID == "" {
		c.entity.UserID = c.name.identifier().String()
	}
	return c
}

// expected returns the id that the input has beside the name, "" for none.
func (c Change) expected() string {
	if c.entity.UserID == c.name.identifier().String() {
		return ""
	}
	return c.entity.UserID
}

// ids returns the ids to check: a name stands for the id of a user.
func (c Change) ids() entity.ID {
	id := entity.ID(c.entity)
	if c.name.kind != "" && c.expected() == "" {
		id.UserID = "user_named"
	}
	return id
}

// way returns how the input names the user: "user" for an id alone, "" for no user.
func (c Change) way() string {
	if c.name.kind == "" && c.entity.UserID != "" {
		return ofUser
	}
	return c.name.kind
}

// uniform refuses a change that names its user in another way than the changes before: one
// user under two names would be two entities.
func uniform() func(Change) error {
	first := Change{}
	return func(c Change) error {
		switch way := c.way(); {
		case way == "", way == first.way():
		case first.way() == "":
			first = Change{Line: c.Line, name: c.name, entity: c.entity}
		default:
			return fmt.Errorf("%s names the user here, and %s in line %d: name all users of a file in one way", way, first.way(), first.Line)
		}
		return nil
	}
}

// nameKey identifies a name together with the id that the input expects: a part of a hash,
// so that a checkpoint holds no addresses.
type nameKey [16]byte

func (c Change) nameKey() nameKey {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", c.name.kind, c.name.text, c.expected()))
	return nameKey(sum[:16])
}
