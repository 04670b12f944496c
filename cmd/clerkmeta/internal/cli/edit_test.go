package cli_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// Each command line of a write, what it shows, what it sends and what is then there.
func TestEdit(t *testing.T) {
	t.Parallel()
	const head = "public_metadata of user user_1:\n  "
	for _, tc := range []struct {
		line, more string
		stderr     string
		request    string
		after      string
	}{
		{
			"users patch user_1 --public --set role=admin --set limits.seats=6 --set limits.hosts\\.a\\=b=null --set-string zip=01", "",
			head + "~ limits.seats: 5 -> 6\n  ~ role: \"shopper\" -> \"admin\"\n  + zip: \"01\"\n",
			`PATCH /v1/users/user_1/metadata {"public_metadata":{"limits":{"hosts.a=b":null,"seats":6},"role":"admin","zip":"01"}}`,
			`{"limits":{"seats":6},"role":"admin","zip":"01"}`,
		},
		{
			"users patch user_1 --public --set-string n=12 --set m=12345678901234567890.10 --set o={\"a\":[null,1]} --set", "text=it=is",
			head + "+ m: 12345678901234567890.10\n  + n: \"12\"\n  + o: {\"a\":[null,1]}\n  + text: \"it=is\"\n",
			`PATCH /v1/users/user_1/metadata {"public_metadata":{"m":12345678901234567890.10,"n":"12","o":{"a":[null,1]},"text":"it=is"}}`,
			`{"limits":{"seats":5},"m":12345678901234567890.10,"n":"12","o":{"a":[null,1]},"role":"shopper","text":"it=is"}`,
		},
		{
			"users patch user_1 --public --set limits.b=2 --json", `{"role": null, "limits": {"a": 1}}`,
			head + "+ limits.a: 1\n  + limits.b: 2\n  - role: \"shopper\"\n",
			`PATCH /v1/users/user_1/metadata {"public_metadata":{"limits":{"a":1,"b":2},"role":null}}`,
			`{"limits":{"a":1,"b":2,"seats":5}}`,
		},
		{
			"users replace user_1 --public --json", `{"role": null}`,
			head + "- limits: {\"seats\":5}\n  ~ role: \"shopper\" -> null\n",
			`PUT /v1/users/user_1/metadata {"public_metadata":{"role":null}}`,
			`{"role":null}`,
		},
		{
			"users unset user_1 --public limits.seats role role.deep gone gone.deep", "",
			"role.deep does not exist\ngone does not exist\ngone.deep does not exist\n" + head + "- limits.seats: 5\n  - role: \"shopper\"\n",
			`PATCH /v1/users/user_1/metadata {"public_metadata":{"limits":{"seats":null},"role":null}}`,
			`{"limits":{}}`,
		},
		{
			"users unset user_1 --public limits limits.seats", "",
			head + "- limits: {\"seats\":5}\n",
			`PATCH /v1/users/user_1/metadata {"public_metadata":{"limits":null}}`,
			`{"role":"shopper"}`,
		},
		{"users unset user_1 --public gone", "", "gone does not exist\nnothing to change, nothing sent\n", "", `{"limits":{"seats":5},"role":"shopper"}`},
		{"users patch user_1 --public --set role=shopper", "", "nothing to change, nothing sent\n", "", `{"limits":{"seats":5},"role":"shopper"}`},
	} {
		t.Run(tc.line, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, testKey)
			var more []string
			if tc.more != "" {
				more = []string{tc.more}
			}
			r := s.run(t, strings.Replace(tc.line, "user_1", "user_1 --output=json", 1), more...)
			require.Equal(t, cli.ExitOK, r.code, r.err)
			require.Equal(t, tc.stderr, noted(t, r.err))
			require.JSONEq(t, `{"id":"user_1","public_metadata":`+tc.after+`}`, r.out)
			user, _ := s.User("user_1")
			require.JSONEq(t, tc.after, user.PublicMetadata.String())
			sent := ""
			for _, w := range s.writes() {
				sent += w.Method + " " + w.Path + " " + string(w.Body)
			}
			require.Equal(t, tc.request, sent)
		})
	}
}

