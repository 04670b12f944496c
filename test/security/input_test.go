package security

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// TestBadLinesShowNothing reads changes that are none: the errors name lines and
// columns, and no value.
func TestBadLinesShowNothing(t *testing.T) {
	t.Parallel()
	held := string(mustJSON(sent()))
	for _, line := range []string{
		held, held[1:], `{"user":"user_1","patch":` + held + "}", `{"user":"user_1","patch":{"private_metadata":` + string(mustJSON(held)) + "}}",
		`{"user":"user_1","patch":{"private_metadata":` + held, `{"user":"user_1","replace":{"public_metadata":[` + held + "]}}",
		`{"user":"user_1","patch":{"private_metadata":{"a":` + held + `,"a":` + held + "}}}",
		`{"user":"user_1","unset":"` + sentNumber + `"}`, `{"user":"user_1","verb":` + sentNumber + "}",
		`{"user":` + sentNumber + `,"patch":{"private_metadata":` + held + "}}",
	} {
		for change, err := range bulk.ReadNDJSON(strings.NewReader(line + "\n")) {
			require.Error(t, err, "%s: %s", line, change.Entity)
			values.requireNone(t, "NDJSON", everyPrint(err))
		}
	}
	quoted := `"` + strings.ReplaceAll(held, `"`, `""`) + `"`
	for _, rows := range []string{
		"user,public_metadata/a:json\nuser_1,\"" + sentText + "\"\n", "user,private_metadata/a\nuser_1,\"" + sentText,
		"user,private_metadata/a\nuser_1,x" + quoted + "\n", "user,private_metadata/a\nuser_1,a," + quoted + "\n",
	} {
		for _, err := range bulk.ReadCSV(strings.NewReader(rows)) {
			require.Error(t, err, rows)
			values.requireNone(t, "CSV", everyPrint(err))
		}
	}
}

// TestBadSeedsShowNothing gives an in-process Clerk seeds with something wrong
// right beside the credentials.
func TestBadSeedsShowNothing(t *testing.T) {
	t.Parallel()
	for _, seed := range []string{
		`{"secret_key":"` + secretKey, `{"secret_key":["` + secretKey + `"]}`, `{"secret_key":"` + keyText + `","user":1}`,
		`{"sessions":[{"user_id":"user_1","client_token":"` + nativeToken + `"}]}`,
		`{"users":[{"id":"user_1","private_metadata":"` + storedNumber + `"}]}`, `{"users":[{"id":"user_1","private_metadata":` + storedNumber + `}]}`,
	} {
		parsed, err := clerktest.ParseSeed([]byte(seed))
		if err == nil {
			_, err = clerktest.New(parsed)
		}
		require.Error(t, err, seed)
		everything.requireNone(t, "a seed", everyPrint(err))
	}
}
