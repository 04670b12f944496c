package bulk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// people are users with names, of whom user_3 claims the address of user_1 and user_2 has
// two addresses.
func people() clerktest.Seed {
	return clerktest.Seed{
		Users: []clerktest.User{
			{ID: "user_1", EmailAddresses: []string{"ada@example.com"}, ExternalID: "4711", Username: "ada", PhoneNumbers: []string{"+15550100"}},
			{ID: "user_2", EmailAddresses: []string{"bob@example.com", "robert@example.com"}},
			{ID: "user_3", EmailAddresses: []string{"eve@example.com"}, UnverifiedEmailAddresses: []string{"ada@example.com", "grace@example.com"}},
		},
		Organizations: []clerktest.Organization{{ID: "org_1"}},
		Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
	}
}

func resolve(t *testing.T, clerk *clerktest.Test, text ...string) (*bulk.Resolution, error) {
	t.Helper()
	return bulk.Resolve(t.Context(), clerk.Client(), lines(text...), bulk.ResolveParams{})
}

// writes are the requests that change something.
func writes(clerk *clerktest.Test) (paths []string) {
	for _, r := range clerk.Requests() {
		if r.Method != http.MethodGet {
			paths = append(paths, r.Path)
		}
	}
	return paths
}

const setA = `"patch":{"public_metadata":{"a":1}}`

func TestNamedUsers(t *testing.T) {
	t.Parallel()
	for kind, text := range map[string]string{"email": "ADA@example.com", "external_id": "4711", "username": "Ada", "phone_number": "+15550100"} {
		clerk := clerktest.Start(t, people())
		line := fmt.Sprintf(`{%q:%q,%s}`, kind, text, setA)
		member := fmt.Sprintf(`{"organization":"org_1",%q:%q,%s}`, kind, text, setA)
		table := func() iter.Seq2[bulk.Change, error] {
			return bulk.ReadCSV(strings.NewReader(" " + strings.ToUpper(kind) + ",organization,public_metadata/a:json\n" + text + ",,1\n" + text + ",org_1,1\n"))
		}
		for name, changes := range map[string]func() iter.Seq2[bulk.Change, error]{
			"NDJSON": func() iter.Seq2[bulk.Change, error] { return lines(line, member) }, "CSV": table,
		} {
			require.NoError(t, clerk.SetState(people()))
			clerk.ResetRequests()
			resolution, err := bulk.Resolve(t.Context(), clerk.Client(), changes(), bulk.ResolveParams{})
			require.NoError(t, err, name)
			require.Len(t, clerk.Requests(), 1)
			planned, err := walk(bulk.Plan(t.Context(), clerk.Client(), changes(), bulk.PlanParams{Resolution: resolution}))
			require.NoError(t, err)
			require.Equal(t, bulk.Counts{Planned: 2}, counts(planned))
			results, err := walk(bulk.Apply(t.Context(), clerk.Client(), changes(), bulk.ApplyParams{Resolution: resolution}))
			require.NoError(t, err)
			require.Equal(t, bulk.Counts{Applied: 2}, counts(results))
			require.Equal(t, bulk.Entity{UserID: "user_1"}, results[0].Change.Entity())
			require.Equal(t, bulk.Entity{OrganizationID: "org_1", UserID: "user_1"}, results[1].Change.Entity())
			require.ElementsMatch(t, []string{"/v1/users/user_1/metadata", "/v1/organizations/org_1/memberships/user_1/metadata"}, writes(clerk))
			text, err := json.Marshal(results[0].Change)
			require.NoError(t, err)
			require.Contains(t, string(text), `"user":"user_1"`, "what is run again names the person, too")
		}
	}
}