// noted is the text of the notes in a standard error that is lines of JSON.
func noted(t *testing.T, stderr string) string {
	t.Helper()
	var text strings.Builder
	for line := range strings.Lines(stderr) {
		var n struct{ Note *string }
		require.NoError(t, json.Unmarshal([]byte(line), &n), line)
		require.NotNil(t, n.Note, line)
		text.WriteString(*n.Note + "\n")
	}
	return text.String()
}

// The other kinds and fields are written where they should be.
func TestEditKinds(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	for _, tc := range []struct{ line, stdout, request string }{
		{"users patch user_1 --unsafe --set a=1", "user_1\nFIELD   KEY  VALUE\nunsafe  a    1\n", `PATCH /v1/users/user_1/metadata {"unsafe_metadata":{"a":1}}`},
		{"users replace user_1 --private --set a=1", "user_1\nFIELD    KEY  VALUE\nprivate       (hidden; --show-private shows it)\n", `PUT /v1/users/user_1/metadata {"private_metadata":{"a":1}}`},
		{"orgs patch org_1 --private --show-private --set a=1", "org_1\nFIELD    KEY   VALUE\nprivate  a     1\nprivate  plan  \"cus_hidden\"\n", `PATCH /v1/organizations/org_1/metadata {"private_metadata":{"a":1}}`},
		{"orgs replace org_1 --public --set a=1", "org_1\nFIELD   KEY  VALUE\npublic  a    1\n", `PUT /v1/organizations/org_1/metadata {"public_metadata":{"a":1}}`},
		{"orgs unset org_1 --public a", "org_1\nFIELD   KEY  VALUE\npublic       (empty)\n", `PATCH /v1/organizations/org_1/metadata {"public_metadata":{"a":null}}`},
		{"members patch org_1 user_1 --public --set a=1", "org_1 user_1\nFIELD   KEY   VALUE\npublic  a     1\npublic  desk  \"3.14\"\n", `PATCH /v1/organizations/org_1/memberships/user_1/metadata {"public_metadata":{"a":1}}`},
		{"members unset org_1 user_1 --public a desk", "org_1 user_1\nFIELD   KEY  VALUE\npublic       (empty)\n", `PATCH /v1/organizations/org_1/memberships/user_1/metadata {"public_metadata":{"a":null,"desk":null}}`},
	} {
		s.ResetRequests()
		r := s.run(t, tc.line)
		require.Equal(t, cli.ExitOK, r.code, r.err)
		require.Equal(t, tc.stdout, r.out)
		require.Len(t, s.writes(), 1)
		w := s.writes()[0]
		require.Equal(t, tc.request, w.Method+" "+w.Path+" "+string(w.Body))
	}
	r := s.run(t, "members replace org_1 user_1")
	require.Equal(t, cli.ExitUsage, r.code)
	require.Contains(t, r.err, `command "replace" is unknown`)
}

// JSON comes from a file or standard input as well.
// A field that is null is no empty object.
func TestEditOfNull(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	_, err := s.Client().Users.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{UnsafeMetadata: metadata.Null()})
	require.NoError(t, err)
	r := s.run(t, "users patch user_1 --unsafe --set a=1")
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Equal(t, "unsafe_metadata of user user_1:\n  ~ unsafe_metadata: null -> {\"a\":1}\n  + a: 1\n", r.err)
}

// An id that is empty, as an unset variable of a shell is, does not make a command for
// a membership one for the user or the organization.
func TestEmptyIDs(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	for _, tc := range []struct {
		says string
		args []string
	}{
		{"ORG is empty", []string{"members", "patch", "", "user_1", "--public", "--set", "a=1"}},
		{"USER is empty", []string{"members", "patch", "org_1", "", "--public", "--set", "a=1"}},
		{"ORG is empty", []string{"members", "unset", "", "user_1", "--public", "role"}},
		{"ORG is empty", []string{"members", "get", "", "user_1"}},
		{"USER is empty", []string{"members", "diff", "org_1", "", "--public", "--json", "{}"}},
		{"ID is empty", []string{"users", "get", ""}},
		{"ID is empty", []string{"orgs", "replace", "", "--public", "--json", "{}"}},
	} {
		r := s.run(t, "", tc.args...)
		require.Equal(t, cli.ExitInvalid, r.code, r.err)
		require.Contains(t, r.err, tc.says)
		require.Empty(t, r.out)
	}
	require.Empty(t, s.Requests())
}

