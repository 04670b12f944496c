package claims

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// reader reads users for one Require and remembers them for maxAge.
type reader struct {
	users  *users.Service
	source Source
	maxAge time.Duration
	shape  []field
	flight flights[*reading]

	mu    sync.Mutex
	known map[string]*reading
	swept time.Time
}

// reading is a user as of a time: every write that Clerk answered before since is in it.
type reading struct {
	object metadata.Object
	isGone bool
	since  time.Time
}

func newReader(config Config, maxAge time.Duration, shape []field) *reader {
	return &reader{users: config.Users, source: config.Source, maxAge: maxAge, shape: shape, known: map[string]*reading{}}
}

// longestAsk is how long a source may take, where half of maxAge is longer.
const longestAsk = 5 * time.Second

var (
	errTooSlow = errors.New("the read of the user took longer than maxAge")
	errGone    = errors.New("the user does not exist")
)

// user returns the user of a session as of at most maxAge ago, nil if the token itself is
// that young and no read is newer.
func (r *reader) user(ctx context.Context, s *Session) (*reading, error) {
	known := r.remembered(s.UserID)
	switch {
	// A token can have been issued at the end of the second that it names.
	case known != nil && known.since.After(s.IssuedAt.Add(time.Second)):
	case !s.IssuedAt.After(time.Now()) && r.isFresh(s.IssuedAt):
		return nil, nil
	case known == nil:
		var err error
		if known, err = r.read(ctx, s.UserID); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
	if known.isGone {
		return nil, fmt.Errorf("%w: %w", ErrInvalidToken, errGone)
	}
	return known, nil
}

// isFresh reports whether since is at most maxAge ago, by the monotonic clock and by the
// wall clock: the first stands still while a virtual machine is suspended, and the second
// can be set back.
func (r *reader) isFresh(since time.Time) bool {
	return time.Since(since) <= r.maxAge && time.Since(since.Round(0)) <= r.maxAge
}

// read reads a user in the flight that all its requests share, and that none of them ends.
func (r *reader) read(ctx context.Context, id string) (*reading, error) {
	landed := r.flight.join(id, func() (*reading, error) { return r.fetch(context.WithoutCancel(ctx), id) })
	found, err := r.flight.wait(ctx, landed)
	if err != nil {
		return nil, err
	}
	if !r.isFresh(found.since) {
		return nil, errTooSlow
	}
	return found, nil
}

// fetch asks the source and then Clerk, within maxAge, and remembers the answer.
func (r *reader) fetch(ctx context.Context, id string) (*reading, error) {
	if found := r.remembered(id); found != nil { // since the request looked
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.maxAge)
	defer cancel()
	found := r.ask(ctx, id)
	if found == nil {
		since := time.Now()
		user, err := r.users.GetUser(ctx, id)
		switch {
		case errors.Is(err, clerkerr.ErrNotFound):
			found = &reading{isGone: true, since: since}
		case err != nil:
			return nil, err
		default:
			object, err := r.reduce(user.Raw)
			if err != nil {
				return nil, err
			}
			found = &reading{object: object, since: since}
		}
	}
	r.remember(id, found)
	return found, nil
}

// ask returns what the source has, nil if that is nothing, too old or from the future.
func (r *reader) ask(ctx context.Context, id string) *reading {
	if r.source == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(r.maxAge/2, longestAsk))
	defer cancel()
	raw, confirmed, err := r.source.User(ctx, id)
	if err != nil || raw == nil || !r.isFresh(confirmed) || confirmed.After(time.Now()) {
		return nil
	}
	object, err := r.reduce(raw)
	if err != nil {
		return nil
	}
	return &reading{object: object, since: confirmed}
}

// reduce returns of a user what T reads. The rest, private metadata included, is not kept.
func (r *reader) reduce(raw []byte) (metadata.Object, error) {
	object, err := metadata.ParseObject(raw)
	if err != nil {
		return metadata.Object{}, err
	}
	claims, err := claimsOf(r.shape, object)
	if err != nil {
		return metadata.Object{}, err
	}
	return metadata.Of(claims).Object()
}

// remembered returns the newest reading of a user, nil if it is not fresh.
func (r *reader) remembered(id string) *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := r.known[id]; found != nil && r.isFresh(found.since) {
		return found
	}
	return nil
}

// remember keeps a reading unless a newer one is known, and drops once in maxAge those that
// are not fresh any more.
func (r *reader) remember(id string, found *reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isFresh(r.swept) {
		maps.DeleteFunc(r.known, func(_ string, old *reading) bool { return !r.isFresh(old.since) })
		r.swept = time.Now()
	}
	if old := r.known[id]; old == nil || old.since.Before(found.since) {
		r.known[id] = found
	}
}
