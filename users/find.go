package users

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
	"github.com/clerkmeta/clerkmeta-go/internal/bapi"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
)

// The operations of Find and FindMany, as errors and hooks call them.
const (
	opFind     = "Find"
	opFindMany = "FindMany"
)

// AmbiguousError reports that an identifier names several users.
type AmbiguousError struct {
	// IDs are those of the users, in the order of their creation.
	IDs []string
}

// Error lists the first ids.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("names %d users: %s", len(e.IDs), some(e.IDs))
}

// some lists the first of the ids.
func some(ids []string) string {
	const most = 10
	if rest := len(ids) - most; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:most], ", "), rest)
	}
	return strings.Join(ids, ", ")
}

// Find finds the one user whom an identifier names: GET /v1/users with a filter.
//
// An e-mail address or a phone number names the user whom Clerk's answer shows to have
// verified it. A user who merely entered it does not count: anyone can claim an address.
//
// Nobody is clerkerr.ErrNotFound; the text of the error lists those who entered the address
// and did not verify it. Several users are an *AmbiguousError. An answer with a user who
// does not have the identifier at all is not believed, since the filter was not applied:
// clerkerr.ErrDecode. What Identifier.Err refuses is refused before any request. The text of
// these errors has the identifier.
func (s *Service) Find(ctx context.Context, identifier Identifier) (*User, error) {
	c := s.backend().Call(ctx, opFind, "")
	c.Check(identifier.check(opFind, "identifier"))
	found, err := lookUp(ctx, c, []Identifier{identifier})
	if err != nil {
		return nil, err
	}
	return found.user(opFind, identifier)
}

// FindMany finds many users by their identifiers: GET /v1/users, up to 100 identifiers of a
// kind a request, one request after the other. It yields one result for each identifier, in
// order. An identifier that names nobody or several users is the error of that result, as
// for Find and with the identifier in Error.Entity, and the others follow. If a request
// fails, its error is the last thing that it yields. It keeps the users of 100 identifiers
// in memory, and makes no request before the iteration begins.
func (s *Service) FindMany(ctx context.Context, identifiers []Identifier) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		c := s.backend().Call(ctx, opFindMany, "")
		for i, identifier := range identifiers {
			c.Check(identifier.check(opFindMany, fmt.Sprintf("identifiers[%d]", i)))
		}
		if err := c.Err(); err != nil {
			yield(nil, err)
			return
		}
		for some := range slices.Chunk(identifiers, maxFilterIDs) {
			found, err := lookUp(ctx, c, some)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, identifier := range some {
				if !yield(found.user(opFindMany, identifier)) {
					return
				}
			}
		}
	}
}

// matches are the users that have an identifier.
type matches struct {
	held       []*User
	resembling []string // ids
}

type findings map[Identifier]*matches

// user returns the one user whom an identifier names.
func (f findings) user(operation string, identifier Identifier) (*User, error) {
	m := f[identifier]
	err := clerkerr.ErrNotFound
	switch {
	case len(m.held) == 1:
		return m.held[0], nil
	case len(m.held) > 1:
		ambiguous := &AmbiguousError{}
		for _, u := range m.held {
			ambiguous.IDs = append(ambiguous.IDs, u.ID)
		}
		err = ambiguous
	case len(m.resembling) > 0:
		err = fmt.Errorf("%w: not verified, or not the same, at %s", clerkerr.ErrNotFound, some(m.resembling))
	}
	return nil, &clerkerr.Error{
		Operation: operation, Entity: identifier.String(), Read: true, Outcome: clerkerr.OutcomeNotApplied, Err: err,
	}
}

// lookUp asks for the users of identifiers.
func lookUp(ctx context.Context, c *api.Call, identifiers []Identifier) (findings, error) {
	found := findings{}
	byFilter := map[string][]Identifier{}
	for _, identifier := range identifiers {
		if found[identifier] == nil {
			found[identifier] = &matches{}
			byFilter[identifier.filter] = append(byFilter[identifier.filter], identifier)
		}
	}
	for _, p := range prefixes {
		some := byFilter[p.filter]
		for _, values := range requests(some) {
			query := bapi.GetUserListParams{Limit: new(maxPageSize), OrderBy: new(oldestFirst)}
			setFilter(&query, p.filter, values)
			for page, err := range pages(ctx, c, query) {
				if err != nil {
					return nil, err
				}
				if err := found.add(c.Operation, some, page); err != nil {
					return nil, err
				}
			}
		}
	}
	return found, c.Err()
}

// add adds the users of a page to the identifiers, of one filter, that they have.
func (f findings) add(operation string, identifiers []Identifier, page []*User) error {
	for _, u := range page {
		handles, err := u.handles(identifiers[0].filter)
		if err != nil {
			return &clerkerr.Error{Operation: operation, Entity: u.ID, Read: true, Outcome: clerkerr.OutcomeNotApplied, Err: err}
		}
		best := notHeld
		for _, identifier := range identifiers {
			m := f[identifier]
			is := identifier.among(handles)
			switch {
			case is == held && !slices.ContainsFunc(m.held, func(other *User) bool { return other.ID == u.ID }):
				m.held = append(m.held, u)
			case is == resembling:
				m.resembling = append(m.resembling, u.ID)
			}
			best = max(best, is)
		}
		if best == notHeld {
			return &clerkerr.Error{
				Operation: operation, Entity: u.ID, Read: true, Outcome: clerkerr.OutcomeNotApplied,
				Err: fmt.Errorf("%w: the list has a user with none of the identifiers, so that it was not filtered", clerkerr.ErrDecode),
			}
		}
	}
	return nil
}

func setFilter(query *bapi.GetUserListParams, filter string, values []string) {
	switch filter {
	case entity.UserID:
		query.UserID = values
	case byExternalID:
		query.ExternalID = values
	case byEmailAddress:
		query.EmailAddress = values
	case byPhoneNumber:
		query.PhoneNumber = values
	case byUsername:
		query.Username = values
	}
}

// requests divides the texts of identifiers, which have one filter, into those of single
// requests: up to 100, and few enough for the usual limit of a URL, 8 KiB.
func requests(identifiers []Identifier) [][]string {
	const most = 7000
	var all [][]string
	size := 0
	for _, identifier := range identifiers {
		values := identifier.spellings()
		n := 0
		for _, value := range values {
			n += len(identifier.filter) + len("&=") + len(url.QueryEscape(value))
		}
		last := len(all) - 1
		if last < 0 || len(all[last])+len(values) > maxFilterIDs || size+n > most {
			all, size, last = append(all, nil), 0, last+1
		}
		all[last], size = append(all[last], values...), size+n
	}
	return all
}
