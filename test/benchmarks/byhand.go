package benchmarks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// user is what a client written by hand decodes.
type user struct {
	ID              string          `json:"id"`
	PublicMetadata  json.RawMessage `json:"public_metadata"`
	PrivateMetadata json.RawMessage `json:"private_metadata"`
	UnsafeMetadata  json.RawMessage `json:"unsafe_metadata"`
	CreatedAt       int64           `json:"created_at"`
	UpdatedAt       int64           `json:"updated_at"`
}

// byHand is the client that someone writes in an hour: net/http, encoding/json, a timeout
// for the attempt and one for the whole, no retries.
type byHand struct {
	baseURL string
	do      func(*http.Request) (*http.Response, error)
}

func newByHand(t target) *byHand {
	h := &http.Client{Transport: t.transport}
	return &byHand{baseURL: t.baseURL, do: h.Do}
}

// newRetryable is the same through go-retryablehttp, as its documentation shows it,
// without its log.
func newRetryable(t target) *byHand {
	h := retryablehttp.NewClient()
	h.HTTPClient = &http.Client{Transport: t.transport}
	h.Logger = nil
	return &byHand{baseURL: t.baseURL, do: func(req *http.Request) (*http.Response, error) {
		retryable, err := retryablehttp.FromRequest(req)
		if err != nil {
			return nil, err
		}
		return h.Do(retryable)
	}}
}

func (c *byHand) calls(by string) calls {
	return calls{
		by: by,
		update: func(ctx context.Context) error {
			u, err := c.write(ctx, userID, map[string]any{"private_metadata": change()})
			return read(err, func() string { return u.ID })
		},
		get: func(ctx context.Context) error {
			u, err := c.get(ctx)
			return read(err, func() string { return u.ID })
		},
	}
}

func (c *byHand) write(ctx context.Context, id string, params any) (user, error) {
	body, err := json.Marshal(params)
	if err != nil {
		return user{}, err
	}
	return c.call(ctx, http.MethodPatch, c.baseURL+"/users/"+id+"/metadata", body)
}

func (c *byHand) get(ctx context.Context) (user, error) {
	return c.call(ctx, http.MethodGet, c.baseURL+"/users/"+userID, nil)
}

func (c *byHand) call(ctx context.Context, method, url string, body []byte) (user, error) {
	ctx, cancel := context.WithTimeout(ctx, 45*time.Second)
	defer cancel()
	ctx, cancelAttempt := context.WithTimeout(ctx, 10*time.Second)
	defer cancelAttempt()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return user{}, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "by-hand/1.0")
	req.Header.Set("Clerk-API-Version", client.APIVersion)
	resp, err := c.do(req)
	if err != nil {
		return user{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	if resp.StatusCode != http.StatusOK {
		return user{}, fmt.Errorf("status %d", resp.StatusCode)
	}
	var u user
	err = json.NewDecoder(resp.Body).Decode(&u)
	return u, err
}
