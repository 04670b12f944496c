package api_test

import (
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/api"
)

// Pages end where the list says that it ends, or with one that is not full, and with an error
// where the list does not move on.
func TestPages(t *testing.T) {
	t.Parallel()
	whole, bare := api.ParsePage(parse), api.ParseArray(parse)
	for name, tc := range map[string]struct {
		parse  func([]byte) (*api.Page[string], error)
		pages  []string
		offset int
		want   string
		fault  error
	}{
		"as many as there are":    {whole, []string{`{"data":[1,2],"total_count":3}`, `{"data":[3],"total_count":3}`}, 0, "[1 2 3]", nil},
		"from an offset":          {whole, []string{`{"data":[3],"total_count":3}`}, 2, "[3]", nil},
		"fewer than were said":    {whole, []string{`{"data":[1,2],"total_count":9}`, `{"data":[],"total_count":9}`}, 0, "[1 2]", nil},
		"an array that is full":   {bare, []string{`[1,2]`, `[]`}, 0, "[1 2]", nil},
		"an array that is not":    {bare, []string{`[1]`}, 0, "[1]", nil},
		"the same page again":     {bare, []string{`[1,2]`, `[1,2]`}, 0, "[1 2]", clerkerr.ErrDecode},
		"no data":                 {whole, []string{`{"total_count":1}`}, 0, "[]", clerkerr.ErrDecode},
		"no array":                {bare, []string{`{}`}, 0, "[]", clerkerr.ErrDecode},
		"a request that fails":    {bare, []string{`[1,2]`}, 0, "[1 2]", io.ErrUnexpectedEOF},
		"an offset that is none":  {bare, nil, -1, "[]", clerkerr.ErrInvalidArgument},
		"a page that is no error": {bare, []string{`[]`}, 0, "[]", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := backend().Call(t.Context(), "List", "")
			got, at := []string{}, tc.offset
			var fault error
			api.Pages(c, tc.offset, 2, func(page []*string, err error) bool {
				fault = err
				for _, entry := range page {
					got = append(got, *entry)
				}
				return true
			}, func(limit, offset int) (*api.Page[string], error) {
				if err := c.Err(); err != nil {
					return nil, err
				}
				require.Equal(t, 2, limit)
				require.Equal(t, at, offset)
				if len(tc.pages) == 0 {
					return nil, io.ErrUnexpectedEOF
				}
				p, err := tc.parse([]byte(tc.pages[0]))
				tc.pages = tc.pages[1:]
				if err == nil {
					at += len(p.Entries)
				}
				return p, err
			})
			require.ErrorIs(t, fault, tc.fault)
			require.Equal(t, tc.want, fmt.Sprint(got))
		})
	}
}
