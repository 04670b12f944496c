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
func receiver(t testing.TB, secrets ...string) *webhook.Receiver {
	t.Helper()
	var all []webhook.Secret
	for _, text := range secrets {
		all = append(all, webhook.SigningSecret(text))
	}
	r, err := webhook.New(all...)
	require.NoError(t, err)
	return r
}

func sign(t testing.TB, secret, id string, at time.Time, body []byte) string {
	t.Helper()
	key, err := signature.ParseKey(secret)
	require.NoError(t, err)
	return key.Sign(id, at.Unix(), body)
}

// signed returns a delivery as Clerk makes it.
func signed(t testing.TB, id, body string) *http.Request {
	t.Helper()
	return signedAt(t, id, body, time.Now())
}

func signedAt(t testing.TB, id, body string, at time.Time) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/clerk", bytes.NewReader([]byte(body)))
	r.Header.Set("Svix-Id", id)
	r.Header.Set("Svix-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Svix-Signature", sign(t, secret, id, at, []byte(body)))
	return r
}
