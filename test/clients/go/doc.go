// Package goclient holds the tests that point Clerk's official Go client at the emulator. What that
// client cannot do is said where one would look for it.
package goclient
