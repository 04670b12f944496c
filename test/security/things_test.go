package security

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/proxy"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
	"github.com/clerkmeta/clerkmeta-go/writer"
)

// TestThingsShowNothing prints whatever holds a secret, in all ways.
func TestThingsShowNothing(t *testing.T) {
	t.Parallel()
	clerk, err := instance()
	require.NoError(t, err)
	carry := clerk.Transport()
	s := newSDK(t, roundTripper(func(r *http.Request) (*http.Response, error) { return carry.RoundTrip(r) }))
	_, turned, err := s.Me.GetMe(t.Context(), me.Cookie(cookieToken))
	require.NoError(t, err)
	_, turnedNative, err := s.Me.GetMe(t.Context(), me.NativeToken(nativeToken))
	require.NoError(t, err)
	incoming, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://app.example/", http.NoBody)
	require.NoError(t, err)
	incoming.Header.Set("Cookie", "__client="+cookieToken)
	taken, err := me.FromRequest(incoming, "")
	require.NoError(t, err)
	userWriter, err := writer.Users(s.Users, writer.Config{})
	require.NoError(t, err)
	organizationWriter, err := writer.Organizations(s.Organizations, writer.Config{})
	require.NoError(t, err)
	config := proxyConfig("http://127.0.0.1:1")
	handler, err := proxy.New(config)
	require.NoError(t, err)
	receiver, err := webhook.New(webhook.SigningSecret(signingSecret))
	require.NoError(t, err)
	for name, thing := range map[string]any{
		"signing secret": webhook.SigningSecret(signingSecret), "no signing secret": webhook.SigningSecret(signingKey), "receiver": receiver,
		"key": client.SecretKey(secretKey), "keys": []client.Key{client.SecretKey(secretKey)},
		"key that is none": client.SecretKey(keyText),
		"cookie":           me.Cookie(cookieToken), "native token": me.NativeToken("Bearer " + nativeToken),
		"development browser": me.DevBrowser(devToken), "credential of a request": taken,
		"rotation": turned, "native rotation": turnedNative,
		"rotated credential": me.Cookie(cookieToken).Rotated(turned), "rotated token": me.NativeToken(nativeToken).Rotated(turnedNative),
		"client": s.Client, "users": s.Users, "organizations": s.Organizations, "me": s.Me,
		"view": users.As[wholeUser](s.Users), "my view": me.As[myself](s.Me),
		"writer": userWriter, "organizations' writer": organizationWriter,
		"proxy": handler, "configuration of a proxy": config,
		"option": client.WithHTTPClient(&http.Client{}),
	} {
		for holder, held := range map[string]any{
			"": thing, "a pointer to ": &thing, "a struct with ": struct {
				Exported any
				inner    any
			}{thing, thing}, "a map with ": map[string]any{"v": thing},
		} {
			credentials.requireNone(t, holder+name, everyPrint(held))
		}
	}
}

