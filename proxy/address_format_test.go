package proxy_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// TestAddressHeaders holds what each front sends, and what it never does: an
// address in another form is refused, since it could be read as another address.
func TestAddressHeaders(t *testing.T) {
	t.Parallel()
	type examples map[string]string // a value and the address, "" for a refusal
	alone := examples{
		"192.0.2.7":            "192.0.2.7",
		"2001:db8::1":          "2001:db8::1",
		"2001:DB8:0:0:0:0:0:1": "2001:db8::1",
		"2001:db8::8a2e:7334":  "2001:db8::8a2e:7334",
		"2001:db8::1:4653":     "2001:db8::1:4653",
		"::ffff:192.0.2.7":     "192.0.2.7",
		"192.0.2.7:46532":      "",
		"[2001:db8::1]":        "",
		"[2001:db8::1]:46532":  "",
		"2001:db8::1:46532":    "",
		"fe80::1%eth0":         "",
	}
	optionalPort := examples{
		"192.0.2.7":                "192.0.2.7",
		"192.0.2.7:46532":          "192.0.2.7",
		"2001:db8::1":              "2001:db8::1",
		"2001:db8::1:4653":         "2001:db8::1:4653",
		"[2001:db8::1]":            "2001:db8::1",
		"[2001:db8::1]:46532":      "2001:db8::1",
		"[::ffff:192.0.2.7]:80":    "192.0.2.7",
		"2001:db8::1:46532":        "",
		"[192.0.2.7]":              "",
		"[192.0.2.7]:80":           "",
		"[2001:db8::1":             "",
		"2001:db8::1]":             "",
		"[[2001:db8::1]]":          "",
		"[2001:db8::1]80":          "",
		"[2001:db8::1]:":           "",
		"[2001:db8::1]:80:80":      "",
		"[fe80::1%eth0]:80":        "",
		"192.0.2.7:":               "",
		"192.0.2.7:http":           "",
		":80":                      "",
		"192.0.2.7, 192.0.2.8":     "",
		"192.0.2.7:80, 2001:db8::": "",
	}
	andPort := examples{
		"198.51.100.10:46532":         "198.51.100.10",
		"198.51.100.10:1":             "198.51.100.10",
		"198.51.100.10:65535":         "198.51.100.10",
		"2001:db8::1:46532":           "2001:db8::1",
		"2001:db8::1:4653":            "2001:db8::1",
		"2001:db8::1:443":             "2001:db8::1",
		"2001:db8::1:80":              "2001:db8::1",
		"2001:db8::1:8":               "2001:db8::1",
		"2001:db8:1:2:3:4:5:6:46532":  "2001:db8:1:2:3:4:5:6",
		"2001:db8:1:2:3:4:5:6:80":     "2001:db8:1:2:3:4:5:6",
		"2001:db8:85a3::8a2e:370:443": "2001:db8:85a3::8a2e:370",
		"2001:db8:::46532":            "2001:db8::",
		"[2001:db8::1]:46532":         "2001:db8::1",
		"::ffff:192.0.2.7:46532":      "192.0.2.7",
		"2001:db8:1:2:3:4:5:6":        "",
		"2001:db8::1":                 "",
		"2001:db8::":                  "",
		"2001:db8::1:abcd":            "",
		"2001:db8::1:123456":          "",
		"2001:db8::1:0":               "",
		"2001:db8::1:65536":           "",
		"2001:db8::1:+80":             "",
		"198.51.100.10":               "",
		"198.51.100.10:":              "",
		"[2001:db8::1]":               "",
		":46532":                      "",
	}
	never := []string{"", " ", "unknown", "hidden.example", "192.0.2", "192.0.2.256", "192.0.02.7", "192.0.2.7/24", "192.0.2.7 ", "0x7f000001", "1"}
	headers := map[string]examples{"CloudFront-Viewer-Address": andPort, "X-Forwarded-For": optionalPort, "X-Vercel-Forwarded-For": optionalPort}
	for _, name := range []string{
		"CF-Connecting-IP", "CF-Connecting-IPv6", "True-Client-IP", "X-Real-IP", "Fastly-Client-IP", "Fly-Client-IP", "DO-Connecting-IP",
		"X-NF-Client-Connection-IP", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-Appengine-User-IP", "X-Envoy-External-Address",
		"Ali-CDN-Real-IP", "Incap-Client-IP", "X-Sucuri-ClientIP",
	} {
		headers[name] = alone
	}
	for name, table := range headers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireAddresses(t, proxy.FromHeader(name), name, table, never)
		})
	}
	for format, table := range map[proxy.AddressFormat]examples{
		proxy.AddressAlone: alone, proxy.AddressAndPort: andPort, proxy.AddressOptionalPort: optionalPort,
	} {
		requireAddresses(t, proxy.FromCustomHeader("x-edge-peer", format), "X-Edge-Peer", table, never)
	}
}

func requireAddresses(t *testing.T, source proxy.AddressSource, name string, table map[string]string, never []string) {
	t.Helper()
	c := configFor(&upstream{addr: "127.0.0.1:1"})
	c.ClientAddress = source
	check := func(value, want string) {
		h := http.Header{}
		h.Set(name, value)
		w, s := handle(t, c, "10.0.0.1:5000", h)
		if want == "" {
			require.Equal(t, http.StatusInternalServerError, w.Code, "%s: %q", name, value)
			require.Contains(t, w.Body.String(), `"code":"proxy_configuration_error"`)
			require.Empty(t, s.url)
			return
		}
		require.Equal(t, http.StatusNoContent, w.Code, "%s: %q", name, value)
		require.Equal(t, []string{want}, s.Values("X-Forwarded-For"), "%s: %q", name, value)
	}
	for value, want := range table {
		check(value, want)
	}
	for _, value := range never {
		check(value, "")
	}
}
