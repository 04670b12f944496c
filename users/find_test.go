package users_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// people has ada, bob, and mallory, who claims what is theirs.
func people(t *testing.T) *clerktest.Test {
	t.Helper()
	return testkit.Start(t, clerktest.Seed{Users: []clerktest.User{
		{
			ID: "user_ada", Username: "Countess", ExternalID: "4711", EmailAddresses: []string{"other@example.com", "Ada@Example.com"},
			PhoneNumbers: []string{"+15550100"}, PublicMetadata: map[string]int{"n": 1},
		},
		{ID: "user_bob", Username: "bob", ExternalID: "a/b c", EmailAddresses: []string{"bob+tag@example.com"}},
		{
			ID: "user_mallory", Username: "mallory", EmailAddresses: []string{"juſtin@example.com"},
			UnverifiedEmailAddresses: []string{"ada@example.com", "grace@example.com"}, UnverifiedPhoneNumbers: []string{"+15550100", "+15550199"},
		},
	}})
}

func TestFind(t *testing.T) {
	t.Parallel()
	clerk := people(t)
	svc := clerk.Client().Users
	for _, tc := range []struct {
		identifier users.Identifier
		want       string // an id, or what the error says
	}{
		{users.ByID("user_ada"), "user_ada"},
		{users.ByExternalID("4711"), "user_ada"},
		{users.ByExternalID("a/b c"), "user_bob"},
		{users.ByEmailAddress("ada@example.com"), "user_ada"},
		{users.ByEmailAddress("ADA@EXAMPLE.COM"), "user_ada"},
		{users.ByEmailAddress("other@example.com"), "user_ada"},
		{users.ByEmailAddress("bob+tag@example.com"), "user_bob"},
		{users.ByPhoneNumber("+15550100"), "user_ada"},
		{users.ByUsername("countess"), "user_ada"},

		{users.ByID("user_none"), "Find: user_none: not found"},
		{users.ByExternalID("471"), "Find: external:471: not found"},
		{users.ByUsername("ada"), "Find: username:ada: not found"},
		{users.ByEmailAddress("nobody@example.com"), "Find: nobody@example.com: not found"},
		{users.ByEmailAddress("grace@example.com"), "Find: grace@example.com: not found: not verified, or not the same, at user_mallory"},
		{users.ByPhoneNumber("+15550199"), "not found: not verified, or not the same, at user_mallory"},
		// A letter that becomes an s in the other case is another letter.
		{users.ByEmailAddress("justin@example.com"), "not found: not verified, or not the same, at user_mallory"},
	} {
		found, err := svc.Find(t.Context(), tc.identifier)
		typed, typedErr := users.As[struct{ ID string }](svc).Find(t.Context(), tc.identifier)
		if strings.HasPrefix(tc.want, "user_") {
			require.NoError(t, err, tc.identifier)
			require.NoError(t, typedErr)
			require.Equal(t, tc.want, found.ID)
			require.NotNil(t, typed)
			continue
		}
		require.Nil(t, found)
		require.Nil(t, typed)
		require.ErrorIs(t, err, clerkerr.ErrNotFound)
		require.ErrorContains(t, err, tc.want)
		require.EqualError(t, typedErr, err.Error())
	}
}

const userJSON = `{"id":"user_%d","external_id":"4711","email_addresses":[{"id":"idn_%[1]d","email_address":"ada@example.com","verification":{"status":"verified"}}]}`

