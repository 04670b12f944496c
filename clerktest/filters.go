package clerktest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// query reads the parameters of a query one by one and keeps the first problem.
type query struct {
	in      *call
	seen    []string
	problem *problem
}

func (q *query) fail(p *problem) { q.problem = cmp.Or(q.problem, p) }

// text is a parameter, "" if it is not there.
func (q *query) text(name string) string {
	q.seen = append(q.seen, name)
	return q.in.query.Get(name)
}

// flag is a parameter that is true or false, nil if it is not there.
func (q *query) flag(name string) *bool {
	switch v := q.text(name); v {
	case "":
		return nil
	case "true", "false":
		return new(v == "true")
	}
	q.fail(failQuery("form_param_value_invalid", name))
	return nil
}

// values are those of a repeated parameter.
func (q *query) values(name string) []string {
	const most = 100
	q.seen = append(q.seen, name)
	values := q.in.query[name]
	if len(values) > most {
		q.fail(failParam("form_param_array_size_exceeded", name))
		return nil
	}
	return values
}

// rest returns the first problem. A parameter that was not read and has none of these
// names is a problem too: the fake does not model it.
func (q *query) rest(names ...string) *problem {
	names = append(append(names, q.seen...), "__clerk_api_version")
	if q.in.api == FrontendAPI { // every request of its clients has some of these
		names = append(names, "__clerk_db_jwt", "__dev_session", "_clerk_js_version", "_clerk_session_id", "_is_native", "_method")
	}
	for name := range q.in.query {
		if !slices.Contains(names, name) {
			return unsupported("parameter", "param_name", name)
		}
	}
	return q.problem
}

// filters are conditions that must all hold.
type filters[T row] struct {
	query
	all []func(T) bool
	// few, unless nil, are all rows that can pass.
	few map[T]bool
	// after and before, unless nil, bound what can pass by the order created_at: rows from
	// the first that after holds for to the last that before holds for.
	after, before func(T) bool
}

func (f *filters[T]) add(match func(T) bool) { f.all = append(f.all, match) }

// oneOf filters by values of which one must hold. rows, unless nil, returns the only rows
// for which a value can hold.
func (f *filters[T]) oneOf(values []string, holds func(v T, value string) bool, rows func(value string) []T) {
	if len(values) == 0 {
		return
	}
	f.add(func(v T) bool {
		return slices.ContainsFunc(values, func(value string) bool { return holds(v, value) })
	})
	if rows == nil {
		return
	}
	few := map[T]bool{}
	for _, value := range values {
		for _, v := range rows(value) {
			few[v] = true
		}
	}
	if f.few == nil || len(few) < len(f.few) {
		f.few = few
	}
}

// only are the rows of a value that one row can have: none if the row is nil.
func only[T row](one T) []T {
	if one == *new(T) {
		return nil
	}
	return []T{one}
}

// signed filters by a repeated parameter with signs: a leading - excludes, a leading +
// (which a query that does not escape it turns into a blank) or nothing includes.
func (f *filters[T]) signed(name string, holds func(v T, id string) bool, rows func(id string) []T) {
	var included []string
	for _, value := range f.values(name) {
		if id, excluded := strings.CutPrefix(value, "-"); excluded {
			f.add(func(v T) bool { return !holds(v, id) })
		} else {
			included = append(included, strings.TrimLeft(value, "+ "))
		}
	}
	f.oneOf(included, holds, rows)
}

// part filters by a substring; anyText reports whether one of a row's texts has it.
func (f *filters[T]) part(name string, anyText func(v T, has func(string) bool) bool) {
	text := strings.ToLower(f.text(name))
	if text == "" {
		return
	}
	has := func(have string) bool { return strings.Contains(strings.ToLower(have), text) }
	f.add(func(v T) bool { return anyText(v, has) })
}

// bound filters by a time in milliseconds. It returns the condition, nil if there is none.
func (f *filters[T]) bound(name string, holds func(v T, ms int64) bool) func(T) bool {
	text := f.text(name)
	if text == "" {
		return nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f.fail(failQuery("form_param_value_invalid", name))
		return nil
	}
	match := func(v T) bool { return holds(v, ms) }
	f.add(match)
	return match
}

func (f *filters[T]) match(v T) bool {
	return !slices.ContainsFunc(f.all, func(match func(T) bool) bool { return !match(v) })
}

