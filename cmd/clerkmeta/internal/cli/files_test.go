package cli_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
	"github.com/clerkmeta/clerkmeta-go/internal/filelock"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// wide is a text as UTF-16, with a byte order mark.
func wide(order binary.AppendByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune("\uFEFF" + text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// What people's programs write is read right, or refused with what to do about it.
func TestPeoplesFiles(t *testing.T) {
	t.Parallel()
	const (
		lines  = `{"user":"user_1","patch":{"public_metadata":{"role":"Käse €😀"}}}` + "\n" + `{"user":"user_2","patch":{"public_metadata":{"role":"x"}}}` + "\n"
		pretty = "{\n  \"user\": \"user_1\",\n  \"patch\": {\n    \"public_metadata\": {\n      \"role\": \"Käse €😀\"\n    }\n  }\n}\n"
		comma  = "user,public_metadata/role\nuser_1,Käse €😀\nuser_2,x\n"
		latin  = "user;public_metadata/role\r\nuser_1;K\xe4se\r\nuser_2;x\r\n"
	)
	semicolon, tab := strings.ReplaceAll(comma, ",", ";"), strings.ReplaceAll(comma, ",", "\t")
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	for _, tc := range []struct {
		name, file, text, flags string
		role, err               string
	}{
		{"lines", "c.ndjson", lines, "", "Käse €😀", ""},
		{"Excel, CSV UTF-8, where commas are decimal", "c.csv", "\uFEFF" + crlf(semicolon), "", "Käse €😀", ""},
		{"Excel, Unicode text", "c.txt", wide(binary.LittleEndian, crlf(tab)), "", "Käse €😀", ""},
		{"Excel, CSV", "c.csv", latin, "", "", "line 2: byte 0xE4 is not UTF-8, so the text is in another encoding, such as Windows-1252: save it as UTF-8, or name the encoding with --encoding"},
		{"Excel, CSV, named", "c.csv", latin, "--encoding windows-1252", "Käse", ""},
		{"Excel, CSV, a euro", "c.csv", strings.ReplaceAll(latin, "\xe4se", "\x80"), "--encoding windows-1252", "K€", ""},
		{"a byte that Windows-1252 has not", "c.csv", strings.ReplaceAll(latin, "\xe4", "\x81"), "--encoding windows-1252", "", "line 2: byte 0x81 is no character of windows-1252"},
		{"Latin-1", "c.csv", latin, "--encoding iso-8859-1", "Käse", ""},
		{"Windows-1252 called Latin-1", "c.csv", strings.ReplaceAll(latin, "\xe4", "\x80"), "--encoding iso-8859-1", "", "line 2: byte 0x80 is no character of iso-8859-1"},
		{"sep line", "c.csv", "sep=;\r\n" + crlf(semicolon), "", "Käse €😀", ""},
		{"LibreOffice, all quoted", "c.csv", `"user","public_metadata/role"` + "\n" + `"user_1","Käse €😀"` + "\n" + `"user_2","x"` + "\n", "", "Käse €😀", ""},
		{"Google Sheets", "c.csv", strings.TrimSuffix(crlf(comma), "\r\n"), "", "Käse €😀", ""},
		{"Google Sheets, TSV", "c.tsv", crlf(tab), "", "Käse €😀", ""},
		{"a delimiter that is named", "c.csv", strings.ReplaceAll(comma, ",", "~"), "--delimiter ~", "Käse €😀", ""},
		{"tab by name", "c.csv", tab, "--delimiter tab", "Käse €😀", ""},
		{"a delimiter for JSON", "c.ndjson", lines, "--delimiter ,", "", "--delimiter is for tables"},
		{"a delimiter of two", "c.csv", comma, "--delimiter ,,", "", "is unknown; expected one character"},
		{"array of jq", "c.json", "[\n" + strings.TrimSpace(pretty) + ",\n" + strings.Split(lines, "\n")[1] + "\n]\n", "", "Käse €😀", ""},
		{"array, an object a line", "c.json", "[\n" + strings.Replace(strings.TrimSpace(lines), "\n", ",\n", 1) + "\n]\n", "--skip-invalid", "Käse €😀", ""},
		{"array without brackets", "c.json", strings.Replace(lines, "\n", ",\n", 1), "--skip-invalid", "", "line 1: ',' follows the object"},
		{"array cut off", "c.json", "[\n" + strings.Replace(strings.TrimSpace(lines), "\n", ",\n", 1), "--skip-invalid", "", "line 1: the JSON array that begins here does not end"},
		{"objects over several lines", "c.json", pretty + strings.Split(lines, "\n")[1], "", "Käse €😀", ""},
		{"CRLF and trailing blank lines", "c.ndjson", crlf(lines) + "\r\n\r\n \r\n", "", "Käse €😀", ""},
		{"byte order mark", "c.ndjson", "\uFEFF" + lines, "", "Käse €😀", ""},
		{"UTF-16", "c.ndjson", wide(binary.BigEndian, lines), "", "Käse €😀", ""},
		{"UTF-16 without a mark", "c.ndjson", wide(binary.LittleEndian, lines)[2:], "", "", "it looks like UTF-16 without a byte order mark"},
		{"UTF-16 without a mark, named", "c.ndjson", wide(binary.LittleEndian, lines)[2:], "--encoding utf-16le", "Käse €😀", ""},
		{"UTF-16, cut off", "c.ndjson", wide(binary.LittleEndian, lines) + "x", "", "", "breaks off in the middle of a character"},
		{"UTF-16 with half a pair", "c.ndjson", wide(binary.LittleEndian, "{}\n") + "\x3d\xd8\n\x00", "", "", "line 2: half a surrogate pair"},
		{"UTF-16, called something else", "c.ndjson", wide(binary.LittleEndian, lines), "--encoding utf-8", "", "byte order mark of utf-16le, and --encoding is utf-8"},
		{"UTF-32", "c.ndjson", "\xff\xfe\x00\x00{\x00\x00\x00", "", "", "UTF-32: save it as UTF-8"},
		{"JSON of any name", "changes", lines, "", "Käse €😀", ""},
		{"CSV of any name", "changes", comma, "", "Käse €😀", ""},
		{"JSON called CSV", "c.csv", lines, "", "", "this is JSON"},
		{"names of columns", "c.csv", strings.Replace(comma, "user,public_metadata/role", " User , Public_Metadata/role", 1), "", "Käse €😀", ""},
		{"a key with white space", "c.csv", strings.Replace(comma, "public_metadata/role", " Public_Metadata/role ", 1), "", "", `line 1: column " Public_Metadata/role " has white space around a key, or :json in another form, which would be part of the key: write "public_metadata/role"`},
		{"an id with white space", "c.csv", strings.Replace(comma, "user_1", "user_1\u00a0", 1), "", "", `line 2: column 1: user is "user_1\u00a0", with white space or an invisible character: remove it`},
		{"an id with nothing to see", "c.ndjson", strings.Replace(lines, "user_1", "\u200buser_1", 1), "", "", `line 1: user is "\u200buser_1"`},
		{"half a surrogate pair", "c.ndjson", `{"user":"user_1","unset":["public_metadata/\ud800"]}`, "", "", "line 1: string is not valid UTF-8: half a surrogate pair"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, testKey)
			r := s.run(t, "apply "+tc.flags, named(t, tc.file, tc.text))
			if tc.err != "" {
				require.Contains(t, []int{cli.ExitFile, cli.ExitUsage}, r.code)
				require.Contains(t, r.err, tc.err)
				require.NotContains(t, r.err, "Käse", "no value is in an error")
				require.Empty(t, s.Requests())
				return
			}
			require.Equal(t, cli.ExitOK, r.code, r.err)
			for id, role := range map[string]string{"user_1": tc.role, "user_2": "x"} {
				u, _ := s.User(id)
				m, err := metadata.Decode[map[string]any](u.PublicMetadata)
				require.NoError(t, err)
				require.Equal(t, role, m["role"])
			}
		})
	}
}

