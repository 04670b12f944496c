package organizations

import (
	"cmp"
	"context"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/typed"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// MembershipView is a typed view of memberships, made by AsMemberships. It is
// immutable and safe for concurrent use. Every call of a zero MembershipView is
// clerkerr.ErrInvalidArgument.
type MembershipView[T any] struct {
	service *Service
	typed   *typed.View[T, Membership]
}

// AsMemberships returns a view in which a membership is a T: a struct whose fields
// have the names of Clerk's own JSON of a membership, as many of them as the caller
// needs.
//
//	type Member struct {
//		Role   string `json:"role"`
//		Public Title  `json:"public_metadata"`
//	}
//
// Everything else is as for As.
func AsMemberships[T any](s *Service) MembershipView[T] {
	return MembershipView[T]{service: s, typed: typed.New[T](typed.Entity[Membership]{
		Name:    "a membership",
		Fields:  entity.Membership.Fields(),
		Text:    func(m *Membership) (id string, raw []byte) { return m.ID, m.Raw },
		Objects: func(m *Membership) []metadata.Object { return []metadata.Object{m.PublicMetadata, m.PrivateMetadata} },
	})}
}

// With returns a copy of v whose Modify follows config.
func (v MembershipView[T]) With(config metadata.ModifyConfig) MembershipView[T] {
	v.typed = v.typed.With(config)
	return v
}

// Get reads a membership. One that does not fit T is metadata.ErrMismatch; other
// errors are as for GetOrganizationMembership.
func (v MembershipView[T]) Get(ctx context.Context, organizationID, userID string) (*T, error) {
	return v.typed.Get("GetOrganizationMembership", func() (*Membership, error) {
		return v.service.GetOrganizationMembership(ctx, organizationID, userID)
	})
}

// All iterates over the memberships of an organization, as Service.AllMemberships does.
// One that does not fit T yields metadata.ErrMismatch with the membership's id in
// Error.Entity, and the walk continues; any other error ends it.
func (v MembershipView[T]) All(ctx context.Context, organizationID string, params AllParams) iter.Seq2[*T, error] {
	return v.typed.All(opListMemberships, v.service.AllMemberships(ctx, organizationID, params))
}

// Decode decodes a membership from ParseMembership, a webhook or another call
// into a T. It does no I/O. One that does not fit T is metadata.ErrMismatch, a nil one
// clerkerr.ErrInvalidArgument.
func (v MembershipView[T]) Decode(membership *Membership) (*T, error) {
	return v.typed.Decode("organizations.DecodeMembership", membership)
}

// Patches returns what Modify would send for a membership that was read: a patch for each of
// public and private metadata, nil where change alters nothing. It does no I/O. The errors are
// those of Modify before its write.
func (v MembershipView[T]) Patches(membership *Membership, change func(*T) error) ([]metadata.Patch, error) {
	return v.typed.Patches("organizations.MembershipPatches", v.service.backend().MaxFieldSize(), membership, change)
}

// ModifiedMembership is the outcome of a Modify of a membership.
type ModifiedMembership[T any] struct {
	// Value is the membership after the call; nil if the answer to the write
	// could not be read.
	Value *T
	// Membership is the same membership as Clerk returned it.
	Membership *Membership
	// Sent is what the last write sent; zero if nothing changed.
	Sent UpdateOrganizationMembershipMetadataParams
	// Writes counts the writes: 0 if nothing changed, more than 1 only with
	// metadata.ModifyConfig.MaxReruns.
	Writes int
	// ConcurrentChanges names what someone else changed between a read and the
	// write that followed: "public_metadata/title". Their changes are kept.
	ConcurrentChanges []string
}

// Modify reads the membership, passes it to change, and sends one PATCH that holds
// only what change altered. How it decides what to send, what concurrent writers
// mean and which errors come is as for Modify of package users, with
// GetOrganizationMembership and UpdateOrganizationMembershipMetadata. Memberships
// have no PUT, so a change that no merge patch can make cannot be made at all.
func (v MembershipView[T]) Modify(ctx context.Context, organizationID, userID string, change func(*T) error) (*ModifiedMembership[T], error) {
	membership, report, err := v.typed.Modify(typed.Run[Membership]{
		Operation: "ModifyOrganizationMembershipMetadata",
		MaxSize:   v.service.backend().MaxFieldSize(),
		Read:      func() (*Membership, error) { return v.service.GetOrganizationMembership(ctx, organizationID, userID) },
		Write: func(m *Membership, patches []metadata.Patch) (*Membership, error) {
			return v.service.UpdateOrganizationMembershipMetadata(ctx,
				cmp.Or(m.OrganizationID, organizationID), cmp.Or(m.UserID, userID), asMembershipParams(patches))
		},
	}, change)
	if membership == nil {
		return nil, err
	}
	return &ModifiedMembership[T]{
		Value: report.Value, Membership: membership, Sent: asMembershipParams(report.Sent), Writes: report.Writes, ConcurrentChanges: report.Concurrent,
	}, err
}

func asMembershipParams(patches []metadata.Patch) UpdateOrganizationMembershipMetadataParams {
	return UpdateOrganizationMembershipMetadataParams{PublicMetadata: patches[0], PrivateMetadata: patches[1]}
}