func TestFindSeveral(t *testing.T) {
	t.Parallel()
	clerk := people(t)
	answer := clerktest.AnswerBody(http.StatusOK, "application/json", "["+fmt.Sprintf(userJSON, 1)+","+fmt.Sprintf(userJSON, 2)+"]")
	for _, identifier := range []users.Identifier{users.ByEmailAddress("ada@example.com"), users.ByExternalID("4711")} {
		clerk.Script(clerktest.GetUserList, answer)
		found, err := clerk.Client().Users.Find(t.Context(), identifier)
		require.Nil(t, found)
		several, ok := errors.AsType[*users.AmbiguousError](err)
		require.True(t, ok)
		require.Equal(t, []string{"user_1", "user_2"}, several.IDs)
		require.ErrorContains(t, err, identifier.String()+": names 2 users: user_1, user_2")
		require.NotErrorIs(t, err, clerkerr.ErrNotFound)
	}
	ids := &users.AmbiguousError{IDs: ids(12)}
	require.EqualError(t, ids, "names 12 users: user_0000, user_0001, user_0002, user_0003, user_0004, user_0005, user_0006, user_0007, user_0008, user_0009 and 2 more")
}

// An answer that was not filtered names the wrong people.
func TestFindBelievesNoUnfilteredAnswer(t *testing.T) {
	t.Parallel()
	clerk := people(t)
	for _, body := range []string{
		fmt.Sprintf("[%s,%s]", fmt.Sprintf(userJSON, 1), `{"id":"user_2"}`),
		`[{"id":"user_2","email_addresses":[{"id":"idn_1","email_address":"eve@example.com","verification":{"status":"verified"}}]}]`,
	} {
		clerk.Script(clerktest.GetUserList, clerktest.AnswerBody(http.StatusOK, "application/json", body))
		found, err := clerk.Client().Users.Find(t.Context(), users.ByEmailAddress("ada@example.com"))
		require.Nil(t, found)
		require.ErrorIs(t, err, clerkerr.ErrDecode)
		require.ErrorContains(t, err, "Find: user_2: ")
		require.NotErrorIs(t, err, clerkerr.ErrNotFound)
	}
}

// A status of verification that is not "verified" is none, whatever it is.
func TestFindTakesNothingForVerified(t *testing.T) {
	t.Parallel()
	clerk := people(t)
	for _, verification := range []string{`null`, `{}`, `{"status":null}`, `{"status":"unverified"}`, `{"status":"expired"}`, `{"status":"Verified"}`} {
		clerk.Script(clerktest.GetUserList, clerktest.AnswerBody(http.StatusOK, "application/json",
			`[{"id":"user_2","email_addresses":[{"id":"idn_1","email_address":"ada@example.com","verification":`+verification+`}],`+
				`"phone_numbers":[{"id":"idn_1","phone_number":"+1","verification":`+verification+`}]}]`))
		_, err := clerk.Client().Users.Find(t.Context(), users.ByEmailAddress("ada@example.com"))
		require.ErrorIs(t, err, clerkerr.ErrNotFound, verification)
	}
}

// A crowd that claims an address does not hide the one who has verified it.
func TestFindReadsOnBehindClaims(t *testing.T) {
	t.Parallel()
	var seed clerktest.Seed
	for i := range 600 {
		seed.Users = append(seed.Users, clerktest.User{ID: fmt.Sprintf("user_%d", i), UnverifiedEmailAddresses: []string{"ada@example.com"}})
	}
	seed.Users = append(seed.Users, clerktest.User{ID: "user_ada", EmailAddresses: []string{"ada@example.com"}})
	clerk := testkit.Start(t, seed)
	found, err := clerk.Client().Users.Find(t.Context(), users.ByEmailAddress("ada@example.com"))
	require.NoError(t, err)
	require.Equal(t, "user_ada", found.ID)
	require.Len(t, clerk.Requests(), 2)
}

