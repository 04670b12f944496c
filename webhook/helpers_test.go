package webhook_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/signature"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// secret and other are two secrets in Clerk's form.
var (
	secret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("a signing secret of nobody"))
	other  = "whsec_" + base64.StdEncoding.EncodeToString([]byte("another signing secret of nobody"))
)

const event = `{"object":"event","type":"user.updated","timestamp":1716883200,"data":{"id":"user_1","private_metadata":{"hidden":9007199254740993}}}`

// receiver returns a Receiver of the secrets.
func receiver(tb testing.TB, secrets ...string) *webhook.Receiver {
	tb.Helper()
	var all []webhook.Secret
	for _, text := range secrets {
		all = append(all, webhook.SigningSecret(text))
	}
	r, err := webhook.New(all...)
	require.NoError(tb, err)
	return r
}

func sign(tb testing.TB, secret, id string, at time.Time, body []byte) string {
	tb.Helper()
	key, err := signature.ParseKey(secret)
	require.NoError(tb, err)
	return key.Sign(id, at.Unix(), body)
}

// signed returns a delivery as Clerk makes it.
func signed(tb testing.TB, id, body string) *http.Request {
	tb.Helper()
	return signedAt(tb, id, body, time.Now())
}

func signedAt(tb testing.TB, id, body string, at time.Time) *http.Request {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/clerk", bytes.NewReader([]byte(body)))
	r.Header.Set("Svix-Id", id)
	r.Header.Set("Svix-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Svix-Signature", sign(tb, secret, id, at, []byte(body)))
	return r
}