// A line is read back as it was.
func TestNamedLines(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`{"email":"ada@example.com",` + setA + `}`,
		`{"organization":"org_1","external_id":"4711",` + setA + `}`,
		`{"user":"user_1","email":"ada@example.com",` + setA + `}`,
		`{"username":"<ada>","unset":["public_metadata/a"]}`,
		`{"phone_number":"+15550100","public_metadata":{"a":1},"was":{"public_metadata":{}}}`,
	} {
		for c, err := range lines(line) {
			require.NoError(t, err)
			require.NoError(t, c.Check())
			text, err := c.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, line, string(text))
			require.NotEmpty(t, c.Entity().UserID)
		}
	}
	for c := range lines(`{"organization":"org_1","external_id":"4711",` + setA + `}`) {
		require.Equal(t, "membership org_1 external:4711", c.Entity().String())
	}
}

func TestBadNames(t *testing.T) {
	t.Parallel()
	for says, changes := range map[string]iter.Seq2[bulk.Change, error]{
		`line 1: email "ada" is no e-mail address`:                      lines(`{"email":"ada",` + setA + `}`),
		`line 1: user is "ada@b.test", an e-mail address and no id`:     lines(`{"user":"ada@b.test",` + setA + `}`),
		`line 2: column 1: user is "ada@b.test", an e-mail address`:     bulk.ReadCSV(strings.NewReader("user,public_metadata/a\nada@b.test,1\n")),
		`line 1: email "" is empty`:                                     lines(`{"email":7,` + setA + `}`),
		`line 1: external_id "-1" begins with a sign`:                   lines(`{"external_id":"-1",` + setA + `}`),
		`line 1: phone_number "030" is no phone number`:                 lines(`{"phone_number":"030",` + setA + `}`),
		`line 1: email and username both name the user: give one`:       lines(`{"email":"a@b.test","username":"a",` + setA + `}`),
		`only users have unsafe_metadata`:                               lines(`{"organization":"org_1","email":"a@b.test","patch":{"unsafe_metadata":{"a":1}}}`),
		`memberships cannot be replaced`:                                lines(`{"organization":"org_1","email":"a@b.test","replace":{"public_metadata":{}}}`),
		`is a slug`:                                                     lines(`{"organization":"acme","email":"a@b.test",` + setA + `}`),
		`line 2: email names the user here, and user in line 1`:         lines(`{"user":"user_1",`+setA+`}`, `{"email":"a@b.test",`+setA+`}`),
		`line 3: username names the user here, and email in line 1`:     lines(`{"email":"a@b.test",`+setA+`}`, `{"organization":"org_1",`+setA+`}`, `{"username":"a",`+setA+`}`),
		`line 1: columns email and username both name the user`:         bulk.ReadCSV(strings.NewReader("email,username,public_metadata/a\n")),
		`line 2: column 1: email "ada" is no e-mail address`:            bulk.ReadCSV(strings.NewReader("email,public_metadata/a\nada,1\n")),
		`line 3: user names the user here, and email in line 2`:         bulk.ReadCSV(strings.NewReader("user,email,public_metadata/a\n,a@b.test,1\nuser_1,,1\n")),
		`line 2: neither user nor organization is given`:                bulk.ReadCSV(strings.NewReader("email,public_metadata/a\n,1\n")),
		`column "emial" is unknown: the columns are user, organization`: bulk.ReadCSV(strings.NewReader("emial,public_metadata/a\n")),
		`line 1: member "emial" is unknown`:                             lines(`{"emial":"a@b.test",` + setA + `}`),
	} {
		var faults []string
		for _, err := range changes {
			if err != nil {
				faults = append(faults, err.Error())
			}
		}
		require.Len(t, faults, 1, says)
		require.Contains(t, faults[0], says)
	}
	// Organizations alone have no user to be named in one way.
	for _, err := range lines(`{"organization":"org_1",`+setA+`}`, `{"email":"a@b.test",`+setA+`}`, `{"organization":"org_1",`+setA+`}`) {
		require.NoError(t, err)
	}
}

