package bulk_test

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// readAll collects a walk: the changes as lines, and the errors.
func readAll(t *testing.T, changes iter.Seq2[bulk.Change, error]) (all []string, bad []string) {
	t.Helper()
	for c, err := range changes {
		if err != nil {
			bad = append(bad, err.Error())
			continue
		}
		text, err := c.MarshalJSON()
		require.NoError(t, err)
		all = append(all, string(text))
	}
	return all, bad
}

func TestReadNDJSON(t *testing.T) {
	t.Parallel()
	good := []string{
		`{"user":"user_1","patch":{"public_metadata":{"n":12345678901234567890,"s":"<é"},"private_metadata":{"a":[null,{"b":null}],"x":null}}}`,
		`{"organization":"org_1","replace":{"public_metadata":null,"private_metadata":{"a":null}}}`,
		`{"organization":"org_1","user":"user_1","unset":["public_metadata/a~1b/c~0","private_metadata/x"]}`,
		`{"user":"user_1","public_metadata":{"n":12345678901234567890,"s":"<é"},"private_metadata":null,"was":{"public_metadata":{},"private_metadata":null,"unsafe_metadata":{"x":1.0}}}`,
		`{"organization":"org_1","was":{}}`,
	}
	all, bad := readAll(t, bulk.ReadNDJSON(strings.NewReader("\uFEFF"+strings.Join(good, "\r\n\n  ")+"\n")))
	require.Empty(t, bad)
	require.Equal(t, good, all)
}

