package users

import (
	"context"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/typed"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// View is a typed view of users, made by As. It is immutable and safe for
// concurrent use. Every call of a zero View is clerkerr.ErrInvalidArgument.
type View[T any] struct {
	service *Service
	typed   *typed.View[T, User]
}

// As returns a view in which a user is a T: a struct whose fields have the names
// of Clerk's own JSON of a user, as many of them as the caller needs.
//
//	type Account struct {
//		ID      string  `json:"id"`
//		Public  Profile `json:"public_metadata"`
//		Private Billing `json:"private_metadata"`
//	}
//
// A metadata field is a struct, a pointer, a map or any. What T lacks is neither
// read nor written. Names match in exact case, and keys that T does not know stay
// as they are in Clerk.
//
// A T that cannot work is refused by every method before any request
// (clerkerr.ErrInvalidArgument, metadata.ErrType): one with a name that resembles
// a metadata field's ("publicMetadata"), one whose metadata is no JSON object, and
// what metadata.CheckType refuses.
func As[T any](s *Service) View[T] {
	return View[T]{service: s, typed: typed.New[T](typed.Entity[User]{
		Name:   "a user",
		Fields: entity.User.Fields(),
		Text:   func(u *User) (id string, raw []byte) { return u.ID, u.Raw },
		Objects: func(u *User) []metadata.Object {
			return []metadata.Object{u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata}
		},
	})}
}

// With returns a copy of v whose Modify follows config.
func (v View[T]) With(config metadata.ModifyConfig) View[T] {
	v.typed = v.typed.With(config)
	return v
}

// Get reads a user: GET /v1/users/{user_id}. A user that does not fit T is
// metadata.ErrMismatch; other errors are as for GetUser.
func (v View[T]) Get(ctx context.Context, userID string) (*T, error) {
	return v.typed.Get("GetUser", func() (*User, error) { return v.service.GetUser(ctx, userID) })
}

// GetMany reads many users by their ids, as Service.GetMany does, and yields one
// result for each id in the order of ids. A user that does not exist
// (clerkerr.ErrNotFound) or does not fit T (metadata.ErrMismatch) is the error of
// that result, with the id in Error.Entity, and the others follow. If a request fails,
// its error is the only result. Requests start with the iteration.
func (v View[T]) GetMany(ctx context.Context, ids []string) iter.Seq2[*T, error] {
	return v.typed.All(opGetMany, v.service.each(ctx, ids))
}

// Find finds the one user whom an identifier names, as Service.Find does. A user that does
// not fit T is metadata.ErrMismatch.
func (v View[T]) Find(ctx context.Context, identifier Identifier) (*T, error) {
	return v.typed.Get(opFind, func() (*User, error) { return v.service.Find(ctx, identifier) })
}

// FindMany finds many users, as Service.FindMany does. A user that does not fit T is the
// error of that result (metadata.ErrMismatch), with the id in Error.Entity.
func (v View[T]) FindMany(ctx context.Context, identifiers []Identifier) iter.Seq2[*T, error] {
	return v.typed.All(opFindMany, v.service.FindMany(ctx, identifiers))
}

// All iterates over all users, as Service.All does. A user that does not fit T yields
// metadata.ErrMismatch with the id in Error.Entity, and the walk continues; any other
// error ends it.
func (v View[T]) All(ctx context.Context, params AllParams) iter.Seq2[*T, error] {
	return v.typed.All(opList, v.service.All(ctx, params))
}

// Decode decodes a user from ParseUser, a webhook or another call into a T. It does no
// I/O. A user that does not fit T is metadata.ErrMismatch, a nil one
// clerkerr.ErrInvalidArgument.
func (v View[T]) Decode(user *User) (*T, error) {
	return v.typed.Decode("users.Decode", user)
}

// Patches returns what Modify would send for a user that was read: a patch for each of
// public, private and unsafe metadata, nil where change alters nothing. It does no I/O. The
// errors are those of Modify before its write.
func (v View[T]) Patches(user *User, change func(*T) error) ([]metadata.Patch, error) {
	return v.typed.Patches("users.Patches", v.service.backend().MaxFieldSize(), user, change)
}

// Modified is the outcome of a Modify.
type Modified[T any] struct {
	// Value is the user after the call; nil if the answer to the write could not be
	// read.
	Value *T
	// User is the same user as Clerk returned it.
	User *User
	// Sent is what the last write sent; zero if nothing changed.
	Sent UpdateUserMetadataParams
	// Writes counts the writes: 0 if nothing changed, more than 1 only with
	// metadata.ModifyConfig.MaxReruns.
	Writes int
	// ConcurrentChanges names what someone else changed between a read and the
	// write that followed: "public_metadata/role". Their changes are kept.
	ConcurrentChanges []string
}

// Modify reads the user, passes it to change, and sends one PATCH with only what change
// altered, as metadata.Draft.Patch computes it; without a change it sends nothing. Keys
// that T does not know are never sent and never lost, and a metadata field set to nil
// loses only the keys that were decoded from it. An error of change ends the call before
// the write and is returned unchanged. A change to anything but metadata (the id, a name)
// is refused before the write, and so is a merged field over metadata.MaxSize, unless the
// client was made with client.WithoutSizeCheck.
//
// Clerk has no conditional write. ConcurrentChanges reports what another writer of other
// keys wrote between the read and the write, and metadata.ModifyConfig can react to it; a
// field that the answer to the write lacks counts as empty. Two writers of the same key
// are not detected: the later write wins. Keep one writer for counters and anything else
// that is computed from what was read.
//
// Errors are GetUser's and UpdateUserMetadata's. A change that no merge patch can make (a
// null, an array whose elements hold unknown keys) is clerkerr.ErrInvalidArgument and
// names the path. The result is nil unless nothing had to be written or a write was
// applied.
func (v View[T]) Modify(ctx context.Context, userID string, change func(*T) error) (*Modified[T], error) {
	user, report, err := v.typed.Modify(typed.Run[User]{
		Operation: "ModifyUserMetadata",
		MaxSize:   v.service.backend().MaxFieldSize(),
		Read:      func() (*User, error) { return v.service.GetUser(ctx, userID) },
		Write: func(u *User, patches []metadata.Patch) (*User, error) {
			return v.service.UpdateUserMetadata(ctx, u.ID, asParams(patches))
		},
	}, change)
	if user == nil {
		return nil, err
	}
	return &Modified[T]{
		Value: report.Value, User: user, Sent: asParams(report.Sent), Writes: report.Writes, ConcurrentChanges: report.Concurrent,
	}, err
}

func asParams(patches []metadata.Patch) UpdateUserMetadataParams {
	return UpdateUserMetadataParams{PublicMetadata: patches[0], PrivateMetadata: patches[1], UnsafeMetadata: patches[2]}
}
