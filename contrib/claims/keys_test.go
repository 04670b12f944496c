package claims_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/contrib/claims"
)

// A thousand unknown kids per second cause a fetch in five seconds, and delay nobody whose
// key is known.
func TestUnknownKeysAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys := serve(jwk("kid_1", ownKey))
		v := newVerifier(t, configOf(keys))
		tokens := make([]string, 100)
		for i := range tokens {
			tokens[i] = signed(t, good(object{"exp": time.Now().Unix() + 3600}), object{"kid": fmt.Sprint("unknown_", i)})
		}
		valid := signed(t, good(object{"exp": time.Now().Unix() + 3600}), nil)
		const seconds, perSecond = 60, 1000
		for i := range seconds * perSecond {
			_, err := v.Verify(t.Context(), tokens[i%len(tokens)])
			require.ErrorIs(t, err, claims.ErrInvalidToken)
			time.Sleep(time.Second / perSecond)
		}
		_, err := v.Verify(t.Context(), valid)
		require.NoError(t, err)
		require.EqualValues(t, seconds/5, keys.fetches.Load())
	})
}

func TestKeysAreFetchedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys := serve(jwk("kid_1", ownKey))
		v := newVerifier(t, configOf(roundTrip(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return keys.RoundTrip(r)
		})))
		token := signed(t, good(nil), nil)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				_, err := v.Verify(t.Context(), token)
				require.NoError(t, err)
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, keys.fetches.Load())
	})
}

// After a rotation the new key counts at once, and the old one no longer.
func TestRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys := serve(jwk("kid_1", ownKey))
		v := newVerifier(t, configOf(keys))
		before := signed(t, good(object{"exp": time.Now().Unix() + 7200}), nil)
		_, err := v.Verify(t.Context(), before)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		keys.set(keySet(jwk("kid_2", otherKey)))
		after := signedBy(t, jwt.SigningMethodRS256, otherKey, good(nil), object{"kid": "kid_2"})
		_, err = v.Verify(t.Context(), after)
		require.NoError(t, err)
		time.Sleep(10 * time.Second)
		_, err = v.Verify(t.Context(), before)
		require.ErrorIs(t, err, claims.ErrInvalidToken)
	})
}

// While unknown kids cause all the fetches that the bound has room for, a new key counts
// within five seconds.
func TestRotationAmongUnknownKeys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys := serve(jwk("kid_1", ownKey))
		v := newVerifier(t, configOf(keys))
		unknown := signed(t, good(object{"exp": time.Now().Unix() + 3600}), object{"kid": "unknown"})
		after := signedBy(t, jwt.SigningMethodRS256, otherKey, good(object{"exp": time.Now().Unix() + 3600}), object{"kid": "kid_2"})
		for ms := 0; ms < 60_000; ms += 10 {
			if ms == 31_230 {
				keys.set(keySet(jwk("kid_1", ownKey), jwk("kid_2", otherKey)))
			}
			_, err := v.Verify(t.Context(), unknown)
			require.ErrorIs(t, err, claims.ErrInvalidToken)
			if ms >= 31_230+5_000 {
				_, err = v.Verify(t.Context(), after)
				require.NoError(t, err)
			}
			time.Sleep(10 * time.Millisecond)
		}
		require.EqualValues(t, 60/5, keys.fetches.Load())
	})
}

// While the keys cannot be fetched, nobody can tell whether an unknown one is new: its users
// are not signed out, and those of known keys stay.
func TestUnknownKeysWhileDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys := serve(jwk("kid_1", ownKey))
		v := newVerifier(t, configOf(keys))
		life := object{"exp": time.Now().Unix() + 3600}
		before := signed(t, good(life), nil)
		after := signedBy(t, jwt.SigningMethodRS256, otherKey, good(life), object{"kid": "kid_2"})
		unknown := signed(t, good(life), object{"kid": "unknown"})
		_, err := v.Verify(t.Context(), before)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		keys.set("down")
		for range 60 {
			for _, token := range []string{after, unknown} {
				_, err = v.Verify(t.Context(), token)
				require.ErrorIs(t, err, claims.ErrUnavailable)
				require.ErrorContains(t, err, "no JSON Web Key Set")
				requireSilent(t, err, token)
			}
			_, err = v.Verify(t.Context(), before)
			require.NoError(t, err)
			time.Sleep(time.Second)
		}
		require.EqualValues(t, 1+60/5, keys.fetches.Load())
		keys.set(keySet(jwk("kid_2", otherKey)))
		time.Sleep(5 * time.Second)
		_, err = v.Verify(t.Context(), after)
		require.NoError(t, err)
		_, err = v.Verify(t.Context(), unknown)
		require.ErrorIs(t, err, claims.ErrInvalidToken, "a fetch a moment ago did not have it")
	})
}