func TestFindMany(t *testing.T) {
	t.Parallel()
	var seed clerktest.Seed
	var wanted []users.Identifier
	for i := range 250 {
		seed.Users = append(seed.Users, clerktest.User{
			ID: fmt.Sprintf("user_%d", i), EmailAddresses: []string{fmt.Sprintf("u%d@example.com", i)}, ExternalID: strconv.Itoa(i),
		})
		wanted = append(wanted, users.ByEmailAddress(fmt.Sprintf("U%d@example.com", 249-i)))
	}
	clerk := testkit.Start(t, seed)
	var found []string
	for u, err := range clerk.Client().Users.FindMany(t.Context(), wanted) {
		require.NoError(t, err)
		found = append(found, u.ID)
	}
	require.Len(t, found, 250)
	require.Equal(t, "user_249", found[0])
	require.Equal(t, "user_0", found[249])
	requests := clerk.Requests()
	require.Len(t, requests, 5, "each address as it is and in lower case")
	require.Len(t, requests[0].Query["email_address"], 100)
	require.Equal(t, []string{"500"}, requests[0].Query["limit"])

	// Some kinds at once, in the caller's order, with the error of each.
	clerk.ResetRequests()
	var texts []string
	mixed := []users.Identifier{
		users.ByExternalID("7"), users.ByEmailAddress("nobody@example.com"), users.ByID("user_3"),
		users.ByEmailAddress("u7@example.com"), users.ByExternalID("7"),
	}
	for u, err := range users.As[struct{ ID string }](clerk.Client().Users).FindMany(t.Context(), mixed) {
		if err != nil {
			e, ok := errors.AsType[*clerkerr.Error](err)
			require.True(t, ok)
			require.ErrorIs(t, err, clerkerr.ErrNotFound)
			texts = append(texts, "no "+e.Entity)
			continue
		}
		require.NotNil(t, u)
		texts = append(texts, "one")
	}
	require.Equal(t, []string{"one", "no nobody@example.com", "one", "one", "one"}, texts)
	require.Len(t, clerk.Requests(), 3)
	clerk.ResetRequests()
	for range clerk.Client().Users.FindMany(t.Context(), wanted) {
		break
	}
	require.Len(t, clerk.Requests(), 2, "a walk that is left asks no further")
	for range clerk.Client().Users.FindMany(t.Context(), nil) {
		require.Fail(t, "nothing was asked for")
	}
}

// Long texts make smaller requests.
func TestFindManyBoundsTheURL(t *testing.T) {
	t.Parallel()
	clerk := people(t)
	var long []users.Identifier
	for i := range 100 {
		long = append(long, users.ByExternalID(strings.Repeat("é", 100)+strconv.Itoa(i)))
	}
	for _, err := range clerk.Client().Users.FindMany(t.Context(), long) {
		require.ErrorIs(t, err, clerkerr.ErrNotFound)
	}
	asked := 0
	for _, r := range clerk.Requests() {
		require.LessOrEqual(t, len(r.Query.Encode()), 7200)
		asked += len(r.Query["external_id"])
	}
	require.Equal(t, 100, asked)
	require.Len(t, clerk.Requests(), 10)
}

func TestFindManyEndsWithAFailedRequest(t *testing.T) {
	t.Parallel()
	clerk := people(t)
	clerk.Script(clerktest.GetUserList, clerktest.Answer(http.StatusForbidden, "forbidden"))
	n := 0
	for u, err := range clerk.Client().Users.FindMany(t.Context(), []users.Identifier{users.ByUsername("bob"), users.ByID("user_bob")}) {
		require.Nil(t, u)
		require.ErrorIs(t, err, clerkerr.ErrForbidden)
		n++
	}
	require.Equal(t, 1, n)
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	clerk := people(t)
	svc := clerk.Client().Users
	for says, identifier := range map[string]users.Identifier{
		"names nobody":                       {},
		"is empty":                           users.ByUsername(""),
		"external_id: begins with a sign":    users.ByExternalID("-4711"),
		"begins with a sign, which":          users.ByExternalID("+4711"),
		"user_id: begins with a sign":        users.ByID("-user_1"),
		"user_id: holds '/'":                 users.ByID("a/b"),
		"is no e-mail address":               users.ByEmailAddress("ada"),
		"email_address: is no e-mail":        users.ByEmailAddress("ada@"),
		"is no e-mail address, such":         users.ByEmailAddress("a da@example.com"),
		"has white space around it":          users.ByEmailAddress(" ada@example.com"),
		"has a character that is not seen":   users.ByEmailAddress("ada@example.com\u200b"),
		"is not valid UTF-8":                 users.ByUsername("\xff"),
		"is no phone number in the form":     users.ByPhoneNumber("15550100"),
		"is no phone number in the form of":  users.ByPhoneNumber("+1 555"),
		"phone_number: is no phone number":   users.ByPhoneNumber("+1234567890123456"),
		"is 1025 bytes long, at most 1024 a": users.ByUsername(strings.Repeat("a", 1025)),
	} {
		err := identifier.Err()
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, says)
		require.ErrorContains(t, err, says)
		_, err = svc.Find(t.Context(), identifier)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, says)
		for _, err := range svc.FindMany(t.Context(), []users.Identifier{users.ByID("user_ada"), identifier}) {
			require.ErrorContains(t, err, "FindMany: identifiers[1]: ")
		}
	}
	_, err := svc.Find(nil, users.ByID("user_1")) //nolint:staticcheck // a nil context is what is tested
	require.ErrorContains(t, err, "ctx: is nil")
	require.Empty(t, clerk.Requests())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = svc.Find(ctx, users.ByID("user_1"))
	require.ErrorIs(t, err, context.Canceled)
}

