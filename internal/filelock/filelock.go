// Package filelock locks a file against other processes for as long as it is open. The
// lock belongs to the open file: it ends with the process that holds it, however that
// ends, and excludes a second open file of the same process too.
package filelock

import (
	"errors"
	"os"
)

// ErrHeld is the error of Try where another open file holds the lock.
var ErrHeld = errors.New("the file is in use by another run")

// Try locks a file, which stays locked until Close. It does not wait: ErrHeld reports
// that another open file has the lock. Where the system or the file system has no locks
// it locks nothing and returns nil. It uses flock on Linux, macOS and the BSDs, and
// LockFileEx on Windows.
//
// The lock binds only those who ask for it: reading and writing stay possible.
func Try(file *os.File) error { return control(file, lock) }

// Close unlocks a file and closes it. It unlocks because a child process that is being
// started holds a copy of every open file for a moment, and the lock with it.
func Close(file *os.File) error {
	err := control(file, unlock)
	return errors.Join(err, file.Close())
}

func control(file *os.File, f func(fd uintptr) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	if err := conn.Control(func(fd uintptr) { failure = f(fd) }); err != nil {
		return err
	}
	if errors.Is(failure, errors.ErrUnsupported) {
		return nil
	}
	return failure
}
