package organizations

import (
	"context"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/modify"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// View is a typed view of organizations' metadata, made by For. It is immutable
// and safe for concurrent use.
type View[Public, Private any] struct {
	service *Service
}

// For returns a view of organizations whose metadata fields are the given Go
// types; a field that is not used is metadata.None, which is neither read nor
// written. Types that cannot hold metadata (see metadata.CheckType) are refused by every
// call before any request. An alias keeps what follows short:
//
//	type Tenant = organizations.Values[Public, Private]
func For[Public, Private any](s *Service) *View[Public, Private] {
	return &View[Public, Private]{service: s}
}

// Values are the two metadata fields of an organization or a membership, decoded.
type Values[Public, Private any] struct {
	// Public is public_metadata: readable by the frontend, writable by the backend.
	Public Public
	// Private is private_metadata: readable and writable by the backend only.
	Private Private
}

// Typed is an organization with its metadata decoded.
type Typed[Public, Private any] struct {
	// Organization is as Clerk answered it; never nil in what a View returns.
	*Organization

	// Values are the metadata of the Organization decoded; they are complete only
	// where the call returned no error.
	Values Values[Public, Private]
}

// Replacement is what Replace sets. A field left nil is left alone.
type Replacement[Public, Private any] struct {
	// Public is what public_metadata becomes; nil leaves it alone.
	Public *Public
	// Private is what private_metadata becomes; nil leaves it alone.
	Private *Private
}

// Modified is the outcome of a Modify.
type Modified[Public, Private any] struct {
	// Typed is the organization as it now is; as it was read, where nothing
	// changed.
	Typed[Public, Private]

	// Sent is what the last write sent, zero where nothing changed.
	Sent UpdateOrganizationMetadataParams
	// Writes counts the writes: 0 where nothing changed, more than 1 only with
	// metadata.Rounds.
	Writes int
	// Foreign names what someone else changed between a read and the write
	// that followed: "public_metadata/role". Their changes are kept.
	Foreign []string
}

func (v *Values[Public, Private]) fields() []modify.Field {
	return []modify.Field{
		modify.Bind(request.PublicMetadata, &v.Public),
		modify.Bind(request.PrivateMetadata, &v.Private),
	}
}

func (o *Organization) objects() []metadata.Object {
	return []metadata.Object{o.PublicMetadata, o.PrivateMetadata}
}

// Get reads an organization and decodes its metadata. Keys are matched in exact
// case; keys that the types do not know stay in the Organization. Metadata that
// does not fit its type is metadata.ErrMismatch; everything else is as for
// GetOrganization.
func (v *View[Public, Private]) Get(ctx context.Context, organizationID string) (*Typed[Public, Private], error) {
	const operation = "GetOrganization"
	var typed Typed[Public, Private]
	fields := typed.Values.fields()
	if err := modify.Check(operation, fields); err != nil {
		return nil, err
	}
	organization, err := v.service.GetOrganization(ctx, organizationID)
	if err != nil {
		return nil, err
	}
	if err := modify.Load(operation, clerkerr.OutcomeNotApplied, fields, organization.objects()); err != nil {
		return nil, err
	}
	typed.Organization = organization
	return &typed, nil
}

// Replace makes each given field exactly what its type encodes to, keys that the
// type does not know included: they are gone. A field left nil is left alone.
// It is ReplaceOrganizationMetadata with metadata.Of of each field.
func (v *View[Public, Private]) Replace(ctx context.Context, organizationID string, to Replacement[Public, Private]) (*Typed[Public, Private], error) {
	const operation = "ReplaceOrganizationMetadata"
	var typed Typed[Public, Private]
	fields := typed.Values.fields()
	if err := modify.Check(operation, fields); err != nil {
		return nil, err
	}
	organization, err := v.service.ReplaceOrganizationMetadata(ctx, organizationID, ReplaceOrganizationMetadataParams{
		PublicMetadata:  modify.Value(to.Public),
		PrivateMetadata: modify.Value(to.Private),
	})
	if organization == nil {
		return nil, err
	}
	typed.Organization = organization
	if err == nil {
		err = modify.Load(operation, clerkerr.OutcomeApplied, fields, organization.objects())
	}
	return &typed, err
}

// Modify reads the organization, hands its decoded metadata to change, and sends one
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
// Errors are GetOrganization's and UpdateOrganizationMetadata's; a change that no
// merge patch can make (a wanted null, an array whose elements hold unknown
// keys) is clerkerr.ErrInvalidArgument and names the path. The result is nil
// unless nothing had to be written or a write is known to be applied.
func (v *View[Public, Private]) Modify(ctx context.Context, organizationID string, change func(*Values[Public, Private]) error, opts ...metadata.ModifyOption) (*Modified[Public, Private], error) {
	var result Modified[Public, Private]
	run := modify.Run[Organization]{
		Operation: "ModifyOrganizationMetadata",
		Fields:    result.Values.fields(),
		MaxSize:   v.service.api.MaxFieldSize,
		Read:      func() (*Organization, error) { return v.service.GetOrganization(ctx, organizationID) },
		Objects:   (*Organization).objects,
		Change:    func() error { return change(&result.Values) },
		Write: func(patches []metadata.Patch) (*Organization, error) {
			return v.service.UpdateOrganizationMetadata(ctx, organizationID, asParams(patches))
		},
	}
	organization, report, err := run.Do(change != nil, opts)
	if organization == nil {
		return nil, err
	}
	result.Organization, result.Writes, result.Foreign = organization, report.Writes, report.Foreign
	if report.Writes > 0 {
		result.Sent = asParams(report.Sent)
	}
	return &result, err
}

func asParams(patches []metadata.Patch) UpdateOrganizationMetadataParams {
	return UpdateOrganizationMetadataParams{PublicMetadata: patches[0], PrivateMetadata: patches[1]}
}