func TestParseIdentifier(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]users.Identifier{
		"user_2x9":                     users.ByID("user_2x9"),
		"id:a:b":                       users.ByID("a:b"),
		"ada@example.com":              users.ByEmailAddress("ada@example.com"),
		"user_1@example.com":           users.ByEmailAddress("user_1@example.com"),
		"ada@[IPv6:::1]":               users.ByEmailAddress("ada@[IPv6:::1]"),
		"+tag@example.com":             users.ByEmailAddress("+tag@example.com"),
		"email:external:1@example.com": users.ByEmailAddress("external:1@example.com"),
		"+15550100":                    users.ByPhoneNumber("+15550100"),
		"phone:+15550100":              users.ByPhoneNumber("+15550100"),
		"external:4711":                users.ByExternalID("4711"),
		"external:a@b":                 users.ByExternalID("a@b"),
		"external:external:1":          users.ByExternalID("external:1"),
		"username:ada":                 users.ByUsername("ada"),
		"username:ada@example.com":     users.ByUsername("ada@example.com"),
	} {
		got, err := users.ParseIdentifier(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, says := range map[string]string{
		"":               "user_id: is empty",
		"extrenal:4711":  `prefix "extrenal" is unknown; expected one of id, external, email, phone, username; did you mean external?`,
		"extern:ada@b.c": `prefix "extern" is unknown`,
		"mailto:ada@b.c": `prefix "mailto" is unknown`,
		"external:":      "external_id: is empty",
		"external:+4711": "begins with a sign",
		"@example.com":   "is no e-mail address",
		"+49 30 1234":    "is no phone number in the form of E.164, such as +15550100",
		"email:ada":      "is no e-mail address",
		"user 1":         "white space",
	} {
		_, err := users.ParseIdentifier(text)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, text)
		require.ErrorContains(t, err, says)
	}
	require.Empty(t, users.Identifier{}.String())
}

// FuzzIdentifier: what an identifier is called names it again, and an address is never taken
// for an id.
func FuzzIdentifier(f *testing.F) {
	for _, text := range []string{"user_1", "ada@example.com", "+1555", "external:1", "id:a@b", "email:id:1@x", "username:+1", ":", "a:b@c", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := users.ParseIdentifier(text)
		if err == nil && strings.Contains(text, "@") && !strings.Contains(text, ":") {
			require.Equal(t, users.ByEmailAddress(text), parsed)
		}
		for _, made := range []users.Identifier{
			parsed, users.ByID(text), users.ByExternalID(text), users.ByEmailAddress(text), users.ByPhoneNumber(text), users.ByUsername(text),
		} {
			again, err := users.ParseIdentifier(made.String())
			if made.Err() != nil {
				require.Error(t, err, "%q", made)
				continue
			}
			require.NoError(t, err)
			require.Equal(t, made, again)
		}
	})
}
