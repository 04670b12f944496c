package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/pointer"
)

// Completion makes no request and reads no key. It offers what the exports, changes and
// failures in the working directory name, within these bounds.
const (
	mostFiles   = 16      // the first by name
	mostRead    = 1 << 20 // bytes of each
	mostOffered = 200     // at a time
)

// plainWord is an id or a key that needs no quotes in a shell and no backslash in a path.
var plainWord = regexp.MustCompile(`^[\pL\pN_][\pL\pN_-]{0,127}$`)

// known is an entity and the paths that a line names for it, each behind its field.
type known struct {
	id    entity.ID
	paths [][]string
}

// completeArgument completes the ids and paths among a command's arguments.
func (k *kind) completeArgument(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	names := strings.Fields(cmd.Use)[1:]
	if len(args) >= len(names) && !strings.HasSuffix(cmd.Use, "...") {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var words []string
	switch strings.TrimSuffix(names[min(len(args), len(names)-1)], "...") {
	case "ORG":
		words = ids(func(id entity.ID) string { return id.OrganizationID })
	case "USER":
		words = ids(func(id entity.ID) string {
			if id.OrganizationID != args[0] {
				return ""
			}
			return id.UserID
		})
	case "PATH":
		words = k.paths(cmd, "")
	default:
		return k.completeID(cmd, args, begun)
	}
	return offered(words, args, begun), cobra.ShellCompDirectiveNoFileComp
}

func (k *kind) completeID(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	words := ids(func(id entity.ID) string {
		if id.Kind() != k.Kind {
			return ""
		}
		return id.UserID + id.OrganizationID // one of them is empty
	})
	return offered(words, args, begun), cobra.ShellCompDirectiveNoFileComp
}

// completePath completes the path of a flag that sets a value.
func (k *kind) completePath(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	return offered(k.paths(cmd, "="), nil, begun), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// paths returns the known paths of the field that a command's flags name, each with an end.
func (k *kind) paths(cmd *cobra.Command, end string) []string {
	unknown := func(key string) bool { return !plainWord.MatchString(key) }
	var words []string
	for line := range knownLines() {
		for _, path := range line.paths {
			f := field(entity.FieldIndex(path[0]))
			if line.id.Kind() == k.Kind && cmd.Flags().Changed(f.String()) && !slices.ContainsFunc(path[1:], unknown) {
				words = append(words, strings.Join(path[1:], ".")+end)
			}
		}
	}
	return words
}

// ids returns what of finds in the known ids.
func ids(of func(entity.ID) string) []string {
	var words []string
	for line := range knownLines() {
		if id := of(line.id); plainWord.MatchString(id) {
			words = append(words, id)
		}
	}
	return words
}

// offered returns the words that continue what is begun, without those given before.
func offered(words, given []string, begun string) []string {
	slices.Sort(words)
	words = slices.DeleteFunc(slices.Compact(words), func(word string) bool {
		return word == "" || !strings.HasPrefix(word, begun) || slices.Contains(given, word)
	})
	return words[:min(len(words), mostOffered)]
}

// knownLines yields what the files in the working directory name. It skips what it
// cannot read: completion has no place for an error.
func knownLines() iter.Seq[known] {
	return func(yield func(known) bool) {
		entries, _ := os.ReadDir(".")
		read := 0
		for _, entry := range entries {
			form := formByName(entry.Name())
			if form == "" || !entry.Type().IsRegular() || read == mostFiles {
				continue
			}
			read++
			for text := range linesOf(entry.Name(), form) {
				if line, ok := parseKnown(text); ok && !yield(line) {
					return
				}
			}
		}
	}
}

// linesOf yields the lines of a file, those of a table as changes in JSON.
func linesOf(name, form string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		file, err := os.Open(filepath.Clean(name))
		if err != nil {
			return
		}
		text, err := io.ReadAll(io.LimitReader(newText(file, encodingAuto), mostRead))
		_ = file.Close()
		if err != nil {
			return
		}
		if len(text) == mostRead { // the last line may be cut off
			text = text[:bytes.LastIndexByte(text, '\n')+1]
		}
		if form == formNDJSON {
			bytes.Lines(text)(yield)
			return
		}
		for change, err := range bulk.ReadCSV(bytes.NewReader(text)) {
			if err != nil {
				continue
			}
			if line, err := change.MarshalJSON(); err == nil && !yield(line) {
				return
			}
		}
	}
}

// parseKnown reads a line of an export, a change or a failure.
func parseKnown(text []byte) (line known, ok bool) {
	var members map[string]any
	if json.Unmarshal(text, &members) != nil {
		return line, false
	}
	word := func(name string) string { text, _ := members[name].(string); return text }
	line.id = entity.ID{
		OrganizationID: cmp.Or(word("organization"), word("organization_id")),
		UserID:         cmp.Or(word("user"), word("user_id")),
	}
	switch name := word("id"); {
	case line.id != entity.ID{}:
	case strings.HasPrefix(name, "user_"):
		line.id.UserID = name
	case strings.HasPrefix(name, "org_"):
		line.id.OrganizationID = name
	}
	for _, holder := range []any{members, members["patch"], members["replace"]} {
		fields, _ := holder.(map[string]any)
		for _, f := range []field{public, private, unsafe} {
			line.add([]string{f.json()}, fields[f.json()])
		}
	}
	unset, _ := members["unset"].([]any)
	for _, one := range unset {
		at, _ := one.(string)
		if path, err := pointer.Parse("/" + at); err == nil && len(path) > 1 {
			line.paths = append(line.paths, path)
		}
	}
	return line, line.id != entity.ID{}
}

func (l *known) add(at []string, document any) {
	members, _ := document.(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(members)) {
		path := append(slices.Clip(at), key)
		if below, ok := members[key].(map[string]any); ok && len(below) > 0 && len(path) < pointer.MaxSteps {
			l.add(path, below)
			continue
		}
		l.paths = append(l.paths, path)
	}
}