func TestBadNDJSON(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ line, want string }{
		{`{`, "not valid JSON"},
		{`17`, "is no JSON object"},
		{`[17]`, "is no JSON object"},
		{`[[]]`, "is no JSON object"},
		{`null`, "is no JSON object"},
		{`{"user":"user_1","unset":["public_metadata/\ud800"]}`, "half a surrogate pair"},
		{`{"user":"user_\udc00","unset":["public_metadata/x"]}`, "half a surrogate pair"},
		{"{\"user\":\"user_1\",\"unset\":[\"public_metadata/\xff\"]}", "not valid UTF-8"},
		{`{"user":"user_1\u00a0","unset":["public_metadata/x"]}`, `user is "user_1\u00a0", with white space or an invisible character`},
		{`{"organization":" org_1","unset":["public_metadata/x"]}`, `organization is " org_1", with white space`},
		{`{"user":"user_1\u200b","unset":["public_metadata/x"]}`, `user is "user_1\u200b"`},
		{`{"user":"user_1","patch":{"public_metadata":{}}} {}`, "more follows the object"},
		{`{"user":"user_1","patch":{"public_metadata":{"hidden":"hidden`, "does not end"},
		{`{"user":"user_1","patch":{"public_metadata":{"hidden":"hidden"}`, "does not end"},
		{`{"user":"user_1"}`, "one of patch, replace, unset and was is missing"},
		{`{"patch":{"public_metadata":{}}}`, "neither user nor organization"},
		{`{"organization":"acme","patch":{}}`, "is a slug"},
		{`{"organization":"acme","user":"user_1","unset":["public_metadata/x"]}`, "is a slug"},
		{`{"user":"user_1","unset":"x"}`, "unset is no array of paths"},
		{`{"user":"user_1","unset":null}`, "unset is no array of paths"},
		{`{"user":"user_1","patch":{"public_metadata":{}},"unset":["public_metadata/x"]}`, "only one of"},
		{`{"user":"user_1","patch":{"public_metadata":{}},"more":1}`, `member "more" is unknown; expected user, organization, email, external_id, phone_number, username, patch, replace, unset, or was and fields`},
		{`{"usr":"user_1"}`, "unset, or was and fields; did you mean user?"},
		{`{"user":"user_1","patch":{"public":{}}}`, "; did you mean public_metadata?"},
		{`{"user":"user_1","unset":["public_metadata.Some.Role"]}`, `; did you mean "public_metadata/Some/Role"?`},
		{`{"user":"user_1","unset":[" public_metadata/role"]}`, "; did you mean public_metadata?"},
		{`{"user":"user_1","user":"user_2","patch":{"public_metadata":{}}}`, `"user": key occurs twice`},
		{`{"user":"user_1","patch":{"metadata":{}}}`, `patch: field "metadata" is unknown; expected one of public_metadata, private_metadata, unsafe_metadata`},
		{`{"user":"user_1","patch":{"public_metadata":null}}`, "public_metadata: metadata must be a JSON object"},
		{`{"user":"user_1","patch":{"public_metadata":{"hidden":"hidden","k":1,"k":2}}}`, "public_metadata: /k: key occurs twice"},
		{`{"user":"user_1","replace":{"public_metadata":[]}}`, "metadata must be a JSON object"},
		{`{"user":"user_1","public_metadata":{"a":"hidden"}}`, "public_metadata stands beside the ids, and nothing says what it was read as"},
		{`{"user":"user_1","patch":{},"public_metadata":{"a":"hidden"}}`, "public_metadata stands beside the ids"},
		{`{"user":"user_1","patch":{},"was":{}}`, "only one of"},
		{`{"user":"user_1","was":null}`, "was: is no JSON object"},
		{`{"user":"user_1","was":{"metadata":{}}}`, `was: field "metadata" is unknown`},
		{`{"user":"user_1","was":{"public_metadata":17}}`, "was: public_metadata: metadata must be a JSON object"},
		{`{"user":"user_1","public_metadata":[],"was":{"public_metadata":{}}}`, "public_metadata: metadata must be a JSON object"},
		{`{"user":"user_1","public_metadata":{},"private_metadata":{},"was":{"public_metadata":{}}}`, "private_metadata: the edit has the field, and what was read lacks it"},
		{`{"user":"user_1","public_metadata":{"a":{"b":null}},"was":{"public_metadata":{"a":{"b":"hidden"}}}}`, `public_metadata: a merge patch cannot set null, wanted at "/a/b"`},
		{`{"user":"user_1","public_metadata":null,"was":{"public_metadata":{}}}`, "public_metadata: an edit cannot make a null of a field"},
		{`{"user":"user_1","public_metadata":{},"was":{"public_metadata":null}}`, "public_metadata: an edit cannot make a null of a field, or an empty object of a null"},
		{`{"user":"user_1","public_metadata":{},"was":{"public_metadata":{"k":1,"k":"hidden"}}}`, "public_metadata: /k: key occurs twice"},
		{`{"organization":"org_1","unsafe_metadata":{},"was":{"unsafe_metadata":{}}}`, "only users have unsafe_metadata"},
		{`{"user":7,"patch":{"public_metadata":{}}}`, "user is no id"},
		{`{"user":"","patch":{"public_metadata":{}}}`, "user is no id"},
		{`{"user":"a/b","patch":{"public_metadata":{}}}`, "user_id"},
		{`{"user":"+user_1","patch":{"public_metadata":{}}}`, "sign"},
		{`{"user":"org_1","patch":{"public_metadata":{}}}`, "id of an organization"},
		{`{"organization":"user_1","patch":{"public_metadata":{}}}`, "id of a user"},
		{`{"organization":"user_1","user":"org_1","patch":{"public_metadata":{}}}`, "swapped"},
		{`{"organization":"org_1","patch":{"unsafe_metadata":{}}}`, "only users have unsafe_metadata"},
		{`{"organization":"org_1","unset":["unsafe_metadata/x"]}`, "only users have unsafe_metadata"},
		{`{"organization":"org_1","user":"user_1","replace":{"public_metadata":{}}}`, "memberships cannot be replaced"},
		{`{"user":"user_1","unset":["public_metadata"]}`, "names no key"},
		{`{"user":"user_1","unset":["elsewhere/x"]}`, "does not begin with"},
		{`{"user":"user_1","unset":["public_metadata/a~2"]}`, "a ~ is written ~0"},
		{`{"user":"user_1","unset":["public_metadata/` + strings.Repeat("x", 200) + `~"]}`, "…"},
		{`{"user":"user_1","patch":{"public_metadata":{"s":"` + strings.Repeat("hidden", bulk.MaxLine) + `"}}}`, "is longer than"},
	} {
		_, bad := readAll(t, lines("", tc.line, `{"user":"user_1","unset":["public_metadata/x"]}`))
		require.Len(t, bad, 1, tc.line[:min(80, len(tc.line))])
		require.Contains(t, bad[0], "line 2: ")
		require.Contains(t, bad[0], tc.want)
		require.NotContains(t, bad[0], "hidden")
		require.Less(t, len(bad[0]), 300)
	}
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	all, bad := readAll(t, bulk.ReadCSV(strings.NewReader("\uFEFF"+`user,organization,verb,public_metadata/role,private_metadata/billing/seats:json,private_metadata/billing/plan,unsafe_metadata,paths
user_1,,patch,admin,12,"a ""b""
c",,
user_2,,,,null,,"{""theme"":""dark"",""x"":null}",
,org_1,replace,007,null,,,
user_1,org_1,unset,,,,,public_metadata/a  private_metadata/b~1c
user_3,,,cook,,,, 
`)))
	require.Empty(t, bad)
	require.Equal(t, []string{
		`{"user":"user_1","patch":{"public_metadata":{"role":"admin"},"private_metadata":{"billing":{"plan":"a \"b\"\nc","seats":12}}}}`,
		`{"user":"user_2","patch":{"private_metadata":{"billing":{"seats":null}},"unsafe_metadata":{"theme":"dark","x":null}}}`,
		`{"organization":"org_1","replace":{"public_metadata":{"role":"007"},"private_metadata":{"billing":{"seats":null}}}}`,
		`{"organization":"org_1","user":"user_1","unset":["public_metadata/a","private_metadata/b~1c"]}`,
		`{"user":"user_3","patch":{"public_metadata":{"role":"cook"}}}`,
	}, all)
	all, bad = readAll(t, bulk.ReadCSV(strings.NewReader("")))
	require.Empty(t, all)
	require.Empty(t, bad)
}

