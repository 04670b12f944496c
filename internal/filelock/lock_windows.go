package filelock

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// where is a byte that no file reaches: a lock on Windows keeps others from reading
// what it covers.
const where = 1 << 31

func lock(fd uintptr) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(fd), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: where})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return ErrHeld
	}
	return os.NewSyscallError("LockFileEx", err)
}

// unlock does nothing: a child process inherits no file there, and closing unlocks.
func unlock(uintptr) error { return nil }
