package bulk

import (
	"fmt"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// splitPath takes "private_metadata/billing/trial" apart: the field and the
// keys.
func splitPath(path string) (field int, keys []string, err error) {
	name, _, _ := strings.Cut(path, "/")
	field, known := fieldIndex(name)
	if !known {
		return 0, nil, fmt.Errorf("path %q does not begin with one of %s", short(path), strings.Join(fields[:], ", "))
	}
	keyPath := path[len(name):]
	if len(keyPath) <= 1 {
		return 0, nil, fmt.Errorf("path %q names no key", short(path))
	}
	if keys, err = pointer.Parse(keyPath); err != nil {
		return 0, nil, fmt.Errorf("path %q: %w", short(path), err)
	}
	return field, keys, nil
}

// short keeps what was found in the input from flooding a message.
func short(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// clean refuses an id with white space or a character that nobody sees in it, as
// spreadsheets and web pages leave them: no id of Clerk's has one.
func clean(name, id string) error {
	if strings.ContainsFunc(id, unseen) {
		return fmt.Errorf("%s is %q, with white space or an invisible character: take it out", name, short(id))
	}
	return nil
}

// nested reports whether an unset names a key inside an object.
func (c Change) nested() bool {
	for _, path := range c.Unset {
		if _, keys, err := splitPath(path); err == nil && len(keys) > 1 {
			return true
		}
	}
	return false
}

// removal is the patch that removes the paths of an unset: those that are there,
// or all of them where docs is nil, which only paths of one key allow.
func (c Change) removal(docs *documents) (Patches, error) {
	var p Patches
	var stored [3]map[string]any
	for _, path := range c.Unset {
		field, keys, err := splitPath(path)
		if err != nil {
			return Patches{}, err
		}
		if docs != nil {
			if stored[field] == nil {
				if stored[field], err = docs[field].Map(); err != nil {
					return Patches{}, err
				}
			}
			if !holds(stored[field], keys) {
				continue
			}
		}
		patch := p.at(field)
		if *patch == nil {
			*patch = metadata.Patch{}
		}
		remove(*patch, keys)
	}
	return p, nil
}

// remove adds a deletion to a patch; one further out takes what is inside.
func remove(patch metadata.Patch, keys []string) {
	for _, key := range keys[:len(keys)-1] {
		switch inner := patch[key].(type) {
		case metadata.Patch:
			patch = inner
		case nil:
			next := metadata.Patch{}
			patch[key] = next
			patch = next
		default:
			return
		}
	}
	patch[keys[len(keys)-1]] = metadata.Delete
}

// holds reports whether there is something at the keys, through objects only.
func holds(members map[string]any, keys []string) bool {
	for _, key := range keys[:len(keys)-1] {
		members, _ = members[key].(map[string]any) // of what is no object nothing is found
	}
	_, there := members[keys[len(keys)-1]]
	return there
}