// meddler is a standard input on which somebody answers yes after they changed a file.
type meddler struct {
	do func()
	strings.Reader
}

// Read changes the file, once, and answers.
func (m *meddler) Read(p []byte) (int, error) {
	if m.do != nil {
		m.do()
		m.do = nil
	}
	return m.Reader.Read(p)
}

// What was saved after the plan is not sent, and the checkpoint has none of it.
func TestAFileThatChangesAfterThePlan(t *testing.T) {
	t.Parallel()
	first := `{"user":"user_1","patch":{"public_metadata":{"role":"seen"}}}` + "\n"
	last := `{"user":"user_2","patch":{"public_metadata":{"role":"seen"}}}` + "\n"
	short, long := first+last, first+strings.Repeat("\n", 600<<10)+last
	unseen := func(s string) string { return strings.ReplaceAll(s, "seen", "evil") }
	for _, tc := range []struct {
		name, before, after string
		rename              bool
	}{
		{"a value", short, unseen(short), false},
		{"a value far behind", long, first + unseen(long[len(first):]), false},
		{"appended", short, short + unseen(first), false},
		{"appended far behind", long, long + unseen(first), false},
		{"cut off", short, first, false},
		{"emptied", short, "", false},
		{"cut off far behind", long, long[:500<<10], false},
		{"a line that is faulty now", short, strings.Replace(short, `{"user":"user_2"`, `["user":"user_2"`, 1), false},
		{"saved beside and renamed", short, unseen(short), true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, liveKey)
			name := named(t, "c.ndjson", tc.before)
			checkpoint := name + ".done"
			s.terminals = "in"
			s.stdin = &meddler{Reader: *strings.NewReader("y\n"), do: func() {
				if tc.rename {
					require.NoError(t, os.WriteFile(name+"~", []byte(tc.after), 0o600))
					require.NoError(t, os.Rename(name+"~", name))
					return
				}
				require.NoError(t, os.WriteFile(name, []byte(tc.after), 0o600))
			}}
			r := s.run(t, "apply --concurrency 1 --checkpoint "+checkpoint, name)
			for _, id := range []string{"user_1", "user_2"} {
				u, _ := s.User(id)
				require.NotContains(t, u.PublicMetadata.String(), "evil")
			}
			if tc.rename {
				require.Equal(t, cli.ExitOK, r.code, "what was planned was applied: %s", r.err)
				require.Len(t, s.writes(), 2)
				return
			}
			require.Equal(t, cli.ExitFile, r.code, r.err)
			require.Contains(t, r.err, "the file changed after the check")
			require.Contains(t, r.err, "plan the file again")
			recorded, err := os.ReadFile(checkpoint)
			require.NoError(t, err)
			require.NotContains(t, string(recorded), "\n1 ", "the second change was not applied")
			require.LessOrEqual(t, len(s.writes()), 1)
		})
	}
}

