package goclient_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	clerk "github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/clerk/clerk-sdk-go/v2/organization"
	"github.com/clerk/clerk-sdk-go/v2/user"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// contender is a client as docs/comparison.md looks at it. A call that it does
// not have is nil.
type contender struct {
	pkg     string // what a program imports
	module  string // where it comes from
	holder  any    // what holds the key
	update  func(ctx context.Context, id, private string) (result bool, err error)
	null    func(ctx context.Context, id string) error // a nil pointer at a key
	read    func(ctx context.Context, id string) (private string, err error)
	list    func(ctx context.Context, ids ...string) error
	replace func(ctx context.Context, id, private string) error
	organization,
	membership,
	me,
	create func(ctx context.Context) error
	verify  func(ctx context.Context, token string) error
	webhook func(*http.Request) error // the signature's check
	explain func(error) explained
}

// explained is what an error says.
type explained struct {
	status      int
	code, trace string
	retryAfter  time.Duration
	outcome     bool
}

// road is the way to the emulator; it notes the hosts that were asked.
type road struct {
	http.RoundTripper
	mu    sync.Mutex
	hosts []string
}

func (r *road) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	r.hosts = append(r.hosts, req.URL.Host)
	r.mu.Unlock()
	return r.RoundTripper.RoundTrip(req)
}

func thisModule(t *testing.T, r *road, opts ...client.Option) contender {
	t.Helper()
	h := client.WithHTTPClient(&http.Client{Transport: r})
	c, err := client.New(client.SecretKey(clerktest.DefaultSecretKey), append(opts, h)...)
	require.NoError(t, err)
	frontend, err := client.NewFrontend("https://clerk.test", h)
	require.NoError(t, err)
	receiver, err := webhook.New(webhook.SigningSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte(signingKey))))
	require.NoError(t, err)
	verifier, err := claims.New(claims.Config{
		PublishableKey: "pk_test_" + base64.StdEncoding.EncodeToString([]byte("clerk.test$")), HTTPClient: &http.Client{Transport: r},
	})
	require.NoError(t, err)
	return contender{
		pkg: "github.com/clerkmeta/clerkmeta-go/client", module: "github.com/clerkmeta/clerkmeta-go", holder: c,
		update: func(ctx context.Context, id, private string) (bool, error) {
			patch, err := metadata.ParsePatch([]byte(private))
			if err != nil {
				return false, err
			}
			u, err := c.Users.UpdateUserMetadata(ctx, id, users.UpdateUserMetadataParams{PrivateMetadata: patch})
			return u != nil, err
		},
		null: func(ctx context.Context, id string) error {
			_, err := c.Users.UpdateUserMetadata(ctx, id, users.UpdateUserMetadataParams{PrivateMetadata: metadata.Patch{"stripeId": (*string)(nil)}})
			return err
		},
		verify: func(ctx context.Context, token string) error {
			_, err := verifier.Verify(ctx, token)
			return err
		},
		read: func(ctx context.Context, id string) (string, error) {
			u, err := c.Users.GetUser(ctx, id)
			if err != nil {
				return "", err
			}
			return u.PrivateMetadata.String(), nil
		},
		list: func(ctx context.Context, ids ...string) error {
			_, _, err := c.Users.GetMany(ctx, ids)
			return err
		},
		replace: func(ctx context.Context, id, private string) error {
			_, err := c.Users.ReplaceUserMetadata(ctx, id, users.ReplaceUserMetadataParams{PrivateMetadata: metadata.Of(json.RawMessage(private))})
			return err
		},
		organization: func(ctx context.Context) error {
			_, err := c.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: metadata.Patch{"a": 1}})
			return err
		},
		membership: func(ctx context.Context) error {
			_, err := c.Organizations.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: metadata.Patch{"a": 1}})
			return err
		},
		me: func(ctx context.Context) error {
			_, _, err := frontend.UpdateMetadata(ctx, me.Cookie("client-1"), metadata.Patch{"a": 1})
			return err
		},
		webhook: func(r *http.Request) error {
			_, err := receiver.Verify(r)
			return err
		},
		explain: func(err error) (x explained) {
			var e *clerkerr.Error
			if errors.As(err, &e) {
				x = explained{e.Status, e.Code(), e.TraceID, e.RetryAfter, e.Outcome == clerkerr.OutcomeUnknown}
			}
			return x
		},
	}
}

func officialModule(t *testing.T, r *road) contender {
	t.Helper()
	config := &clerk.ClientConfig{BackendConfig: clerk.BackendConfig{Key: clerk.String(clerktest.DefaultSecretKey), HTTPClient: &http.Client{Transport: r}}}
	c, o := user.NewClient(config), organization.NewClient(config)
	return contender{
		pkg: "github.com/clerk/clerk-sdk-go/v2/user", module: "github.com/clerk/clerk-sdk-go/v2", holder: clerk.NewBackend(&config.BackendConfig),
		update: func(ctx context.Context, id, private string) (bool, error) {
			u, err := c.UpdateMetadata(ctx, id, &user.UpdateMetadataParams{PrivateMetadata: raw(private)})
			return u != nil, err
		},
		null: func(ctx context.Context, id string) error {
			text, err := json.Marshal(map[string]any{"stripeId": (*string)(nil)})
			if err != nil {
				return err
			}
			_, err = c.UpdateMetadata(ctx, id, &user.UpdateMetadataParams{PrivateMetadata: raw(string(text))})
			return err
		},
		read: func(ctx context.Context, id string) (string, error) {
			u, err := c.Get(ctx, id)
			return string(u.PrivateMetadata), err
		},
		list: func(ctx context.Context, ids ...string) error {
			_, err := c.List(ctx, &user.ListParams{UserIDs: ids})
			return err
		},
		replace: func(ctx context.Context, id, private string) error {
			_, err := c.ReplaceMetadata(ctx, id, &user.ReplaceMetadataParams{PrivateMetadata: raw(private)})
			return err
		},
		organization: func(ctx context.Context) error {
			_, err := o.UpdateMetadata(ctx, "org_1", &organization.UpdateMetadataParams{PublicMetadata: raw(`{"a":1}`)})
			return err
		},
		create: func(ctx context.Context) error {
			_, err := c.Create(ctx, &user.CreateParams{FirstName: clerk.String("Ada"), SkipPasswordRequirement: clerk.Bool(true)})
			return err
		},
		verify: func(ctx context.Context, token string) error {
			_, err := jwt.Verify(ctx, &jwt.VerifyParams{Token: token, JWKSClient: jwks.NewClient(config), ProxyURL: clerk.String("https://clerk.test")})
			return err
		},
		explain: func(err error) (x explained) {
			var e *clerk.APIErrorResponse
			if errors.As(err, &e) {
				wait, _ := time.ParseDuration(e.Response.Header.Get("Retry-After") + "s")
				x = explained{status: e.HTTPStatusCode, code: e.Errors[0].Code, trace: e.TraceID, retryAfter: wait}
			}
			return x
		},
	}
}

// sessionToken asks for a session token as a browser does.
func sessionToken(ctx context.Context, c *http.Client) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://clerk.test/v1/client/sessions/sess_1/tokens", http.NoBody)
	if err != nil {
		return "", err
	}
	req.Header.Set("Cookie", "__client=client-1")
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var token struct{ JWT string }
	err = json.NewDecoder(resp.Body).Decode(&token)
	return token.JWT, err
}
