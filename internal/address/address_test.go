package address_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/address"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://a.example": "https://a.example", "https://a.example/": "https://a.example", "https://a.example/x//": "https://a.example/x",
		"http://a.example:80/a%20b": "http://a.example:80/a%20b", "http://my_service.": "http://my_service.", "https://[::2]:1": "https://[::2]:1",
	} {
		u, err := address.Parse(text)
		require.NoError(t, err)
		require.Equal(t, want, u.String())
	}
	const invalid = "has a host or a port that is not valid"
	for text, says := range map[string]string{
		"https://a.example:pw": "is not a URL", "https://pw@a.example": "holds credentials", "https://a.example?pw": "has a query",
		"https://a.example?": "has a query", "https://a.example#pw": "has a fragment", "https://a.example#": "has a fragment",
		"a.example": "must begin with https://", "ftp://a.example": "must begin with https://", "https:///pw": "has no host",
		"https://a\"pw.example": invalid, "https://ä.example": invalid, "https://a..example": invalid, "https://[fe80::1%25pw]": invalid,
		"https://a.example:": invalid, "https://a.example:0": invalid, "https://a.example:65536": invalid, "https://" + strings.Repeat("a.", 130): invalid,
		"https://a.example/%2e": "escape in its path", "https://a.example/../x": "has . or ..", "https://a.example/.": "has . or ..",
	} {
		u, err := address.Parse(text)
		require.Nil(t, u)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "pw")
	}
}

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost:80": true, "127.0.0.1": true, "127.9.9.9:1": true, "::1": true, "[::1]": true, "[::1]:1": true,
		"[::ffff:127.0.0.1]:1": true, "": false, ":80": false, "10.0.0.1": false, "0.0.0.0:1": false, "[::]:1": false,
		"localhost.example": false, "a.localhost": false, "127.0.0.1.example:1": false,
	} {
		require.Equal(t, want, address.IsLoopback(host), host)
	}
}

func TestCheckLocal(t *testing.T) {
	t.Parallel()
	hosts := []string{"receiver"}
	for _, text := range []string{"http://localhost:1/x", "https://[::1]", "http://RECEIVER:3000"} {
		require.NoError(t, address.CheckLocal(text, hosts), text)
	}
	for _, text := range []string{"http://receiver.example", "http://10.0.0.1", "http://2130706433", "https://[::]"} {
		require.ErrorIs(t, address.CheckLocal(text, hosts), address.ErrOffLoopback, text)
	}
	require.ErrorContains(t, address.CheckLocal("localhost", hosts), "must begin with https://")
	require.NoError(t, address.CheckNames(hosts))
	for _, host := range []string{"", "a:1", "http://a", "*.a"} {
		require.ErrorContains(t, address.CheckNames([]string{"a", host}), "expected host names")
	}
}

func TestInTheClear(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://a.example": false, "http://a.example": true, "http://LOCALHOST:1": false, "http://127.9.9.9": false, "http://[::1]:1": false,
		"http://[::ffff:127.0.0.1]": false, "http://10.0.0.1": true, "http://0.0.0.0": true, "http://localhost.example": true,
	} {
		u, err := address.Parse(text)
		require.NoError(t, err)
		require.Equal(t, want, address.InTheClear(u), text)
	}
}