func TestBadCSV(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, want string
		good       int
	}{
		{"user,name\nuser_1,x\n", `line 1: column "name"`, 0},
		{"user,user\n", `line 1: column "user" occurs twice`, 0},
		{"verb,public_metadata\n", "line 1: there is neither", 0},
		{"user,public_metadata,public_metadata/x\n", "line 1: columns 2 and 3: one", 0},
		{"user,public_metadata/a/b,public_metadata/a:json\n", "line 1: columns 3 and 2", 0},
		{"user,public_metadata/a,public_metadata/a:json\n", "occurs twice", 0},
		{"user,\"public_metadata\n", "line 1: ", 0},
		{"user,public_metadata/a\nuser_1,x,y\nuser_1,z\n", "line 2: the number of cells is 3, and the number of columns 2", 1},
		{"user\nuser_1,x\n", "line 2: the number of cells is 2, and the number of columns 1", 0},
		{"user,public_metadata/a\nuser_1,\"x\" y\nuser_1,z\n", "line 2: ", 1},
		{"user,public_metadata/a:json\nuser_1,hidden\nuser_1,1\n", "line 2: column 2: not valid JSON", 1},
		{"user,public_metadata/a:json\nuser_1,\"1,\"\"b\"\":hidden\"\n", "not valid JSON", 0},
		{"user,public_metadata/a:json\nuser_1,\"{\"\"k\"\":1,\"\"k\"\":2}\"\n", `column 2: "k": key occurs twice`, 0},
		{"user,public_metadata\nuser_1,[]\n", "line 2: column 2: public_metadata: metadata must be a JSON object", 0},
		{"user,public_metadata/a\n,x\n", "line 2: neither user nor organization is given", 0},
		{"user,verb,public_metadata/a\nuser_1,delete,x\n", `column 2: verb "delete" is unknown; expected patch, replace or unset`, 0},
		{"user,verb,public_metadata/a\nuser_1,patched,x\n", "patch, replace or unset; did you mean patch?", 0},
		{"user,verb,paths\nuser_1,patch,public_metadata/a\n", "line 2: column 3: paths are for an unset, and the verb is patch", 0},
		{"user,verb,public_metadata/a\nuser_1,unset,x\n", "line 2: column 3: an unset takes its paths", 0},
		{"user,public_metadata/a\nuser_1,\xff\nuser_1,x\n", "line 2: column 2: string is not valid UTF-8", 1},
		{"user,public_metadata/a\nuser_1,x\nuser_1,\"" + strings.Repeat("hidden ", bulk.MaxLine), "line 3: a record is longer", 1},
	} {
		all, bad := readAll(t, bulk.ReadCSV(strings.NewReader(tc.text)))
		require.Len(t, bad, 1, tc.text[:min(80, len(tc.text))])
		require.Contains(t, bad[0], tc.want)
		require.NotContains(t, bad[0], "hidden")
		require.Len(t, all, tc.good)
	}
}

