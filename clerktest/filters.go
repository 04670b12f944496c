package clerktest

import (
	"maps"
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

// flag is a parameter that is true or false, nil if it is not there.
func (in *call) flag(name string) (*bool, *problem) {
	switch v := in.query.Get(name); v {
	case "":
		return nil, nil
	case "true", "false":
		b := v == "true"
		return &b, nil
	}
	return nil, failQuery("form_param_value_invalid", name)
}

// filters are conditions that must all hold, and the first problem.
type filters[T row] struct {
	in      *call
	all     []func(T) bool
	problem *problem
	// few are all rows that can pass, if narrowed is set.
	few      []T
	narrowed bool
}

// mostKept is the number of rows up to which filters keep a separate list, which
// must be sorted. Above it, walking through a sorted order is quicker.
const mostKept = 1000

func (f *filters[T]) add(match func(T) bool) { f.all = append(f.all, match) }

func (f *filters[T]) fail(p *problem) {
	if f.problem == nil {
		f.problem = p
	}
}

// narrow restricts the candidates to these rows, unless they are more than mostKept.
func (f *filters[T]) narrow(rows []T) {
	if len(rows) <= mostKept && (!f.narrowed || len(rows) < len(f.few)) {
		f.few, f.narrowed = rows, true
	}
}

// values are those of a repeated parameter.
func (f *filters[T]) values(name string) []string {
	const most = 100
	values := f.in.query[name]
	if len(values) > most {
		f.fail(failParam("form_param_array_size_exceeded", name))
		return nil
	}
	return values
}

// signed filters by a repeated parameter with signs. rows returns all rows for which
// a value holds, or more than mostKept.
func (f *filters[T]) signed(name string, holds func(v T, id string) bool, rows func(id string) []T) {
	values := f.values(name)
	if len(values) == 0 {
		return
	}
	included, excluded := signed(values)
	f.add(func(v T) bool {
		hold := func(id string) bool { return holds(v, id) }
		return !slices.ContainsFunc(excluded, hold) && (len(included) == 0 || slices.ContainsFunc(included, hold))
	})
	f.union(included, rows)
}

// oneOf filters by a repeated parameter without signs, regardless of case.
func (f *filters[T]) oneOf(name string, of func(T) []string, rows func(value string) []T) {
	values := f.values(name)
	if len(values) == 0 {
		return
	}
	f.add(func(v T) bool {
		return slices.ContainsFunc(of(v), func(have string) bool { return containsFold(values, have) })
	})
	f.union(values, rows)
}

// union narrows to the rows of any of the values.
func (f *filters[T]) union(values []string, rows func(string) []T) {
	if len(values) == 0 || rows == nil {
		return
	}
	seen := map[T]bool{}
	for _, value := range values {
		for _, v := range rows(value) {
			seen[v] = true
		}
		if len(seen) > mostKept {
			return
		}
	}
	f.narrow(slices.Collect(maps.Keys(seen)))
}

// part filters by a substring; anyText reports whether one of a row's texts has it.
func (f *filters[T]) part(name string, anyText func(v T, has func(string) bool) bool) {
	text := strings.ToLower(f.in.query.Get(name))
	if text == "" {
		return
	}
	has := func(have string) bool { return strings.Contains(strings.ToLower(have), text) }
	f.add(func(v T) bool { return anyText(v, has) })
}

// bound filters by a time in milliseconds.
func (f *filters[T]) bound(name string, holds func(v T, ms int64) bool) {
	text := f.in.query.Get(name)
	if text == "" {
		return
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		f.fail(failQuery("form_param_value_invalid", name))
		return
	}
	f.add(func(v T) bool { return holds(v, ms) })
}

func (f *filters[T]) match(v T) bool {
	return !slices.ContainsFunc(f.all, func(match func(T) bool) bool { return !match(v) })
}

// candidates are the rows of a table that can pass, in an order.
func (f *filters[T]) candidates(t *table[T], order string) []T {
	if f.narrowed {
		return slices.SortedFunc(slices.Values(f.few), t.compare(order))
	}
	return t.ordered(order)
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

// cut walks through rows, from either end, and returns at most limit of those
// that pass, behind the first start rows and offset rows that pass.
func (f *filters[T]) cut(rows []T, descending bool, start, offset, limit int) []T {
	if len(f.all) == 0 {
		start, offset = start+min(offset, len(rows)), 0
	}
	var found []T
	for i := start; i < len(rows) && len(found) < limit; i++ {
		v := rows[i]
		if descending {
			v = rows[len(rows)-1-i]
		}
		switch {
		case !f.match(v):
		case offset > 0:
			offset--
		default:
			found = append(found, v)
		}
	}
	return found
}
