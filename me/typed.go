package me

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/modify"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// View is a typed view of the signed-in user's unsafe metadata, made by For. It
// is immutable and safe for concurrent use.
type View[Unsafe any] struct {
	service *Service
}

// For returns a view in which unsafe metadata is the given Go type. What a
// browser has written there need not fit it: expect metadata.ErrMismatch. A type
// that cannot hold metadata (see metadata.CheckType) is refused by every call
// before any request.
func For[Unsafe any](s *Service) *View[Unsafe] { return &View[Unsafe]{service: s} }

// Typed is the signed-in user with its unsafe metadata decoded.
type Typed[Unsafe any] struct {
	// User is as Clerk answered it; never nil in what a View returns.
	*User

	// Unsafe is the user's UnsafeMetadata decoded, if the call returned no error.
	Unsafe Unsafe
}

// Modified is the outcome of a Modify.
type Modified[Unsafe any] struct {
	// Typed is the user as it now is; as it was read, where nothing changed.
	Typed[Unsafe]

	// Sent is what the last write sent, nil where nothing changed.
	Sent metadata.Patch
	// Writes counts the writes: 0 where nothing changed, more than 1 only with
	// metadata.Rounds.
	Writes int
	// Foreign names what someone else changed between a read and the write
	// that followed: "unsafe_metadata/theme". Their changes are kept.
	Foreign []string
}

func (t *Typed[Unsafe]) fields() []modify.Field {
	return []modify.Field{modify.Bind(request.UnsafeMetadata, &t.Unsafe)}
}

func (u *User) objects() []metadata.Object { return []metadata.Object{u.UnsafeMetadata} }

// Get reads the signed-in user and decodes its unsafe metadata. Keys are matched
// in exact case; keys that the type does not know stay in the User. Everything
// else is as for GetMe.
func (v *View[Unsafe]) Get(ctx context.Context, credential Credential) (*Typed[Unsafe], Rotation, error) {
	const operation = "me.GetMe"
	var typed Typed[Unsafe]
	if err := modify.Check(operation, typed.fields()); err != nil {
		return nil, Rotation{}, err
	}
	user, rotation, err := v.service.GetMe(ctx, credential)
	if err == nil {
		err = modify.Load(operation, clerkerr.OutcomeNotApplied, typed.fields(), user.objects())
	}
	if err != nil {
		return nil, rotation, err
	}
	typed.User = user
	return &typed, rotation, nil
}

// Replace makes the unsafe metadata exactly what unsafe encodes to, keys that
// the type does not know included: they are gone. It is ReplaceMetadata with
// metadata.Of(*unsafe); nil is clerkerr.ErrNothingToWrite.
func (v *View[Unsafe]) Replace(ctx context.Context, credential Credential, unsafe *Unsafe) (*Typed[Unsafe], Rotation, error) {
	const operation = "me.ReplaceMetadata"
	var typed Typed[Unsafe]
	if err := modify.Check(operation, typed.fields()); err != nil {
		return nil, Rotation{}, err
	}
	user, rotation, err := v.service.ReplaceMetadata(ctx, credential, modify.Value(unsafe))
	if user == nil {
		return nil, rotation, err
	}
	typed.User = user
	if err == nil {
		err = modify.Load(operation, clerkerr.OutcomeApplied, typed.fields(), user.objects())
	}
	return &typed, rotation, err
}

// Modify reads the signed-in user, hands the decoded unsafe metadata to change,
// and sends one PATCH with the smallest footprint: only what changed, as
// metadata.Draft.Patch has it. Keys that the type does not know are never sent
// and never lost. Where nothing changed nothing is sent. An error of change
// aborts, is returned as it is, and nothing is sent. The merged metadata is
// checked against metadata.MaxSize before the write, unless the client was made
// with client.WithoutSizeCheck.
//
// What this narrows and what it cannot see: Clerk has no conditional write. Two
// writers of different keys do not disturb each other, and what the other wrote
// between the read and the write is reported in Foreign (or is an error, or
// causes a further round, by option). Two writers of the same key are not seen:
// the later write wins and neither is told.
//
// Errors are GetMe's and UpdateMetadata's; a change that no merge patch can make
// (a wanted null, an array whose elements hold unknown keys) is
// clerkerr.ErrInvalidArgument and names the path; the Frontend API has no PUT.
// The result is nil unless nothing had to be written or a write is known to be
// applied. The Rotation is that of all requests together; each uses what those
// before it renewed.
func (v *View[Unsafe]) Modify(ctx context.Context, credential Credential, change func(*Unsafe) error, opts ...metadata.ModifyOption) (*Modified[Unsafe], Rotation, error) {
	const operation = "me.ModifyMetadata"
	if err := check(ctx, operation, credential); err != nil {
		return nil, Rotation{}, err
	}
	var result Modified[Unsafe]
	var rotation Rotation
	renewed := func(user *User, r Rotation, err error) (*User, error) {
		rotation = rotation.then(r)
		return user, err
	}
	run := modify.Run[User]{
		Operation: operation,
		Fields:    result.fields(),
		MaxSize:   v.service.api.MaxFieldSize,
		Read: func() (*User, error) {
			return renewed(v.service.get(ctx, operation, credential))
		},
		Objects: (*User).objects,
		Change:  func() error { return change(&result.Unsafe) },
		Write: func(patches []metadata.Patch) (*User, error) {
			return renewed(v.service.update(ctx, operation, credential.Rotated(rotation), patches[0]))
		},
	}
	user, report, err := run.Do(change != nil, opts)
	if user == nil {
		return nil, rotation, err
	}
	result.User, result.Writes, result.Foreign = user, report.Writes, report.Foreign
	if report.Writes > 0 {
		result.Sent = report.Sent[0]
	}
	return &result, rotation, err
}
