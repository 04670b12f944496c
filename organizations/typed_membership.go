package organizations

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/modify"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// MembershipView is a typed view of memberships' metadata, made by
// ForMemberships. It is immutable and safe for concurrent use.
type MembershipView[Public, Private any] struct {
	service *Service
}

// ForMemberships returns a view of memberships whose metadata fields are the
// given Go types; a field that is not used is metadata.None, which is neither
// read nor written. Types that cannot hold metadata (see metadata.CheckType) are
// refused by every call before any request. An alias keeps what follows short:
//
//	type Member = organizations.Values[Public, Private]
func ForMemberships[Public, Private any](s *Service) *MembershipView[Public, Private] {
	return &MembershipView[Public, Private]{service: s}
}

// TypedMembership is a membership with its metadata decoded.
type TypedMembership[Public, Private any] struct {
	// Membership is as Clerk answered it; never nil in what a MembershipView
	// returns.
	*Membership

	// Values are the metadata of the Membership decoded; they are complete only
	// where the call returned no error.
	Values Values[Public, Private]
}

// ModifiedMembership is the outcome of a Modify of a membership.
type ModifiedMembership[Public, Private any] struct {
	// TypedMembership is the membership as it now is; as it was read, where
	// nothing changed.
	TypedMembership[Public, Private]

	// Sent is what the last write sent, zero where nothing changed.
	Sent UpdateOrganizationMembershipMetadataParams
	// Writes counts the writes: 0 where nothing changed, more than 1 only with
	// metadata.Rounds.
	Writes int
	// Foreign names what someone else changed between a read and the write
	// that followed: "public_metadata/role". Their changes are kept.
	Foreign []string
}

func (m *Membership) objects() []metadata.Object {
	return []metadata.Object{m.PublicMetadata, m.PrivateMetadata}
}

// Get reads a membership and decodes its metadata. Keys are matched in exact
// case; keys that the types do not know stay in the Membership. Metadata that
// does not fit its type is metadata.ErrMismatch; everything else is as for
// GetOrganizationMembership.
func (v *MembershipView[Public, Private]) Get(ctx context.Context, organizationID, userID string) (*TypedMembership[Public, Private], error) {
	const operation = "GetOrganizationMembership"
	var typed TypedMembership[Public, Private]
	fields := typed.Values.fields()
	if err := modify.Check(operation, fields); err != nil {
		return nil, err
	}
	membership, err := v.service.GetOrganizationMembership(ctx, organizationID, userID)
	if err != nil {
		return nil, err
	}
	if err := modify.Load(operation, clerkerr.OutcomeNotApplied, fields, membership.objects()); err != nil {
		return nil, err
	}
	typed.Membership = membership
	return &typed, nil
}

// Modify reads the membership, hands its decoded metadata to change, and sends
// one PATCH with the smallest footprint: only what changed, as
// metadata.Draft.Patch has it. Keys that the types do not know are never sent
// and never lost. Where nothing changed nothing is sent. An error of change aborts, is returned as it
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
// Errors are GetOrganizationMembership's and
// UpdateOrganizationMembershipMetadata's; a change that no merge patch can make
// (a wanted null, an array whose elements hold unknown keys; memberships have no
// PUT) is clerkerr.ErrInvalidArgument and names the path. The result is nil
// unless nothing had to be written or a write is known to be applied.
func (v *MembershipView[Public, Private]) Modify(ctx context.Context, organizationID, userID string, change func(*Values[Public, Private]) error, opts ...metadata.ModifyOption) (*ModifiedMembership[Public, Private], error) {
	var result ModifiedMembership[Public, Private]
	run := modify.Run[Membership]{
		Operation: "ModifyOrganizationMembershipMetadata",
		Fields:    result.Values.fields(),
		MaxSize:   v.service.api.MaxFieldSize,
		Read:      func() (*Membership, error) { return v.service.GetOrganizationMembership(ctx, organizationID, userID) },
		Objects:   (*Membership).objects,
		Change:    func() error { return change(&result.Values) },
		Write: func(patches []metadata.Patch) (*Membership, error) {
			return v.service.UpdateOrganizationMembershipMetadata(ctx, organizationID, userID, asMembershipParams(patches))
		},
	}
	membership, report, err := run.Do(change != nil, opts)
	if membership == nil {
		return nil, err
	}
	result.Membership, result.Writes, result.Foreign = membership, report.Writes, report.Foreign
	if report.Writes > 0 {
		result.Sent = asMembershipParams(report.Sent)
	}
	return &result, err
}

func asMembershipParams(patches []metadata.Patch) UpdateOrganizationMembershipMetadataParams {
	return UpdateOrganizationMembershipMetadataParams{PublicMetadata: patches[0], PrivateMetadata: patches[1]}
}
