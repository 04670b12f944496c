package bulk_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// exported is what an export of users with a public field writes.
func exported(fields ...string) string {
	var b strings.Builder
	for i, field := range fields {
		fmt.Fprintf(&b, `{"user":"user_%d","public_metadata":%s,"was":{"public_metadata":%[2]s}}`+"\n", i+1, field)
	}
	return b.String()
}

// repeated is NDJSON that can be walked more than once.
func repeated(text string) iter.Seq2[bulk.Change, error] {
	return func(yield func(bulk.Change, error) bool) {
		bulk.ReadNDJSON(strings.NewReader(text))(yield)
	}
}

// tableOf is the table of an export, without its mark and the names of the readings.
func tableOf(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, bulk.WriteCSV(&b, repeated(text)))
	table, marked := strings.CutPrefix(b.String(), "\uFEFF")
	require.True(t, marked)
	return table
}

// edited reads the edits of a table.
func edited(t *testing.T, table, was string) (all []string, bad []string) {
	t.Helper()
	index, err := bulk.ReadWas(strings.NewReader(was))
	require.NoError(t, err)
	return readAll(t, bulk.ReadEdits(strings.NewReader(table), 0, index))
}

// nows are the public fields that edits make, "" for one that is as it was.
func nows(t *testing.T, all []string) (fields []string) {
	t.Helper()
	for _, line := range all {
		var c struct {
			Now json.RawMessage `json:"public_metadata"`
			Was struct {
				Was json.RawMessage `json:"public_metadata"`
			} `json:"was"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &c))
		if bytes.Equal(c.Now, c.Was.Was) {
			c.Now = nil
		}
		fields = append(fields, string(c.Now))
	}
	return fields
}

func TestWriteCSV(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fields []string
		want   string // of the metadata, with the names
	}{
		"strings":                   {[]string{`{"role":"admin"}`, `{}`, `{"role":"cook"}`}, "role|admin||cook"},
		"strings that look alike":   {[]string{`{"zip":"00123"}`, `{"zip":"12"}`, `{"zip":"true"}`, `{"zip":"1E5"}`, `{"zip":"MAR1"}`, `{"zip":"cus_0123"}`, `{"zip":"a1@example.com"}`}, "zip|'00123|'12|'true|'1E5|'MAR1|cus_0123|a1@example.com"},
		"formulas":                  {[]string{`{"x":"=1+1"}`, `{"x":"+1"}`, `{"x":"-x"}`, `{"x":"@SUM(A1)"}`, `{"x":"'x"}`}, "x|'=1+1|'+1|'-x|'@SUM(A1)|''x"},
		"types":                     {[]string{`{"v":true}`, `{"v":12}`, `{"v":"00123"}`, `{"v":null}`, `{"v":""}`, `{"v":"x"}`}, `v:json|true|12|"00123"|null|""|"x"`},
		"numbers":                   {[]string{`{"v":12345678901}`, `{"v":-5}`, `{"v":123456789012}`, `{"v":1.50}`, `{"v":1e3}`, `{"v":12345678901234567890}`}, "v:json|12345678901|-5|'123456789012|'1.50|'1e3|'12345678901234567890"},
		"nested":                    {[]string{`{"v":{"a":[1,null]}}`, `{"v":[]}`}, `v:json|{"a":[1,null]}|[]`},
		"strings with lines":        {[]string{`{"v":"a\r\nb"}`, `{"v":" a"}`}, `v:json|"a\r\nb"|" a"`},
		"a key like a type":         {[]string{`{"v:json":"a"}`}, `v:json:json|"a"`},
		"a key with a slash":        {[]string{`{"a/b~c, d":"a"}`}, "a~1b~0c, d|a"},
		"no entity has any":         {[]string{`{}`, `{}`}, ""},
		"a null field has no cells": {[]string{`null`, `{"a":"b"}`}, "a||b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := tableOf(t, exported(tc.fields...))
			all, bad := edited(t, "\uFEFF"+table, exported(tc.fields...))
			require.Empty(t, bad)
			require.Len(t, all, len(tc.fields))
			require.Equal(t, make([]string, len(tc.fields)), nows(t, all), "nothing is edited")
			if tc.want == "" {
				require.Contains(t, table, "user,was\nuser_1,was_")
				return
			}
			rows := strings.Split(tc.want, "|")
			require.Contains(t, strings.ReplaceAll(table, `"`, ``), "user,was,public_metadata/"+rows[0]+"\n")
			for i, cell := range rows[1:] {
				if strings.Contains(cell, `"`) {
					cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
				} else if strings.Contains(cell, `,`) {
					cell = `"` + cell + `"`
				}
				require.Regexp(t, fmt.Sprintf(`(?m)^user_%d,was_[0-9a-f]{8},\Q%s\E$`, i+1, cell), table)
			}
		})
	}
	both := tableOf(t, `{"organization":"org_1","user":"user_1","private_metadata":{"z":"a"},"public_metadata":{"b":"c"},"was":{"public_metadata":{"b":"c"},"private_metadata":{"z":"a"}}}`)
	require.Regexp(t, `^organization,user,was,public_metadata/b,private_metadata/z\norg_1,user_1,was_[0-9a-f]{8},c,a\n$`, both)
}