func TestJSONSources(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	name := file(t, `{"from": "file"}`)
	require.Equal(t, cli.ExitOK, s.run(t, "users patch user_2 --public --json @"+name).code)
	s.stdin = strings.NewReader(`{"too": "stdin"}`)
	require.Equal(t, cli.ExitOK, s.run(t, "users patch user_2 --public --json -").code)
	user, _ := s.User("user_2")
	require.JSONEq(t, `{"from":"file","too":"stdin"}`, user.PublicMetadata.String())
}

func TestDryRun(t *testing.T) {
	t.Parallel()
	s := newShell(t, liveKey)
	r := s.run(t, "users patch user_1 --public --set a=1 --dry-run")
	require.Equal(t, cli.ExitOK, r.code, r.err)
	want := "PATCH " + s.URL() + `/v1/users/user_1/metadata
Accept: application/json
Authorization: Bearer sk_live_…redacted
Clerk-Api-Version: 2026-05-12
Content-Length: 27
Content-Type: application/json
User-Agent: clerkmeta-go/` + client.Version + `

{"public_metadata":{"a":1}}
`
	require.Equal(t, want, r.out)
	require.Equal(t, "public_metadata of user user_1:\n  + a: 1\n", r.err)

	r = s.run(t, "orgs replace org_1 --private --set a=cus_other --dry-run --output json")
	require.Equal(t, cli.ExitOK, r.code, r.err)
	require.Contains(t, r.out, `"method":"PUT"`)
	require.Contains(t, r.out, `"body":{"private_metadata":"(hidden; --show-private shows it)"}`)
	require.NotContains(t, r.out+r.err, "cus_")
	r = s.run(t, "orgs replace org_1 --private --set a=cus_other --dry-run --output json --show-private")
	require.Contains(t, r.out, `"body":{"private_metadata":{"a":"cus_other"}}`)
	require.Contains(t, noted(t, r.err), `- plan: "cus_hidden"`)

	r = s.run(t, "members unset org_1 user_1 --public gone --dry-run")
	require.Equal(t, result{cli.ExitOK, "", "gone does not exist\nnothing to change, nothing sent\n"}, r)
	// What the client refuses before any request has none to show.
	r = s.run(t, "users replace user_1 --public --dry-run --set", "a="+strings.Repeat("x", 9000))
	require.Equal(t, cli.ExitInvalid, r.code)
	require.Empty(t, s.writes())

	// The key of standard input serves both the read and the request shown.
	s.stdin, s.env["CLERK_SECRET_KEY"] = strings.NewReader(liveKey+"\n"), ""
	r = s.run(t, "users patch user_1 --public --set a=1 --dry-run --secret-key-stdin")
	require.Equal(t, want, r.out, r.err)
}

// With a live key there is a question, and only a yes is one.
func TestApproval(t *testing.T) {
	t.Parallel()
	const line = "users patch user_1 --public --set a=1"
	for _, tc := range []struct {
		name, key, terminals, stdin, more string
		code                              int
		stderr                            string
	}{
		{"yes", liveKey, "in", "yes\n", "", 0, "Write this with a live key? [y/N] "},
		{"y", liveKey, "in err out", " Y \n", "", 0, "Write this with a live key? [y/N] "},
		{"no", liveKey, "in", "no\n", "", cli.ExitDeclined, "nothing was written"},
		{"return", liveKey, "in", "\n", "", cli.ExitDeclined, "nothing was written"},
		{"end", liveKey, "in", "", "", cli.ExitDeclined, "? [y/N] \nclerkmeta users patch: nothing was written"},
		{"long", liveKey, "in", strings.Repeat("y", 5000) + "\n", "", cli.ExitDeclined, "nothing was written"},
		{"no terminal", liveKey, "out err", "yes\n", "", cli.ExitDeclined, "pass --yes"},
		{"beforehand", liveKey, "", "", " --yes", 0, ""},
		{"test key", testKey, "", "", "", 0, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, tc.key)
			s.terminals, s.stdin = tc.terminals, strings.NewReader(tc.stdin)
			r := s.run(t, line+tc.more)
			require.Equal(t, tc.code, r.code, r.err)
			require.Contains(t, r.err, "public_metadata of user user_1:\n  + a: 1\n")
			require.Contains(t, r.err, tc.stderr)
			require.Equal(t, tc.code == 0, len(s.writes()) == 1)
			require.Equal(t, strings.Contains(tc.terminals, "in"), strings.Contains(r.err, "[y/N]"))
		})
	}
}

