package client_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/me"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// requireRefused checks a refusal: the call's name, the parameter, no request.
func requireRefused(t *testing.T, c calls.Call, r calls.Result, param string, rt *script) {
	t.Helper()
	e := asFailure(t, r.Err)
	require.Empty(t, r.Found)
	require.ErrorIs(t, e, clerkerr.ErrInvalidArgument)
	require.ErrorIs(t, e, clerkerr.ErrInvalid)
	require.Equal(t, c.Operation(), e.Operation)
	require.Equal(t, param, e.Param())
	require.Zero(t, e.Attempts)
	require.Zero(t, e.Status)
	require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
	require.Zero(t, rt.count(), "a request was sent")
}

func TestNilContext(t *testing.T) {
	t.Parallel()
	for _, c := range calls.All() {
		rt := play(answer(200, userJSON))
		requireRefused(t, c, c.Do(nil, newSDK(t, rt), calls.Valid()), "ctx", rt)
	}
}

func TestBadIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", "..", "user_1/..", "user_1#f", "user_1?a=b", "user%2F1", `user\1`, "user 1", "user_1\n", "user\x00", "user\xff", strings.Repeat("u", 256)} {
		for _, c := range calls.All() {
			for _, param := range c.IDs {
				rt := play(answer(200, userJSON))
				in := calls.Valid().WithID(param, id)
				requireRefused(t, c, c.Do(t.Context(), newSDK(t, rt), in), param, rt)
			}
		}
	}
}

func TestBadMembershipIDs(t *testing.T) {
	t.Parallel()
	for _, c := range calls.Select(func(c calls.Call) bool { return slices.Contains(c.IDs, "user_id") && len(c.IDs) == 2 }) {
		refused := []struct{ org, user, param string }{
			{"org_1", "", "user_id"},
			{"org_1", "a/b", "user_id"},
			{"user_1", "org_1", "organization_id"},
			{"user_1", "user_1", "organization_id"},
			{"org_1", "org_1", "user_id"},
		}
		if !c.Requests[0].IsWrite() { // one is read by a filter, which these invert
			refused = append(refused, []struct{ org, user, param string }{{"org_1", "+user_1", "user_id"}, {"org_1", "-user_1", "user_id"}}...)
		}
		for _, tc := range refused {
			rt := play(answer(200, `{"data":[]}`))
			in := calls.Valid().WithID("organization_id", tc.org).WithID("user_id", tc.user)
			requireRefused(t, c, c.Do(t.Context(), newSDK(t, rt), in), tc.param, rt)
		}
	}
}

func TestNothingToWrite(t *testing.T) {
	t.Parallel()
	for _, patch := range []metadata.Patch{nil, {}} {
		for _, c := range calls.Select(isPlainWrite) {
			if c.Creates > 0 {
				continue // needs no metadata
			}
			rt := play(answer(200, userJSON))
			in := calls.Valid()
			in.Patch, in.Value = calls.Same(patch), calls.Fields[metadata.Value]{}
			r := c.Do(t.Context(), newSDK(t, rt), in)
			requireRefused(t, c, r, "", rt)
			require.ErrorIs(t, r.Err, clerkerr.ErrNothingToWrite)
		}
	}
}

// isPlainWrite reports whether a call sends what it is given: Modify compares.
func isPlainWrite(c calls.Call) bool { return c.IsWrite() && !c.IsView() && !c.Revokes }

func TestValuesThatCannotBeSent(t *testing.T) {
	t.Parallel()
	var nilMap map[string]any
	var nilPointer *int
	for name, bad := range map[string]any{
		"nil": nil, "nil map": nilMap, "nil pointer": nilPointer, "nested nil": map[string]any{"x": nil},
		"NaN": math.NaN(), "infinity": math.Inf(1), "function": func() {}, "invalid UTF-8": "\xff",
	} {
		for _, c := range calls.Select(isPlainWrite) {
			isNull := strings.Contains(strings.ToLower(name), "nil")
			if c.TakesValue() && isNull {
				continue // stores nulls
			}
			rt := play(answer(200, userJSON))
			in := calls.Valid()
			in.Patch = calls.Same(metadata.Patch{"ok": 1, "k": bad})
			in.Value = calls.Same(metadata.Of(map[string]any{"k": bad}))
			r := c.Do(t.Context(), newSDK(t, rt), in)
			requireRefused(t, c, r, c.Param(c.Target.Fields()[0]), rt)
			var at *metadata.PathError
			require.ErrorAs(t, r.Err, &at)
			require.Contains(t, at.Path, "k")
		}
	}
}

func TestOversizeReplacement(t *testing.T) {
	t.Parallel()
	const frame = len(`{"k":""}`)
	sized := func(n int) calls.Fields[metadata.Value] {
		return calls.Same(metadata.Of(map[string]any{"k": strings.Repeat("x", n-frame)}))
	}
	errSent := errors.New("sent")
	for _, c := range calls.Select(calls.Call.TakesValue) {
		in := calls.Valid()
		in.Value = sized(metadata.MaxSize + 1)
		rt := play(broken(errSent))
		r := c.Do(t.Context(), newSDK(t, rt), in)
		requireRefused(t, c, r, c.Param(c.Target.Fields()[0]), rt)
		require.ErrorIs(t, r.Err, clerkerr.ErrTooLarge)

		r = c.Do(t.Context(), newSDK(t, rt, client.WithoutSizeCheck(), client.WithRetry(client.Retry{MaxRetries: client.None})), in)
		require.ErrorIs(t, r.Err, errSent)
		in.Value = sized(metadata.MaxSize)
		r = c.Do(t.Context(), newSDK(t, rt, client.WithRetry(client.Retry{MaxRetries: client.None})), in)
		require.ErrorIs(t, r.Err, errSent)
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
			for _, c := range calls.Select(calls.Call.IsFrontend) {
				rt := play(answer(200, `{"response":`+userJSON+`}`))
				in := calls.Valid()
				in.Credential = credential
				requireRefused(t, c, c.Do(t.Context(), newSDK(t, rt), in), "credential", rt)
			}
		})
	}
}