func TestUnresolved(t *testing.T) {
	t.Parallel()
	text := []string{
		`{"email":"bob@example.com",` + setA + `}`,
		`{"email":"nobody@example.com",` + setA + `}`,
		`{"email":"grace@example.com",` + setA + `}`,
		`{"email":"Robert@example.com",` + setA + `}`,
		`{"user":"user_1","email":"eve@example.com",` + setA + `}`,
		`{"email":"nobody@example.com",` + setA + `}`,
		`{"organization":"org_1","email":"nobody@example.com",` + setA + `}`,
		`{"organization":"org_1",` + setA + `}`,
		`{"email":"BOB@example.com","patch":{}}`,
		`{"user":"user_1","email":"ada@example.com",` + setA + `}`,
	}
	clerk := clerktest.Start(t, people())
	resolution, err := resolve(t, clerk, text...)
	unresolved, ok := errors.AsType[*bulk.UnresolvedError](err)
	require.True(t, ok)
	var reasons []string
	for _, line := range unresolved.Lines {
		reasons = append(reasons, line.Error())
	}
	require.Equal(t, []string{
		"line 2: clerk: FindMany: nobody@example.com: not found",
		"line 3: clerk: FindMany: grace@example.com: not found: not verified, or not the same, at user_3",
		`line 4: email "Robert@example.com" is user_2, as is "bob@example.com" in line 1: name a user in one way`,
		`line 5: email "eve@example.com" is user_3, and the line has the id user_1: it belongs to another user now, or one of the two is mistaken`,
	}, reasons)
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	require.EqualError(t, err, reasons[0]+" (and 3 more names without one user)")
	require.Empty(t, writes(clerk))

	for _, done := range []bulk.Outcome{bulk.Planned, bulk.Applied} {
		run := bulk.Plan(t.Context(), clerk.Client(), lines(text...), bulk.PlanParams{Resolution: resolution})
		if done == bulk.Applied {
			run = bulk.Apply(t.Context(), clerk.Client(), lines(text...), bulk.ApplyParams{Resolution: resolution})
		}
		results, err := walk(run)
		require.NoError(t, err)
		for i, want := range []bulk.Outcome{done, bulk.Failed, bulk.Failed, bulk.Failed, bulk.Failed, bulk.HeldBack, bulk.Failed, done, bulk.Unchanged, bulk.HeldBack} {
			require.Equal(t, want, results[int64(i)].Outcome, "%s: line %d", done, i+1)
		}
		line, err := results[1].FailureLine()
		require.NoError(t, err)
		require.JSONEq(t, `{"email":"nobody@example.com","patch":{"public_metadata":{"a":1}},`+
			`"failure":{"outcome":"failed","reason":"clerk: FindMany: nobody@example.com: not found"}}`, string(line))
	}
	require.ElementsMatch(t, []string{"/v1/users/user_2/metadata", "/v1/organizations/org_1/metadata"}, writes(clerk))
}

// Without a Resolution no named change is sent, least of all to the organization of a member.
func TestApplyWithoutResolution(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, people())
	text := []string{`{"email":"ada@example.com",` + setA + `}`, `{"organization":"org_1","email":"ada@example.com","unset":["public_metadata/a/b"]}`}
	other, err := resolve(t, clerk, `{"email":"bob@example.com",`+setA+`}`)
	require.NoError(t, err)
	clerk.ResetRequests()
	for _, resolution := range []*bulk.Resolution{nil, other} {
		results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(text...), bulk.ApplyParams{Resolution: resolution, SkipUnchanged: true}))
		require.NoError(t, err)
		require.Equal(t, bulk.Counts{Failed: 2}, counts(results))
		require.ErrorContains(t, results[0].Err, "pass what bulk.Resolve returns")
	}
	require.Empty(t, clerk.Requests())
}

// The changes of one user are made in their order, whatever names the user.
func TestNamedOrder(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, people())
	var text []string
	for i := range 40 {
		text = append(text, fmt.Sprintf(`{"email":"%s@example.com","patch":{"public_metadata":{"n":%d}}}`, []string{"ada", "bob"}[i%2], i))
	}
	resolution, err := resolve(t, clerk, text...)
	require.NoError(t, err)
	_, err = walk(bulk.Apply(t.Context(), clerk.Client(), lines(text...), bulk.ApplyParams{Resolution: resolution}))
	require.NoError(t, err)
	s := clerk.State()
	require.Equal(t, `{"n":38} {"n":39}`, fmt.Sprint(s.Users[0].PublicMetadata, s.Users[1].PublicMetadata))
}

