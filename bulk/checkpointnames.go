package bulk

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"iter"
	"strings"
	"unicode"
)

// named begins a line with the user that a name of the input stands for.
const named = "= "

// loadName marks what a line says of a name, and reports whether the line says so.
func (c *FileCheckpoint) loadName(pair string) bool {
	name, userID, found := strings.Cut(pair, " ")
	key, whole := parseNameKey(name)
	if !found || !whole || userID == "" || strings.ContainsFunc(userID, unicode.IsSpace) {
		return false
	}
	c.users[key] = userID
	return true
}

func parseNameKey(name string) (key nameKey, whole bool) {
	bytes, err := hex.DecodeString(name)
	if err != nil || len(bytes) != len(key) {
		return key, false
	}
	return nameKey(bytes), true
}

// NamedUser returns the user that a name of the input was kept for, "" for none.
func (c *FileCheckpoint) NamedUser(name string) string {
	key, _ := parseNameKey(name)
	return c.users[key]
}

// KeepNames appends the names that the file does not have yet, and syncs them to the disk. It
// fails, and writes nothing, for a name that was kept for another user. After an error in
// writing it fails as Record does.
func (c *FileCheckpoint) KeepNames(names iter.Seq2[string, string]) error {
	for name, userID := range names {
		key, whole := parseNameKey(name)
		kept := c.users[key]
		switch {
		case !whole || userID == "" || strings.ContainsFunc(userID, unicode.IsSpace):
			return fmt.Errorf("the name %q for the user %q is none of a Resolution", name, userID)
		case kept != "" && kept != userID:
			return fmt.Errorf("%w: the names were resolved without the checkpoint, which has %s for one that is %s now", ErrOtherInput, kept, userID)
		}
	}
	if c.broken != nil {
		return c.broken
	}
	out := bufio.NewWriter(c.file)
	for name, userID := range names {
		if key, _ := parseNameKey(name); c.users[key] == "" {
			c.users[key] = userID
			_, _ = out.Write(seal([]byte(named + name + " " + userID))) // Flush has the error
		}
	}
	if c.broken = out.Flush(); c.broken == nil {
		c.broken = c.file.Sync()
	}
	return c.broken
}
