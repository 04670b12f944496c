package cli_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// get prints each entity that exists, and names those that do not.
func TestGetSeveral(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	for _, tc := range []struct {
		line, out string
		code      int
		stderr    string
	}{
		{"users get user_1 user_2 --unsafe", "user_1\nFIELD   KEY  VALUE\nunsafe       (empty)\n\nuser_2\nFIELD   KEY  VALUE\nunsafe       (empty)\n", cli.ExitOK, ""},
		{"users get user_2 user_9 user_1 --unsafe --output json", `{"id":"user_2","unsafe_metadata":{}}` + "\n" + `{"id":"user_1","unsafe_metadata":{}}` + "\n", cli.ExitNotFound, "no user user_9 at 127.0.0.1:"},
		{"users get user_8 user_1 user_9 --unsafe", "user_1\nFIELD   KEY  VALUE\nunsafe       (empty)\n", cli.ExitNotFound, "has one of these ids: user_8, user_9\n"},
		{"members get org_1 user_1 user_2 --public", "org_1 user_1\nFIELD   KEY   VALUE\npublic  desk  \"3.14\"\n", cli.ExitNotFound, "no membership org_1 user_2 at "},
		{"orgs get org_1 bad/id", "org_1\nFIELD    KEY  VALUE\npublic        (empty)\nprivate       (hidden; --show-private shows it)\n", cli.ExitInvalid, "holds '/'"},
	} {
		r := s.run(t, tc.line)
		require.Equal(t, tc.code, r.code, r.err)
		require.Equal(t, tc.out, r.out)
		require.Contains(t, r.err, tc.stderr)
	}
	r := s.run(t, "users get user_1", "")
	require.Equal(t, cli.ExitInvalid, r.code)
	require.Contains(t, r.err, "ID is empty")
}

// whoami shows host and kind of key in any case, and then what the request was answered.
func TestWhoami(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tc := range []struct {
		name, key, flags string
		ctx              context.Context
		fault            clerktest.Fault
		code             int
		out, stderr      string
	}{
		{"a test key", testKey, "", t.Context(), clerktest.Pass(), cli.ExitOK, "host    HOST\nkey     development, sk_test_…redacted\nanswer  status 200\n", ""},
		{"as JSON", liveKey, " --output json", t.Context(), clerktest.Pass(), cli.ExitOK, `{"host":"HOST","key":"live","status":200}` + "\n", ""},
		{"refused", testKey, "", t.Context(), clerktest.Answer(http.StatusUnauthorized, "x"), cli.ExitUnauthorized, "host    HOST\nkey     development, sk_test_…redacted\nanswer  status 401\n", "refused the key"},
		{"no answer", testKey, " --output json", ended, clerktest.Fault{}, cli.ExitInterrupted, `{"host":"HOST","key":"development"}` + "\n", "interrupted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newShell(t, tc.key)
			if tc.ctx.Err() == nil {
				s.Script(clerktest.AnyOperation, tc.fault)
			}
			r := s.runContext(tc.ctx, t, "whoami"+tc.flags)
			require.Equal(t, tc.code, r.code, r.err)
			require.Equal(t, strings.ReplaceAll(tc.out, "HOST", strings.TrimPrefix(s.URL(), "http://")), r.out)
			require.Contains(t, r.err, tc.stderr)
		})
	}
	r := newShell(t, testKey).run(t, "whoami user_1")
	require.Equal(t, cli.ExitUsage, r.code)
}

func TestGet(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	for line, want := range map[string]string{
		"users get user_1": `user_1
FIELD    KEY     VALUE
public   limits  {"seats":5}
public   role    "shopper"
private          (hidden; --show-private shows it)
unsafe           (empty)
`,
		"users get user_1 --private --show-private": `user_1
FIELD    KEY       VALUE
private  stripeId  "cus_hidden"
`,
		"users get user_1 --output json": `{"id":"user_1","public_metadata":{"limits":{"seats":5},"role":"shopper"},"unsafe_metadata":{}}
`,
		"users get user_1 --output json --show-private --unsafe --private": `{"id":"user_1","private_metadata":{"stripeId":"cus_hidden"},"unsafe_metadata":{}}
`,
		"orgs get org_1": `org_1
FIELD    KEY  VALUE
public        (empty)
private       (hidden; --show-private shows it)
`,
		"orgs get org_1 --output json --show-private": `{"id":"org_1","public_metadata":{},"private_metadata":{"plan":"cus_hidden"}}
`,
		"members get org_1 user_1": `org_1 user_1
FIELD    KEY   VALUE
public   desk  "3.14"
private        (hidden; --show-private shows it)
`,
		"members get org_1 user_1 --output json --public": `{"id":"orgmem_1","organization_id":"org_1","user_id":"user_1","public_metadata":{"desk":"3.14"}}
`,
	} {
		require.Equal(t, result{cli.ExitOK, want, ""}, s.run(t, line), line)
	}
}