func TestSourcesThatFail(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, read := range []func(io.Reader) iter.Seq2[bulk.Change, error]{bulk.ReadNDJSON, bulk.ReadCSV} {
		for _, text := range []string{"", "user,public_metadata/a\n", "user,public_metadata/a\nuser_1,x\n"} {
			r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
			var last error
			for _, err := range bulk.SkipInvalid(read(r), func(*bulk.LineError) {}) {
				last = err
			}
			require.ErrorIs(t, last, broken)
		}
	}
}

func TestSkipInvalid(t *testing.T) {
	t.Parallel()
	var reported []int
	all, bad := readAll(t, bulk.SkipInvalid(lines("{", many(1, 1)[0], "17", many(1, 1)[0]), func(e *bulk.LineError) { reported = append(reported, e.Line) }))
	require.Equal(t, []int{1, 3}, reported)
	require.Len(t, all, 2)
	require.Empty(t, bad)
	for range bulk.SkipInvalid(lines(many(2, 1)...), nil) {
		break
	}
	for range bulk.ReadNDJSON(strings.NewReader("{\n{")) {
		break
	}
	for range bulk.ReadCSV(strings.NewReader("user,public_metadata/a\nuser_1,x\nuser_1,x\n")) {
		break
	}
	require.ErrorIs(t, &bulk.LineError{Line: 1, Err: metadata.ErrSyntax}, metadata.ErrSyntax)
}

// What came with an error is no change, however much of it was read.
func TestFaultyChangesCannotBeMade(t *testing.T) {
	t.Parallel()
	for _, changes := range []iter.Seq2[bulk.Change, error]{
		lines(`{"user":"user_1","patch":{"public_metadata":{"a":1}},"more":1}`),
		lines(`{"user":"user_1","patch":{"public_metadata":{"a":1}}} {}`),
		bulk.ReadCSV(strings.NewReader("user,public_metadata/a,private_metadata\nuser_1,x,{\n")),
		bulk.ReadCSV(strings.NewReader("user,verb,public_metadata/a\nuser_1,patch\n")),
		bulk.ReadCSV(strings.NewReader("user,role\n")),
	} {
		for c, err := range changes {
			require.Error(t, err)
			require.ErrorIs(t, c.Check(), err)
		}
	}
}

