package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Golden compares with a file of testdata. CLERKMETA_GOLDEN=1 writes it.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("CLERKMETA_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// screens is what a progress writes while a run goes on, with what moves the
// cursor made visible.
func screens(t *testing.T, columns int) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(*testing.T) {
		p := &progress{out: &out, columns: func() int { return columns }, label: "apply", total: 5000, traffic: &traffic{}}
		p.begin()
		step := redraw
		if columns == 0 {
			step = plainEvery
		}
		for i, c := range []bulk.Counts{
			{},
			{Applied: 20},
			{Applied: 900, Recorded: 1000},
			{Applied: 2500, Recorded: 1000, Failed: 2, HeldBack: 1},
			{Applied: 3990, Recorded: 1000, Failed: 6, Unknown: 3, HeldBack: 1},
		} {
			p.set(c)
			if i == 3 {
				p.traffic.seen(t.Context(), observe.Attempt{Queued: time.Second})
				p.traffic.seen(t.Context(), observe.Attempt{Status: 429})
				p.note("line 7 user user_9: failed: no user user_9 at api.clerk.com (development key)")
			}
			time.Sleep(step) // in the bubble
			synctest.Wait()
		}
		p.end()
	})
	return strings.NewReplacer("\r", "<CR>", "\x1b[K", "<EL>\n").Replace(out.String())
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	for name, columns := range map[string]int{"progress_terminal.txt": 80, "progress_narrow.txt": 40} {
		text := screens(t, columns)
		Golden(t, name, text)
		for line := range strings.Lines(text) {
			if line, bar := strings.CutPrefix(strings.TrimSuffix(line, "<EL>\n"), "<CR>"); bar {
				require.Less(t, len(line), columns, line)
			}
		}
	}
}

func TestProgressElsewhere(t *testing.T) {
	t.Parallel()
	text := screens(t, 0)
	Golden(t, "progress_plain.txt", text)
	require.NotContains(t, text, "<")
}

func TestBarOfNothing(t *testing.T) {
	t.Parallel()
	columns := func() int { return 80 }
	p := &progress{columns: columns, label: "read", began: time.Now()}
	require.Contains(t, p.bar(), "100% 0/0 0/s ETA ?")
	p = &progress{columns: columns, label: strings.Repeat("long", 20), total: 1, began: time.Now()}
	require.Equal(t, p.label+" 0% 0/1", p.bar())
}

// A wait of a second or more is announced before it begins, and the bar counts who waits.
func TestLongWaitsAreShown(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := &connection{Env: Env{to: &peer{host: "api.clerk.com", key: "live"}, look: &look{messages: &serial{to: &out}}}}
	for _, a := range []observe.Attempt{
		{Status: 503, Retry: true, Wait: longWait - 1},
		{Status: 429, Wait: time.Minute},
		{Status: 429, Retry: true, Wait: 9 * time.Second},
		{Retry: true, Wait: longWait},
	} {
		c.showWait(t.Context(), a)
	}
	require.Equal(t, `api.clerk.com (live key) answered with status 429; the next attempt follows in 9s
api.clerk.com (live key) did not answer; the next attempt follows in 1s
`, out.String())

	synctest.Test(t, func(t *testing.T) {
		limiter, err := client.NewLimiter(1, 1)
		require.NoError(t, err)
		p := &progress{label: "apply", traffic: &traffic{}}
		waits := patient{limiter, p.traffic}
		require.NoError(t, waits.Wait(t.Context(), observe.Request{}))
		require.Empty(t, p.details())
		go func() { _ = waits.Wait(t.Context(), observe.Request{}) }()
		p.traffic.seen(t.Context(), observe.Attempt{Retry: true, Wait: 3 * time.Second})
		time.Sleep(2 * time.Second) // in the bubble
		synctest.Wait()
		require.Equal(t, []string{"2 waiting"}, p.details())
		time.Sleep(time.Minute)
		require.Empty(t, p.details())
	})
}

func TestRates(t *testing.T) {
	t.Parallel()
	live, test := client.SecretKey("sk_live_example"), client.SecretKey("sk_test_example")
	for _, tc := range []struct {
		text string
		key  client.Key
		want client.Limit
	}{
		{"", live, 1000}, {"", test, 100}, {"development", live, 100}, {"production", test, 1000}, {"7/10s", live, 7},
	} {
		got, err := parseRate(tc.text, tc.key)
		require.NoError(t, err)
		require.Equal(t, tc.want, got)
	}
	for _, bad := range []string{"7", "7/s", "-1/10s", "x/10s", "1000000/10s", "Production"} {
		_, err := parseRate(bad, test)
		require.Error(t, err)
	}
}

func TestSummaryTellsOfWhatWasForgotten(t *testing.T) {
	t.Parallel()
	s := newSummary(&input{valid: 1, verbs: map[bulk.Verb]int64{bulk.Patch: 1}})
	s.add(bulk.Result{Outcome: bulk.Planned, Approximate: true, Diff: &bulk.Diff{Added: []string{"public_metadata/\n"}}})
	require.Contains(t, s.text(false), "1 change was compared without earlier ones")
	require.Contains(t, string(details(false, bulk.Result{Diff: &bulk.Diff{Added: []string{"public_metadata/\n"}}})), `+public_metadata/\n`)
}
