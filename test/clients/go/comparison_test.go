package goclient_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerk/clerk-sdk-go/v2/organizationmembership"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// bench is what a row of the table is found out with.
type bench struct {
	contender

	clerk *clerktest.Test
	road  *road
}

// write changes user_1's private metadata.
func (b bench) write(ctx context.Context) error {
	_, err := b.update(ctx, "user_1", `{"stripeId":"cus_new"}`)
	return err
}

// after runs a write that meets the faults.
func (b bench) after(ctx context.Context, faults ...clerktest.Fault) error {
	b.clerk.Script(clerktest.UpdateUserMetadata, faults...)
	return b.write(ctx)
}

func (b bench) private() string {
	u, _ := b.clerk.User("user_1")
	return u.PrivateMetadata.String()
}

const untouched = `{"stripeId":"cus_1"}`

func works(ctx context.Context, call func(context.Context) error) bool {
	return call != nil && call(ctx) == nil
}

// behaviours are the rows of docs/comparison.md: by their text, whether a client
// behaves so.
var behaviours = map[string]func(ctx context.Context, b bench) bool{
	"Metadata of users and organizations, merged and replaced": func(ctx context.Context, b bench) bool {
		return b.write(ctx) == nil && b.replace(ctx, "user_1", `{}`) == nil && b.private() == `{}` && works(ctx, b.organization)
	},
	"Metadata of memberships":                         func(ctx context.Context, b bench) bool { return works(ctx, b.membership) },
	"The signed-in user's own, with their credential": func(ctx context.Context, b bench) bool { return works(ctx, b.me) },
	"Asks for API version 2026-05-12": func(ctx context.Context, b bench) bool {
		return b.write(ctx) == nil && b.clerk.Requests()[0].Header.Get("Clerk-Api-Version") == "2026-05-12"
	},
	"Large numbers keep their digits": func(ctx context.Context, b bench) bool {
		const big = `{"stripeId":9007199254740993}`
		if err := b.replace(ctx, "user_1", big); err != nil {
			return false
		}
		read, err := b.read(ctx, "user_1")
		return err == nil && b.private() == big && read == big
	},
	"A nil inside a merge is refused and deletes nothing": func(ctx context.Context, b bench) bool {
		return b.null(ctx, "user_1") != nil && b.private() == untouched
	},
	"A null for a whole field of a merge is not sent": func(ctx context.Context, b bench) bool {
		_, err := b.update(ctx, "user_1", "null")
		return err != nil && len(b.clerk.Requests()) == 0
	},
	"Many users by their ids are one request": func(ctx context.Context, b bench) bool {
		return b.list(ctx, "user_1", "user_2") == nil && len(b.clerk.Requests()) == 1
	},

	"A 429 is tried again, after the wait that it asks for": func(ctx context.Context, b bench) bool {
		started := time.Now()
		err := b.after(ctx, clerktest.Answer(http.StatusTooManyRequests, "too_many_requests", clerktest.RetryAfter(7*time.Second)))
		return err == nil && time.Since(started) >= 7*time.Second
	},
	"A 409 `resource_locked` is tried again": func(ctx context.Context, b bench) bool {
		return b.after(ctx, clerktest.Answer(http.StatusConflict, "resource_locked")) == nil
	},
	"A 503 and a lost connection are tried again": func(ctx context.Context, b bench) bool {
		return b.after(ctx, clerktest.Answer(http.StatusServiceUnavailable, "service_unavailable"), clerktest.Drop()) == nil
	},
	"Keeps to Clerk's rate limit, if configured": func(ctx context.Context, b bench) bool {
		for range 11 {
			if b.write(ctx) != nil {
				return false
			}
		}
		return len(b.clerk.Requests()) == 11
	},
	"An HTML error page keeps its status": func(ctx context.Context, b bench) bool {
		page := clerktest.AnswerBody(http.StatusForbidden, "text/html", "<h1>Forbidden</h1>")
		return b.explain(b.after(ctx, page)).status == http.StatusForbidden
	},
	"An error contains status, code, trace id and `Retry-After`": func(ctx context.Context, b bench) bool {
		x := b.explain(b.after(ctx, clerktest.Answer(http.StatusTooManyRequests, "too_many_requests", clerktest.RetryAfter(time.Hour))))
		return x.status == http.StatusTooManyRequests && x.code == "too_many_requests" && x.trace != "" && x.retryAfter == time.Hour
	},
	"An error says whether the write may be stored": func(ctx context.Context, b bench) bool {
		lost := clerktest.Drop().And(clerktest.Applied())
		return b.explain(b.after(ctx, lost, clerktest.Answer(http.StatusForbidden, "x"))).outcome
	},
	"An error's text quotes nothing that was sent": func(ctx context.Context, b bench) bool {
		err := b.after(ctx, clerktest.Answer(http.StatusUnprocessableEntity, "form_param_value_invalid", clerktest.Message("cus_new is invalid")))
		return err != nil && !strings.Contains(err.Error(), "cus_new")
	},
	"A failed call returns no user": func(ctx context.Context, b bench) bool {
		result, err := b.update(ctx, "user_unknown", `{}`)
		return err != nil && !result
	},

	"An id cannot turn a call into another": func(ctx context.Context, b bench) bool {
		for _, id := range []string{"user_1#f", "a/../../organizations/org_1"} {
			_, _ = b.update(ctx, id, `{"a":1}`)
		}
		for _, r := range b.clerk.Requests() {
			if r.Operation != clerktest.UpdateUserMetadata {
				return false
			}
		}
		return true
	},
	"Metadata follows no redirect to another host": func(ctx context.Context, b bench) bool {
		_ = b.after(ctx, clerktest.AnswerBody(http.StatusTemporaryRedirect, "text/plain", "", clerktest.Header("Location", "https://elsewhere.test/v1/users/user_1/metadata")))
		return len(b.road.hosts) == 1
	},
	"What holds the key does not print it": func(_ context.Context, b bench) bool {
		return !strings.Contains(fmt.Sprintf("%+v %#v", b.holder, b.holder), clerktest.DefaultSecretKey)
	},

	"All of Clerk's Backend API": func(ctx context.Context, b bench) bool { return works(ctx, b.create) },
	"Verifies session tokens":    func(ctx context.Context, b bench) bool { return b.verify != nil && b.verify(ctx, b.token(ctx)) == nil },
	"Verifies the signature of webhooks": func(ctx context.Context, b bench) bool {
		return b.webhook != nil && b.webhook(delivery(ctx, signingKey)) == nil && b.webhook(delivery(ctx, "another signing key of nobody")) != nil
	},
}