// What a terminal would obey reaches none, in JSON either, and a machine gets it as it is.
func TestOutputIsHarmless(t *testing.T) {
	t.Parallel()
	s := newShellWith(t, testKey, clerktest.Seed{Users: []clerktest.User{{
		ID: "user_3", PublicMetadata: object{"a.b\x1b[2J": "\u202e\u009b<\U000e0001é"},
	}}})
	id := s.State().Users[0].ID
	r := s.run(t, "users get "+id+" --public")
	require.Equal(t, "user_3\nFIELD   KEY            VALUE\npublic  a\\.b\\u001b[2J  \"\\u202e\\u009b<\\udb40\\udc01é\"\n", r.out)
	r = s.run(t, "users get "+id+" --public --output json")
	require.Equal(t, "{\"id\":\"user_3\",\"public_metadata\":{\"a.b\\u001b[2J\":\"\u202e\u009b<\U000e0001é\"}}\n", r.out)

	s.terminals = "out"
	for _, line := range []string{
		"users get " + id + " --output json",
		"export users",
		"users diff " + id + " --unsafe --json {\"a\":\"\u202e\u009b\"} --output json",
		"users patch " + id + " --unsafe --json {\"a\":\"\u202e\u009b\"} --dry-run --output json",
		"plan --output json " + file(t, `{"user":"`+id+`","patch":{"public_metadata":{"\u202e\u009b":1}}}`),
	} {
		r = s.run(t, line)
		require.NotContains(t, r.out, "\u202e", line)
		require.NotContains(t, r.out, "\u009b", line)
		require.Contains(t, r.out+r.err, `\u202e\u009b`, line)
		for part := range strings.Lines(r.out) {
			require.True(t, json.Valid([]byte(part)), part)
		}
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	wanted := file(t, `{"limits": {"seats": 6, "a.b": true}}`)
	same := file(t, `{"role": "shopper", "limits": {"seats": 5.0}}`)
	for line, want := range map[string]result{
		"users diff user_1 --public --json @" + wanted:                         {0, "+ limits.a\\.b: true\n~ limits.seats: 5 -> 6\n- role: \"shopper\"\n", ""},
		"users diff user_1 --public --output json --json @" + wanted:           {0, `{"limits":{"a.b":true,"seats":6},"role":null}` + "\n", ""},
		"users diff user_1 --public --json @" + same:                           {0, "", ""},
		"users diff user_1 --public --exit-code --json @" + same:               {0, "", ""},
		"users diff user_1 --public --exit-code --output json --json @" + same: {0, "{}\n", ""},
		"users diff user_1 --private --exit-code --json {}":                    {cli.ExitDifferent, "- stripeId: (hidden; --show-private shows it)\n", "clerkmeta users diff: different\n"},
		"users diff user_1 --private --show-private --json {}":                 {0, "- stripeId: \"cus_hidden\"\n", ""},
		"users diff user_1 --private --json {} --output json":                  {cli.ExitUsage, "", `{"error":{"message":"the merge patch of private metadata holds its values","hint":"pass --show-private, or --output table","code":"usage","exit_code":2}}` + "\n"},
		"users diff user_1 --private --json {} --output json --show-private":   {0, "{\"stripeId\":null}\n", ""},
		"users diff user_1 --public --json {\"role\":null} --output json":      {cli.ExitInvalid, "", `{"error":{"message":"no merge patch leads there: a merge patch cannot set null, wanted at \"/role\": leave the key out, or use a PUT","code":"invalid","exit_code":7}}` + "\n"},
		"orgs diff org_1 --public --json {\"a\":1}":                            {0, "+ a: 1\n", ""},
		"members diff org_1 user_1 --public --json {\"desk\":4} --output json": {0, "{\"desk\":4}\n", ""},
		"members diff org_1 user_2 --public --json {}":                         {cli.ExitNotFound, "", "clerkmeta members diff: no membership org_1 user_2 at HOST (development key)\nhint: check the id, and that the key belongs to its instance\n"},
	} {
		got := s.run(t, line)
		got.err = strings.ReplaceAll(got.err, s.host(), "HOST")
		require.Equal(t, want, got, line)
	}
	require.Empty(t, s.writes())
}
