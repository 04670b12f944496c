package bulk

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// ReadNDJSON reads changes, one JSON object a line:
//
//	{"user":"user_1","patch":{"private_metadata":{"plan":"pro","trial":null}}}
//	{"organization":"org_1","replace":{"public_metadata":{}}}
//	{"organization":"org_1","user":"user_1","unset":["private_metadata/billing/trial"]}
//	{"user":"user_1","public_metadata":{"role":"admin"},"was":{"public_metadata":{"role":"shopper"}}}
//
// user names a user by id, organization an organization, both a membership. In the place of
// user, email, external_id, phone_number or username names the user; see Resolve. Beside
// user it says whom the id is expected to be. All lines name their users in one way. In a patch null
// removes a key; a replace stores nulls as data, also as a whole field. The last
// line is an edit: was is what was read, and the fields beside it are what they become (see
// Entity.Edit). A member undo is what an UndoLog noted. Blank lines are skipped, and so is a
// member failure (Result.FailureLine); other members, keys that occur twice, invalid UTF-8
// and half surrogate pairs are refused. An object may take several lines, and a JSON array is
// read as its elements, one at a time. Byte order marks of UTF-8 are skipped.
//
// A faulty change is a *LineError, and the sequence continues behind it. If the input
// breaks off, or a value that shares a line or takes several is not valid JSON, the next
// change cannot be found: that is the Last LineError, and like an error of r the last thing
// it yields. It reads r as it is walked, so it can be walked once.
func ReadNDJSON(r io.Reader) iter.Seq2[Change, error] {
	return read(r, func(in *bufio.Reader) source { return (&cutter{r: in, line: 1}).change })
}

// parseLine reads a change.
func parseLine(text []byte) (c Change, err error) {
	bare := "" // a field that stands beside the ids
	err = jsonscan.StrictMembers(text, func(key string, value []byte) error {
		switch key {
		case "user":
			return parseID(key, value, &c.entity.UserID)
		case "organization":
			return parseID(key, value, &c.entity.OrganizationID)
		case ofEmail, ofExternalID, ofPhoneNumber, ofUsername:
			return c.setName(key, jsonscan.String(value))
		case string(Patch), string(Replace), string(Unset):
			return cmp.Or(c.setVerb(Verb(key)), c.parseOperand(value))
		case string(Undo):
			return cmp.Or(c.setVerb(Undo), c.parseSteps(value))
		case ofWas:
			return cmp.Or(c.setVerb(Edit), c.parseWas(value))
		case entity.PublicMetadata, entity.PrivateMetadata, entity.UnsafeMetadata:
			bare = key
			return parseObject(&c.now, key, value)
		case ofFailure:
			return nil
		default:
			hint := nearest.Hint(key, append([]string{"user", "organization", ofEmail, ofExternalID, ofPhoneNumber, ofUsername, string(Patch), string(Replace), string(Unset), ofWas}, entity.User.Fields()...))
			return fmt.Errorf("member %q is unknown; expected user, organization, email, external_id, phone_number, username, patch, replace, unset, or was and fields%s", short(key), hint)
		}
	})
	switch {
	case err != nil || c.verb == Edit:
	case bare != "":
		err = fmt.Errorf("%s stands beside the ids, and nothing says what it was read as: an edit has a member was, as export writes it; to change it whatever it is, put it into patch or replace", bare)
	case c.verb == "":
		err = errors.New("one of patch, replace, unset and was is missing")
	}
	return c, err
}

// setVerb sets the verb, of which a change has one.
func (c *Change) setVerb(verb Verb) error {
	if c.verb != "" {
		return errors.New("only one of patch, replace, unset and was may be given")
	}
	c.verb = verb
	return nil
}

// parseWas sets what an edit was read as.
func (c *Change) parseWas(value []byte) error {
	err := jsonscan.StrictMembers(value, func(key string, value []byte) error { return parseObject(&c.was, key, value) })
	if err != nil {
		return fmt.Errorf("%s: %w", ofWas, err)
	}
	return nil
}

// parseObject sets a field of an edit.
func parseObject(objects *entity.Objects, name string, text []byte) error {
	i, err := fieldIndex(name)
	if err != nil {
		return err
	}
	if err := objects[i].UnmarshalJSON(text); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func parseID(key string, value []byte, id *string) error {
	if *id = jsonscan.String(value); *id == "" {
		return fmt.Errorf("%s is no id", key)
	}
	return clean(key, *id)
}

// parseOperand sets what the verb takes.
func (c *Change) parseOperand(value []byte) error {
	if c.verb == Unset {
		var paths []string
		if err := jsonscan.Unmarshal(value, &paths); err != nil || value[0] != '[' {
			return errors.New("unset is no array of paths")
		}
		return c.parsePaths(paths)
	}
	if err := jsonscan.StrictMembers(value, c.parseField); err != nil {
		return fmt.Errorf("%s: %w", c.verb, err)
	}
	return nil
}

// parseField sets a field of the verb from JSON text.
func (c *Change) parseField(name string, text []byte) error {
	i, err := fieldIndex(name)
	if err != nil {
		return err
	}
	if c.verb == Replace {
		err = c.values[i].UnmarshalJSON(text)
	} else {
		c.patches[i], err = metadata.ParsePatch(text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// fieldIndex returns the index of a field by its name.
func fieldIndex(name string) (int, error) {
	i := entity.FieldIndex(name)
	if i < 0 {
		fields := entity.User.Fields()
		return i, fmt.Errorf("field %q is unknown; expected one of %s%s", short(name), strings.Join(fields, ", "), nearest.Hint(name, fields))
	}
	return i, nil
}
