package clerktest

import (
	"slices"
	"strconv"
	"strings"
)

// only refuses parameters that the fake does not model.
func (in *call) only(names ...string) *problem {
	names = append(names, "__clerk_api_version")
	for name := range in.query {
		if !slices.Contains(names, name) {
			return unsupported(name)
		}
	}
	return nil
}

// signed sorts ids by their sign: a leading - excludes, a leading + (which a
// query that does not escape it turns into a blank) or nothing includes.
func signed(values []string) (included, excluded []string) {
	for _, v := range values {
		if id, ok := strings.CutPrefix(v, "-"); ok {
			excluded = append(excluded, id)
		} else {
			included = append(included, strings.TrimLeft(v, "+ "))
		}
	}
	return included, excluded
}

// values are those of a repeated parameter.
func (in *call) values(name string) ([]string, *problem) {
	const most = 100
	if len(in.query[name]) > most {
		return nil, failParam("form_param_array_size_exceeded", name)
	}
	return in.query[name], nil
}

// flag is a parameter that is true or false, nil if it is not there.
func (in *call) flag(name string) (*bool, *problem) {
	switch v := in.query.Get(name); v {
	case "":
		return nil, nil
	case "true", "false":
		b := v == "true"
		return &b, nil
	}
	return nil, failParam("form_param_value_invalid", name)
}

// filters are conditions of which each has to hold, and the first problem.
type filters[T any] struct {
	in      *call
	all     []func(T) bool
	problem *problem
}

func (f *filters[T]) add(p *problem, match func(T) bool) {
	if f.problem == nil {
		f.problem = p
	}
	f.all = append(f.all, match)
}

// ids filters by a repeated parameter with signs.
func (f *filters[T]) ids(name string, of func(T) string) {
	f.related(name, func(v T, id string) bool { return of(v) == id })
}

// related filters by a repeated parameter with signs, where more than one of the
// values can hold.
func (f *filters[T]) related(name string, holds func(v T, id string) bool) {
	values, p := f.in.values(name)
	included, excluded := signed(values)
	f.add(p, func(v T) bool {
		hold := func(id string) bool { return holds(v, id) }
		return !slices.ContainsFunc(excluded, hold) && (len(included) == 0 || slices.ContainsFunc(included, hold))
	})
}

// oneOf filters by a repeated parameter without signs.
func (f *filters[T]) oneOf(name string, of func(T) []string) {
	values, p := f.in.values(name)
	f.add(p, func(v T) bool {
		return len(values) == 0 || slices.ContainsFunc(of(v), func(have string) bool { return containsFold(values, have) })
	})
}

// part filters by a text that something has to contain.
func (f *filters[T]) part(name string, of func(T) []string) {
	text := strings.ToLower(f.in.query.Get(name))
	if text == "" {
		return
	}
	f.add(nil, func(v T) bool {
		return slices.ContainsFunc(of(v), func(have string) bool { return strings.Contains(strings.ToLower(have), text) })
	})
}

// bound filters by a time in milliseconds.
func (f *filters[T]) bound(name string, holds func(v T, ms int64) bool) {
	text := f.in.query.Get(name)
	if text == "" {
		return
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f.add(failParam("form_param_value_invalid", name), nil)
		return
	}
	f.add(nil, func(v T) bool { return holds(v, ms) })
}

func (f *filters[T]) match() (func(T) bool, *problem) {
	return func(v T) bool {
		return !slices.ContainsFunc(f.all, func(match func(T) bool) bool { return !match(v) })
	}, f.problem
}

// The filters that lists of users and of memberships share.
func byUser[T any](f *filters[T], of func(T) *user) {
	f.ids("user_id", func(v T) string { return of(v).id })
	f.oneOf("email_address", func(v T) []string { return of(v).emails })
	f.oneOf("username", func(v T) []string { return of(v).usernames() })
	f.part("query", func(v T) []string {
		u := of(v)
		return append([]string{u.id, u.username, u.fullName()}, u.emails...)
	})
	f.part("email_address_query", func(v T) []string { return of(v).emails })
	f.part("username_query", func(v T) []string { return of(v).usernames() })
	f.part("name_query", func(v T) []string { return []string{of(v).fullName()} })
}

func byUserNames() []string {
	return []string{"user_id", "email_address", "username", "query", "email_address_query", "username_query", "name_query"}
}

func (c *Clerk) userFilter(in *call, also ...string) (func(*user) bool, *problem) {
	also = append(also, "external_id", "organization_id", "banned", "created_at_before", "created_at_after")
	if p := in.only(append(also, byUserNames()...)...); p != nil {
		return nil, p
	}
	f := &filters[*user]{in: in}
	byUser(f, func(u *user) *user { return u })
	f.ids("external_id", func(u *user) string { return u.externalID })
	f.related("organization_id", func(u *user, id string) bool { return c.store.memberships[member{id, u.id}] != nil })
	banned, p := in.flag("banned")
	f.add(p, func(u *user) bool { return banned == nil || *banned == u.banned })
	f.bound("created_at_before", func(u *user, ms int64) bool { return u.created.UnixMilli() < ms })
	f.bound("created_at_after", func(u *user, ms int64) bool { return u.created.UnixMilli() > ms })
	return f.match()
}

func (c *Clerk) organizationFilter(in *call) (func(*organization) bool, *problem) {
	if p := in.only("organization_id", "user_id", "query", "include_members_count", "limit", "offset", "order_by"); p != nil {
		return nil, p
	}
	f := &filters[*organization]{in: in}
	f.ids("organization_id", func(o *organization) string { return o.id })
	f.related("user_id", func(o *organization, id string) bool { return c.store.memberships[member{o.id, id}] != nil })
	if query := in.query.Get("query"); query != "" {
		text := strings.ToLower(query)
		f.add(nil, func(o *organization) bool {
			return o.id == query || strings.Contains(strings.ToLower(o.name), text) || strings.Contains(o.slug, text)
		})
	}
	return f.match()
}

func (c *Clerk) membershipFilter(in *call) (func(*membership) bool, *problem) {
	if p := in.only(append(byUserNames(), "role", "limit", "offset", "order_by")...); p != nil {
		return nil, p
	}
	f := &filters[*membership]{in: in}
	byUser(f, func(m *membership) *user { return m.user })
	f.oneOf("role", func(m *membership) []string { return []string{m.role} })
	return f.match()
}

func (u *user) fullName() string { return strings.TrimSpace(u.firstName + " " + u.lastName) }

// usernames are the one that a user has, or none.
func (u *user) usernames() []string {
	if u.username == "" {
		return nil
	}
	return []string{u.username}
}

// email is the primary address, "" if there is none.
func (u *user) email() string {
	if len(u.emails) == 0 {
		return ""
	}
	return u.emails[0]
}