// refusals are errors of input that is refused before any request, with a secret
// in it wherever somebody may have put one by mistake.
func refusals(t *testing.T) map[string]error {
	t.Helper()
	found := map[string]error{}
	refused := func(name string, err error) {
		require.Error(t, err, name)
		found[name] = err
	}
	for name, key := range map[string]string{
		"with a bearer": "Bearer " + secretKey, "with a newline": secretKey + "\n", "cut": "sk_" + "\t" + keyText,
		"a token": nativeToken, "something": keyText, "publishable": "pk_test_" + keyText,
	} {
		_, err := client.New(client.SecretKey(key))
		refused("key "+name, err)
	}
	for name, address := range map[string]string{
		"user": "https://user:" + keyText + "@clerk.example", "query": "https://clerk.example/?__dev_session=" + devToken,
		"fragment": "https://clerk.example/#" + devToken, "scheme": secretKey + "://clerk.example", "no URL": "https://[" + secretKey,
		"the key": secretKey, "plain": "http://" + keyText + ".example",
	} {
		_, err := client.New(client.SecretKey(secretKey), client.WithBaseURL(address))
		refused("base URL with "+name, err)
		_, err = client.NewFrontend(address)
		refused("frontend URL with "+name, err)
	}
	for name, key := range map[string]string{
		"secret": secretKey, "damaged": "pk_test_" + base64.StdEncoding.EncodeToString([]byte(secretKey)), "none": keyText,
	} {
		_, err := client.FrontendURL(key)
		refused("publishable key: "+name, err)
	}
	for name, text := range map[string]string{
		"with a newline": signingSecret + "\n", "cut": signingSecret[:20], "damaged": signingSecret + "x", "something": signingKey, "a key": secretKey,
	} {
		_, err := webhook.New(webhook.SigningSecret(text))
		refused("signing secret "+name, err)
	}
	_, err := client.New(client.SecretKey(secretKey), client.WithUserAgent(secretKey+"\n"))
	refused("user agent", err)
	s := newSDK(t, roundTripper(func(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }))
	for _, credential := range []me.Credential{
		{}, me.Cookie(secretKey), me.Cookie(cookieToken + " "), me.NativeToken("Bearer Bearer " + nativeToken + "\n"),
		me.DevBrowser(strings.Repeat(devToken, 1000)), me.Cookie(cookieToken).WithSession(nativeToken + " "),
	} {
		_, _, err := s.Me.UpdateMetadata(t.Context(), credential, patch())
		refused("credential "+credential.String(), err)
	}
	for _, id := range []string{secretKey + "/", "../" + nativeToken, "+" + secretKey + " ", strings.Repeat(keyText, 100)} {
		_, err := s.Users.GetUser(t.Context(), id)
		refused("user "+id[:2], err)
		_, err = s.Organizations.GetOrganizationMembership(t.Context(), id, "user_1")
		refused("organization "+id[:2], err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://app.example/?_is_native=1", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+nativeToken+" "+nativeToken)
	request.Header.Add("Origin", "https://app.example")
	request.Header.Add("Cookie", "__client="+cookieToken)
	_, err = me.FromRequest(request, "")
	refused("request", err)
	_, err = metadata.ParseClaims([]byte(nativeToken), "metadata")
	refused("claims", err)
	return found
}

// TestRefusalsShowNothing looks into the errors of bad input.
func TestRefusalsShowNothing(t *testing.T) {
	t.Parallel()
	for name, err := range refusals(t) {
		everything.requireNone(t, name, everyPrint(err))
	}
	config := proxyConfig("http://127.0.0.1:1")
	for name, change := range map[string]func(*proxy.Config){
		"key":             func(c *proxy.Config) { c.SecretKey = client.SecretKey(keyText) },
		"publishable key": func(c *proxy.Config) { c.PublishableKey = secretKey },
		"upstream":        func(c *proxy.Config) { c.Upstream = "https://user:" + keyText + "@clerk.example" },
		"public URL":      func(c *proxy.Config) { c.PublicURL = "https://app.example/?" + secretKey },
		"header":          func(c *proxy.Config) { c.ClientAddress = proxy.FromHeader(secretKey + ": x") },
	} {
		bad := config
		change(&bad)
		_, err := proxy.New(bad)
		require.Error(t, err, name)
		everything.requireNone(t, "proxy with a bad "+name, everyPrint(err))
	}
}

// own is a type of a caller's whose methods quote what they are given.
type own struct{ net netip.Addr }

// UnmarshalText quotes the text.
func (o *own) UnmarshalText(text []byte) error {
	var err error
	o.net, err = netip.ParseAddr(string(text))
	return err
}

// TestMisfitsShowNothing decodes metadata into types that do not fit it, of which
// some quote the value in their errors, and encodes what is no metadata.
func TestMisfitsShowNothing(t *testing.T) {
	t.Parallel()
	held, err := metadata.ParseObject(mustJSON(object{"plan": storedText, "seats": number(storedNumber), "Plan": sentText}))
	require.NoError(t, err)
	for name, into := range map[string]any{
		"misfit": &misfit{}, "time": &struct{ Plan time.Time }{}, "lower-case time": &struct {
			Plan time.Time `json:"plan"`
		}{}, "own": &struct {
			Plan own `json:"plan"`
		}{}, "bytes": &struct {
			Plan []byte `json:"plan"`
		}{}, "map": &map[string]int{}, "array": &[]string{}, "small": &struct {
			Seats int8 `json:"seats"`
		}{}, "float": &struct {
			Seats bool `json:"seats"`
		}{},
	} {
		err := held.Decode(into)
		require.Error(t, err, name)
		everything.requireNone(t, name, everyPrint(err))
	}
	s := newSDK(t, roundTripper(func(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed }))
	for name, bad := range map[string]any{
		"number": number(sentNumber + "x"), "nil beside": object{"a": sentText, "b": nil}, "channel": []any{sentText, make(chan int)},
		"invalid text": sentText + "\xff", "function": object{sentText[:3]: func() {}},
	} {
		_, err := s.Users.UpdateUserMetadata(t.Context(), "user_1", users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"plan": bad}})
		require.Error(t, err, name)
		values.requireNone(t, name, everyPrint(err))
		_, err = s.Users.ReplaceUserMetadata(t.Context(), "user_1", users.ReplaceUserMetadataParams{PublicMetadata: metadata.Of([]any{bad})})
		require.Error(t, err, name)
		values.requireNone(t, name, everyPrint(err))
	}
	for _, bad := range []string{storedText, `{"plan":` + storedText, `{"a":` + storedNumber + `,"a":` + storedNumber + `}`, storedNumber, `["` + sentText} {
		_, err := metadata.ParsePatch([]byte(bad))
		require.Error(t, err, bad)
		values.requireNone(t, "patch", everyPrint(err))
		_, err = metadata.ParseObject([]byte(bad))
		if err != nil {
			values.requireNone(t, "object", everyPrint(err))
		}
	}
	_, err = users.ParseUser(bytes.Repeat([]byte(storedNumber), 2))
	require.Error(t, err)
	values.requireNone(t, "user", everyPrint(err))
}
