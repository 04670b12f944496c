package webhook_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	request := signed(t, "msg_1", event)
	e, err := receiver(t, secret).Verify(request)
	require.NoError(t, err)
	require.Equal(t, "msg_1", e.ID)
	require.Equal(t, webhook.UserUpdated, e.Type)
	require.Equal(t, event, string(e.Payload))
}

func TestNew(t *testing.T) {
	t.Parallel()
	_, err := webhook.New()
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.ErrorContains(t, err, "webhook.New: secrets: is empty")
	for text, says := range map[string]string{
		"":                                 "is empty",
		"whsec_":                           "too short",
		"whsec_" + strings.Repeat("A", 28): "too short",
		"whsec_hidden":                     "not base64",
		secret + "\n":                      "white space",
		"sk_test_hidden":                   "is not a signing secret",
	} {
		_, err := webhook.New(webhook.SigningSecret(secret), webhook.SigningSecret(text))
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument, text)
		require.ErrorContains(t, err, "webhook.New: secrets[1]: ")
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "hidden")
	}
	_, err = webhook.New(webhook.Secret{})
	require.ErrorContains(t, err, "secrets[0]: is empty")
}

func TestZeroReceiver(t *testing.T) {
	t.Parallel()
	_, err := new(webhook.Receiver).Verify(signed(t, "msg_1", event))
	require.ErrorIs(t, err, webhook.ErrUnverified)
}

func TestSecretPrintsRedacted(t *testing.T) {
	t.Parallel()
	s := webhook.SigningSecret(secret)
	printed := fmt.Sprintf("%v %+v %#v %s %q %x", s, []any{s}, struct{ Secret webhook.Secret }{s}, &s, s, s)
	printed += fmt.Sprintf("%+v %#v", receiver(t, secret), receiver(t, secret))
	require.Contains(t, printed, "whsec_…redacted")
	require.NotContains(t, printed, secret[6:])
	require.NotContains(t, printed, fmt.Sprintf("%x", secret[6:]))
	require.Equal(t, "…redacted", webhook.SigningSecret("hidden").String())
}

// Deliveries signed with the old and the new secret are accepted while both are
// there; Svix then sends both signatures.
func TestRotation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	byOther := signedAt(t, "msg_1", event, now)
	byOther.Header.Set("Svix-Signature", sign(t, other, "msg_1", now, []byte(event)))
	both := signedAt(t, "msg_1", event, now)
	both.Header.Set("Svix-Signature", byOther.Header.Get("Svix-Signature")+" "+both.Header.Get("Svix-Signature"))

	for _, tt := range []struct {
		secrets          []string
		old, next, joint bool
	}{
		{[]string{secret}, true, false, true},
		{[]string{secret, other}, true, true, true},
		{[]string{other, secret}, true, true, true},
		{[]string{other}, false, true, true},
	} {
		for request, verified := range map[*http.Request]bool{signedAt(t, "msg_1", event, now): tt.old, byOther: tt.next, both: tt.joint} {
			request.Body = io.NopCloser(strings.NewReader(event))
			_, err := receiver(t, tt.secrets...).Verify(request)
			require.Equal(t, verified, err == nil, "%v", err)
		}
	}
}

