package claims

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

const (
	keysPath     = "/.well-known/jwks.json"
	keysTimeout  = 5 * time.Second // of a fetch
	keysGap      = 5 * time.Second // between the starts of two fetches
	keysAge      = time.Hour       // after which a set is fetched again
	maxKeysSize  = 64 << 10        // of an answer
	shortestKey  = 2048            // in bits
	longestKey   = 16384           // in bits
	sameKeyFetch = "keys"          // all fetches are one flight
)

// keyFinder returns what finds the key of a token.
func keyFinder(config Config) (func(context.Context, *jwt.Token) (any, error), error) {
	if config.PublicKey != "" {
		key, err := jwt.ParseRSAPublicKeyFromPEM([]byte(config.PublicKey))
		if err != nil {
			return nil, errors.New("is not an RSA public key in PEM: expected -----BEGIN PUBLIC KEY-----")
		}
		if !isUsable(key) {
			return nil, fmt.Errorf("has %d bits: %d to %d are required", key.N.BitLen(), shortestKey, longestKey)
		}
		return func(context.Context, *jwt.Token) (any, error) { return key, nil }, nil
	}
	k := &keys{url: strings.TrimRight(config.Issuer, "/") + keysPath, limit: rate.NewLimiter(rate.Every(keysGap), 1)}
	if config.HTTPClient != nil {
		k.http = *config.HTTPClient
	}
	k.http.Jar = nil
	k.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return k.find, nil
}

// keys are the keys of an instance, fetched where a token names an unknown one.
type keys struct {
	url     string
	http    http.Client
	limit   *rate.Limiter
	flight  flights[struct{}]
	current atomic.Pointer[keySet]
	// failed is why the last fetch failed, nil if it did not. It belongs to the flight.
	failed error
}

// keySet is an answer with keys.
type keySet struct {
	keyfunc.Keyfunc

	fetched time.Time
}

// find returns the key that a token names. A set that has grown old is fetched again
// beside the requests, by the first that the limit has room for, and remains if that fails.
func (k *keys) find(ctx context.Context, t *jwt.Token) (any, error) {
	set := k.current.Load()
	if set != nil {
		key, err := set.Keyfunc.Keyfunc(t)
		if err == nil && time.Since(set.fetched) > keysAge && k.limit.Tokens() >= 1 {
			k.refresh(ctx)
		}
		if err == nil {
			return key, nil
		}
	}
	_, failed := k.flight.wait(ctx, k.refresh(ctx))
	if set = k.current.Load(); set != nil {
		if key, err := set.Keyfunc.Keyfunc(t); err == nil {
			return key, nil
		}
	}
	if failed != nil {
		return nil, fmt.Errorf("%w: the keys of the instance: %w", ErrUnavailable, failed)
	}
	// The error of Keyfunc would quote the token.
	return nil, fmt.Errorf("%w: the instance has no RSA key of its kid", ErrInvalidToken)
}

var errNotFetched = errors.New("the fetch did not end")

// refresh fetches the keys, once for all callers at a time and not more often than the
// limit allows: a caller who comes too soon gets the error of the last fetch, which is a
// moment old. The fetch outlives the request that needs it.
func (k *keys) refresh(ctx context.Context) <-chan landing[struct{}] {
	return k.flight.join(sameKeyFetch, func() (none struct{}, err error) {
		if !k.limit.Allow() {
			return none, k.failed
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keysTimeout)
		defer cancel()
		k.failed = errNotFetched // if the transport panics
		set, err := k.fetch(ctx)
		if err == nil {
			k.current.Store(set)
		}
		k.failed = err
		return none, err
	})
}

func (k *keys) fetch(ctx context.Context) (*keySet, error) {
	fetched := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := k.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered with status %d", k.url, resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKeysSize+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxKeysSize {
		return nil, fmt.Errorf("%s answered with more than %d bytes", k.url, maxKeysSize)
	}
	storage, err := usable(ctx, body)
	if err != nil {
		return nil, fmt.Errorf("%s answered with %w", k.url, err)
	}
	set, err := keyfunc.New(keyfunc.Options{Storage: storage})
	return &keySet{Keyfunc: set, fetched: fetched}, err
}

// usable returns the RSA keys for RS256 signatures of a JSON Web Key Set. Others are left
// out: they verify nothing.
func usable(ctx context.Context, body []byte) (jwkset.Storage, error) {
	var set struct{ Keys []jwkset.JWKMarshal }
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, errors.New("what is no JSON Web Key Set")
	}
	storage, found := jwkset.NewMemoryStorage(), false
	for _, m := range set.Keys {
		isFor := (m.USE == "" || m.USE == jwkset.UseSig) && (m.ALG == "" || m.ALG == jwkset.AlgRS256)
		jwk, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err != nil || !isFor || m.KID == "" {
			continue
		}
		if key, isRSA := jwk.Key().(*rsa.PublicKey); !isRSA || !isUsable(key) {
			continue
		}
		if err := storage.KeyWrite(ctx, jwk); err != nil {
			return nil, err
		}
		found = true
	}
	if !found {
		return nil, fmt.Errorf("no RSA key of %d to %d bits", shortestKey, longestKey)
	}
	return storage, nil
}

// isUsable reports whether a key is neither weak nor so long that a verification takes
// seconds.
func isUsable(key *rsa.PublicKey) bool {
	bits := key.N.BitLen()
	return shortestKey <= bits && bits <= longestKey
}