func TestWriteCSVErrors(t *testing.T) {
	t.Parallel()
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%04d":1`, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	for _, tc := range []struct{ text, want string }{
		{`{"user":"user_1","patch":{"public_metadata":{"a":"hidden"}}}`, "user user_1: it is no edit"},
		{exported(`{"":"hidden"}`), "user user_1: public_metadata/: the key cannot be in the name of a column: export NDJSON"},
		{exported(`{"a":1}`, `{" b":"hidden"}`), "user user_2: public_metadata/ b: the key cannot be"},
		{exported(many(1000), `{"zz":"hidden"}`), "user user_2: public_metadata/zz: the key is one more than the 1000 that a table can have"},
		{exported(`{"a":"hidden` + strings.Repeat("x", 32_768) + `"}`), "user user_1: public_metadata/a: the cell has more than 32767 characters"},
		{exported(`{"a":[`), "not valid JSON"},
	} {
		err := bulk.WriteCSV(&bytes.Buffer{}, repeated(tc.text))
		require.ErrorContains(t, err, tc.want)
		require.NotContains(t, err.Error(), "hidden")
	}
	require.NoError(t, bulk.WriteCSV(&bytes.Buffer{}, repeated(exported(many(1000)))))
}

func TestReadEdits(t *testing.T) {
	t.Parallel()
	was := exported(`{"role":"cook","seats":1,"on":true,"zip":"00123"}`, `{"role":"cook","id":12345678901234567890}`, `{"seats":2}`)
	table := tableOf(t, was)
	for name, tc := range map[string]struct {
		edit []string // pairs of what is replaced and by what
		want []string // what the fields become, "" for as they were
	}{
		"a string":                 {[]string{",cook,1", ",admin,1"}, []string{`{"on":true,"role":"admin","seats":1,"zip":"00123"}`, "", ""}},
		"the spreadsheet's true":   {[]string{",true,", ",TRUE,"}, []string{"", "", ""}},
		"the apostrophes are lost": {[]string{"'", ""}, []string{"", "", ""}},
		"false":                    {[]string{",true,", ",False,"}, []string{`{"on":false,"role":"cook","seats":1,"zip":"00123"}`, "", ""}},
		"a key is removed":         {[]string{",cook,1", ",,1"}, []string{`{"on":true,"seats":1,"zip":"00123"}`, "", ""}},
		"a key is set":             {[]string{",2,", ",2,x"}, []string{"", "", `{"seats":2,"zip":"x"}`}},
		"another order of rows":    {[]string{"user_1", "user_9", "user_2", "user_1", "user_9", "user_2"}, nil},
		"semicolons":               {[]string{",", ";"}, []string{"", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			edit := strings.NewReplacer(tc.edit...)
			all, bad := edited(t, edit.Replace(table), was)
			if tc.want == nil {
				require.Len(t, bad, 2, "the readings do not fit")
				return
			}
			require.Empty(t, bad)
			require.Equal(t, tc.want, nows(t, all))
		})
	}
	rows := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	all, bad := edited(t, strings.Join([]string{rows[0], rows[3], rows[1]}, "\r\n"), was)
	require.Empty(t, bad)
	require.Len(t, all, 2, "rows may be missing, and in any order")
	require.Contains(t, all[0], "user_3")
	require.Equal(t, []string{"", ""}, nows(t, all))
}

