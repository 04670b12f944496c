package bulk

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// UndoFile is an undo log that was opened for the way back. It takes 16 bytes of memory for
// each note and 8 for each entity.
type UndoFile struct {
	file     *sealedFile
	identity Identity
	notes    []noteAt // by entity, and by their order in the file
	first    []int    // the first note of each entity, in the order of the file
	torn     int64
	broken   int64
}

// noteAt is where a note is.
type noteAt struct {
	entity uint64 // a hash
	at     int64
}

// OpenUndo opens the undo log in a file. It fails with ErrNoUndoLog for another file, and
// ErrInUse for a log that another run has open.
func OpenUndo(path string) (*UndoFile, error) {
	file, err := openSealed(path, &undoFile, 0)
	if err != nil {
		return nil, err
	}
	u := &UndoFile{file: file}
	if err := u.index(); err != nil {
		return nil, errors.Join(err, file.close())
	}
	return u, nil
}

// index finds the notes of each entity.
func (u *UndoFile) index() error {
	in := bufio.NewReaderSize(u.file, longestHeader)
	header, err := in.Peek(longestHeader)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if u.identity, err = u.file.belongs(in); err != nil {
		return err
	}
	begin := int64(slices.Index(header, '\n') + 1)
	var fault error
	end, broken, err := u.file.read(in, begin, func(at int64, text []byte) bool {
		note, err := parseNote(text)
		if err != nil {
			fault = fmt.Errorf("the note at byte %d: %w", at, err)
			return false
		}
		u.notes = append(u.notes, noteAt{hashOf(note.entity), at})
		return true
	})
	if err := cmp.Or(err, fault); err != nil {
		return err
	}
	info, err := u.file.Stat()
	if err != nil {
		return err
	}
	u.torn, u.broken = info.Size()-end, broken
	slices.SortFunc(u.notes, func(a, b noteAt) int { return cmp.Or(cmp.Compare(a.entity, b.entity), cmp.Compare(a.at, b.at)) })
	for i, n := range u.notes {
		if i == 0 || u.notes[i-1].entity != n.entity {
			u.first = append(u.first, i)
		}
	}
	slices.SortFunc(u.first, func(a, b int) int { return cmp.Compare(u.notes[a].at, u.notes[b].at) })
	return nil
}

func parseNote(text []byte) (Change, error) {
	note, err := parseLine(text)
	if err == nil && note.verb != Undo {
		err = errors.New("is no undo")
	}
	if err == nil {
		note = note.checked()
		err = note.fault
	}
	return note, err
}

func hashOf(e Entity) uint64 {
	sum := sha256.Sum256([]byte(e.OrganizationID + "\x00" + e.UserID))
	return binary.BigEndian.Uint64(sum[:])
}

// Identity returns what the log belongs to.
func (u *UndoFile) Identity() Identity { return u.identity }

// Entities returns how many entities have notes.
func (u *UndoFile) Entities() int { return len(u.first) }

// Torn returns the number of bytes at the end that are no whole note. The changes that they
// were to note were not sent.
func (u *UndoFile) Torn() int64 { return u.torn }

// Broken returns the number of bytes before the end that are no whole note. Someone altered
// them, or a disk lost them: the changes that they noted may have been sent, and cannot be
// taken back. The notes behind them count.
func (u *UndoFile) Broken() int64 { return u.broken }

// Changes returns the way back, for Plan and Apply: a change of the verb Undo for each
// entity, in the order of their first notes. It reads the file as it is walked, and can be
// walked again.
func (u *UndoFile) Changes() iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for _, first := range u.first {
			var changes []Change
			for i := first; i < len(u.notes) && u.notes[i].entity == u.notes[first].entity; i++ {
				note, err := u.note(u.notes[i].at)
				if err != nil {
					yield(Change{}, err)
					return
				}
				changes = gathered(changes, note)
			}
			for _, c := range changes {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

// gathered adds the steps of a note to those of its entity.
func gathered(changes []Change, note Change) []Change {
	for i := range changes { // one, unless two entities have a hash
		if changes[i].entity == note.entity {
			changes[i].steps = append(changes[i].steps, note.steps...)
			return changes
		}
	}
	return append(changes, note)
}

// note reads the note at an offset.
func (u *UndoFile) note(at int64) (note Change, err error) {
	err = errors.New("the undo log has changed since it was opened")
	in := bufio.NewReaderSize(io.NewSectionReader(u.file, at, int64(undoFile.longest)), longestHeader)
	_, _, failure := u.file.read(in, at, func(found int64, text []byte) bool {
		if found == at { // a broken one is passed
			note, err = parseNote(text)
		}
		return false
	})
	return note, cmp.Or(failure, err)
}

// Close closes the file.
func (u *UndoFile) Close() error { return u.file.close() }
