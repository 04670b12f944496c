package peers_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

const deliveries = 5000

// delivery is what arrives. The peer reads its headers with the prefix webhook- only.
type delivery struct {
	secret                   string
	id, timestamp, signature string
	body                     []byte
}

func (d *delivery) header(prefix string) http.Header {
	header := http.Header{}
	header.Set(prefix+"Id", d.id)
	header.Set(prefix+"Timestamp", d.timestamp)
	header.Set(prefix+"Signature", d.signature)
	return header
}

// ours reports whether package webhook accepts the delivery.
func (d *delivery) ours(t *testing.T, prefix string) bool {
	t.Helper()
	receiver, err := webhook.New(webhook.SigningSecret(d.secret))
	if err != nil {
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		return false
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(d.body))
	request.Header = d.header(prefix)
	_, err = receiver.Verify(request)
	require.True(t, err == nil || errors.Is(err, webhook.ErrUnverified), "%v", err)
	return err == nil
}

// peers reports whether the Standard Webhooks library accepts the delivery.
func (d *delivery) peers(prefix string) bool {
	verifier, err := standardwebhooks.NewWebhook(d.secret)
	return err == nil && verifier.Verify(d.body, d.header(prefix)) == nil
}

// newDelivery returns one that is signed by the peer.
func newDelivery(t *testing.T, random *rand.Rand, at time.Time) *delivery {
	t.Helper()
	key := make([]byte, 24+random.IntN(41))
	for i := range key {
		key[i] = byte(random.Uint32())
	}
	d := &delivery{
		secret: "whsec_" + base64.StdEncoding.EncodeToString(key), id: "msg_" + strconv.Itoa(random.IntN(1e9)), timestamp: strconv.FormatInt(at.Unix(), 10),
		body: []byte(`{"type":"user.updated","data":{"id":"user_` + strings.Repeat("é", random.IntN(100)) + `"}}`),
	}
	d.sign(t, at)
	return d
}

func (d *delivery) sign(t *testing.T, at time.Time) {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(d.secret)
	require.NoError(t, err)
	d.signature, err = signer.Sign(d.id, at, d.body)
	require.NoError(t, err)
}

// flip changes one bit.
func flip(random *rand.Rand, text string) string {
	damaged := []byte(text)
	damaged[random.IntN(len(damaged))] ^= 1 << random.IntN(7)
	return string(damaged)
}

// What the peer signs is verified, and what is damaged is accepted by both or by neither.
func TestWebhooksAsStandardWebhooks(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(16, 1)) //nolint:gosec // a seed that repeats
	damages := map[string]func(*delivery){
		"id":        func(d *delivery) { d.id = flip(random, d.id) },
		"signature": func(d *delivery) { d.signature = flip(random, d.signature) },
		"body":      func(d *delivery) { d.body = []byte(flip(random, string(d.body))) },
		"cut body":  func(d *delivery) { d.body = d.body[:random.IntN(len(d.body))] },
		"secret": func(d *delivery) {
			d.secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("another key, as long as one is"))
		},
		"old": func(d *delivery) { d.sign(t, time.Now().Add(-time.Hour)) },
		"other time": func(d *delivery) {
			d.timestamp = strconv.FormatInt(time.Now().Unix()-1-random.Int64N(200), 10)
		},
		"no time":       func(d *delivery) { d.timestamp = flip(random, "x") },
		"milliseconds":  func(d *delivery) { d.timestamp += "000" },
		"other version": func(d *delivery) { d.signature = strings.Replace(d.signature, "v1", "v2", 1) },
		"several":       func(d *delivery) { d.signature = "v1,AAAA v1a,AAAA " + d.signature + " v1," },
		"none":          func(d *delivery) { d.signature = "" },
		"no id":         func(d *delivery) { d.id = "" },
	}
	names := slices.Sorted(maps.Keys(damages))
	accepted := map[bool]int{}
	for i := range deliveries {
		d := newDelivery(t, random, time.Now())
		require.True(t, d.ours(t, "Webhook-"))
		require.True(t, d.ours(t, "Svix-"))
		require.True(t, d.peers("Webhook-"))
		name := names[i%len(names)]
		damages[name](d)
		if strings.Contains(d.id, ".") {
			continue // the next test has it
		}
		accepted[d.ours(t, "Webhook-")]++
		require.Equal(t, d.peers("Webhook-"), d.ours(t, "Webhook-"), "%s: %+v", name, d)
	}
	require.Greater(t, accepted[true], deliveries/50)
	require.Greater(t, accepted[false], deliveries/2)
}

// Where the two differ, the peer accepts more, except that it does not read svix-*.
func TestWebhooksUnlikeStandardWebhooks(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(16, 2)) //nolint:gosec // a seed that repeats
	now := time.Now()
	for name, change := range map[string]func(*delivery){
		"an empty secret":            func(d *delivery) { d.secret = "" },
		"an empty key":               func(d *delivery) { d.secret = "whsec_" },
		"a short key":                func(d *delivery) { d.secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("short")) },
		"a secret without a prefix":  func(d *delivery) { d.secret = strings.TrimPrefix(d.secret, "whsec_") },
		"a secret with line breaks":  func(d *delivery) { d.secret = d.secret[:10] + "\n" + d.secret[10:] + "\n" },
		"a dot in the id":            func(d *delivery) { d.id = "msg_1.2" },
		"a plus sign before seconds": func(d *delivery) { d.timestamp = "+" + d.timestamp },
		"a zero before seconds":      func(d *delivery) { d.timestamp = "0" + d.timestamp },
		"a third part of a signature": func(d *delivery) {
			d.sign(t, now)
			d.signature += ",more"
		},
	} {
		d := newDelivery(t, random, now)
		change(d)
		if !strings.HasSuffix(d.signature, ",more") {
			d.sign(t, now)
		}
		require.True(t, d.peers("Webhook-"), name)
		require.False(t, d.ours(t, "Webhook-"), name)
	}
	d := newDelivery(t, random, now)
	require.False(t, d.peers("Svix-"))
	require.True(t, d.ours(t, "Svix-"))
}