// Every way to damage a delivery is refused, and no error shows what was sent.
func TestDamaged(t *testing.T) {
	t.Parallel()
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	add := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Add(name, r.Header.Get(name)) }
	}
	body := func(text string) func(*http.Request) {
		return func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(text)) }
	}
	const noSignature = "no signature is valid"
	for name, tt := range map[string]struct {
		damage func(*http.Request)
		says   string
	}{
		"no id":                 {func(r *http.Request) { r.Header.Del("Svix-Id") }, "exactly once"},
		"no timestamp":          {func(r *http.Request) { r.Header.Del("Svix-Timestamp") }, "exactly once"},
		"no signature":          {func(r *http.Request) { r.Header.Del("Svix-Signature") }, "exactly once"},
		"empty id":              {set("Svix-Id", ""), "exactly once"},
		"id twice":              {add("Svix-Id"), "exactly once"},
		"timestamp twice":       {add("Svix-Timestamp"), "exactly once"},
		"signature twice":       {add("Svix-Signature"), "exactly once"},
		"another id":            {set("Svix-Id", "msg_2"), noSignature},
		"no number":             {set("Svix-Timestamp", "now-hidden"), "not a number of Unix seconds"},
		"a fraction":            {set("Svix-Timestamp", "1716883200.5"), "not a number of Unix seconds"},
		"a sign":                {set("Svix-Timestamp", "+1716883200"), "not a number of Unix seconds"},
		"a zero in front":       {set("Svix-Timestamp", "01716883200"), "not a number of Unix seconds"},
		"white space":           {set("Svix-Timestamp", " 1716883200"), "not a number of Unix seconds"},
		"too large":             {set("Svix-Timestamp", "9223372036854775808"), "not a number of Unix seconds"},
		"the end of time":       {set("Svix-Timestamp", strconv.FormatInt(math.MaxInt64, 10)), "time out of tolerance"},
		"the beginning of time": {set("Svix-Timestamp", strconv.FormatInt(math.MinInt64, 10)), "time out of tolerance"},
		"milliseconds":          {set("Svix-Timestamp", strconv.FormatInt(time.Now().UnixMilli(), 10)), "time out of tolerance"},
		"garbage as signature":  {set("Svix-Signature", "hidden"), noSignature},
		"another version alone": {func(r *http.Request) {
			r.Header.Set("Svix-Signature", strings.Replace(r.Header.Get("Svix-Signature"), "v1", "v2", 1))
		}, noSignature},
		"commas between": {func(r *http.Request) { r.Header.Set("Svix-Signature", "v1,AAAA, "+r.Header.Get("Svix-Signature")[:10]) }, noSignature},
		"another body":   {body(strings.Replace(event, "user_1", "user_2", 1)), noSignature},
		"a longer body":  {body(event + " "), noSignature},
		"a shorter body": {body(event[:len(event)-1]), noSignature},
		"no body":        {body(""), noSignature},
		"nil for a body": {func(r *http.Request) { r.Body = nil }, noSignature},
		"headers of two sets": {func(r *http.Request) {
			r.Header.Set("Webhook-Id", r.Header.Get("Svix-Id"))
			r.Header.Del("Svix-Id")
		}, "exactly once"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := signed(t, "msg_1", event)
			tt.damage(request)
			e, err := receiver(t, secret).Verify(request)
			require.ErrorIs(t, err, webhook.ErrUnverified)
			require.ErrorContains(t, err, tt.says)
			require.NotContains(t, err.Error(), "hidden")
			require.Zero(t, e)
		})
	}
}

// The first whole set of headers counts.
func TestHeaders(t *testing.T) {
	t.Parallel()
	names := []string{"Id", "Timestamp", "Signature"}
	unbranded := signed(t, "msg_1", event)
	for _, name := range names {
		unbranded.Header.Set("Webhook-"+name, unbranded.Header.Get("Svix-"+name))
		unbranded.Header.Del("Svix-" + name)
	}
	e, err := receiver(t, secret).Verify(unbranded)
	require.NoError(t, err)
	require.Equal(t, "msg_1", e.ID)

	both := signed(t, "msg_1", event)
	for _, name := range names {
		both.Header.Set("Webhook-"+name, "1")
	}
	e, err = receiver(t, secret).Verify(both)
	require.NoError(t, err)
	require.Equal(t, "msg_1", e.ID)

	whole := signed(t, "msg_1", event)
	for _, name := range names {
		whole.Header.Set("Webhook-"+name, whole.Header.Get("Svix-"+name))
	}
	whole.Header.Set("Svix-Id", "msg_2")
	_, err = receiver(t, secret).Verify(whole)
	require.ErrorIs(t, err, webhook.ErrUnverified, "svix-id belongs to the first set, which is whole")
}

