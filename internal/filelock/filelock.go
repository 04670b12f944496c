// Package filelock locks a file against other processes for as long as it is open. The
// lock belongs to the open file, so that it ends with the process that holds it, however
// that ends, and a second open file of the same process meets it as well.
package filelock

import (
	"errors"
	"os"
)

var (
	// ErrHeld is the error of Try where another open file holds the lock.
	ErrHeld = errors.New("the file is in use by another run")
	// errNone is that of a system or a file system without locks.
	errNone = errors.ErrUnsupported
)

// Try locks a file, which stays locked until it is closed. It does not wait: ErrHeld
// says that another open file has the lock. Where the system or the file system has no
// locks it locks nothing and returns nil: flock on Linux, macOS and the BSDs, LockFileEx
// on Windows, and none elsewhere and on some network file systems.
//
// The lock binds only those who ask for it: reading and writing stay possible.
func Try(file *os.File) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failure error
	if err := conn.Control(func(fd uintptr) { failure = lock(fd) }); err != nil {
		return err
	}
	if errors.Is(failure, errNone) {
		return nil
	}
	return failure
}
