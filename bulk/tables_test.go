package bulk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

func TestTables(t *testing.T) {
	t.Parallel()
	want := []string{
		`{"user":"user_1","patch":{"public_metadata":{"role":"a;b,c\td|e"},"private_metadata":{"seats":12}}}`,
		`{"user":"user_2","patch":{"public_metadata":{"role":" ü "}}}`,
	}
	const plain = "user,public_metadata/role,private_metadata/seats:json\nuser_1,\"a;b,c\td|e\",12\nuser_2, ü ,\n"
	with := func(delimiter string) string {
		return strings.NewReplacer("user,", "user"+delimiter, "role,", "role"+delimiter, "_1,", "_1"+delimiter, "\",", "\""+delimiter, "_2,", "_2"+delimiter, " ,", " "+delimiter).Replace(plain)
	}
	for name, text := range map[string]string{
		"comma":                    plain,
		"semicolon":                with(";"),
		"tab":                      with("\t"),
		"bar":                      with("|"),
		"sep line":                 "sep=;\r\n" + with(";"),
		"sep line, quoted, marked": "\uFEFF\"sep=;\"\n" + with(";"),
		"sep line, another":        "SEP=^\n" + with("^"),
		"byte order mark":          "\uFEFF" + with(";"),
		"CRLF":                     strings.ReplaceAll(with(";"), "\n", "\r\n"),
		"trailing blank lines":     plain + "\n\n\r\n\n",
		"leading blank lines":      "\n\r\n" + plain,
		"quoted names":             `"user","public_metadata/role","private_metadata/seats:json"` + plain[strings.Index(plain, "\n"):],
		"capitals and white space": strings.Replace(plain, "user,public_metadata/role,private_metadata/seats:json", " User\u00a0, Public_Metadata/role,\u200bPRIVATE_METADATA /seats:json", 1),
		"a verb in capitals":       strings.NewReplacer("user,", "verb,user,", "\nuser_", "\nPatch,user_").Replace(plain),
		"columns without a name":   strings.NewReplacer("json\n", "json,, \n", "12\n", "12,,\n", ",\n", ",,,\n").Replace(plain),
	} {
		all, bad := readAll(t, bulk.ReadCSV(strings.NewReader(text)))
		require.Empty(t, bad, name)
		require.Equal(t, want, all, name)
	}
	all, bad := readAll(t, bulk.ReadDelimited(strings.NewReader(with("~")), '~'))
	require.Empty(t, bad)
	require.Equal(t, want, all)
	all, bad = readAll(t, bulk.ReadDelimited(strings.NewReader("sep=;\n"+with(";")), ';'))
	require.Empty(t, bad)
	require.Equal(t, want, all)
}