func TestResolvePages(t *testing.T) {
	t.Parallel()
	var seed clerktest.Seed
	var text []string
	for i := range 950 {
		seed.Users = append(seed.Users, clerktest.User{EmailAddresses: []string{fmt.Sprintf("u%d@example.com", i)}})
		text = append(text, fmt.Sprintf(`{"email":"u%d@example.com",%s}`, 949-i, setA))
	}
	text = append(text, text...)
	clerk := clerktest.Start(t, seed)
	var names int64
	resolution, err := bulk.Resolve(t.Context(), clerk.Client(), lines(text...), bulk.ResolveParams{Progress: func(n int64) { names = n }})
	require.NoError(t, err)
	require.Len(t, clerk.Requests(), 10, "each name once")
	require.EqualValues(t, 950, names)
	results, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(text...), bulk.PlanParams{Resolution: resolution}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Planned: 950, Unchanged: 950}, counts(results))
	require.Equal(t, "user_950", results[0].Change.Entity().UserID)
}

func TestResolveFails(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, people())
	clerk.Script(clerktest.GetUserList, clerktest.Answer(http.StatusNotFound, "resource_not_found"))
	resolution, err := resolve(t, clerk, `{"email":"ada@example.com",`+setA+`}`)
	require.Nil(t, resolution, "an answer without a list settles nothing")
	require.ErrorIs(t, err, clerkerr.ErrNotFound)
	_, ok := errors.AsType[*bulk.UnresolvedError](err)
	require.False(t, ok)

	resolution, err = resolve(t, clerk, `{"email":"ada@example.com",`+setA+`}`, `{"email":7}`)
	require.Nil(t, resolution)
	require.ErrorContains(t, err, `line 2: email "" is empty`)

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	_, err = bulk.Resolve(ctx, clerk.Client(), lines(`{"email":"ada@example.com",`+setA+`}`), bulk.ResolveParams{})
	require.EqualError(t, err, "enough")
	_, err = bulk.Resolve(t.Context(), nil, lines(), bulk.ResolveParams{})
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.PanicsWithValue(t, "hook", func() {
		c := clerk.Client(client.WithCallHook(func(context.Context, observe.Call) (context.Context, func(observe.Result)) { panic("hook") }))
		_, _ = bulk.Resolve(t.Context(), c, lines(`{"email":"ada@example.com",`+setA+`}`), bulk.ResolveParams{})
	})
}

// A run that is continued changes the same person, although another has the address by then.
func TestCheckpointKeepsNames(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, people())
	path := filepath.Join(t.TempDir(), "checkpoint")
	text := []string{`{"email":"bob@example.com",` + setA + `}`, `{"email":"ada@example.com",` + setA + `}`}
	open := func() *bulk.FileCheckpoint {
		c, err := bulk.OpenCheckpoint(path, inputOnly)
		require.NoError(t, err)
		return c
	}
	apply := func(resolution *bulk.Resolution, c bulk.Checkpoint) error {
		for _, err := range bulk.Apply(t.Context(), clerk.Client(), lines(text...), bulk.ApplyParams{Workers: 1, Resolution: resolution, Checkpoint: c}) {
			return err // killed behind the first change
		}
		return nil
	}
	c := open()
	resolution, err := bulk.Resolve(t.Context(), clerk.Client(), lines(text...), bulk.ResolveParams{Checkpoint: c})
	require.NoError(t, err)
	require.NotContains(t, read(t, path), "user_1", "what was resolved is kept once something is sent")
	require.NoError(t, apply(resolution, c))
	require.NoError(t, c.Close())
	require.Contains(t, read(t, path), " user_1 ")
	require.NotContains(t, read(t, path), "ada@example.com", "the file has no addresses")

	moved := people()
	moved.Users[0].EmailAddresses, moved.Users[2].EmailAddresses = []string{"old@example.com"}, []string{"ada@example.com"}
	moved.Users[2].UnverifiedEmailAddresses = nil
	require.NoError(t, clerk.SetState(moved))
	clerk.ResetRequests()

	c = open()
	defer func() { require.NoError(t, c.Close()) }()
	again, err := bulk.Resolve(t.Context(), clerk.Client(), lines(text...), bulk.ResolveParams{Checkpoint: c})
	require.NoError(t, err)
	require.Empty(t, clerk.Requests(), "nothing is asked for again")
	results, err := walk(bulk.Apply(t.Context(), clerk.Client(), lines(text...), bulk.ApplyParams{Resolution: again, Checkpoint: c}))
	require.NoError(t, err)
	require.Equal(t, bulk.Counts{Recorded: 1, Applied: 1}, counts(results))
	require.Equal(t, []string{"/v1/users/user_1/metadata"}, writes(clerk))

	fresh, err := resolve(t, clerk, text...)
	require.NoError(t, err)
	err = apply(fresh, c)
	require.ErrorIs(t, err, bulk.ErrOtherInput)
	require.ErrorContains(t, err, "has user_1 for one that is user_3 now")
	require.ErrorContains(t, apply(fresh, plainCheckpoint{}), "is no NameKeeper")
}

