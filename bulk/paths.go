package bulk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/nearest"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// path names a key of a field, however deep.
type path struct {
	field int
	keys  []string // at least one
}

// parsePath parses "private_metadata/billing/trial".
func parsePath(text string) (path, error) {
	name, _, _ := strings.Cut(text, "/")
	field := entity.FieldIndex(name)
	if field < 0 {
		fields := entity.User.Fields()
		return path{}, fmt.Errorf("path %q does not begin with one of %s%s", short(text), strings.Join(fields, ", "), near(text, fields))
	}
	keyPath := text[len(name):]
	if len(keyPath) <= 1 {
		return path{}, fmt.Errorf("path %q names no key", short(text))
	}
	keys, err := pointer.Parse(keyPath)
	if err != nil {
		return path{}, fmt.Errorf("path %q: %w", short(text), err)
	}
	return path{field, keys}, nil
}

// near suggests what a path or the name of a column was meant to be. Dots between keys are
// those of the command's --set.
func near(text string, known []string) string {
	name, _, isPath := strings.Cut(text, "/")
	field, keys, dotted := strings.Cut(name, ".")
	if dotted && !isPath && entity.FieldIndex(strings.ToLower(field)) >= 0 {
		return fmt.Sprintf("; did you mean %q?", short(field+"/"+strings.ReplaceAll(keys, ".", "/")))
	}
	return nearest.Hint(name, known)
}

// String is the inverse of parsePath.
func (p path) String() string { return entity.Field(p.field) + pointer.Of(p.keys...) }

// short truncates a quotation of the input.
func short(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// clean refuses an id with white space or an invisible character, as spreadsheets and web
// pages leave them, and an address in the place of a user's id: no id of Clerk has these.
func clean(name, id string) error {
	if strings.ContainsFunc(id, unseen) {
		return fmt.Errorf("%s is %q, with white space or an invisible character: remove it", name, short(id))
	}
	if name == ofUser && strings.Contains(id, "@") {
		return fmt.Errorf("%s is %q, an e-mail address and no id: name the user with %s", name, short(id), ofEmail)
	}
	return nil
}

func (c *Change) parsePaths(texts []string) error {
	c.paths = make([]path, len(texts))
	for i, text := range texts {
		var err error
		if c.paths[i], err = parsePath(text); err != nil {
			return err
		}
	}
	return nil
}

// needsRead reports whether what is sent depends on the entity: for an edit, an undo, and
// an unset that names a key inside an object.
func (c Change) needsRead() bool {
	return c.verb == Edit || c.verb == Undo || slices.ContainsFunc(c.paths, func(p path) bool { return len(p.keys) > 1 })
}

// removal returns the patch that removes the paths of an unset: those that exist in stored,
// or all if it is nil, which only paths of one key allow.
func (c Change) removal(stored *entity.Objects) (patches entity.Patches, err error) {
	var members [3]map[string]any
	for _, p := range c.paths {
		if stored != nil && members[p.field] == nil {
			if members[p.field], err = stored[p.field].Map(); err != nil {
				return patches, err
			}
		}
		if _, found := pointer.Lookup(members[p.field], p.keys); !found && stored != nil {
			continue
		}
		if patches[p.field] == nil {
			patches[p.field] = metadata.Patch{}
		}
		pointer.Set(patches[p.field], p.keys, metadata.Delete) // sets nothing inside of what is removed
	}
	return patches, nil
}