// signingKey is the key of the signing secret of webhooks.
const signingKey = "the signing key of nobody"

// delivery is a webhook signed with a key, as Svix signs.
func delivery(ctx context.Context, key string) *http.Request {
	const body = `{"type":"user.updated","data":{}}`
	at := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = io.WriteString(mac, "msg_1."+at+"."+body)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Svix-Id", "msg_1")
	r.Header.Set("Svix-Timestamp", at)
	r.Header.Set("Svix-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return r
}

func (b bench) token(ctx context.Context) string {
	token, err := sessionToken(ctx, &http.Client{Transport: b.clerk.Transport()})
	if err != nil {
		return err.Error()
	}
	return token
}

// TestComparison finds out what every cell for a Go client says.
func TestComparison(t *testing.T) {
	t.Parallel()
	rows := comparison(t)
	for name, tries := range behaviours {
		row, ok := rows[name]
		require.True(t, ok, "docs/comparison.md has no row %q", name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for i, of := range []func(*road) contender{
					func(r *road) contender { return thisModule(t, r, client.WithRateLimit(client.DevelopmentLimit)) },
					func(r *road) contender { return officialModule(t, r) },
				} {
					clerk := clerktest.Config{Limits: clerktest.LimitsDevelopment}.Start(silent{t}, clerktest.Seed{
						Users: []clerktest.User{
							{ID: "user_1", PrivateMetadata: value(t, untouched)}, {ID: "user_2"},
						},
						Organizations: []clerktest.Organization{{ID: "org_1"}},
						Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
						Sessions:      []clerktest.Session{{ID: "sess_1", UserID: "user_1", ClientToken: "client-1"}},
					})
					r := &road{RoundTripper: clerk.Transport()}
					got := map[bool]string{true: "yes", false: "no"}[tries(t.Context(), bench{of(r), clerk, r})]
					require.Equal(t, row[i], got, "docs/comparison.md, column %d", i+1)
				}
			})
		})
	}
}

// silent takes no offence at a fault that a client which gave up did not meet.
type silent struct{ *testing.T }

func (silent) Errorf(string, ...any) {}

const packagesRow = "Modules or packages that come with it"

// TestWhatIsNotThere looks for what the table says no client has, in its source.
func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	r := &road{}
	ours, official := thisModule(t, r), officialModule(t, r)
	require.True(t, mentions(t, official.module, "api.clerk.com/v1"), "it finds what is there")
	require.False(t, mentions(t, official.module, "me/metadata"))
	require.False(t, mentions(t, official.module, "vix-signature"))
	require.False(t, mentions(t, ours.module+"/users", "vix-signature"))
	memberships := reflect.TypeFor[*organizationmembership.Client]()
	for i := range memberships.NumMethod() {
		require.NotContains(t, memberships.Method(i).Name, "Metadata")
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[*users.Service](), reflect.TypeFor[*organizations.Service]()} {
		for i := range typ.NumMethod() {
			require.NotContains(t, typ.Method(i).Name, "Delete")
		}
	}
}

// mentions reports whether the Go code of a package, or one below it, holds text.
func mentions(t *testing.T, pkg, text string) (found bool) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", pkg).Output()
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(strings.TrimSpace(string(out)), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			var code []byte
			code, err = os.ReadFile(path)
			found = found || strings.Contains(strings.ToLower(string(code)), text)
		}
		return err
	}))
	return found
}

// TestComparisonOfModules counts what a program gets that imports a client.
func TestComparisonOfModules(t *testing.T) {
	t.Parallel()
	row := comparison(t)[packagesRow]
	r := &road{}
	for i, c := range []contender{thisModule(t, r), officialModule(t, r)} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", c.pkg).Output()
		require.NoError(t, err)
		modules := map[string]bool{}
		for line := range strings.Lines(string(out)) {
			modules[strings.TrimSpace(line)] = true
		}
		delete(modules, "")
		require.Equal(t, row[i], strconv.Itoa(len(modules)-1), "%v", modules)
	}
}

// comparison is the table of docs/comparison.md: by behaviour, the cells.
func comparison(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/comparison.md")
	require.NoError(t, err)
	rows := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| |") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		require.Len(t, cells, 4, line)
		require.True(t, cells[0] == packagesRow || behaviours[cells[0]] != nil, "nobody checks the row %q", cells[0])
		require.Nil(t, rows[cells[0]], "the row %q stands twice", cells[0])
		rows[cells[0]] = cells[1:]
	}
	return rows
}
