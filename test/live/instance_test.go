package live_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
)

// instance is a Clerk to ask, real or not. It belongs to one goroutine.
type instance struct {
	config

	api      *client.Client
	frontend *me.Service
	// credential is the newest; clientToken is kept in step with it.
	credential me.Credential
	// plain sends what the SDK cannot be made to send.
	plain *retryablehttp.Client
	// member is true if the user is one of the organization's.
	member bool
}

// options are those of every client. The size check is off because it is Clerk
// whose answer counts here.
func (c config) options(more ...client.Option) []client.Option {
	opts := append(more, client.WithRetry(client.Retry{MaxRetries: 6, Timeout: 2 * time.Minute}), client.WithoutSizeCheck())
	if c.transport != nil {
		opts = append(opts, client.WithHTTPClient(&http.Client{Transport: c.transport}))
	}
	return opts
}

func (c config) backend(key string) (*client.Client, error) {
	return client.New(client.SecretKey(key), c.options(client.WithBaseURL(c.backendURL))...)
}

// connect finds out whom the config names. It writes nothing.
func connect(ctx context.Context, c config) (*instance, error) {
	i := &instance{config: c}
	var err error
	if i.api, err = c.backend(c.secretKey); err != nil {
		return nil, err
	}
	i.plain = retryablehttp.NewClient()
	i.plain.Logger, i.plain.RetryMax, i.plain.CheckRetry = nil, 6, unanswered
	i.plain.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if c.transport != nil {
		i.plain.HTTPClient.Transport = c.transport
	}
	if _, err := i.api.Users.GetUser(ctx, c.userID); err != nil {
		return nil, fmt.Errorf("the user: %w", err)
	}
	if c.organizationID != "" {
		_, err := i.api.Organizations.GetOrganizationMembership(ctx, c.organizationID, c.userID)
		if err != nil && !errors.Is(err, clerkerr.ErrNotFound) {
			return nil, fmt.Errorf("the organization: %w", err)
		}
		i.member = err == nil
	}
	if c.signedIn() {
		return i, i.signIn(ctx)
	}
	return i, nil
}

// unanswered reports whether to ask again: for a status that says nothing about the
// question.
func unanswered(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil || err != nil {
		return false, errors.Join(ctx.Err(), err)
	}
	status := resp.StatusCode
	return status == http.StatusConflict || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError, nil
}

// signIn makes sure that the credential belongs to the user: nobody else's
// metadata is to be touched.
func (i *instance) signIn(ctx context.Context) error {
	i.credential = me.DevBrowser(i.devBrowser)
	if i.clientToken != "" {
		i.credential = me.NativeToken(i.clientToken)
	}
	var err error
	if i.frontend, err = client.NewFrontend(i.frontendURL, i.options()...); err != nil {
		return err
	}
	user, rotation, err := i.frontend.GetMe(ctx, i.credential)
	i.rotated(rotation.Token())
	if err != nil {
		return fmt.Errorf("the signed-in user: %w", err)
	}
	if user.ID != i.userID {
		return fmt.Errorf("the credential for /v1/me belongs to another user than %s", envUser)
	}
	return nil
}

func (i *instance) rotated(token string) {
	if token = strings.TrimPrefix(token, "Bearer "); token != "" {
		i.clientToken = token
		i.credential = me.NativeToken(token)
	}
}

// do sends a request that the SDK does not make.
func (i *instance) do(req *http.Request) (*http.Response, error) {
	again, err := retryablehttp.FromRequest(req)
	if err != nil {
		return nil, err
	}
	resp, err := i.plain.Do(again)
	if err != nil {
		return nil, err
	}
	i.rotated(resp.Header.Get("Authorization"))
	return resp, nil
}