// The second run on a file that the first one writes is refused.
func TestFilesInUse(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	name := named(t, "c.ndjson", changes)
	used := name + ".done"
	held, err := bulk.OpenCheckpoint(used, bulk.Identity{Input: "whatever"})
	require.NoError(t, err)
	for _, command := range []string{"apply", "plan"} {
		r := s.run(t, command+" --checkpoint "+used, name)
		require.Equal(t, cli.ExitFile, r.code)
		require.Regexp(t, `the checkpoint is in use by process \d+ on .+ since \d`, r.err)
	}
	require.NoError(t, held.Close())
	require.NoError(t, os.Remove(used))

	file, err := os.Create(used)
	require.NoError(t, err)
	require.NoError(t, filelock.Try(file))
	for _, line := range []string{"apply --failures " + used + " " + name, "export users --resume " + used} {
		r := s.run(t, line)
		require.Equal(t, cli.ExitFile, r.code, r.err)
		require.Contains(t, r.err, "the file is in use by another run")
	}
	require.NoError(t, file.Close())
	require.Empty(t, s.writes())
	r := s.run(t, "apply --failures "+used+" "+name)
	require.Equal(t, cli.ExitOK, r.code, r.err)
}

// One file with two roles is refused by whatever path, and left as it is.
func TestFilesAreToldApartByIdentity(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		command string // with N for the changes, K for the key, D for the checkpoint
		other   string // which of them has another name, X
		want    string
	}{
		{"apply N --failures X", "c.ndjson", "--failures and the file of changes are the same file"},
		{"apply N --checkpoint X", "c.ndjson", "--checkpoint and the file of changes are the same file"},
		{"plan N --checkpoint X", "key", "--checkpoint and --secret-key-file are the same file"},
		{"apply N --failures X", "key", "--failures and --secret-key-file are the same file"},
		{"apply N --checkpoint D --failures X", "done", "--failures and --checkpoint are the same file"},
		{"apply - --failures X", "c.ndjson", "--failures and standard input are the same file"},
		{"export users --resume X", "key", "--resume and --secret-key-file are the same file"},
	} {
		for name, link := range map[string]func(from, to string) (string, error){
			"hard link":     func(from, to string) (string, error) { return to, os.Link(from, to) },
			"symbolic link": func(from, to string) (string, error) { return to, os.Symlink(from, to) },
			"path":          func(from, _ string) (string, error) { return filepath.Dir(from) + "/./" + filepath.Base(from), nil },
		} {
			t.Run(tc.command+" "+tc.other+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newShell(t, testKey)
				dir := t.TempDir()
				texts := map[string]string{"c.ndjson": changes, "key": testKey, "done": ""}
				for name, text := range texts {
					require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
				}
				x, err := link(filepath.Join(dir, tc.other), filepath.Join(dir, "x"))
				if err != nil {
					t.Skip(err)
				}
				stdin, err := os.Open(filepath.Join(dir, "c.ndjson"))
				require.NoError(t, err)
				defer func() { require.NoError(t, stdin.Close()) }()
				s.stdin = stdin
				line := strings.NewReplacer(" N", " "+filepath.Join(dir, "c.ndjson"), " D", " "+filepath.Join(dir, "done"), " X", " "+x).Replace(tc.command)
				r := s.run(t, line+" --secret-key-file "+filepath.Join(dir, "key"))
				require.Equal(t, cli.ExitUsage, r.code, r.err)
				require.Contains(t, r.err, tc.want)
				require.Empty(t, s.Requests())
				delete(texts, "done") // which is begun when it is opened
				for name, text := range texts {
					require.Equal(t, text, readFile(t, filepath.Join(dir, name)))
				}
			})
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// Byte order marks and UTF-16 are read wherever a file or standard input is.
func TestMarkedTexts(t *testing.T) {
	t.Parallel()
	for name, marked := range map[string]func(string) string{
		"UTF-8":  func(s string) string { return "\uFEFF" + s },
		"UTF-16": func(s string) string { return wide(binary.LittleEndian, s) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, testKey)
			const document = `{"role":"Käse"}`
			for i, args := range [][]string{{"--json", "@" + file(t, marked(document))}, {"--json", "-"}} {
				s.stdin = strings.NewReader(marked(document))
				r := s.run(t, []string{"users patch user_1 --public", "users replace user_2 --public"}[i], args...)
				require.Equal(t, cli.ExitOK, r.code, r.err)
				u, _ := s.User([]string{"user_1", "user_2"}[i])
				require.Contains(t, u.PublicMetadata.String(), `"role":"Käse"`)
			}
			s.env["CLERK_SECRET_KEY"] = ""
			s.stdin = strings.NewReader(marked(testKey + "\r\n"))
			require.Equal(t, cli.ExitOK, s.run(t, "users get user_1 --secret-key-stdin").code)
			require.Equal(t, cli.ExitOK, s.run(t, "users get user_1 --secret-key-file "+file(t, marked(testKey))).code)

			e := emulate(t, "", "--log", "off", "--seed", file(t, marked(`{"users":[{"id":"user_7"}]}`)))
			code, _ := e.do(t, "GET", "/v1/users/user_7", "")
			require.Equal(t, 200, code)
			e.stop(t)
		})
	}
	s := newShell(t, testKey)
	part := file(t, "\uFEFF"+`{"user":"user_1","public_metadata":{}}`+"\n")
	r := s.run(t, "export users --resume "+part)
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Equal(t, 2, strings.Count(readFile(t, part), "\n"))
	r = s.run(t, "users patch user_1 --public --json @"+file(t, "{\"a\":\"K\xe4se\"}"))
	require.Equal(t, cli.ExitFile, r.code)
	require.Contains(t, r.err, "byte 0xE4 is not UTF-8")
}
