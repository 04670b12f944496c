package users

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/modify"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// View is a typed view of users' metadata, made by For. It is immutable and safe
// for concurrent use.
type View[Public, Private, Unsafe any] struct {
	service *Service
}

// For returns a view of users whose metadata fields are the given Go types; a
// field that is not used is metadata.None, which is neither read nor written.
// Types that cannot hold metadata (see metadata.CheckType) are refused by every
// call before any request. An alias keeps what follows short:
//
//	type Account = users.Values[Public, Private, metadata.None]
func For[Public, Private, Unsafe any](s *Service) *View[Public, Private, Unsafe] {
	return &View[Public, Private, Unsafe]{service: s}
}

// Values are the three metadata fields of a user, decoded.
type Values[Public, Private, Unsafe any] struct {
	// Public is public_metadata: readable by the frontend, writable by the backend.
	Public Public
	// Private is private_metadata: readable and writable by the backend only.
	Private Private
	// Unsafe is unsafe_metadata: the frontend writes it too, so do not trust it.
	Unsafe Unsafe
}

// Typed is a user with its metadata decoded.
type Typed[Public, Private, Unsafe any] struct {
	// User is as Clerk answered it; never nil in what a View returns.
	*User

	// Values are the metadata of the User decoded; they are complete only
	// where the call returned no error.
	Values Values[Public, Private, Unsafe]
}

// Replacement is what Replace sets. A field left nil is left alone.
type Replacement[Public, Private, Unsafe any] struct {
	// Public is what public_metadata becomes; nil leaves it alone.
	Public *Public
	// Private is what private_metadata becomes; nil leaves it alone.
	Private *Private
	// Unsafe is what unsafe_metadata becomes; nil leaves it alone.
	Unsafe *Unsafe
}

// Modified is the outcome of a Modify.
type Modified[Public, Private, Unsafe any] struct {
	// Typed is the user as it now is; as it was read, where nothing changed.
	Typed[Public, Private, Unsafe]

	// Sent is what the last write sent, zero where nothing changed.
	Sent UpdateUserMetadataParams
	// Writes counts the writes: 0 where nothing changed, more than 1 only with
	// metadata.Rounds.
	Writes int
	// Foreign names what someone else changed between a read and the write
	// that followed: "public_metadata/role". Their changes are kept.
	Foreign []string
}

func (v *Values[Public, Private, Unsafe]) fields() []modify.Field {
	return []modify.Field{
		modify.Bind(request.PublicMetadata, &v.Public),
		modify.Bind(request.PrivateMetadata, &v.Private),
		modify.Bind(request.UnsafeMetadata, &v.Unsafe),
	}
}

func (u *User) objects() []metadata.Object {
	return []metadata.Object{u.PublicMetadata, u.PrivateMetadata, u.UnsafeMetadata}
}

// Get reads a user and decodes its metadata. Keys are matched in exact case;
// keys that the types do not know stay in the User. Metadata that does not fit
// its type is metadata.ErrMismatch; everything else is as for GetUser.
func (v *View[Public, Private, Unsafe]) Get(ctx context.Context, userID string) (*Typed[Public, Private, Unsafe], error) {
	const operation = "GetUser"
	var typed Typed[Public, Private, Unsafe]
	fields := typed.Values.fields()
	if err := modify.Check(operation, fields); err != nil {
		return nil, err
	}
	user, err := v.service.GetUser(ctx, userID)
	if err != nil {
		return nil, err
	}
	if err := modify.Load(operation, clerkerr.OutcomeNotApplied, fields, user.objects()); err != nil {
		return nil, err
	}
	typed.User = user
	return &typed, nil
}

// Replace makes each given field exactly what its type encodes to, keys that the
// type does not know included: they are gone. A field left nil is left alone.
// It is ReplaceUserMetadata with metadata.Of of each field.
func (v *View[Public, Private, Unsafe]) Replace(ctx context.Context, userID string, to Replacement[Public, Private, Unsafe]) (*Typed[Public, Private, Unsafe], error) {
	const operation = "ReplaceUserMetadata"
	var typed Typed[Public, Private, Unsafe]
	fields := typed.Values.fields()
	if err := modify.Check(operation, fields); err != nil {
		return nil, err
	}
	user, err := v.service.ReplaceUserMetadata(ctx, userID, ReplaceUserMetadataParams{
		PublicMetadata:  modify.Value(to.Public),
		PrivateMetadata: modify.Value(to.Private),
		UnsafeMetadata:  modify.Value(to.Unsafe),
	})
	if user == nil {
		return nil, err
	}
	typed.User = user
	if err == nil {
		err = modify.Load(operation, clerkerr.OutcomeApplied, fields, user.objects())
	}
	return &typed, err
}

// Modify reads the user, hands its decoded metadata to change, and sends one
// PATCH with the smallest footprint: only what changed, as metadata.Draft.Patch
// has it. Keys that the types do not know are never sent and never lost. Where
// nothing changed nothing is sent. An error of change aborts, is returned as it
// is, and nothing is sent. The merged fields are checked against
// metadata.MaxSize before the write, unless the client was made with
// client.WithoutSizeCheck.
//
// What this narrows and what it cannot see: Clerk has no conditional write. Two
// writers of different keys do not disturb each other, and what the other wrote
// between the read and the write is reported in Foreign (or is an error, or
// causes a further round, by option). Two writers of the same key are not seen:
// the later write wins and neither is told. For counters, or anything else that
// is computed from what was read, keep one writer.
//
// Errors are GetUser's and UpdateUserMetadata's; a change that no merge patch
// can make (a wanted null, an array whose elements hold unknown keys) is
// clerkerr.ErrInvalidArgument and names the path. The result is nil unless
// nothing had to be written or a write is known to be applied.
func (v *View[Public, Private, Unsafe]) Modify(ctx context.Context, userID string, change func(*Values[Public, Private, Unsafe]) error, opts ...metadata.ModifyOption) (*Modified[Public, Private, Unsafe], error) {
	var result Modified[Public, Private, Unsafe]
	run := modify.Run[User]{
		Operation: "ModifyUserMetadata",
		Fields:    result.Values.fields(),
		MaxSize:   v.service.api.MaxFieldSize,
		Read:      func() (*User, error) { return v.service.GetUser(ctx, userID) },
		Objects:   (*User).objects,
		Change:    func() error { return change(&result.Values) },
		Write: func(patches []metadata.Patch) (*User, error) {
			return v.service.UpdateUserMetadata(ctx, userID, asParams(patches))
		},
	}
	user, report, err := run.Do(change != nil, opts)
	if user == nil {
		return nil, err
	}
	result.User, result.Writes, result.Foreign = user, report.Writes, report.Foreign
	if report.Writes > 0 {
		result.Sent = asParams(report.Sent)
	}
	return &result, err
}

func asParams(patches []metadata.Patch) UpdateUserMetadataParams {
	return UpdateUserMetadataParams{PublicMetadata: patches[0], PrivateMetadata: patches[1], UnsafeMetadata: patches[2]}
}
