package users_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// elsewhere writes from another client while a callback runs.
func elsewhere(t *testing.T, clerk *clerktest.Test, params users.UpdateUserMetadataParams) {
	t.Helper()
	_, err := clerk.Client().Users.UpdateUserMetadata(t.Context(), "user_1", params)
	require.NoError(t, err)
}

func TestModifyReportsConcurrentChanges(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	got, err := typedView(clerk).Modify(t.Context(), "user_1", func(a *account) error {
		elsewhere(t, clerk, users.UpdateUserMetadataParams{
			PublicMetadata:  metadata.Patch{"x": metadata.Patch{"y": 2, "a/b": 3}, "seats": 7},
			PrivateMetadata: metadata.Patch{"billing": metadata.Patch{"stripeID": metadata.Delete}, "new": metadata.Patch{}},
			UnsafeMetadata:  metadata.Patch{"theme": "light"},
		})
		a.Public.Role = "member"
		a.Private.Billing = nil
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{
		"public_metadata/seats", "public_metadata/x/a~1b", "public_metadata/x/y",
		"private_metadata/billing/stripeID", "private_metadata/new",
	}, got.ConcurrentChanges)
	require.Equal(t, 1, got.Writes)
	require.EqualValues(t, 7, got.Value.Public.Seats, "their change is kept and read")
	require.Equal(t, metadata.Patch{"role": "member"}, got.Sent.PublicMetadata)
}

func TestModifyFailsOnConcurrentChange(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	view := typedView(clerk).With(metadata.ModifyConfig{FailOnConcurrentChange: true})
	got, err := view.Modify(t.Context(), "user_1", func(a *account) error {
		elsewhere(t, clerk, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"other": 1}})
		a.Public.Role = "member"
		return nil
	})
	require.ErrorIs(t, err, clerkerr.ErrConcurrentChange)
	require.ErrorContains(t, err, "public_metadata/other")
	var e *clerkerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, clerkerr.OutcomeApplied, e.Outcome)
	require.Equal(t, "member", got.Value.Public.Role, "the write itself was applied")
	require.Equal(t, []string{"public_metadata/other"}, got.ConcurrentChanges)
}

func TestModifyReruns(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		config  metadata.ModifyConfig
		writers int
		calls   int
		writes  int
		err     error
	}{
		"none by default":              {metadata.ModifyConfig{}, 5, 1, 1, nil},
		"converges":                    {metadata.ModifyConfig{MaxReruns: 5}, 2, 3, 3, nil},
		"ends at the bound":            {metadata.ModifyConfig{MaxReruns: 3}, 50, 4, 4, nil},
		"fails at the bound":           {metadata.ModifyConfig{MaxReruns: 3, FailOnConcurrentChange: true}, 50, 4, 4, clerkerr.ErrConcurrentChange},
		"converges, and so succeeds":   {metadata.ModifyConfig{MaxReruns: 10, FailOnConcurrentChange: true}, 2, 3, 3, nil},
		"a rerun that changes nothing": {metadata.ModifyConfig{MaxReruns: 10}, 1, 2, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := typedClerk(t)
			calls := 0
			got, err := typedView(clerk).With(tc.config).Modify(t.Context(), "user_1", func(a *account) error {
				calls++
				require.Equal(t, calls > 1, a.Private.Flags["mine"], "a rerun sees what the one before has written")
				if calls <= tc.writers {
					elsewhere(t, clerk, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"seats": 10 * calls}})
				}
				a.Private.Flags["mine"] = true
				a.Public.Role = fmt.Sprint("for ", a.Public.Seats, " seats, call ", calls)
				return nil
			})
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.calls, calls)
			require.Equal(t, tc.writes, got.Writes)
			require.Len(t, clerk.Requests(clerktest.GetUser), 1, "a rerun begins with what the write answered")
			if tc.writers < calls {
				require.Equal(t, fmt.Sprint("for ", 10*tc.writers, " seats, call ", calls), got.Value.Public.Role)
			}
			require.Len(t, got.ConcurrentChanges, min(tc.writers, calls), "of every round")
		})
	}
}

// An error in a rerun comes with what the run before has written.
func TestModifyErrorInARerun(t *testing.T) {
	t.Parallel()
	own := errors.New("the caller's own")
	clerk := typedClerk(t)
	calls := 0
	view := typedView(clerk).With(metadata.ModifyConfig{MaxReruns: 1})
	got, err := view.Modify(t.Context(), "user_1", func(a *account) error {
		calls++
		if calls == 2 {
			a.Public.Role = "half done"
			return own
		}
		elsewhere(t, clerk, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"other": 1}})
		a.Public.Role = "member"
		return nil
	})
	require.Same(t, own, err)
	require.Equal(t, 1, got.Writes)
	require.Equal(t, "member", got.Value.Public.Role, "decoded from the user, not what the callback left")
	require.Equal(t, metadata.Patch{"role": "member"}, got.Sent.PublicMetadata)
	require.Equal(t, []string{"public_metadata/other"}, got.ConcurrentChanges)
}

// What Modify cannot see: a second writer of the same key. Clerk has no
// conditional write, so the later one wins.
func TestModifyDoesNotSeeWritersOfTheSameKey(t *testing.T) {
	t.Parallel()
	clerk := typedClerk(t)
	view := typedView(clerk).With(metadata.ModifyConfig{MaxReruns: 3, FailOnConcurrentChange: true})
	got, err := view.Modify(t.Context(), "user_1", func(a *account) error {
		elsewhere(t, clerk, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"seats": 100}})
		a.Public.Seats++
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, got.ConcurrentChanges)
	require.Equal(t, 1, got.Writes)
	require.EqualValues(t, 2, got.Value.Public.Seats, "their 100 is lost")
}