func TestReadEditsOfOtherColumns(t *testing.T) {
	t.Parallel()
	was := exported(`{"a":{"b":1,"c":2},"role":"cook"}`)
	name := strings.Split(strings.Split(tableOf(t, was), "\n")[1], ",")[1]
	for _, tc := range []struct{ columns, cells, want string }{
		{"", "", ""},
		{",public_metadata/new", ",x", `{"a":{"b":1,"c":2},"new":"x","role":"cook"}`},
		{",public_metadata/a/b:json", ",3", `{"a":{"b":3,"c":2},"role":"cook"}`},
		{",public_metadata/a/b", ",", `{"a":{"c":2},"role":"cook"}`},
		{",public_metadata/role/x,", ",,", ""},
		{",public_metadata", ",", ""},
		{",public_metadata", `,"{""x"":1}"`, `{"x":1}`},
		{",private_metadata/x", ",", ""},
		{",failure/code", ",x", ""},
	} {
		all, bad := edited(t, "user,was"+tc.columns+"\nuser_1,"+name+tc.cells+"\n"+strings.Repeat(",", 1+strings.Count(tc.columns, ","))+"\n", was)
		require.Empty(t, bad, tc.columns)
		require.Equal(t, `{"patch":{}}`, all[1], "a blank row changes nothing")
		require.Equal(t, []string{tc.want}, nows(t, all[:1]), tc.columns)
	}
}

func TestBadEdits(t *testing.T) {
	t.Parallel()
	was := exported(`{"role":"cook","v":1}`, `{"role":"x"}`)
	table := tableOf(t, was)
	rows := strings.Split(strings.TrimSuffix(table, "\n"), "\n")
	name := strings.Split(rows[1], ",")[1]
	for what, tc := range map[string]struct{ text, want string }{
		"two rows":         {table + rows[1] + "\n", "line 4: user user_1 is in line 2 as well"},
		"nobody":           {rows[0] + "\nuser_9," + name + ",x,1\n", "line 2: user user_9 is not in the file of what was read"},
		"no entity":        {rows[0] + "\n," + name + ",hidden,1\n", "line 2: no entity is not in"},
		"another reading":  {rows[0] + "\nuser_1,was_00000000,hidden,1\n", "line 2: the column \"was\" is not that of the file"},
		"no reading":       {rows[0] + "\nuser_1,,hidden,1\n", "line 2: the column \"was\" is not that of the file"},
		"no column was":    {"user,public_metadata/role\nuser_1,x\n", `line 1: the column "was" is missing`},
		"a verb":           {"user,was,verb,public_metadata/role\n", "line 1: a table of edits has no column verb"},
		"paths":            {"user,was,paths\n", "line 1: a table of edits has no column verb or paths"},
		"no JSON":          {rows[0] + "\nuser_1," + name + ",x,hidden\n", "line 2: public_metadata: column 4: not valid JSON"},
		"a null":           {rows[0] + "\nuser_1," + name + ",x,null\n", `line 2: public_metadata: a merge patch cannot set null, wanted at "/v"`},
		"in the way":       {"user,was,public_metadata/role/x\nuser_1," + name + ",hidden\n", "line 2: public_metadata: column 3: the key is inside of what is no object"},
		"a field not read": {"user,was,private_metadata/role\nuser_1," + name + ",hidden\n", "line 2: private_metadata: the edit has the field, and what was read lacks it"},
		"no object":        {"user,was,public_metadata\nuser_1," + name + ",17\n", "line 2: public_metadata: metadata must be a JSON object"},
		"white space":      {rows[0] + "\nuser_1 ," + name + ",x,1\n", "line 2: column 1: user is \"user_1 \", with white space"},
		"UTF-8":            {rows[0] + "\nuser_1," + name + ",\xff,1\n", "not valid UTF-8"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, bad := edited(t, tc.text, was)
			require.Len(t, bad, 1)
			require.Contains(t, bad[0], tc.want)
			require.NotContains(t, bad[0], "hidden")
		})
	}
	_, bad := readAll(t, bulk.ReadCSV(strings.NewReader(table)))
	require.Len(t, bad, 1)
	require.Contains(t, bad[0], `line 1: column "was" shows that the table was written to be edited`)
	_, bad = readAll(t, bulk.ReadEdits(strings.NewReader(table), 0, nil))
	require.Len(t, bad, 2)
}

