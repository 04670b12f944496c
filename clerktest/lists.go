package clerktest

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
)

func (c *Clerk) listUsers(in *call) (any, *problem) {
	return list(c, c.store.users, c.userFilter(in), (*user).json, "order_by", "starting_after")
}

func (c *Clerk) countUsers(in *call) (any, *problem) {
	f := c.userFilter(in)
	p := f.rest("limit", "offset", "order_by")
	return map[string]any{"object": "total_count", "total_count": f.count(c.store.users)}, p
}

func (c *Clerk) listOrganizations(in *call) (any, *problem) {
	f := c.organizationFilter(in)
	return countedList(c, c.store.organizations, f, showOrganization(&f.query), "order_by")
}

func (c *Clerk) listMemberships(in *call, o *organization) (any, *problem) {
	return countedList(c, o.members, c.membershipFilter(in), (*membership).json, "order_by")
}

// listMembershipsOfUser takes no filter and no order, like Clerk.
func (c *Clerk) listMembershipsOfUser(in *call, u *user) (any, *problem) {
	return countedList(c, u.memberships, &filters[*membership]{query: query{in: in}}, (*membership).json)
}

// countedList answers with a page and the number of all rows that pass the filters.
func countedList[T row](c *Clerk, t *table[T], f *filters[T], show func(v T, private bool) map[string]any, names ...string) (any, *problem) {
	data, p := list(c, t, f, show, names...)
	return map[string]any{"data": data, "total_count": f.count(t)}, p
}

// listOrPage is countedList where the query asks for pages, else list.
func listOrPage[T row](c *Clerk, t *table[T], f *filters[T], show func(v T, private bool) map[string]any, names ...string) (any, *problem) {
	if paginated := f.flag("paginated"); paginated != nil && *paginated {
		return countedList(c, t, f, show, names...)
	}
	return list(c, t, f, show, names...)
}

// list answers with a page of the rows that pass the filters. The names are those of the
// parameters order_by and starting_after that the operation has besides limit and offset.
func list[T row](c *Clerk, t *table[T], f *filters[T], show func(v T, private bool) map[string]any, names ...string) (any, *problem) {
	if p := f.rest(append(names, "limit", "offset")...); p != nil {
		return nil, p
	}
	refuse := func(name string) (any, *problem) { return nil, failQuery(c.guess(InvalidQuery), name) }
	const largest = 500
	limit, ok := f.number("limit", 10)
	if !ok || limit < 1 || limit > largest && c.guess(LargeLimit) == "refused" {
		return refuse("limit")
	}
	limit = min(limit, largest)
	offset, ok := f.number("offset", 0)
	if !ok || offset < 0 {
		return refuse("offset")
	}
	order, descending := strings.CutPrefix(cmp.Or(f.in.query.Get("order_by"), "-created_at"), "-")
	if !descending {
		order = strings.TrimLeft(order, "+ ")
	}
	if _, ok := t.by[order]; !ok {
		return refuse("order_by")
	}
	rows := f.candidates(t, order)
	start := 0
	if cursor := f.in.query.Get("starting_after"); cursor != "" {
		last, known := t.byID[cursor]
		known = known && f.match(last)
		switch {
		case order != "created_at", offset != 0, !known && c.guess(UnknownCursor) == "refused":
			return refuse("starting_after")
		case !known:
			return []any{}, nil
		}
		start, _ = slices.BinarySearchFunc(rows, last, t.compare(order))
		if descending {
			start = len(rows) - 1 - start
		}
		start++
	}
	shown := []any{}
	for i := start; i < len(rows) && len(shown) < limit; i++ {
		v := rows[i]
		if descending {
			v = rows[len(rows)-1-i]
		}
		switch {
		case !f.match(v):
		case offset > 0:
			offset--
		default:
			shown = append(shown, show(v, true))
		}
	}
	return shown, nil
}

// candidates are the rows of a table that can pass, in an order.
func (f *filters[T]) candidates(t *table[T], order string) []T {
	if f.few != nil {
		return slices.SortedFunc(maps.Keys(f.few), t.compare(order))
	}
	rows := t.ordered(order)
	if order != "created_at" {
		return rows
	}
	if f.before != nil {
		rows = rows[:sort.Search(len(rows), func(i int) bool { return !f.before(rows[i]) })]
	}
	if f.after != nil {
		rows = rows[sort.Search(len(rows), func(i int) bool { return f.after(rows[i]) }):]
	}
	return rows
}

// count is how many rows pass.
func (f *filters[T]) count(t *table[T]) int {
	if len(f.all) == 0 {
		return t.len()
	}
	n := 0
	for _, v := range f.candidates(t, "created_at") {
		if f.match(v) {
			n++
		}
	}
	return n
}

func (q *query) number(name string, otherwise int) (int, bool) {
	text := q.in.query.Get(name)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
