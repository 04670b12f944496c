package clerktest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// SeedFile is a seed that ReadSeed read, and what it read it from.
type SeedFile struct {
	// Seed is the state.
	Seed Seed
	// Kind is what the file is: "a seed", "a page of users" and so on.
	Kind string
	// LeftAside says what the file holds and Seed has no place for, without values:
	// "passkeys of 2 users". A seed leaves nothing aside: it is refused instead.
	LeftAside []string
}

// ReadSeed reads a Seed from its JSON form, like ParseSeed, or makes one of
//
//   - what Clerk's Backend API answered: users, organizations or memberships, one, an
//     array, an object with data and total_count, or one on each line;
//   - an export of the clerkmeta command (NDJSON);
//   - users for Clerk's migration tools, JSON or CSV, also as the dashboard exports them.
//     Of a password the seed keeps only that there is one. A user with the identifier of
//     an earlier one is left aside, as those tools do.
//
// The error names the line, the column and the reason, and says what a file of another
// kind looks like. Time and memory are proportional to the size of the text.
func ReadSeed(text []byte) (SeedFile, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // spreadsheets write it
	kind, entries, err := recognize(text)
	if err != nil {
		return SeedFile{}, fmt.Errorf("clerktest: %w", err)
	}
	if kind.read == nil {
		seed, err := ParseSeed(text)
		return SeedFile{Seed: seed, Kind: "a seed"}, err
	}
	b := newSeedBuilder(text)
	for _, e := range entries {
		members, err := e.members()
		if err == nil {
			err = kind.read(b, e, members)
		}
		if err != nil {
			return SeedFile{}, fmt.Errorf("clerktest: %w", b.fail(e.at, err))
		}
	}
	if err := b.finish(); err != nil {
		return SeedFile{}, fmt.Errorf("clerktest: %w", err)
	}
	return SeedFile{Seed: b.seed, Kind: kind.called, LeftAside: b.leftAside()}, nil
}

// seedEntry is one of the objects that a file holds.
type seedEntry struct {
	at  int // its offset in the file
	raw []byte
}

// members are those of the object.
func (e seedEntry) members() (fields, error) {
	members := fields{}
	err := jsonscan.Members(e.raw, func(name, value []byte) { members[jsonscan.String(name)] = value })
	if err != nil {
		return nil, fmt.Errorf("is %s; expected an object", jsonscan.Kind(e.raw))
	}
	return members, nil
}

// recognize returns the kind of a file and the objects in it. Kinds that read no seed have
// no read function, and the seed itself has no name.
func recognize(text []byte) (seedKind, []seedEntry, error) {
	if isTable(text) {
		entries, err := tableEntries(text)
		return kindOfMigration(), entries, err
	}
	entries, err := entriesOf(text)
	if err != nil || entries == nil {
		return seedKind{}, nil, err
	}
	if len(entries) == 0 {
		return seedKind{emptyPage, (*seedBuilder).clerk}, nil, nil
	}
	if entries[0].raw[0] != '{' {
		return seedKind{}, nil, nil // ParseSeed has the error
	}
	members, err := entries[0].members()
	return kindOf(members), entries, err
}

// entriesOf returns the objects of an array, of a page, or of lines, or the one object. It
// is nil for a text that is not JSON, whose fault ParseSeed reports.
func entriesOf(text []byte) ([]seedEntry, error) {
	d := &document{text: text}
	var valid bool
	if d.nodes, valid = jsonscan.Outline(text, nil); !valid {
		return lineEntries(text)
	}
	whole, list := d.raw(0), 0
	if fault, faulty := errors.AsType[*jsonscan.Error](jsonscan.Check(text)); faulty {
		return nil, d.fail(fault.Offset, fault)
	}
	switch whole[0] {
	case '[':
	case '{':
		list = d.member(0, "data")
		if list == 0 || d.raw(list)[0] != '[' || d.member(0, "total_count") == 0 {
			return []seedEntry{{d.start(0), whole}}, nil
		}
	default:
		return nil, nil
	}
	entries := []seedEntry{}
	for part := range d.parts(list) {
		entries = append(entries, seedEntry{d.start(part), d.raw(part)})
	}
	return entries, nil
}

// lineEntries returns the objects of NDJSON, nil for a text whose first line is no object.
func lineEntries(text []byte) ([]seedEntry, error) {
	var entries []seedEntry
	at := 0
	for line := range bytes.Lines(text) {
		start := at + len(line) - len(bytes.TrimLeft(line, " \t\r\n"))
		at += len(line)
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if entries == nil && (line[0] != '{' || !jsonscan.Valid(line)) {
			return nil, nil
		}
		if fault, faulty := errors.AsType[*jsonscan.Error](jsonscan.Check(line)); faulty {
			return nil, (&document{text: text}).fail(start+fault.Offset, fault)
		}
		entries = append(entries, seedEntry{start, line})
	}
	return entries, nil
}

// seedBuilder makes a seed of objects of another kind.
type seedBuilder struct {
	document

	seed  Seed
	at    map[string][]int    // the offsets of the parts of each list of the seed
	left  map[leftMember]int  // how often
	taken map[handle]struct{} // identifiers of users for the migration tools
	// users and organizations are those of memberships, which may be in the file too.
	users         []User
	organizations []Organization
}

func newSeedBuilder(text []byte) *seedBuilder {
	return &seedBuilder{document: document{text: text}, at: map[string][]int{}, left: map[leftMember]int{}, taken: map[handle]struct{}{}}
}

// finish adds the users and organizations that memberships name and the file lacks, and
// checks the whole.
func (b *seedBuilder) finish() error {
	known := map[string]bool{}
	for _, u := range b.seed.Users {
		known[u.ID] = true
	}
	for _, o := range b.seed.Organizations {
		known[o.ID] = true
	}
	for _, u := range b.users {
		if !known[u.ID] {
			b.seed.Users = append(b.seed.Users, u)
			known[u.ID] = true
		}
	}
	for _, o := range b.organizations {
		if !known[o.ID] {
			b.seed.Organizations = append(b.seed.Organizations, o)
			known[o.ID] = true
		}
	}
	_, err := newStore(b.seed)
	if fault, ok := errors.AsType[*seedError](err); ok {
		at := 0
		if offsets := b.at[fault.list]; fault.index < len(offsets) {
			at = offsets[fault.index]
		}
		return b.fail(at, err)
	}
	return nil
}

// leftMember is a member that is left aside, and of which kind of entity. With a reason it
// is the whole entity.
type leftMember struct{ name, kind, because string }

func (b *seedBuilder) leaves(name, kind string) { b.left[leftMember{name: name, kind: kind}]++ }

func (b *seedBuilder) leftAside() []string {
	var all []string
	for member, n := range b.left {
		name, s := member.name, "s"
		if quoted := strconv.Quote(name); name == "" || quoted[1:len(quoted)-1] != name {
			name = quoted // it may come from the file
		}
		if n == 1 {
			s = ""
		}
		whose := fmt.Sprintf("%d %s%s", n, member.kind, s)
		if member.because != "" {
			all = append(all, whose+" "+member.because)
		} else {
			all = append(all, name+" of "+whose)
		}
	}
	slices.Sort(all)
	return all
}