func TestReadWas(t *testing.T) {
	t.Parallel()
	good := exported(`{"a":1}`, `{"a":2}`)
	for _, tc := range []struct{ text, want string }{
		{"\uFEFF\n" + good + "\r\n", ""},
		{"", ""},
		{strings.TrimSuffix(good, "\n"), ""},
		{good + "\n" + exported(`{"a":"hidden"}`), "line 4: user user_1 is in line 1 as well"},
		{good + `{"user":"user_3","public_metadata":{"a":"hidden"}}`, "line 3: public_metadata stands beside the ids"},
		{good + `{"user":"user_3","patch":{"public_metadata":{"a":"hidden"}}}`, "line 3: it has no member was"},
		{good + `{"user":"user_3","was":{"public_metadata":{"a":"hidden","a":1}}}`, "line 3: public_metadata: /a: key occurs twice"},
		{good + `{"user":"user_3","was":{`, "line 3: not valid JSON"},
		{good + `{"was":{"public_metadata":{}}}`, "line 3: neither user nor organization"},
		{strings.Repeat(" ", bulk.MaxLine+1), "line 1: is longer than"},
	} {
		_, err := bulk.ReadWas(strings.NewReader(tc.text))
		if tc.want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, tc.want)
		require.NotContains(t, err.Error(), "hidden")
	}
	// A file that changes ends the walk.
	changing := []byte(good)
	index, err := bulk.ReadWas(bytes.NewReader(changing))
	require.NoError(t, err)
	copy(changing[len(changing)/2:], bytes.ToUpper(changing[len(changing)/2:]))
	var last *bulk.LineError
	for c, err := range bulk.ReadEdits(strings.NewReader(tableOf(t, good)), 0, index) {
		require.Nil(t, last)
		if err != nil {
			require.ErrorAs(t, err, &last)
			require.Equal(t, 3, c.Line)
		}
	}
	require.True(t, last.Last)
	require.EqualError(t, last, "line 3: the file of what was read has changed since it was read")
	_, err = bulk.ReadWas(iotestAt{})
	require.ErrorIs(t, err, errReadAt)
}

// iotestAt is a file that cannot be read.
type iotestAt struct{}

var errReadAt = errors.New("unreadable")

func (iotestAt) ReadAt([]byte, int64) (int, error) { return 0, errReadAt }

// FuzzTable writes any metadata as a table and reads it back: nothing is edited, and no
// cell can be taken for a formula.
func FuzzTable(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"role":"admin"}`, `{"role":"=1","n":1e400}`}, {`{"a":"'","b":""}`, `{"a":"\r\n"}`}, {`{"a":{"b":[null]}}`, `null`},
		{`{"a:json":" x","ü":"\u2028"}`, `{"a\"b":"\"","a,b":";"}`}, {`{";":"a","|":"b"}`, `{"\t":"x"}`}, {`{"-":-0}`, `{"-":true}`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		was := ""
		for line, err := range bulk.ReadNDJSON(strings.NewReader(exported(first, second))) {
			if err != nil {
				return
			}
			text, err := line.MarshalJSON()
			require.NoError(t, err)
			was += string(text) + "\n"
		}
		index, err := bulk.ReadWas(strings.NewReader(was))
		if err != nil {
			return // an entity twice
		}
		var b bytes.Buffer
		if bulk.WriteCSV(&b, repeated(was)) != nil {
			return
		}
		records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\uFEFF"))).ReadAll()
		require.NoError(t, err)
		for _, record := range records {
			for _, cell := range record {
				require.NotContains(t, "=+@\t\r", (cell + "x")[:1])
				require.True(t, !strings.HasPrefix(cell, "-") || regexp.MustCompile(`^-[0-9]+$`).MatchString(cell), cell)
			}
		}
		all, bad := readAll(t, bulk.ReadEdits(&b, 0, index))
		require.Empty(t, bad)
		require.Equal(t, make([]string, strings.Count(was, "\n")), nows(t, all))
	})
}