// byUser adds the filters that lists of users and of memberships share: of is the user
// of a row, and one the row of a user, nil if the list has none. It returns the bounds of the
// user's creation, nil for none.
func byUser[T row](c *Clerk, f *filters[T], of func(T) *user, one func(*user) T) (after, before func(T) bool) {
	identified := func(kind string) func(string) []T {
		return func(value string) []T {
			var rows []T
			for _, u := range c.store.holders(handle{kind, value}) {
				rows = append(rows, only(one(u))...)
			}
			return rows
		}
	}
	f.signed("user_id", func(v T, id string) bool { return of(v).id == id }, func(id string) []T {
		if u := c.store.users.byID[id]; u != nil {
			return only(one(u))
		}
		return nil
	})
	f.oneOf(f.values("email_address"), func(v T, address string) bool { return containsFold(of(v).emailAddresses(), address) },
		identified("email_address"))
	f.oneOf(f.values("phone_number"), func(v T, number string) bool { return slices.Contains(of(v).phoneNumbers(), number) },
		identified("phone_number"))
	f.oneOf(f.values("username"), func(v T, name string) bool { return name != "" && strings.EqualFold(of(v).Username, name) },
		identified("username"))
	f.part("query", func(v T, has func(string) bool) bool {
		u := of(v)
		return has(u.id) || has(u.Username) || has(u.fullName()) || slices.ContainsFunc(slices.Concat(u.emailAddresses(), u.phoneNumbers()), has)
	})
	f.part("email_address_query", func(v T, has func(string) bool) bool { return slices.ContainsFunc(of(v).emailAddresses(), has) })
	f.part("phone_number_query", func(v T, has func(string) bool) bool { return slices.ContainsFunc(of(v).phoneNumbers(), has) })
	f.part("username_query", func(v T, has func(string) bool) bool { return has(of(v).Username) })
	f.part("name_query", func(v T, has func(string) bool) bool { return has(of(v).fullName()) })
	before = f.bound("created_at_before", func(v T, ms int64) bool { return of(v).created < ms })
	after = f.bound("created_at_after", func(v T, ms int64) bool { return of(v).created > ms })
	f.bound("last_active_at_before", func(v T, ms int64) bool { return of(v).LastActiveAt != 0 && of(v).LastActiveAt < ms })
	f.bound("last_active_at_after", func(v T, ms int64) bool { return of(v).LastActiveAt > ms })
	return after, before
}

func (c *Clerk) userFilter(in *call) *filters[*user] {
	f := &filters[*user]{query: query{in: in}}
	same := func(u *user) *user { return u }
	f.after, f.before = byUser(c, f, same, same)
	f.signed("external_id", func(u *user, id string) bool { return u.ExternalID == id },
		func(id string) []*user { return c.store.holders(handle{"external_id", id}) })
	f.signed("organization_id", func(u *user, id string) bool { return c.store.memberships[member{id, u.id}] != nil }, nil)
	if banned := f.flag("banned"); banned != nil {
		f.add(func(u *user) bool { return *banned == u.Banned })
	}
	f.bound("last_active_at_since", func(u *user, ms int64) bool { return u.LastActiveAt >= ms && u.LastActiveAt != 0 })
	return f
}

func (c *Clerk) organizationFilter(in *call) *filters[*organization] {
	f := &filters[*organization]{query: query{in: in}}
	f.signed("organization_id", func(o *organization, id string) bool { return o.id == id },
		func(id string) []*organization { return only(c.store.organizations.byID[id]) })
	f.signed("user_id", func(o *organization, id string) bool { return c.store.memberships[member{o.id, id}] != nil }, nil)
	f.part("query", func(o *organization, has func(string) bool) bool {
		return o.id == in.query.Get("query") || has(o.Name) || has(o.Slug)
	})
	return f
}

func (c *Clerk) membershipFilter(in *call) *filters[*membership] {
	f := &filters[*membership]{query: query{in: in}}
	byUser(c, f, func(m *membership) *user { return m.user },
		func(u *user) *membership { return c.store.memberships[member{in.ids[0], u.id}] })
	f.oneOf(f.values("role"), func(m *membership, role string) bool { return strings.EqualFold(m.Role, role) }, nil)
	return f
}
