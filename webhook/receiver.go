package webhook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/secret"
	"github.com/clerkmeta/clerkmeta-go/internal/signature"
)

// MaxBody is how many bytes of a delivery are read. Svix sends less.
const MaxBody = 1 << 20

// DefaultTolerance is Receiver.Tolerance where that is 0, as in Svix's own libraries.
const DefaultTolerance = 5 * time.Minute

var (
	// ErrUnverified means that the delivery is not Clerk's, or not proven to be: a header is
	// missing, no signature is valid, or the time is out of tolerance.
	ErrUnverified = errors.New("delivery not verified")
	// ErrTimestamp means that the delivery was signed too long ago, or in the future. The error
	// satisfies ErrUnverified too.
	ErrTimestamp = errors.New("time out of tolerance")
)

// Receiver verifies deliveries. It is safe for concurrent use once its fields are set.
// Make it with New: a zero Receiver verifies nothing.
type Receiver struct {
	// Tolerance is how far the time of a signature may be from this machine's clock, in
	// both directions; 0 is DefaultTolerance. It bounds how long a captured delivery can be
	// sent again. With a negative one every call is clerkerr.ErrInvalidArgument.
	Tolerance time.Duration
	// OnError is called with each delivery that a Handler did not answer with success or
	// that its function discarded; nil ignores them. The event is zero unless the
	// delivery was verified. OnError runs on the request's goroutine and must be safe for
	// concurrent use.
	OnError func(ctx context.Context, event Event, err error)

	keys []signature.Key
}

// New returns a Receiver of deliveries that are signed with one of the secrets. To rotate a
// secret without losing deliveries, pass the old and the new one until Clerk signs with the
// new one alone. No secret, and one that is not in Clerk's form (whsec_ and the base64 of at
// least 24 bytes), is clerkerr.ErrInvalidArgument.
func New(secrets ...Secret) (*Receiver, error) {
	const operation = "webhook.New"
	if len(secrets) == 0 {
		return nil, clerkerr.Invalid(operation, "secrets", errors.New("is empty: pass the endpoint's signing secret (whsec_…)"))
	}
	r := &Receiver{}
	for i, s := range secrets {
		key, err := signature.ParseKey(secret.Reveal(s.hidden))
		if err != nil {
			return nil, clerkerr.Invalid(operation, fmt.Sprintf("secrets[%d]", i), err)
		}
		r.keys = append(r.keys, key)
	}
	return r, nil
}

// Verify verifies a delivery and returns its event. It reads the body, up to MaxBody, and
// does no other I/O.
//
// The headers are svix-id, svix-timestamp and svix-signature. Without all three of them they
// are webhook-id, webhook-timestamp and webhook-signature; no header of one set counts with
// those of the other. A header that comes twice counts as missing. One valid signature of
// several is enough, and versions of signatures other than v1 are skipped. Signatures are
// compared in constant time.
//
// A delivery that is not verified is ErrUnverified, one longer than MaxBody
// clerkerr.ErrTooLarge, and one that is verified but no event clerkerr.ErrDecode. Errors
// hold nothing of the body, of the signature or of a secret.
func (r *Receiver) Verify(request *http.Request) (Event, error) {
	if r.Tolerance < 0 {
		return Event{}, clerkerr.Invalid("webhook.Verify", "Tolerance", errors.New("is negative"))
	}
	signed, err := readHeaders(request.Header)
	if err != nil {
		return Event{}, err
	}
	if err := r.checkTime(signed.timestamp); err != nil {
		return Event{}, err
	}
	body, err := readBody(request)
	if err != nil {
		return Event{}, err
	}
	if !slices.ContainsFunc(r.keys, func(key signature.Key) bool {
		return key.Verify(signed.id, signed.timestamp, body, signed.signatures)
	}) {
		return Event{}, unverified("no signature is valid: compare the secret with the endpoint's, and pass the body as it came")
	}
	event, err := Parse(body)
	if err != nil {
		return Event{}, err
	}
	event.ID = signed.id
	return event, nil
}

// headers are what a delivery says of itself.
type headers struct {
	id         string
	timestamp  int64 // in Unix seconds
	signatures string
}

// readHeaders reads the first whole set of headers.
func readHeaders(header http.Header) (headers, error) {
	for _, prefix := range []string{"svix-", "webhook-"} {
		id, timestamp, signatures := only(header, prefix+"id"), only(header, prefix+"timestamp"), only(header, prefix+"signature")
		if id == "" || timestamp == "" || signatures == "" {
			continue
		}
		seconds, err := strconv.ParseInt(timestamp, 10, 64)
		if err != nil || strconv.FormatInt(seconds, 10) != timestamp {
			return headers{}, unverified(prefix + "timestamp is not a number of Unix seconds")
		}
		return headers{id, seconds, signatures}, nil
	}
	return headers{}, unverified("not each of the headers svix-id, svix-timestamp and svix-signature comes exactly once")
}

// only returns the value of a header that comes once, else "".
func only(header http.Header, name string) string {
	values := header.Values(name)
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

func (r *Receiver) checkTime(seconds int64) error {
	tolerance := r.Tolerance
	if tolerance == 0 {
		tolerance = DefaultTolerance
	}
	age := time.Since(time.Unix(seconds, 0))
	if age.Abs() <= tolerance {
		return nil
	}
	return fmt.Errorf("webhook: %w: %w: it was signed %s before this machine's time; expected at most %s", ErrUnverified, ErrTimestamp, age, tolerance)
}

func readBody(request *http.Request) ([]byte, error) {
	if request.ContentLength > MaxBody {
		return nil, tooLarge()
	}
	if request.Body == nil { // of a request that no server read
		return nil, nil
	}
	body, err := io.ReadAll(io.LimitReader(request.Body, MaxBody+1))
	if _, limited := errors.AsType[*http.MaxBytesError](err); limited || len(body) > MaxBody {
		return nil, tooLarge()
	}
	if err != nil {
		return nil, fmt.Errorf("webhook: the body could not be read: %w", err)
	}
	return body, nil
}

func tooLarge() error {
	return fmt.Errorf("webhook: %w: the body is longer than is read, at most %d bytes", clerkerr.ErrTooLarge, MaxBody)
}

func unverified(reason string) error { return fmt.Errorf("webhook: %w: %s", ErrUnverified, reason) }
