package users

import (
	"context"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/typed"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// View is a typed view of users, made by As. It is immutable and safe for
// concurrent use.
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
func As[T any](s *Service) *View[T] {
	return &View[T]{service: s, typed: typed.New[T](typed.Entity[User]{
		Name:   "a user",
		Fields: entity.User.Fields(),
		Text:   func(u *User) (id string, raw []byte) { return u.ID, u.Raw },
		Objects: func(u *User) []metadata.Object {
			return []metadata.Object{u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata}
		},
	})}
}

// With returns a copy of v whose Modify follows config.
func (v *View[T]) With(config metadata.ModifyConfig) *View[T] {
	return &View[T]{service: v.service, typed: v.typed.With(config)}
}

// Get reads a user: GET /v1/users/{user_id}. A user that does not fit T is
// metadata.ErrMismatch; other errors are as for GetUser.
func (v *View[T]) Get(ctx context.Context, userID string) (*T, error) {
	return v.typed.Get("GetUser", func() (*User, error) { return v.service.GetUser(ctx, userID) })
}

// GetMany reads many users by their ids, as Service.GetMany does, and yields one
// result for each id in the order of ids. A user that does not exist
// (clerkerr.ErrNotFound) or does not fit T (metadata.ErrMismatch) is the error of
// that result, with the id in Error.Entity, and the others follow. Where a request
// fails, its error is all that is yielded. Requests are made when the iteration
// begins.
func (v *View[T]) GetMany(ctx context.Context, ids []string) iter.Seq2[*T, error] {
	return v.typed.All(opGetMany, v.service.each(ctx, ids))
}

// All walks over all users, as Service.All does. A user that does not fit T is
// yielded as an error, metadata.ErrMismatch with the id in Error.Entity, and the
// walk goes on; any other error is the last thing that it yields.
func (v *View[T]) All(ctx context.Context, params AllParams) iter.Seq2[*T, error] {
	return v.typed.All(opList, v.service.All(ctx, params))
}

// Decode reads a user that came by another way into a T: from ParseWebhook,
// ParseUser or another call. It does no I/O. A user that does not fit T is
// metadata.ErrMismatch, a nil one clerkerr.ErrInvalidArgument.
func (v *View[T]) Decode(user *User) (*T, error) {
	return v.typed.Decode("users.Decode", user)
}

// Modified is the outcome of a Modify.
type Modified[T any] struct {
	// Value is the user as it now is; as it was read, where nothing changed.
	// It is nil where an error says that the answer to the write could not be read.
	Value *T
	// User is the same user as Clerk answered it.
	User *User
	// Sent is what the last write sent, zero where nothing changed.
	Sent UpdateUserMetadataParams
	// Writes counts the writes: 0 where nothing changed, more than 1 only with
	// metadata.ModifyConfig.MaxReruns.
	Writes int
	// ConcurrentChanges names what someone else changed between a read and the
	// write that followed: "public_metadata/role". Their changes are kept.
	ConcurrentChanges []string
}

// Modify reads the user, passes it to change, and sends one PATCH that holds only
// what change altered, as metadata.Draft.Patch computes it. Keys that T does not
// know are never sent and never lost, and a metadata field that is set to nil
// loses the keys that were decoded from it and no other. Where nothing changed
// nothing is sent. An error of change ends the call, is returned as it is, and
// nothing is sent. A change to anything but metadata (the id, a name) is refused
// before the write, and so is a merged field over metadata.MaxSize, unless the
// client was made with client.WithoutSizeCheck.
//
// Clerk has no conditional write. Two writers of different keys do not disturb
// each other, and what the other wrote between the read and the write is reported
// in ConcurrentChanges (or handled as metadata.ModifyConfig says); a field that the
// answer to the write lacks counts as empty. Two writers of
// the same key are not detected: the later write wins. For counters, or anything
// else that is computed from what was read, keep one writer.
//
// Errors are GetUser's and UpdateUserMetadata's. A change that no merge patch can
// make (a null, an array whose elements hold unknown keys) is
// clerkerr.ErrInvalidArgument and names the path. The result is nil unless nothing
// had to be written or a write is known to be applied.
func (v *View[T]) Modify(ctx context.Context, userID string, change func(*T) error) (*Modified[T], error) {
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
