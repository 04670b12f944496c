package keys_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/keys"
)

func TestCheckSecret(t *testing.T) {
	t.Parallel()
	for key, says := range map[string]string{
		"sk_test_example": "", "sk_live_example": "", "sk_other": "",
		"": "set SOME_KEY to", " \t": "is empty", "sk_test_example\n": "white space around it", "pk_test_example": "is a publishable key",
		"eyJhbGciOiJub25lIn0.e30.sig": "is a session token", "Bearer sk_test_example": "pass the key alone",
		"example": "is not a secret key", "sk_": "is not a secret key", "sk_test_": "is not a secret key", "sk_live_": "is not a secret key",
		"sk_test_exam ple": "white space or a character", "sk_test_\x7f": "white space or a character", "sk_test_ä": "white space or a character",
	} {
		err := keys.CheckSecret(key, "SOME_KEY")
		if says == "" {
			require.NoError(t, err, key)
			continue
		}
		require.ErrorContains(t, err, says, key)
		require.NotContains(t, err.Error(), "example", key)
	}
}

func TestFrontendURL(t *testing.T) {
	t.Parallel()
	encode := base64.StdEncoding.EncodeToString
	for host, want := range map[string]string{
		"clerk.example": "https://clerk.example", "clerk.example:8443": "https://clerk.example:8443",
		"127.0.0.1:9000": "http://127.0.0.1:9000", "localhost": "http://localhost", "[::1]": "http://[::1]",
	} {
		for _, prefix := range []string{keys.PublishableTest, keys.PublishableLive} {
			url, err := keys.FrontendURL(prefix+encode([]byte(host+"$")), "SOME_KEY")
			require.NoError(t, err)
			require.Equal(t, want, url)
		}
	}
	for key, says := range map[string]string{
		"": "SOME_KEY", "sk_test_x": "is not a publishable key", "pk_test_": "is damaged", "pk_test_*": "is damaged",
		"pk_live_" + encode([]byte("a.example")): "is damaged", "pk_live_" + encode([]byte("$")): "is damaged",
		"pk_live_" + encode([]byte("a@b$")): "is damaged",
	} {
		url, err := keys.FrontendURL(key, "SOME_KEY")
		require.Empty(t, url)
		require.ErrorContains(t, err, says)
	}
}

// The value is that of sha1sum and base64.
func TestCookieSuffix(t *testing.T) {
	t.Parallel()
	require.Equal(t, "o383k7Jh", keys.CookieSuffix("pk_test_Y2xlcmsuZXhhbXBsZSQ"))
}