func TestModifyResults(t *testing.T) {
	t.Parallel()
	change := func(a *account) error { a.Public.Role = "member"; return nil }
	for name, tc := range map[string]struct {
		operation clerktest.Operation
		fault     clerktest.Fault
		want      error
		outcome   clerkerr.Outcome
		result    bool
	}{
		"the read fails":                   {clerktest.GetUser, clerktest.Answer(http.StatusForbidden, "forbidden"), clerkerr.ErrForbidden, clerkerr.OutcomeNotApplied, false},
		"what was read does not fit":       {clerktest.GetUser, clerktest.AnswerBody(200, "application/json", `{"id":"user_1","public_metadata":{"seats":"many"}}`), metadata.ErrMismatch, clerkerr.OutcomeNotApplied, false},
		"the write is refused":             {clerktest.UpdateUserMetadata, clerktest.Answer(http.StatusUnprocessableEntity, "form_param_unknown"), clerkerr.ErrInvalid, clerkerr.OutcomeNotApplied, false},
		"nobody knows":                     {clerktest.UpdateUserMetadata, clerktest.Drop().And(clerktest.Applied()), clerkerr.ErrTransport, clerkerr.OutcomeUnknown, false},
		"applied, cut short":               {clerktest.UpdateUserMetadata, clerktest.Truncate(), clerkerr.ErrTransport, clerkerr.OutcomeApplied, true},
		"applied, and not understood":      {clerktest.UpdateUserMetadata, clerktest.AnswerBody(200, "application/json", `{"id":"user_1","public_metadata":"odd"}`).And(clerktest.Applied()), clerkerr.ErrDecode, clerkerr.OutcomeApplied, true},
		"applied, what is stored is odd":   {clerktest.UpdateUserMetadata, clerktest.AnswerBody(200, "application/json", `{"id":"user_1","public_metadata":{"seats":"many"}}`), metadata.ErrMismatch, clerkerr.OutcomeApplied, true},
		"applied, a key twice in metadata": {clerktest.UpdateUserMetadata, clerktest.AnswerBody(200, "application/json", `{"id":"user_1","public_metadata":{"a":1,"a":2}}`), metadata.ErrDuplicateKey, clerkerr.OutcomeApplied, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clerk := typedClerk(t)
			clerk.Script(tc.operation, tc.fault)
			got, err := typedView(clerk, client.WithRetry(client.Retry{MaxRetries: client.None})).Modify(t.Context(), "user_1", change)
			require.ErrorIs(t, err, tc.want)
			var e *clerkerr.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.outcome, e.Outcome)
			require.Equal(t, tc.result, got != nil)
			if got != nil {
				require.NotNil(t, got.User)
				require.Equal(t, 1, got.Writes)
				require.Equal(t, metadata.Patch{"role": "member"}, got.Sent.PublicMetadata)
			}
		})
	}
}

// slots are keys of one user, one a goroutine.
type (
	slots  map[string]int
	holder struct {
		Public slots `json:"public_metadata"`
	}
)

// Fifty writers, each of separate keys: nothing is lost, and what was
// reported to each, and each read and sent, adds up to what is stored.
func TestModifyRace(t *testing.T) {
	t.Parallel()
	const writers, times = 50, 4
	clerk := testkit.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	v := users.As[holder](clerk.Client().Users)
	type step struct {
		read, after slots
		concurrent  []string
		mine        string
	}
	var mu sync.Mutex
	var steps []step
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := range times {
				s := step{mine: fmt.Sprintf("writer %d", w)}
				got, err := v.Modify(t.Context(), "user_1", func(values *holder) error {
					s.read = slots{}
					for k, n := range values.Public {
						s.read[k] = n
					}
					if values.Public == nil {
						values.Public = slots{}
					}
					values.Public[s.mine]++
					if n > 0 {
						values.Public[fmt.Sprint(s.mine, ", again")] = n
					}
					return nil
				})
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				s.after, s.concurrent = got.Value.Public, got.ConcurrentChanges
				mu.Lock()
				steps = append(steps, s)
				mu.Unlock()
			}
		})
	}
	wg.Wait()

	require.Len(t, steps, writers*times)
	told := 0
	for _, s := range steps {
		// What is there after the write and was neither read nor sent is what
		// was reported to the writer: no less and no more.
		var unexplained []string
		for k, n := range s.after {
			if !strings.HasPrefix(k+",", s.mine+",") && s.read[k] != n {
				unexplained = append(unexplained, "public_metadata/"+k)
			}
		}
		slices.Sort(unexplained)
		require.Equal(t, unexplained, s.concurrent)
		told += len(unexplained)
	}
	stored, _ := clerk.User("user_1")
	final, err := metadata.Decode[slots](stored.PublicMetadata)
	require.NoError(t, err)
	require.Len(t, final, 2*writers)
	for w := range writers {
		require.Equal(t, times, final[fmt.Sprintf("writer %d", w)])
		require.Equal(t, times-1, final[fmt.Sprintf("writer %d, again", w)])
	}
	require.NotZero(t, told, "the writers did meet")
	require.Len(t, clerk.Requests(clerktest.UpdateUserMetadata), writers*times)
}