// A key that Clerk withdrew is accepted for an hour and the request after it, even if no
// unknown kid comes.
func TestOldKeysAreFetchedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys := serve(jwk("kid_1", ownKey))
		v := newVerifier(t, configOf(keys))
		token := signed(t, good(object{"exp": time.Now().Unix() + 86400}), nil)
		_, err := v.Verify(t.Context(), token)
		require.NoError(t, err)
		keys.set("down")
		time.Sleep(time.Hour + time.Second)
		for range 3 { // what cannot be fetched leaves the keys that are there
			_, err = v.Verify(t.Context(), token)
			require.NoError(t, err)
			synctest.Wait()
			time.Sleep(time.Minute)
		}
		keys.set(keySet(jwk("kid_2", otherKey)))
		_, err = v.Verify(t.Context(), token)
		require.NoError(t, err)
		synctest.Wait()
		_, err = v.Verify(t.Context(), token)
		require.ErrorIs(t, err, claims.ErrInvalidToken)
	})
}

// Faulty answers are no keys: nobody is let through, the reason is named, and the next
// fetch follows.
func TestFaultyKeySets(t *testing.T) {
	t.Parallel()
	with := func(changes object) object {
		key := jwk("kid_1", ownKey)
		for name, value := range changes {
			key[name] = value
		}
		return key
	}
	for name, tc := range map[string]struct {
		transport roundTrip
		says      string
	}{
		"down":       {func(*http.Request) (*http.Response, error) { return nil, fmt.Errorf("connection refused") }, "connection refused"},
		"an error":   {func(*http.Request) (*http.Response, error) { return answer(500, "{}"), nil }, "status 500"},
		"a redirect": {func(*http.Request) (*http.Response, error) { return answer(302, "{}"), nil }, "status 302"},
		"slow": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, "deadline exceeded"},
		"huge":             {body(`{"keys":[` + strings.Repeat(" ", 1<<20)), "more than 65536 bytes"},
		"HTML":             {body("<html>"), "no JSON Web Key Set"},
		"empty":            {body(""), "no JSON Web Key Set"},
		"an empty object":  {body("{}"), "no RSA key"},
		"no keys":          {body(keySet()), "no RSA key"},
		"a short key":      {body(keySet(jwk("kid_1", newKey(1024)))), "no RSA key of 2048 to 16384 bits"},
		"a long key":       {body(keySet(with(object{"n": strings.Repeat("_", 3000)}))), "no RSA key of 2048 to 16384 bits"},
		"no RSA":           {body(keySet(object{"kty": "oct", "kid": "kid_1", "k": "c2VjcmV0"})), "no RSA key"},
		"an elliptic one":  {body(keySet(object{"kty": "OKP", "crv": "Ed25519", "kid": "kid_1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})), "no RSA key"},
		"for encryption":   {body(keySet(with(object{"use": "enc"}))), "no RSA key"},
		"for RS512":        {body(keySet(with(object{"alg": "RS512"}))), "no RSA key"},
		"without an id":    {body(keySet(with(object{"kid": ""}))), "no RSA key"},
		"a broken modulus": {body(keySet(with(object{"n": "!"}))), "no RSA key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				good1, good2 := serve(jwk("kid_1", ownKey)), false
				v := newVerifier(t, configOf(roundTrip(func(r *http.Request) (*http.Response, error) {
					if good2 {
						return good1.RoundTrip(r)
					}
					return tc.transport(r)
				})))
				token := signed(t, good(object{"exp": time.Now().Unix() + 60}), nil)
				_, err := v.Verify(t.Context(), token)
				require.ErrorIs(t, err, claims.ErrUnavailable)
				require.ErrorContains(t, err, tc.says)
				requireSilent(t, err, token)
				var refused *claims.Error
				require.ErrorAs(t, err, &refused)
				require.Equal(t, http.StatusServiceUnavailable, refused.Status)
				good2 = true
				time.Sleep(5 * time.Second)
				_, err = v.Verify(t.Context(), token)
				require.NoError(t, err)
			})
		})
	}
}

// One key that is of no use does not take the others along.
func TestMixedKeySet(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, configOf(serve(object{"kty": "future", "kid": "x"}, jwk("short", newKey(1024)), jwk("kid_1", ownKey))))
	_, err := v.Verify(t.Context(), signed(t, good(nil), nil))
	require.NoError(t, err)
}

func body(text string) roundTrip {
	return func(*http.Request) (*http.Response, error) { return answer(http.StatusOK, text), nil }
}

// A request that ends does not end the fetch that others wait for.
func TestKeysForARequestThatEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		keys := serve(jwk("kid_1", ownKey))
		v := newVerifier(t, configOf(roundTrip(func(r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(2 * time.Second):
				return keys.RoundTrip(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})))
		token := signed(t, good(nil), nil)
		ctx, cancel := contextWithTimeout(t, time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := v.Verify(ctx, token)
			require.ErrorIs(t, err, claims.ErrUnavailable)
		})
		wg.Go(func() {
			_, err := v.Verify(t.Context(), token)
			require.NoError(t, err)
		})
		wg.Wait()
		require.EqualValues(t, 1, keys.fetches.Load())
	})
}
