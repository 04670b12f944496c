package client_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// requireRefused checks a refusal: the call's name, the parameter, no request.
func requireRefused(t *testing.T, c call, got bool, err error, param string, rt *script) {
	t.Helper()
	e := asFailure(t, err)
	require.False(t, got)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, err, clerkerr.ErrInvalid)
	require.Equal(t, c.name, e.Operation)
	require.Equal(t, param, e.Param())
	require.Zero(t, e.Attempts)
	require.Zero(t, e.Status)
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	require.Zero(t, rt.count(), "a request was sent")
}

func TestNilContext(t *testing.T) {
	t.Parallel()
	for _, c := range append(writes[:len(writes):len(writes)], reads...) {
		rt := play(answer(200, userJSON))
		got, err := c.do(nil, newSDK(t, rt), goodInput())
		requireRefused(t, c, got, err, "ctx", rt)
	}
}

func TestBadIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", "..", "user_1/..", "user_1#f", "user_1?a=b", "user%2F1", `user\1`, "user 1", "user_1\n", "user\x00", "user\xff", strings.Repeat("u", 256)} {
		for _, c := range append(writes[:len(writes):len(writes)], reads...) {
			if c.isFrontend() {
				continue
			}
			rt := play(answer(200, userJSON))
			in := goodInput()
			param := "user_id"
			if strings.Contains(c.name, "Organization") {
				in.org, param = id, "organization_id"
			} else {
				in.user = id
			}
			got, err := c.do(t.Context(), newSDK(t, rt), in)
			requireRefused(t, c, got, err, param, rt)
		}
	}
}

func TestBadMembershipIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []call{writes[4], reads[2]} {
		require.Contains(t, c.name, "Membership")
		for _, tc := range []struct{ org, user, param string }{
			{"org_1", "", "user_id"},
			{"org_1", "a/b", "user_id"},
			{"user_1", "org_1", "organization_id"},
			{"user_1", "user_1", "organization_id"},
			{"org_1", "org_1", "user_id"},
		} {
			rt := play(answer(200, userJSON))
			in := goodInput()
			in.org, in.user = tc.org, tc.user
			got, err := c.do(t.Context(), newSDK(t, rt), in)
			requireRefused(t, c, got, err, tc.param, rt)
		}
	}
	for _, user := range []string{"+user_1", "-user_1"} { // they invert a list's filter
		rt := play(answer(200, `{"data":[]}`))
		in := goodInput()
		in.user = user
		got, err := reads[2].do(t.Context(), newSDK(t, rt), in)
		requireRefused(t, reads[2], got, err, "user_id", rt)
	}
}

func TestNothingToWrite(t *testing.T) {
	t.Parallel()
	for _, patch := range []metadata.Patch{nil, {}} {
		for _, c := range writes {
			rt := play(answer(200, userJSON))
			in := goodInput()
			in.patch, in.value = patch, metadata.Value{}
			got, err := c.do(t.Context(), newSDK(t, rt), in)
			requireRefused(t, c, got, err, "", rt)
			require.ErrorIs(t, err, clerkerr.ErrNothingToWrite)
		}
	}
}

func TestValuesThatCannotBeSent(t *testing.T) {
	t.Parallel()
	var nilMap map[string]any
	var nilPointer *int
	for name, bad := range map[string]any{
		"nil": nil, "nil map": nilMap, "nil pointer": nilPointer, "nested nil": map[string]any{"x": nil},
		"NaN": math.NaN(), "infinity": math.Inf(1), "function": func() {}, "invalid UTF-8": "\xff",
	} {
		for _, c := range writes {
			isNull := strings.Contains(strings.ToLower(name), "nil")
			if c.isReplace() && isNull {
				continue // a PUT stores nulls
			}
			rt := play(answer(200, userJSON))
			in := goodInput()
			in.patch, in.value = metadata.Patch{"ok": 1, "k": bad}, metadata.Of(map[string]any{"k": bad})
			got, err := c.do(t.Context(), newSDK(t, rt), in)
			param := "unsafe_metadata"
			if strings.Contains(c.name, "Organization") {
				param = "public_metadata"
			}
			requireRefused(t, c, got, err, param, rt)
			var at *metadata.PathError
			require.ErrorAs(t, err, &at)
			require.Contains(t, at.Path, "k")
		}
	}
}

func TestOversizeReplacement(t *testing.T) {
	t.Parallel()
	const frame = len(`{"k":""}`)
	sized := func(n int) metadata.Value {
		return metadata.Of(map[string]any{"k": strings.Repeat("x", n-frame)})
	}
	errSent := errors.New("sent")
	for _, c := range writes {
		if !c.isReplace() {
			continue
		}
		in := goodInput()
		in.value = sized(metadata.MaxSize + 1)
		rt := play(broken(errSent))
		got, err := c.do(t.Context(), newSDK(t, rt), in)
		param := "unsafe_metadata"
		if strings.Contains(c.name, "Organization") {
			param = "public_metadata"
		}
		requireRefused(t, c, got, err, param, rt)
		require.ErrorIs(t, err, clerkerr.ErrTooLarge)

		_, err = c.do(t.Context(), newSDK(t, rt, client.WithoutSizeCheck(), client.WithRetry(client.Retry{MaxRetries: client.None})), in)
		require.ErrorIs(t, err, errSent)
		in.value = sized(metadata.MaxSize)
		_, err = c.do(t.Context(), newSDK(t, rt, client.WithRetry(client.Retry{MaxRetries: client.None})), in)
		require.ErrorIs(t, err, errSent)
	}
}

func TestBadCredentials(t *testing.T) {
	t.Parallel()
	for name, credential := range map[string]me.Credential{
		"none": {}, "empty cookie": me.Cookie(""), "empty token": me.NativeToken(""), "empty dev token": me.DevBrowser(""),
		"secret key": me.NativeToken(key), "newline": me.Cookie("a\nb"), "semicolon": me.Cookie("a; b=c"),
		"too long": me.Cookie(strings.Repeat("x", 9<<10)), "session": me.Cookie("a").WithSession("s 1"), "unicode": me.DevBrowser("ü"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range append(writes[:len(writes):len(writes)], reads...) {
				if !c.isFrontend() {
					continue
				}
				rt := play(answer(200, `{"response":`+userJSON+`}`))
				in := goodInput()
				in.credential = credential
				got, err := c.do(t.Context(), newSDK(t, rt), in)
				requireRefused(t, c, got, err, "credential", rt)
			}
		})
	}
}
