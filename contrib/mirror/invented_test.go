package mirror_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
)

// invented is a Clerk of n users that uses no memory for them: it invents each user whom a
// request asks for. The users were created, and updated, a second apart. There is no organization.
type invented struct {
	n        int
	user     []byte    // as the emulator shows the one with the number model
	asked    func(int) // unless nil, called with the number of each request
	requests atomic.Int64
}

// model is in the id, the times and the metadata of the user that the others are made of.
const model = 4_815_162

func invent(tb testing.TB, n int) *invented {
	tb.Helper()
	clerk := clerktest.Start(tb, clerktest.Seed{Users: []clerktest.User{{
		ID: inventedID(model), CreatedAt: inventedTime(model), EmailAddresses: []string{inventedID(model) + "@example.com"},
		PublicMetadata: map[string]any{"plan": "pro"}, PrivateMetadata: map[string]any{"stripeId": stripeID(model)},
	}}})
	u, found := clerk.User(inventedID(model))
	require.True(tb, found)
	return &invented{n: n, user: u.Raw}
}

func inventedID(i int) string { return fmt.Sprintf("user_%07d", i) }

func stripeID(i int) string { return fmt.Sprintf("cus_%07d", i) }

func inventedTime(i int) int64 { return 1_700_000_000_000 + 1000*int64(i) }

// mirror is an empty mirror of these users, read over HTTP.
func (v *invented) mirror(tb testing.TB, options ...client.Option) (*mirror.Mirror, *client.Client, *pgxpool.Pool) {
	tb.Helper()
	api := httptest.NewServer(v)
	tb.Cleanup(api.Close)
	c, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), append(options, client.WithBaseURL(api.URL))...)
	require.NoError(tb, err)
	pool := connect(tb, server(tb).Database(tb))
	m, err := mirror.New(pool, c, all)
	require.NoError(tb, err)
	require.NoError(tb, m.Init(tb.Context()))
	return m, c, pool
}

func (v *invented) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := int(v.requests.Add(1))
	if v.asked != nil {
		v.asked(request)
	}
	if !strings.HasSuffix(r.URL.Path, "/users") {
		_, _ = w.Write([]byte(`{"data":[],"total_count":0}`))
		return
	}
	var users [][]byte
	for _, i := range v.page(r.URL.Query()) {
		users = append(users, bytes.ReplaceAll(v.user, []byte(strconv.Itoa(model)), fmt.Appendf(nil, "%07d", i)))
	}
	_, _ = fmt.Fprintf(w, "[%s]", bytes.Join(users, []byte(",")))
}

// page is the numbers of the users whom a query asks for.
func (v *invented) page(query url.Values) (numbers []int) {
	number := func(text string) int {
		n, _ := strconv.Atoi(strings.TrimPrefix(text, "user_"))
		return n
	}
	for _, id := range query["user_id"] {
		numbers = append(numbers, number(id))
	}
	if len(numbers) > 0 {
		return numbers
	}
	low, high := number(query.Get("offset")), v.n
	if last := query.Get("starting_after"); last != "" {
		low = number(last) + 1
	}
	if after := int64(number(query.Get("created_at_after"))); after != 0 {
		low = max(low, sort.Search(v.n, func(i int) bool { return inventedTime(i) > after }))
	}
	if before := int64(number(query.Get("created_at_before"))); before != 0 {
		high = sort.Search(v.n, func(i int) bool { return inventedTime(i) >= before })
	}
	for i := low; i < high && len(numbers) < cmp.Or(number(query.Get("limit")), 10); i++ {
		numbers = append(numbers, i)
	}
	if strings.HasPrefix(query.Get("order_by"), "-") {
		for i, number := range numbers {
			numbers[i] = v.n - 1 - number
		}
	}
	return numbers
}

// The memory of a sweep does not grow with the users whom it has read.
func TestMemory(t *testing.T) { //nolint:paralleltest // it measures the heap
	const page, pages = 20, 150
	source := invent(t, page*pages)
	var mu sync.Mutex
	var early, late []uint64
	source.asked = func(request int) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case request%10 != 0:
		case request < pages/3:
			early = append(early, heap())
		case request > pages*2/3:
			late = append(late, heap())
		}
	}
	m, _, _ := source.mirror(t)
	m.SetPage(page)
	require.NoError(t, m.Sync(t.Context()))
	t.Logf("at most %d KB in the first third of the requests, %d KB in the last", slices.Max(early)>>10, slices.Max(late)>>10)
	require.Less(t, slices.Max(late), slices.Max(early)+2<<20)
}

// heap is the memory of what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
