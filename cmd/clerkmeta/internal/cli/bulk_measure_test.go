package cli_test

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// memoryBound is what plan and apply may take, as peak resident size in KiB. They take 36 to
// 51 MiB, as the garbage collector gets its turns; 20,000 changes held at once would add 20.
const memoryBound = 60 << 10

// The memory of plan and apply does not grow with the file, of which every line
// changes another user. CLERKMETA_LINES sets how many there are; with a million
// it takes some minutes. By default apply, a request for each, has half of them.
func TestMemory(t *testing.T) {
	t.Parallel()
	switch {
	case runtime.GOOS != "linux":
		t.Skip("peak resident size is read from /proc")
	case raceDetector():
		t.Skip("the race detector takes memory too")
	}
	for command, otherwise := range map[string]int{"plan": 20_000, "apply": 10_000} {
		if testing.Short() && command == "apply" {
			continue
		}
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			lines := number(t, "CLERKMETA_LINES", otherwise)
			args := []string{command, userChanges(t, lines), "--rate", "100000/10s", "--output", "json"}
			if command == "apply" {
				args = append(args, "--checkpoint", filepath.Join(t.TempDir(), "done"))
			}
			peak := peakOf(t, args...)
			t.Logf("%s of %d lines: peak resident size %.1f MiB", command, lines, float64(peak)/1024)
			require.Positive(t, peak)
			require.Less(t, peak, int64(memoryBound))
		})
	}
}

// raceDetector reports whether the tests run with it.
func raceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	return info != nil && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// userChanges is a file of changes, a line a user.
func userChanges(t *testing.T, lines int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "changes.ndjson")
	file, err := os.Create(name)
	require.NoError(t, err)
	w := bufio.NewWriter(file)
	for i := range lines {
		_, err := fmt.Fprintf(w, `{"user":"user_%027d","patch":{"public_metadata":{"n":%d,"text":"enough of it to make a line that has a usual length"}}}`+"\n", i, i)
		require.NoError(t, err)
	}
	require.NoError(t, w.Flush())
	require.NoError(t, file.Close())
	return name
}

// roundBound is what each command of a round may take, as peak resident size in KiB.
const roundBound = 64 << 10

// The memory of the whole round is bounded: users are exported as a table, one in ten is
// edited and the rows are sorted anew, and the table is planned and applied.
// CLERKMETA_ROUND_USERS sets how many users there are.
func TestRoundMemory(t *testing.T) {
	t.Parallel()
	switch {
	case runtime.GOOS != "linux":
		t.Skip("peak resident size is read from /proc")
	case raceDetector():
		t.Skip("the race detector takes memory too")
	}
	n := number(t, "CLERKMETA_ROUND_USERS", 5_000)
	table := filepath.Join(t.TempDir(), "users.csv")
	round := [][]string{{"export", "users", "--csv", table}}
	for _, name := range []string{"plan", "apply"} {
		round = append(round, []string{name, table, "--was", table + ".was.ndjson", "--rate", "100000/10s", "--output", "json"})
	}
	for i, args := range round {
		began := time.Now()
		peak := peakOf(t, args...)
		t.Logf("%s of %d users: peak resident size %.1f MiB, %.1f s", args[0], n, float64(peak)/1024, time.Since(began).Seconds())
		require.Positive(t, peak)
		require.Less(t, peak, int64(roundBound))
		if i == 0 {
			require.Equal(t, n/10, editTable(t, table))
		}
	}
}

// editTable edits every tenth row of a table, moves the second half of the rows before the
// first, and returns how many it edited.
func editTable(t *testing.T, name string) (edited int) {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	rows := strings.SplitAfter(strings.TrimSuffix(string(text), "\n")+"\n", "\n")
	head, rows := rows[0], rows[1:len(rows)-1]
	for i := 0; i < len(rows); i += 10 {
		rows[i] = strings.Replace(rows[i], ",shopper", ",admin", 1)
		edited++
	}
	half := len(rows) / 2
	require.NoError(t, os.WriteFile(name, []byte(head+strings.Join(rows[half:], "")+strings.Join(rows[:half], "")), 0o600))
	return edited
}

// peakOf runs the command as a fresh process and returns its peak resident size in
// KiB. It is read while the process runs: what the system counts for a process that has
// ended includes the process that started it.
func peakOf(t *testing.T, args ...string) int64 {
	t.Helper()
	var peak int64
	socket := httptest.NewServer(http.HandlerFunc(anyUser))
	defer socket.Close()
	cmd := command(t.Context(), t, map[string]string{"CLERK_SECRET_KEY": testKey, "CLERK_API_URL": socket.URL}, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for often := time.Tick(5 * time.Millisecond); ; {
		select {
		case err := <-ended:
			require.NoError(t, err, "%s", tail(&out))
			return peak
		case <-often:
			peak = max(peak, peakKiB(cmd.Process.Pid))
		}
	}
}

// tail is the end of a long output.
func tail(out *bytes.Buffer) []byte { return out.Bytes()[max(0, out.Len()-1000):] }

// anyUser answers as a Clerk that has every user would, and holds none.
func anyUser(w http.ResponseWriter, r *http.Request) {
	user := func(id string) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"id":%q,"object":"user","first_name":"A","last_name":"User","email_addresses":[{"id":"idn_1","email_address":"a@example.com"}],`+
			`"public_metadata":{"role":"shopper","a":{"old":1}},"private_metadata":{"stripe":"cus_0123456789"},"unsafe_metadata":{},"created_at":1778544000123,"updated_at":1778544000123}`, id))
	}
	var answer any
	ids := r.URL.Query()["user_id"]
	if r.URL.Path == "/v1/users" && len(ids) == 0 { // a page of an export
		all, _ := strconv.Atoi(os.Getenv("CLERKMETA_ROUND_USERS"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		var last int
		_, _ = fmt.Sscanf(r.URL.Query().Get("starting_after"), "user_%d", &last)
		for i := last + 1; i <= min(last+limit, cmp.Or(all, 5_000)); i++ {
			ids = append(ids, fmt.Sprintf("user_%027d", i))
		}
	}
	if r.URL.Path == "/v1/users" {
		list := make([]json.RawMessage, len(ids))
		for i, id := range ids {
			list[i] = user(id)
		}
		answer = list
	} else {
		answer = user(strings.Split(r.URL.Path, "/")[3])
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // the command has gone where this fails
}

// How long plan and export take on the in-process Clerk, as the median of three.
// CLERKMETA_SPEED_USERS says with how many users.
func TestSpeed(t *testing.T) { //nolint:paralleltest // it measures
	users := number(t, "CLERKMETA_SPEED_USERS", 0)
	if users == 0 {
		t.Skip("CLERKMETA_SPEED_USERS is not set")
	}
	seed := clerktest.Seed{Users: make([]clerktest.User, users)}
	for i := range seed.Users {
		seed.Users[i].ID = fmt.Sprintf("user_%027d", i)
	}
	clerk := clerktest.Config{RequestLog: 1}.Start(t, seed)
	socket := httptest.NewServer(clerk)
	t.Cleanup(socket.Close)
	env := map[string]string{"CLERK_SECRET_KEY": clerk.SecretKey(), "CLERK_API_URL": socket.URL}
	name := userChanges(t, users)
	for _, args := range [][]string{{"plan", name, "--rate", "100000/10s"}, {"export", "users"}} {
		var took []time.Duration
		for range 3 {
			began := time.Now()
			require.NoError(t, command(t.Context(), t, env, args...).Run())
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%s of %d users: %.1f s (median of three)", args[0], users, took[1].Seconds())
	}
}
