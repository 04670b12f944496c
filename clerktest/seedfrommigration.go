package clerktest

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// migrationNames are the names of a seed for members of a user in the files that Clerk's
// migration tools read and its dashboard exports.
func migrationNames() map[string]string {
	return map[string]string{
		"userId": "id", "username": "username",
		"firstName": "first_name", "lastName": "last_name",
		"email": "email_addresses", "primary_email_address": "email_addresses",
		"emailAddresses": "email_addresses", "verified_email_addresses": "email_addresses",
		"unverifiedEmailAddresses": "unverified_email_addresses",
		"phone":                    "phone_numbers", "primary_phone_number": "phone_numbers",
		"phoneNumbers": "phone_numbers", "verified_phone_numbers": "phone_numbers",
		"unverifiedPhoneNumbers": "unverified_phone_numbers",
		"publicMetadata":         publicMetadata, "privateMetadata": privateMetadata, "unsafeMetadata": unsafeMetadata,
		"password": "password_enabled", "password_digest": "password_enabled",
	}
}

// migration adds a user for Clerk's migration tools, whose id becomes the external one
// unless it is one of Clerk's.
func (b *seedBuilder) migration(e seedEntry, members fields) error {
	carried := fields{}
	lists := map[string][]string{}
	// In this order the primary identifier comes first.
	for _, name := range []string{
		"email", "primary_email_address", "emailAddresses", "verified_email_addresses", "email_addresses",
		"unverifiedEmailAddresses", "unverified_email_addresses",
		"phone", "primary_phone_number", "phoneNumbers", "verified_phone_numbers", "phone_numbers",
		"unverifiedPhoneNumbers", "unverified_phone_numbers",
	} {
		to := cmp.Or(migrationNames()[name], name)
		values, err := textsOf(members[name])
		if err != nil {
			return fmt.Errorf("user.%s %w", name, err)
		}
		for _, value := range values {
			if !containsFold(lists[to], value) {
				lists[to] = append(lists[to], value)
			}
		}
		delete(members, name)
	}
	for name, values := range lists {
		carried[name] = encode(values)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		raw, to := members[name], cmp.Or(migrationNames()[name], name)
		switch {
		case string(raw) == "null", string(raw) == `""`, name == "passwordHasher", name == "password_hasher":
		case carried[to] != nil:
			b.leaves(name, "user")
		case name == "password", name == "password_digest":
			carried[to] = json.RawMessage("true")
		default:
			carried[to] = raw
		}
	}
	if id := jsonscan.String(carried["id"]); id != "" && !strings.HasPrefix(id, "user_") {
		if carried["external_id"] != nil {
			b.leaves("external_id", "user")
		}
		carried["external_id"] = carried["id"]
		delete(carried, "id")
	}
	var u User
	if err := b.carry("user", carried, &u); err != nil {
		return err
	}
	return b.addUnlessTaken(e, u)
}

// addUnlessTaken adds a user, or counts one with an identifier of an earlier one.
func (b *seedBuilder) addUnlessTaken(e seedEntry, u User) error {
	handles := (&user{User: u}).handles()
	for _, h := range handles {
		if _, taken := b.taken[h.key()]; taken {
			b.left[leftMember{kind: "user", because: "whose " + h.kind + " is taken"}]++
			return nil
		}
	}
	for _, h := range handles {
		b.taken[h.key()] = struct{}{}
	}
	b.addUser(e, u)
	return nil
}

// textsOf returns the texts of a list, or of one text with bars or commas between them.
func textsOf(raw json.RawMessage) ([]string, error) {
	var list []string
	switch {
	case raw == nil:
		return nil, nil
	case raw[0] == '"':
		list = strings.FieldsFunc(jsonscan.String(raw), func(r rune) bool { return r == '|' || r == ',' })
	case json.Unmarshal(raw, &list) != nil:
		return nil, errors.New("is neither a text nor a list of texts")
	}
	for i, value := range list {
		list[i] = strings.TrimSpace(value)
	}
	return slices.DeleteFunc(list, func(value string) bool { return value == "" }), nil
}

// isTable reports whether a text is CSV with a column of a user for the migration tools.
func isTable(text []byte) bool {
	record, err := newTableReader(text).Read()
	named := func(name string) bool {
		return name == "userId" || name == "primary_email_address" || name == "password_digest"
	}
	return err == nil && len(record) > 1 && slices.ContainsFunc(record, named)
}

// newTableReader reads CSV. Clerk's sample has comments in front, in place of which the
// reader gets empty lines, so that the numbers of lines stay.
func newTableReader(text []byte) *csv.Reader {
	comments := 0
	for bytes.HasPrefix(text, []byte("#")) {
		_, text, _ = bytes.Cut(text, []byte("\n"))
		comments++
	}
	empty := bytes.NewReader(bytes.Repeat([]byte("\n"), comments))
	r := csv.NewReader(io.MultiReader(empty, bytes.NewReader(text)))
	r.FieldsPerRecord = -1 // rows may end early, as in Clerk's sample
	return r
}

// tableEntries returns the rows of CSV as objects, without the empty cells.
func tableEntries(text []byte) (entries []seedEntry, err error) {
	r := newTableReader(text)
	header, _ := r.Read() // isTable has read it
	for i, name := range header {
		if slices.Contains(header[:i], name) {
			line, column := r.FieldPos(i)
			return nil, fmt.Errorf("line %d, column %d: the column %q occurs twice", line, column, name)
		}
	}
	lines := lineStarts(text)
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if fault, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, fmt.Errorf("line %d, column %d: %w", fault.Line, fault.Column, fault.Err)
		}
		members := fields{}
		first, _ := r.FieldPos(0)
		for i, cell := range record {
			line, column := r.FieldPos(i)
			switch {
			case cell != "" && i >= len(header):
				return nil, fmt.Errorf("line %d, column %d: the cell has no column in the header", line, column)
			case !utf8.ValidString(cell):
				return nil, fmt.Errorf("line %d, column %d: the cell is not UTF-8", line, column)
			case cell == "":
			default:
				members[header[i]] = cellValue(header[i], cell)
			}
		}
		if len(members) > 0 { // spreadsheets write rows without cells
			entries = append(entries, seedEntry{lines[first-1], encode(members)})
		}
	}
}

// cellValue returns the JSON value of a cell: of metadata that which it is, of a boolean
// column a boolean, else the text.
func cellValue(column, cell string) json.RawMessage {
	isMetadata := strings.HasSuffix(strings.ToLower(column), "metadata") && jsonscan.Check([]byte(cell)) == nil
	property := seedSchemas().Defs["user"].Properties[column]
	isBoolean := property != nil && property.Type == "boolean" && (cell == "true" || cell == "false")
	if isMetadata || isBoolean {
		return json.RawMessage(cell)
	}
	return encode(cell)
}

// lineStarts returns the offsets of the lines of a text.
func lineStarts(text []byte) []int {
	starts := []int{0}
	for line := range bytes.Lines(text) {
		starts = append(starts, starts[len(starts)-1]+len(line))
	}
	return starts
}
