package cli_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/cli"
)

// Wrong use is told before any request, and quotes no value.
func TestBadFlags(t *testing.T) {
	t.Parallel()
	s := newShell(t, testKey)
	list, huge := file(t, `["secretvalue"]`), file(t, strings.Repeat("x", 5000))
	for _, tc := range []struct {
		line   string
		code   int
		stderr string
	}{
		{"users get", cli.ExitUsage, "ID is missing; expected ID...\n"},
		{"members get org_1", cli.ExitUsage, "USER is missing; expected ORG USER"},
		{"users patch user_1 user_2 --public --set a=1", cli.ExitUsage, `argument "user_2" is unexpected; expected ID`},
		{"users unset user_1 --public", cli.ExitUsage, "PATH is missing; expected ID PATH..."},
		{"users gt", cli.ExitUsage, `command "gt" is unknown; did you mean get?`},
		{"export user", cli.ExitUsage, `command "user" is unknown; did you mean users?`},
		{"users get user_1 --output xml", cli.ExitUsage, "table, json"},
		{"users patch user_1 --set a=secretvalue", cli.ExitUsage, "one of --public, --private, --unsafe is missing"},
		{"users patch user_1 --public --private --set a=secretvalue", cli.ExitUsage, "--public and --private exclude each other"},
		{"orgs patch org_1 --unsafe --set a=secretvalue", cli.ExitUsage, "flag --unsafe is unknown"},
		{"users patch user_1 --public", cli.ExitUsage, "one of --json, --set, --set-string is missing"},
		{"users patch user_1 --public --set secretvalue", cli.ExitUsage, "PATH=VALUE"},
		{"users patch user_1 --public --set =secretvalue", cli.ExitUsage, "empty key"},
		{"users patch user_1 --public --set a..b=secretvalue", cli.ExitUsage, "empty key"},
		{"users patch user_1 --public --set a\\b=secretvalue", cli.ExitUsage, "backslash"},
		{"users patch user_1 --public --set-string a\xff=secretvalue", cli.ExitUsage, "UTF-8"},
		{"users patch user_1 --public --set a={\"b\":1,\"b\":\"secretvalue\"}", cli.ExitUsage, "occurs twice"},
		{"users patch user_1 --public --set a.b=1 --set-string a=secretvalue", cli.ExitUsage, "a.b and a are both set"},
		{"users patch user_1 --public --json {\"a\":1} --set a.b=secretvalue", cli.ExitUsage, "a.b cannot be set: a parent of it in --json"},
		{"users patch user_1 --public --json {\"a\":\"secretvalue\"", cli.ExitUsage, "--json: "},
		{"users patch user_1 --public --json @" + list, cli.ExitFile, "--json: "},
		{"users patch user_1 --public --json @" + list + ".not", cli.ExitFile, "no such file"},
		{"users patch user_1 --public --secret-key-stdin --json -", cli.ExitUsage, "both"},
		{"users replace user_1 --public --json null", cli.ExitUsage, "{} clears the field"},
		{"users replace user_1 --public --json null --set a=1", cli.ExitUsage, "{} clears the field"},
		{"users patch user_1 --public --json=", cli.ExitUsage, "--json is empty; expected a JSON object, @FILE or -"},
		{"users replace user_1 --public --json=", cli.ExitUsage, "--json is empty"},
		{"users replace user_1 --public --json= --set a=secretvalue", cli.ExitUsage, "--json is empty"},
		{"users diff user_1 --public --json=", cli.ExitUsage, "--json is empty"},
		{"users gte user_1 --public", cli.ExitUsage, `command "gte" is unknown; did you mean get?`},
		{"usres get user_1 --public", cli.ExitUsage, `command "usres" is unknown; did you mean users?`},
		{"members replace org_1 user_1 --public --json {}", cli.ExitUsage, `command "replace" is unknown`},
		{"users --pubic gte", cli.ExitUsage, "flag --pubic is unknown"},
		{"plan \u009b31m\u202e\x1b", cli.ExitFile, `stat \u009b31m\u202e : no such file`},
		{"users get user_1 --\u009b31m", cli.ExitUsage, `flag --\u009b31m is unknown`},
		{"users diff user_1 --public", cli.ExitUsage, "--json is missing"},
		{"users diff user_1 --json {}", cli.ExitUsage, "one of --public, --private, --unsafe is missing"},
		{"users diff user_1 --public --json []", cli.ExitUsage, "--json: "},
		{"users unset user_1 --public a..b", cli.ExitUsage, "empty key"},
		{"users unset user_1 --public a\\", cli.ExitUsage, "backslash"},
		{"users get user_1 --secret-key-file " + list + ".not", cli.ExitFile, "no such file"},
		{"users get user_1 --secret-key-file " + huge, cli.ExitFile, "longer than 4096 bytes"},
		{"users get user_1 --secret-key-file " + list, cli.ExitUnauthorized, "is not a secret key"},
		{"users get user_1 --secret-key " + liveKey, cli.ExitUsage, "flag --secret-key is unknown"},
		{"users get user_1 --secret-key=" + liveKey, cli.ExitUsage, "flag --secret-key is unknown"},
		{"users get user_1 --secret-key-stdin=" + liveKey, cli.ExitUsage, "sk_live_(redacted)"},
		{"users " + testKey, cli.ExitUsage, "sk_test_(redacted)"},
		{"export users --page-size 501", cli.ExitUsage, "1 to 500"},
		{"export users --page-size 0", cli.ExitUsage, "1 to 500"},
		{"export orgs --offset -1", cli.ExitUsage, "0 or more"},
		{"export orgs --offset 1 --resume x", cli.ExitUsage, "--resume and --offset exclude each other"},
		{"export users user_1", cli.ExitUsage, `argument "user_1" is unexpected`},
		{"export members", cli.ExitUsage, "ORG is missing"},
	} {
		t.Run(tc.line, func(t *testing.T) {
			t.Parallel()
			r := s.run(t, tc.line)
			require.Equal(t, tc.code, r.code, r.err)
			require.Contains(t, r.err, tc.stderr)
			require.NotContains(t, r.err, "secretvalue")
			require.Empty(t, r.out)
		})
	}
	t.Cleanup(func() { require.Empty(t, s.Requests()) })
}