// A membership has two ids: with one of them, the change would be one of the other's.
func TestMembershipsNeedBothIDs(t *testing.T) {
	t.Parallel()
	patch := bulk.Fields{Public: metadata.Patch{"role": "admin"}}
	for _, c := range []bulk.Change{
		bulk.PatchMembership("", "user_1", patch),
		bulk.PatchMembership("org_1", "", patch),
		bulk.PatchMembership("", "", patch),
		bulk.PatchMembership("", "user_1", bulk.Fields{}),
		bulk.UnsetMembership("", "user_1", "public_metadata/role"),
		bulk.UnsetMembership("org_1", "", "public_metadata/role"),
	} {
		require.ErrorContains(t, c.Check(), "a membership needs the ids of an organization and a user")
		_, err := c.MarshalJSON()
		require.ErrorIs(t, err, c.Check())
	}
	require.NoError(t, bulk.PatchMembership("org_1", "user_1", patch).Check())
}

func TestChangesThatHaveNoLine(t *testing.T) {
	t.Parallel()
	for _, c := range []bulk.Change{
		{},
		bulk.PatchUser("user_1", bulk.Fields{Public: metadata.Patch{"x": nil}}),
		bulk.ReplaceUser("user_1", bulk.Values{Public: metadata.Of([]int{})}),
		bulk.UnsetUser("user_1", "public_metadata/\xff"),
		bulk.UnsetOrganization("org_1", "unsafe_metadata/x"),
		bulk.PatchMembership("user_1", "org_1", bulk.Fields{}),
		bulk.Entity{OrganizationID: "org_1", UserID: "user_1"}.Replace(bulk.Values{Public: metadata.Empty()}),
	} {
		_, err := c.MarshalJSON()
		require.Error(t, err)
		require.ErrorIs(t, err, c.Check())
	}
	tooLarge := bulk.ReplaceOrganization("org_1", bulk.Values{Private: metadata.Of(map[string]string{"a": strings.Repeat("x", metadata.MaxSize)})})
	require.ErrorContains(t, tooLarge.Check(), "private_metadata is too large: 8200 bytes, the limit is 8192")
	_, err := tooLarge.MarshalJSON()
	require.NoError(t, err, "a client without the size check can send it")
	require.Equal(t, "organization org_1", bulk.Entity{OrganizationID: "org_1"}.String())
	require.Equal(t, "membership org_1 user_1", bulk.Entity{OrganizationID: "org_1", UserID: "user_1"}.String())
}

// Whatever is read is one change that can be written and read again, and no
// fault ends the walk before the last line.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"user":"user_1","patch":{"public_metadata":{"n":1e400,"x":null}}}`,
		`{"organization":"org_1","user":"user_1","unset":["public_metadata/a~1b"]}`,
		`{"user":"user_1","replace":{"private_metadata":null}}`,
		`{"user":"user_1","public_metadata":{"n":1.50,"new":[null]},"was":{"public_metadata":{"n":1.5},"private_metadata":null}}`,
		"user,verb,public_metadata/role,private_metadata/seats:json,paths\nuser_1,patch,admin,12,\nuser_2,unset,,,private_metadata/x\n",
		"user,unsafe_metadata\nuser_1,\"{\"\"a\"\":[null]}\"\n",
		"\uFEFF\n\r\n{", "user,public_metadata/\"", "\x00",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func(io.Reader) iter.Seq2[bulk.Change, error]{bulk.ReadNDJSON, bulk.ReadCSV} {
			line, ended := 0, false
			for c, err := range read(bytes.NewReader(text)) {
				require.Positive(t, c.Line)
				require.GreaterOrEqual(t, c.Line, line)
				line = c.Line
				require.False(t, ended, "the Last is the last")
				if err != nil {
					var bad *bulk.LineError
					require.ErrorAs(t, err, &bad)
					ended = bad.Last
					continue
				}
				first, err := c.MarshalJSON()
				require.NoError(t, err)
				for again, err := range bulk.ReadNDJSON(bytes.NewReader(first)) {
					require.NoError(t, err)
					second, err := again.MarshalJSON()
					require.NoError(t, err)
					require.Equal(t, string(first), string(second))
				}
			}
		}
	})
}