// A signal ends the wait for an answer.
func TestApprovalInterrupted(t *testing.T) {
	t.Parallel()
	s := newShell(t, liveKey)
	r, w := io.Pipe()
	t.Cleanup(func() { _ = w.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	s.terminals, s.stdin = "in", &interrupting{r, cancel}
	got := s.runContext(ctx, t, "users patch user_1 --public --set a=1")
	require.Equal(t, cli.ExitInterrupted, got.code)
	require.Contains(t, got.err, "nothing was written")
	require.Empty(t, s.writes())
}

// interrupting is a terminal on which the user types Ctrl-C.
type interrupting struct {
	io.Reader
	interrupt context.CancelFunc
}

func (i *interrupting) Read(p []byte) (int, error) {
	i.interrupt()
	return i.Reader.Read(p)
}

func TestErrorCodes(t *testing.T) {
	t.Parallel()
	const write = "users patch user_1 --public --set a=secretvalue"
	for _, tc := range []struct {
		line   string
		op     clerktest.Operation
		fault  clerktest.Fault
		code   int
		stderr string
	}{
		{"users get user_9", "", clerktest.Pass(), cli.ExitNotFound, "no user user_9 at HOST (development key)\nhint: check the id"},
		{"orgs get org_9", "", clerktest.Pass(), cli.ExitNotFound, "no organization org_9 at HOST (development key)\n"},
		{"members get org_1 user_2", "", clerktest.Pass(), cli.ExitNotFound, "no membership org_1 user_2 at HOST"},
		{"users get bad/id", "", clerktest.Pass(), cli.ExitInvalid, "user"},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusUnauthorized, "x"), cli.ExitUnauthorized, "HOST (development key) refused the key (status 401, x)\nhint: "},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusForbidden, "x"), cli.ExitUnauthorized, "403"},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusUnprocessableEntity, "x"), cli.ExitInvalid, "422"},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusRequestEntityTooLarge, "x"), cli.ExitInvalid, "413"},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusConflict, "x"), cli.ExitConflict, "409"},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusTooManyRequests, "x", clerktest.RetryAfter(1e12)), cli.ExitRateLimited, "429"},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusNotImplemented, "x"), cli.ExitUnknown, "run it again"},
		{write, clerktest.UpdateUserMetadata, clerktest.AnswerBody(http.StatusOK, "application/json", "{"), cli.ExitFailure, "applied"},
		{write, clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusTeapot, "x"), cli.ExitFailure, "418"},
		{"users get user_1", clerktest.GetUser, clerktest.Answer(http.StatusNotImplemented, "x"), cli.ExitUnavailable, "501"},
	} {
		t.Run(tc.line+" "+tc.stderr, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, testKey)
			if tc.op != "" {
				s.Script(tc.op, tc.fault)
			}
			r := s.run(t, tc.line)
			require.Equal(t, tc.code, r.code, r.err)
			require.Empty(t, r.out)
			_, said, _ := strings.Cut(r.err, "clerkmeta ")
			require.Contains(t, strings.ReplaceAll(said, s.host(), "HOST"), tc.stderr)
			require.NotContains(t, said, "secretvalue")
		})
	}
	s := newShell(t, testKey)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, cli.ExitInterrupted, s.runContext(ctx, t, "users get user_1").code)
}
