//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package filelock

import (
	"errors"
	"os"
	"syscall"
)

func lock(fd uintptr) error { return flock(fd, syscall.LOCK_EX|syscall.LOCK_NB) }

func unlock(fd uintptr) error { return flock(fd, syscall.LOCK_UN) }

// flock returns at once, so that no signal interrupts it.
func flock(fd uintptr, how int) error {
	err := syscall.Flock(int(fd), how)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrHeld
	}
	return os.NewSyscallError("flock", err)
}
