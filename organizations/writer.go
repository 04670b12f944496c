package organizations

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/coalesce"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Writer turns many small updates into few requests: updates of the same organization
// that come within an interval of each other are combined into one PATCH
// (metadata.Compose, field by field), in the order in which they came. It is safe
// for concurrent use; close it when it is no longer needed.
//
// Where two updates cannot be combined ({"a":1} and then {"a":{"b":2}}, see
// metadata.Compose), or would be too large together, they go one after the other.
// There is one request in flight for an organization, and up to a bound for different
// ones (WithWorkers), so updates of an organization are applied in the order in which
// Update and Submit took them: a caller's own in the order of its calls.
//
// Each caller gets its own result: the organization as the PATCH that held its change
// was answered, which can hold later changes too, and of which nothing is shared
// with another caller. When Clerk refuses a combined patch for its content
// (clerkerr.ErrInvalid, clerkerr.ErrTooLarge) its halves are sent apart, and
// theirs, so that only the updates at fault fail. (One that Clerk would refuse by
// itself succeeds where a later one of its batch overrides what is wrong with
// it.) Any other error is that of every caller whose change the PATCH held.
//
// Requests retry as the client is set to. They carry no caller's context (nor its
// values and deadline), since they belong to many.
//
// Nothing is kept on disk: updates that wait are lost with the process, so call
// Close before it ends. Another writer, in this process or another, and calls of
// the Service beside it are not held back and not ordered against it: as always
// the later write of a key wins.
type Writer struct {
	service *Service
	queue   *coalesce.Writer[string, Organization]
}

// NewWriter returns a writer over a service. It does no I/O and starts no goroutine;
// there are some only while requests are due. The error, of an option or a nil
// service, satisfies clerkerr.ErrInvalidArgument.
func NewWriter(svc *Service, opts ...WriterOption) (*Writer, error) {
	const constructor = "NewWriter"
	if svc == nil {
		return nil, clerkerr.Invalid(constructor, "svc", errors.New("is nil"))
	}
	queue, err := coalesce.New(constructor, coalesce.Target[string, Organization]{
		Operation: "UpdateOrganizationMetadata",
		Send: func(ctx context.Context, organizationID string, patches []metadata.Patch) (*Organization, error) {
			return svc.UpdateOrganizationMetadata(ctx, organizationID, asParams(patches))
		},
		Copy: func(o *Organization) *Organization {
			own := *o
			own.Raw = bytes.Clone(o.Raw)
			return &own
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	return &Writer{service: svc, queue: queue}, nil
}

// Update merges params into the organization's metadata, as UpdateOrganizationMetadata
// does, together with other updates, and returns when that is applied or has
// failed. It waits for room first, where the writer is full (WithMaxPending).
// Params are encoded at once and can be reused.
//
// Errors are UpdateOrganizationMetadata's, those before any request at
// once. When ctx ends, its error is wrapped in a *clerkerr.Error: an update that
// was not sent is taken out (clerkerr.OutcomeNotApplied); one that was sent is
// not called back (clerkerr.OutcomeUnknown), and others are not disturbed in
// either case. After Close the error wraps ErrWriterClosed.
func (w *Writer) Update(ctx context.Context, organizationID string, params UpdateOrganizationMetadataParams) (*Organization, error) {
	fields, err := w.encode(ctx, organizationID, params)
	if err != nil {
		return nil, err
	}
	return w.queue.Update(ctx, organizationID, fields...)
}

// Submit is Update for a caller that does not wait: it returns as soon as the
// writer has taken the update, so that one goroutine alone can make many that
// are combined. ctx bounds only the wait for room.
//
// The function that it returns waits for the result; it can be called any number
// of times, from any goroutine, or not at all. When its context ends, the update
// stays where it is (clerkerr.OutcomeUnknown). A failure that nobody has learned
// of is reported by Close.
func (w *Writer) Submit(ctx context.Context, organizationID string, params UpdateOrganizationMetadataParams) (wait func(context.Context) (*Organization, error), err error) {
	fields, err := w.encode(ctx, organizationID, params)
	if err != nil {
		return nil, err
	}
	return w.queue.Submit(ctx, organizationID, fields...)
}

// Flush sends what waits now, whatever the interval, and returns when that and
// what was in flight is over. The end of ctx stops only the waiting. The error
// joins that of ctx and, with the organization named, those of the updates that
// failed: the first 16, in order, and the number of the rest.
func (w *Writer) Flush(ctx context.Context) error { return w.queue.Flush(ctx) }

// Close takes no more updates, sends those that wait and returns when all are
// over; no goroutine is left then. Callers that wait for room get
// ErrWriterClosed. The error is as Flush's, and reports too what failed earlier
// without anybody learning of it. When ctx ends first, requests in flight are
// cancelled and the rest is not sent: their callers, and the error, tell which.
// A request that has not returned 5 s after that, because the Transport of the
// client's http.Client or a hook ignores its context, is left behind, and the
// error says so. Closing again is allowed.
func (w *Writer) Close(ctx context.Context) error { return w.queue.Close(ctx) }

// encode checks an update as the call itself would, before it is queued.
func (w *Writer) encode(ctx context.Context, organizationID string, params UpdateOrganizationMetadataParams) ([]json.RawMessage, error) {
	if err := check(ctx, "UpdateOrganizationMetadata", organizationID); err != nil {
		return nil, err
	}
	f := w.service.api.Fields("UpdateOrganizationMetadata")
	fields := []json.RawMessage{
		f.Patch(request.PublicMetadata, params.PublicMetadata),
		f.Patch(request.PrivateMetadata, params.PrivateMetadata),
	}
	return fields, f.Err()
}
