package me

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/typed"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// View is a typed view of the signed-in user, made by As. It is immutable and safe for
// concurrent use. Every call of a zero View is clerkerr.ErrInvalidArgument.
type View[T any] struct {
	service *Service
	typed   *typed.View[T, User]
}

// As returns a view in which the signed-in user is a T: a struct whose fields have the
// names of Clerk's own JSON of a user, as many of them as the caller needs.
//
//	type Me struct {
//		ID     string   `json:"id"`
//		Unsafe Settings `json:"unsafe_metadata"`
//	}
//
// Unsafe metadata can be changed and public metadata only read; private metadata never
// reaches the Frontend API, and a T with it is refused. A browser can have stored
// anything in unsafe metadata: expect metadata.ErrMismatch. Everything else is as for As
// of package users.
func As[T any](s *Service) View[T] {
	return View[T]{service: s, typed: typed.New[T](typed.Entity[User]{
		Name:     "the signed-in user",
		Fields:   []string{entity.UnsafeMetadata},
		ReadOnly: []string{entity.PublicMetadata},
		Text:     func(u *User) (id string, raw []byte) { return u.ID, u.Raw },
		Objects:  func(u *User) []metadata.Object { return []metadata.Object{u.UnsafeMetadata} },
	})}
}

// With returns a copy of v whose Modify follows config.
func (v View[T]) With(config metadata.ModifyConfig) View[T] {
	v.typed = v.typed.With(config)
	return v
}

// Get reads the signed-in user: GET /v1/me. One that does not fit T is
// metadata.ErrMismatch; other errors and the Rotation are as for GetMe.
func (v View[T]) Get(ctx context.Context, credential Credential) (*T, Rotation, error) {
	var rotation Rotation
	value, err := v.typed.Get("me.GetMe", func() (user *User, err error) {
		user, rotation, err = v.service.GetMe(ctx, credential)
		return user, err
	})
	return value, rotation, err
}

// Modified is the outcome of a Modify.
type Modified[T any] struct {
	// Value is the user after the call; nil if the answer to the write could not be read.
	Value *T
	// User is the same user as Clerk returned it.
	User *User
	// Sent is what the last write sent; nil if nothing changed.
	Sent metadata.Patch
	// Writes counts the writes: 0 if nothing changed, more than 1 only with
	// metadata.ModifyConfig.MaxReruns.
	Writes int
	// ConcurrentChanges names what someone else changed between a read and the write that
	// followed: "unsafe_metadata/theme". Their changes are kept.
	ConcurrentChanges []string
}

// Modify reads the signed-in user, passes it to change, and sends one PATCH of unsafe
// metadata that holds only what change altered. Everything else is as for Modify of
// package users, with GetMe and UpdateMetadata. A change to public metadata is refused
// before the write, and so is one that no merge patch can make: there is no PUT. The
// Rotation is that of all requests together; each uses what those before it renewed.
func (v View[T]) Modify(ctx context.Context, credential Credential, change func(*T) error) (*Modified[T], Rotation, error) {
	const operation = "me.ModifyMetadata"
	var rotation Rotation
	renewed := func(user *User, r Rotation, err error) (*User, error) {
		rotation = rotation.then(r)
		return user, err
	}
	user, report, err := v.typed.Modify(typed.Run[User]{
		Operation: operation,
		MaxSize:   v.service.frontend().MaxFieldSize(),
		Read: func() (*User, error) {
			return renewed(v.service.get(ctx, operation, credential))
		},
		Write: func(_ *User, patches []metadata.Patch) (*User, error) {
			return renewed(v.service.update(ctx, operation, credential.Rotated(rotation), patches[0]))
		},
	}, change)
	if user == nil {
		return nil, rotation, err
	}
	return &Modified[T]{
		Value: report.Value, User: user, Sent: report.Sent[0], Writes: report.Writes, ConcurrentChanges: report.Concurrent,
	}, rotation, err
}
