package client_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
)

func TestWrongKeys(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ key, says string }{
		"empty":          {"", "CLERK_SECRET_KEY"},
		"blank":          {" \n", "is empty"},
		"newline":        {key + "\n", "white space around it"},
		"space":          {" " + key, "white space around it"},
		"publishable":    {"pk_test_ZXhhbXBsZSQ", "is a publishable key"},
		"session token":  {"eyJhbGciOiJub25lIn0.e30.sig", "is a session token"},
		"Bearer":         {"Bearer " + key, "pass the key alone"},
		"garbage":        {"example", "is not a secret key"},
		"other case":     {"SK_TEST_EXAMPLE", "is not a secret key"},
		"sk_":            {"sk_", "is not a secret key"},
		"sk_test_":       {"sk_test_", "is not a secret key"},
		"sk_live_":       {"sk_live_", "is not a secret key"},
		"white space":    {"sk_test_exam ple", "white space or a character"},
		"header":         {"sk_test_x\r\nX-Evil: 1", "white space or a character"},
		"control":        {"sk_test_x\x00y", "white space or a character"},
		"other alphabet": {"sk_test_exämple", "white space or a character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := client.New(client.SecretKey(tc.key))
			require.Nil(t, c)
			requireInvalid(t, err, "client.New", "key", tc.says)
			if rest := strings.TrimSpace(tc.key); len(rest) > len("sk_test_") {
				require.NotContains(t, everyPrint(t, err), rest)
				require.NotContains(t, everyPrint(t, err), rest[len(rest)-4:])
			}
		})
	}
	_, err := client.New(client.Key{})
	requireInvalid(t, err, "client.New", "key", "is empty")
	require.Empty(t, client.Key{}.Reveal())
	_, err = client.New(client.SecretKey("sk_other_example"))
	require.NoError(t, err)
}

func TestKeyPrintsRedacted(t *testing.T) {
	t.Parallel()
	type hidden struct{ k client.Key }
	for text, want := range map[string]string{
		"sk_test_example": "sk_test_…redacted", "sk_live_example": "sk_live_…redacted",
		"sk_other_example": "…redacted", "example": "…redacted", "": "…redacted",
	} {
		k := client.SecretKey(text)
		require.Equal(t, text == "sk_live_example", k.IsLive())
		require.Equal(t, text, k.Reveal())
		require.Equal(t, want, k.String())
		require.Equal(t, want, k.GoString())
		require.Equal(t, want, fmt.Sprint(k))
		require.Equal(t, `"`+want+`"`, fmt.Sprintf("%q", k))
		printed := everyPrint(t, k) + everyPrint(t, &k) + everyPrint(t, []client.Key{k}) +
			everyPrint(t, hidden{k}) + everyPrint(t, &hidden{k}) + everyPrint(t, struct{ K client.Key }{k})
		require.NotContains(t, printed, "example")
		require.Contains(t, printed, want)
		// As fmt prints it where it can call no method.
		require.NotContains(t, fmt.Sprintf("%+v %#v", hidden{k}, hidden{k}), "example")
	}
}

func TestServicesPrintNoKey(t *testing.T) {
	t.Parallel()
	s := newSDK(t, answer(200, userJSON))
	for _, v := range []any{s.Client, *s.Client, s.Users, *s.Users, s.Organizations, s.Me, s} {
		require.NotContains(t, everyPrint(t, v), key)
	}
}