// plainCheckpoint keeps no names.
type plainCheckpoint struct{}

func (plainCheckpoint) Done(int64) bool    { return false }
func (plainCheckpoint) Record(int64) error { return nil }

func TestKeepNames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "checkpoint")
	one := func(name, id string) iter.Seq2[string, string] {
		return func(yield func(string, string) bool) { yield(name, id) }
	}
	name := strings.Repeat("0a", 16)
	c, err := bulk.OpenCheckpoint(path, inputOnly)
	require.NoError(t, err)
	for _, bad := range [][2]string{{"ada", "user_1"}, {name[:30], "user_1"}, {name, ""}, {name, "user 1"}, {name, "user\n1"}} {
		require.ErrorContains(t, c.KeepNames(one(bad[0], bad[1])), "is none of a Resolution")
	}
	require.Empty(t, c.NamedUser(name))
	require.NoError(t, c.KeepNames(one(name, "user_1")))
	require.NoError(t, c.KeepNames(one(name, "user_1")))
	require.Equal(t, "user_1", c.NamedUser(name))
	require.Empty(t, c.NamedUser("ada"))
	require.NoError(t, c.Record(3))
	require.NoError(t, c.Close())
	require.Equal(t, 1, strings.Count(read(t, path), "user_1"))

	// A line that is torn ends what is read, and so does one that says nothing.
	whole := read(t, path)
	for at := strings.Index(whole, "= "); at < strings.Index(whole, "\n3 "); at++ {
		require.NoError(t, os.WriteFile(path, []byte(whole[:at]), 0o600))
		c, err = bulk.OpenCheckpoint(path, inputOnly)
		require.NoError(t, err)
		require.Empty(t, c.NamedUser(name))
		require.NoError(t, c.Close())
	}
	require.NoError(t, os.WriteFile(path, []byte(whole), 0o600))
	c, err = bulk.OpenCheckpoint(path, inputOnly)
	require.NoError(t, err)
	require.Equal(t, "user_1", c.NamedUser(name))
	require.True(t, c.Done(3))
	require.NoError(t, c.Close())
}

// Resolve and Find agree on who is meant.
func TestResolveAgreesWithFind(t *testing.T) {
	t.Parallel()
	clerk := clerktest.Start(t, people())
	for _, address := range []string{"ada@example.com", "Robert@example.com", "grace@example.com", "nobody@example.com"} {
		line := fmt.Sprintf(`{"email":%q,%s}`, address, setA)
		found, findErr := clerk.Client().Users.Find(t.Context(), users.ByEmailAddress(address))
		resolution, err := resolve(t, clerk, line)
		require.Equal(t, findErr == nil, err == nil)
		if err != nil {
			continue
		}
		results, err := walk(bulk.Plan(t.Context(), clerk.Client(), lines(line), bulk.PlanParams{Resolution: resolution}))
		require.NoError(t, err)
		require.Equal(t, found.ID, results[0].Change.Entity().UserID)
	}
}
