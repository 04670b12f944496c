package organizations

import (
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/coalesce"
)

// ErrWriterClosed is wrapped by the error of an update that a writer did not
// take, or did not send, because it was closed.
var ErrWriterClosed = coalesce.ErrClosed

// Defaults of the options of NewWriter and NewMembershipWriter.
const (
	DefaultInterval   = coalesce.DefaultInterval
	DefaultMaxUpdates = coalesce.DefaultMaxUpdates
	DefaultMaxBytes   = coalesce.DefaultMaxBytes
	DefaultWorkers    = coalesce.DefaultWorkers
	DefaultMaxPending = coalesce.DefaultMaxPending
)

// WriterOption changes what NewWriter and NewMembershipWriter make. Options may stand in any order;
// giving one twice is an error, and so is a value that makes no sense.
type WriterOption = coalesce.Option

// WithInterval sets how long an update waits for others of the same entity, over
// 0 to an hour; DefaultInterval, 100 ms, otherwise. It is counted from the
// first update that waits, so that two requests for an entity begin no closer to
// each other, unless patches could not be combined, a queue was full
// (WithMaxBatch) or Flush was called. With a second and more, a writer alone
// stays within Clerk's ten writes in ten seconds.
func WithInterval(d time.Duration) WriterOption { return coalesce.WithInterval(d) }

// WithMaxBatch bounds one request: the updates in it, 1 to 100,000, and the bytes
// of its metadata fields together once combined, 1 to metadata.MaxSize;
// DefaultMaxUpdates (1,000) and DefaultMaxBytes (metadata.MaxSize) otherwise. As
// soon as so many updates wait for an entity they are sent. An update that is
// larger by itself goes alone.
func WithMaxBatch(updates, bytes int) WriterOption { return coalesce.WithMaxBatch(updates, bytes) }

// WithWorkers sets how many requests, each for another entity, may be in flight
// at a time, 1 to 1,000; DefaultWorkers, 8, otherwise.
func WithWorkers(n int) WriterOption { return coalesce.WithWorkers(n) }

// WithMaxPending bounds the updates that wait or are in flight, of all entities
// together, 1 to 1,000,000; DefaultMaxPending, 10,000, otherwise. When there are
// so many, Update and Submit wait for room.
func WithMaxPending(n int) WriterOption { return coalesce.WithMaxPending(n) }
