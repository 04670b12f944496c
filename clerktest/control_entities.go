package clerktest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// controlEntities answers with a page of the entities of a kind, the newest first, as the
// Backend API shows them.
func (c *Clerk) controlEntities(query url.Values, _ []byte) (any, error) {
	const usual, largest = 50, 500
	for name := range query {
		if !slices.Contains([]string{"kind", "id", "offset", "limit", "query"}, name) {
			return nil, fmt.Errorf("parameter %q is unknown: entities takes kind, id, offset, limit and query", name)
		}
	}
	offset, err := count(query, "offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := count(query, "limit", usual)
	if err != nil {
		return nil, err
	}
	p := page{id: query.Get("id"), query: strings.ToLower(query.Get("query")), offset: offset, limit: min(limit, largest)}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch query.Get("kind") {
	case "users":
		return pageOf(p, c.store.users.byID, (*user).texts), nil
	case "organizations":
		return pageOf(p, c.store.organizations.byID, (*organization).texts), nil
	case "memberships":
		return pageOf(p, c.store.memberships, (*membership).texts), nil
	case "invitations":
		return pageOf(p, c.store.invitations.byID, (*invitation).texts), nil
	case "sessions":
		return pageOf(p, c.store.sessions.byID, (*session).texts), nil
	}
	return nil, errors.New("kind is none of users, organizations, memberships, invitations, sessions")
}

// count is a parameter that is a whole number, 0 or more.
func count(query url.Values, name string, otherwise int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s %q is not a whole number of 0 or more", name, text)
	}
	return n, nil
}

// page says which rows to show: the one with an id, if it is given, and those with a text, in
// lower case, in one of theirs.
type page struct {
	id, query     string
	offset, limit int
}

func pageOf[K comparable, T row](p page, all map[K]T, texts func(T) []string) any {
	has := func(text string) bool { return strings.Contains(strings.ToLower(text), p.query) }
	rows := slices.DeleteFunc(ordered(all), func(v T) bool {
		return p.id != "" && v.base().id != p.id || !slices.ContainsFunc(texts(v), has)
	})
	slices.Reverse(rows)
	total, shown := len(rows), []any{}
	rows = rows[min(p.offset, total):]
	for _, v := range rows[:min(p.limit, len(rows))] {
		shown = append(shown, v.json(true))
	}
	return map[string]any{"total": total, "rows": shown}
}

// The texts are what a query finds a row by.

func (u *user) texts() []string {
	return slices.Concat([]string{u.id, u.Username, u.fullName(), u.ExternalID}, u.emailAddresses(), u.phoneNumbers())
}

func (o *organization) texts() []string { return []string{o.id, o.Name, o.Slug} }

func (m *membership) texts() []string {
	return slices.Concat([]string{m.id, m.Role}, m.organization.texts(), m.user.texts())
}

func (i *invitation) texts() []string {
	texts := []string{i.id, i.EmailAddress, i.Role}
	if i.organization != nil {
		texts = append(texts, i.organization.texts()...)
	}
	return texts
}

func (s *session) texts() []string { return append([]string{s.id, s.client.id}, s.user.texts()...) }
