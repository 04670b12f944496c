package organizations

import (
	"context"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/typed"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// View is a typed view of organizations, made by As. It is immutable and safe for
// concurrent use. Every call of a zero View is clerkerr.ErrInvalidArgument.
type View[T any] struct {
	service *Service
	typed   *typed.View[T, Organization]
}

// As returns a view in which an organization is a T: a struct whose fields have
// the names of Clerk's own JSON of an organization, as many of them as the caller
// needs.
//
//	type Tenant struct {
//		ID     string `json:"id"`
//		Slug   string `json:"slug"`
//		Public Plan   `json:"public_metadata"`
//	}
//
// Everything else is as for As of package users. A T with unsafe metadata, which
// organizations do not have, is refused as well.
func As[T any](s *Service) View[T] {
	return View[T]{service: s, typed: typed.New[T](typed.Entity[Organization]{
		Name:    "an organization",
		Fields:  entity.Organization.Fields(),
		Text:    func(o *Organization) (id string, raw []byte) { return o.ID, o.Raw },
		Objects: func(o *Organization) []metadata.Object { return []metadata.Object{o.PublicMetadata, o.PrivateMetadata} },
	})}
}

// With returns a copy of v whose Modify follows config.
func (v View[T]) With(config metadata.ModifyConfig) View[T] {
	v.typed = v.typed.With(config)
	return v
}

// Get reads an organization by its id or slug:
// GET /v1/organizations/{organization_id}. One that does not fit T is
// metadata.ErrMismatch; other errors are as for GetOrganization.
func (v View[T]) Get(ctx context.Context, idOrSlug string) (*T, error) {
	return v.typed.Get("GetOrganization", func() (*Organization, error) {
		return v.service.GetOrganization(ctx, idOrSlug)
	})
}

// All iterates over all organizations, as Service.All does. One that does not fit T yields
// metadata.ErrMismatch with the id in Error.Entity, and the walk continues; any other
// error ends it.
func (v View[T]) All(ctx context.Context, params AllParams) iter.Seq2[*T, error] {
	return v.typed.All(opList, v.service.All(ctx, params))
}

// Decode decodes an organization from ParseOrganization, a webhook or another call
// into a T. It does no I/O. One that does not fit T is metadata.ErrMismatch,
// a nil one clerkerr.ErrInvalidArgument.
func (v View[T]) Decode(organization *Organization) (*T, error) {
	return v.typed.Decode("organizations.Decode", organization)
}

// Patches returns what Modify would send for an organization that was read: a patch for each
// of public and private metadata, nil where change alters nothing. It does no I/O. The errors
// are those of Modify before its write.
func (v View[T]) Patches(organization *Organization, change func(*T) error) ([]metadata.Patch, error) {
	return v.typed.Patches("organizations.Patches", v.service.backend().MaxFieldSize(), organization, change)
}

// Modified is the outcome of a Modify.
type Modified[T any] struct {
	// Value is the organization after the call; nil if the answer to the write
	// could not be read.
	Value *T
	// Organization is the same organization as Clerk returned it.
	Organization *Organization
	// Sent is what the last write sent; zero if nothing changed.
	Sent UpdateOrganizationMetadataParams
	// Writes counts the writes: 0 if nothing changed, more than 1 only with
	// metadata.ModifyConfig.MaxReruns.
	Writes int
	// ConcurrentChanges names what someone else changed between a read and the
	// write that followed: "public_metadata/tier". Their changes are kept.
	ConcurrentChanges []string
}

// Modify reads the organization by its id or slug, passes it to change, and sends
// one PATCH to the id that was read, with only what change altered. How it decides
// what to send, what concurrent writers mean and which errors come is as for Modify
// of package users, with GetOrganization and UpdateOrganizationMetadata.
func (v View[T]) Modify(ctx context.Context, idOrSlug string, change func(*T) error) (*Modified[T], error) {
	organization, report, err := v.typed.Modify(typed.Run[Organization]{
		Operation: "ModifyOrganizationMetadata",
		MaxSize:   v.service.backend().MaxFieldSize(),
		Read:      func() (*Organization, error) { return v.service.GetOrganization(ctx, idOrSlug) },
		Write: func(o *Organization, patches []metadata.Patch) (*Organization, error) {
			return v.service.UpdateOrganizationMetadata(ctx, o.ID, asParams(patches))
		},
	}, change)
	if organization == nil {
		return nil, err
	}
	return &Modified[T]{
		Value: report.Value, Organization: organization, Sent: asParams(report.Sent), Writes: report.Writes, ConcurrentChanges: report.Concurrent,
	}, err
}

func asParams(patches []metadata.Patch) UpdateOrganizationMetadataParams {
	return UpdateOrganizationMetadataParams{PublicMetadata: patches[0], PrivateMetadata: patches[1]}
}