// What is wrong with the whole of a table ends the walk, SkipInvalid or not.
func TestBrokenTables(t *testing.T) {
	t.Parallel()
	const head, rest = "user,public_metadata/a\n", "\nuser_9,x\n"
	for _, tc := range []struct {
		name, text string
		delimiter  rune
		good, line int
		want       string
	}{
		{"no names", "user_1,hidden\n" + head, 0, 0, 1, "it names no column"},
		{"one name, not known", "user,hidden\n", 0, 0, 1, `column "hidden" is unknown`},
		{"nearly a name", "usr,public_metadata/role\n", 0, 0, 1, "FIELD/KEY:json; did you mean user?"},
		{"nearly a field", "user,\"public\"\n", 0, 0, 1, "FIELD/KEY:json; did you mean public_metadata?"},
		{"dots between keys", "user, Public_metadata.Role:json\n", 0, 0, 1, `FIELD/KEY:json; did you mean "Public_metadata/Role:json"?`},
		{"nearly a field with a key", "user, public_metdata/role\n", 0, 0, 1, "FIELD/KEY:json; did you mean public_metadata?"},
		{"semicolons where commas were named", "user;public_metadata/a\nuser_1;x\n", ',', 0, 1, `column "user;public_metadata/a" is unknown`},
		{"delimiters that contradict", "sep=;\nuser;public_metadata/a\n", ',', 0, 1, `the delimiter is ';' here, and ',' was given`},
		{"two delimiters that would do", "public_metadata/a;user;public_metadata/b,organization,public_metadata/c\n", 0, 0, 1, `with ',' and with ';'`},
		{"a delimiter that is none", head, '"', 0, 1, `'"' cannot separate`},
		{"white space behind a key", "\nuser, Public_Metadata/role \n", 0, 0, 2, `column " Public_Metadata/role " has white space around a key`},
		{"what to write", "user, Public_Metadata/a /b: JSON\n", 0, 0, 1, `write "public_metadata/a/b:json"`},
		{"JSON in capitals", "user,public_metadata/a:JSON\n", 0, 0, 1, `write "public_metadata/a:json"`},
		{"a name in two forms", "user,User,public_metadata/a\n", 0, 0, 1, `column "User" occurs twice`},
		{"keys without end", "user,public_metadata" + strings.Repeat("/a", 50_000) + "\n", 0, 0, 1, "has more than 100 keys"},
		{"many columns of many keys", "user" + manyDeep(1_000, 12) + "\n", 0, 0, 1, "the columns have 11000 keys inside of objects, allowed are 10000"},
		{"a column inside another", "user,public_metadata/a/b/c,public_metadata/a\n", 0, 0, 1, "columns 3 and 2: one lies inside the other"},
		{"a path that is none", "user,public_metadata/a~2\n", 0, 0, 1, `a ~ is written ~0`},
		{"carriage returns", "user,public_metadata/a\ruser_1,hidden\r", 0, 0, 1, "carriage returns alone"},
		{"JSON", "[\n{}]", 0, 0, 1, "this is JSON"},
		{"UTF-16", "\xff\xfeu\x00", 0, 0, 1, "UTF-16"},
		{"a quote that closes far below", head + "user_1,x\nuser_2,\"x\nuser_3,hidden\nuser_4,\"y\"" + rest, 0, 1, 3, "has 3 lines: is a quote not closed?"},
		{"a quote that never closes", head + "user_1,x\nuser_2,\"x" + rest, 0, 1, 3, "is a quote not closed?"},
		{"a quote that closes nowhere near", head + "user_1,x\nuser_2,\"x" + strings.Repeat("\nuser_9,hidden", bulk.MaxLine/10), 0, 1, 3, "is a quote not closed?"},
		{"names that never end", "\"user" + strings.Repeat("\nuser_9,hidden", bulk.MaxLine/10), 0, 0, 1, "is a quote not closed?"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			good, last := 0, error(nil)
			read := bulk.ReadCSV(strings.NewReader(tc.text))
			if tc.delimiter != 0 {
				read = bulk.ReadDelimited(strings.NewReader(tc.text), tc.delimiter)
			}
			for _, err := range bulk.SkipInvalid(read, func(*bulk.LineError) {}) {
				require.NoError(t, last, "it is the last")
				if last = err; err == nil {
					good++
				}
			}
			require.Equal(t, tc.good, good)
			var bad *bulk.LineError
			require.ErrorAs(t, last, &bad)
			require.True(t, bad.Last)
			require.Equal(t, tc.line, bad.Line)
			require.ErrorContains(t, last, tc.want)
			if !strings.Contains(tc.want, "hidden") {
				require.NotContains(t, last.Error(), "hidden")
			}
		})
	}
}

func TestFaultyCells(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ row, want string }{
		{" user_1,x,,", `column 1: user is " user_1", with white space or an invisible character: remove it`},
		{"user_1\u00a0,x,,", `user is "user_1\u00a0"`},
		{"user_1\u200b,x,,", `user is "user_1\u200b"`},
		{"\uFEFFuser_1,x,,", `user is "\ufeffuser_1"`},
		{"user_1,x,TRUE,", "column 3: not valid JSON: true and false are written in small letters"},
		{`user_1,x,"""\ud800""",`, "column 3: string is not valid UTF-8: half a surrogate pair"},
		{"user_1,x,,hidden", "column 4: it has no name, and the cell is not empty"},
	} {
		var got []string
		text := "user,public_metadata/a,public_metadata/b:json,\nuser_0,x,,\n" + tc.row + "\nuser_2,x,,\n"
		for c, err := range bulk.ReadCSV(strings.NewReader(text)) {
			var bad *bulk.LineError
			if errors.As(err, &bad) {
				require.Equal(t, 3, bad.Line)
				require.False(t, bad.Last)
				require.ErrorContains(t, err, tc.want)
				require.NotContains(t, err.Error(), "hidden")
				continue
			}
			require.NoError(t, err)
			got = append(got, c.Entity().UserID)
		}
		require.Equal(t, []string{"user_0", "user_2"}, got)
	}
}

// manyDeep names so many columns of so many keys.
func manyDeep(columns, keys int) string {
	var b strings.Builder
	for i := range columns {
		fmt.Fprintf(&b, ",public_metadata/k%d%s", i, strings.Repeat("/a", keys-1))
	}
	return b.String()
}
