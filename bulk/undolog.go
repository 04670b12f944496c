package bulk

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// UndoLog notes what changes do, before they are sent.
type UndoLog interface {
	// Note notes the change that takes back the one that is to be sent, of the verb Undo,
	// and returns once the note survives a crash. Its JSON is a line that ReadNDJSON reads.
	// Note is called concurrently, for the changes of one entity in their order, one at a
	// time. An error ends the run, and the change is not sent.
	Note(undo Change) error
}

// A note has what differs in three fields, before and after, and the names of keys.
var undoFile = sealedKind{name: "undo log", member: "clerkmeta_undo", foreign: ErrNoUndoLog, longest: 4 << 20, passes: true}

// FileUndoLog is an UndoLog in a file: one line that says what it belongs to, and one for
// each change that was about to be sent. The file holds the values that changed, private
// ones too, and only its owner can read it. A run that is killed and run again continues
// it; OpenUndo reads it. It is safe for concurrent use, and takes no memory for its notes.
type FileUndoLog struct {
	file *sealedFile

	mu   sync.Mutex
	next *notes // gathers notes, nil for none

	writing sync.Mutex
	broken  error
}

// notes are written and synced together.
type notes struct {
	text    []byte
	written chan struct{}
	err     error
}

// OpenUndoLog opens the undo log in a file, and makes it if the file is missing or empty.
// It cuts off what a crash left half written at the end, whose changes were not sent, and
// keeps what is behind a line that was altered. It fails with ErrOtherInput for another
// identity, ErrNoUndoLog for another file, and ErrInUse for a log that another run has open.
func OpenUndoLog(path string, identity Identity) (*FileUndoLog, error) {
	file, err := openSealed(path, &undoFile, os.O_CREATE)
	if err != nil {
		return nil, err
	}
	if err := file.load(identity, func(_ int64, text []byte) bool { return len(text) > 0 && text[0] == '{' }); err != nil {
		return nil, errors.Join(err, file.close())
	}
	if err := file.Chmod(0o600); err != nil { // it may have been there, for all to read
		return nil, errors.Join(err, file.close())
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil { // a new file is in it; not every system can sync one
		_ = dir.Sync()
		_ = dir.Close()
	}
	return &FileUndoLog{file: file}, nil
}

// Note appends a note to the file and syncs it to the disk. Notes that come while another is
// synced share the next sync. After an error it fails with the same error.
func (l *FileUndoLog) Note(undo Change) error {
	text, err := undo.MarshalJSON()
	if err != nil {
		return err
	}
	l.mu.Lock()
	batch := l.next
	first := batch == nil
	if first {
		batch = &notes{written: make(chan struct{})}
		l.next = batch
	}
	batch.text = append(batch.text, seal(text)...)
	l.mu.Unlock()
	if first {
		l.write(batch)
	}
	<-batch.written
	return batch.err
}

// write writes a batch once the one before it is on the disk. Until then notes join it.
func (l *FileUndoLog) write(batch *notes) {
	l.writing.Lock()
	defer l.writing.Unlock()
	l.mu.Lock()
	l.next = nil
	l.mu.Unlock()
	if l.broken == nil { // or the notes would follow a torn one
		_, l.broken = l.file.Write(batch.text)
	}
	if l.broken == nil {
		l.broken = l.file.Sync()
	}
	batch.err = l.broken
	close(batch.written)
}

// Close closes the file.
func (l *FileUndoLog) Close() error { return l.file.close() }