func TestTolerance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for _, tt := range []struct {
			tolerance, age time.Duration
			verified       bool
		}{
			{0, 0, true},
			{0, 5 * time.Minute, true},
			{0, -5 * time.Minute, true},
			{0, 5*time.Minute + time.Second, false},
			{0, -5*time.Minute - time.Second, false},
			{time.Second, time.Second, true},
			{time.Second, 2 * time.Second, false},
			{time.Hour, -time.Hour, true},
		} {
			r := receiver(t, secret)
			r.Tolerance = tt.tolerance
			_, err := r.Verify(signedAt(t, "msg_1", event, start.Add(-tt.age)))
			require.Equal(t, tt.verified, err == nil, "%v", tt)
			if !tt.verified {
				require.ErrorIs(t, err, webhook.ErrTimestamp)
				require.ErrorIs(t, err, webhook.ErrUnverified)
				require.ErrorContains(t, err, fmt.Sprintf("it was signed %s before this machine's time", tt.age))
			}
		}
		captured := signed(t, "msg_1", event)
		time.Sleep(webhook.DefaultTolerance + time.Second)
		_, err := receiver(t, secret).Verify(captured)
		require.ErrorIs(t, err, webhook.ErrTimestamp)
	})
	r := receiver(t, secret)
	r.Tolerance = -1
	_, err := r.Verify(signed(t, "msg_1", event))
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
}

// endless is a body without an end. It counts what was read.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestBodyIsBounded(t *testing.T) {
	t.Parallel()
	exact := event + strings.Repeat(" ", webhook.MaxBody-len(event))
	_, err := receiver(t, secret).Verify(signed(t, "msg_1", exact))
	require.NoError(t, err)
	_, err = receiver(t, secret).Verify(signed(t, "msg_1", exact+" "))
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)

	announced, body := signed(t, "msg_1", event), &endless{}
	announced.Body = io.NopCloser(body)
	announced.ContentLength = webhook.MaxBody + 1
	_, err = receiver(t, secret).Verify(announced)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.Zero(t, body.read, "what is announced is not read")

	announced.ContentLength = -1
	_, err = receiver(t, secret).Verify(announced)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge)
	require.LessOrEqual(t, body.read, 2*webhook.MaxBody)

	read := body.read
	announced.Header.Set("Svix-Timestamp", "1")
	_, err = receiver(t, secret).Verify(announced)
	require.ErrorIs(t, err, webhook.ErrTimestamp)
	require.Equal(t, read, body.read, "a delivery with bad headers is not read")
}

func TestBodyCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := signed(t, "msg_1", event)
	broken.Body = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF))
	_, err := receiver(t, secret).Verify(broken)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.False(t, errors.Is(err, webhook.ErrUnverified))

	limited := signed(t, "msg_1", event)
	limited.Body = http.MaxBytesReader(nil, limited.Body, 10)
	_, err = receiver(t, secret).Verify(limited)
	require.ErrorIs(t, err, clerkerr.ErrTooLarge, "the caller's own limit")
}

// What Clerk signed and is no event is another error than what it did not sign.
func TestSignedButNoEvent(t *testing.T) {
	t.Parallel()
	for body, says := range map[string]string{
		"":                              "not valid JSON, 0 bytes",
		"hidden":                        "not valid JSON, 6 bytes",
		`["hidden"]`:                    "the whole has a type that is not documented",
		`{}`:                            `field "type" is missing`,
		`null`:                          `field "type" is missing`,
		`{"Type":"hidden","data":{}}`:   `field "type" is missing`,
		`{"type":1,"data":"hidden"}`:    `field "type" has a type that is not documented`,
		`{"type":"hidden"}`:             `field "data" is missing`,
		`{"type":"hidden","data":null}`: `field "data" is missing`,
		`{"type":"x","data":{},"timestamp":"hidden"}`: `field "timestamp" has a type that is not documented`,
		`{"type":"x","data":{"hidden":`:               "not valid JSON",
	} {
		e, err := receiver(t, secret).Verify(signed(t, "msg_1", body))
		require.ErrorIs(t, err, clerkerr.ErrDecode, body)
		require.False(t, errors.Is(err, webhook.ErrUnverified))
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "hidden")
		require.Zero(t, e)
	}
}
