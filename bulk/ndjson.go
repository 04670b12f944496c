package bulk

import (
	"bufio"
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
//
// user names a user, organization an organization, both a membership. In a patch null
// removes a key; a replace stores nulls as data, also as a whole field. Blank lines are
// skipped, and so is a member failure (Result.FailureLine); other members, keys that occur twice, invalid UTF-8 and half surrogate pairs
// are refused. An object may take several lines, and a JSON array is read as its elements,
// one at a time. Byte order marks of UTF-8 are skipped.
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
	err = jsonscan.StrictMembers(text, func(key string, value []byte) error {
		switch key {
		case "user":
			return parseID(key, value, &c.entity.UserID)
		case "organization":
			return parseID(key, value, &c.entity.OrganizationID)
		case string(Patch), string(Replace), string(Unset):
			if c.verb != "" {
				return errors.New("only one of patch, replace and unset may be given")
			}
			c.verb = Verb(key)
			return c.parseOperand(value)
		case ofFailure:
			return nil
		default:
			hint := nearest.Hint(key, []string{"user", "organization", string(Patch), string(Replace), string(Unset)})
			return fmt.Errorf("member %q is unknown; expected user, organization, patch, replace or unset%s", short(key), hint)
		}
	})
	if err == nil && c.verb == "" {
		err = errors.New("one of patch, replace and unset is missing")
	}
	return c, err
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
	i := entity.FieldIndex(name)
	if i < 0 {
		fields := entity.User.Fields()
		return fmt.Errorf("field %q is unknown; expected one of %s%s", short(name), strings.Join(fields, ", "), nearest.Hint(name, fields))
	}
	var err error
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
