package webhook_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
	"github.com/clerkmeta/clerkmeta-go/webhook"
)

// FuzzHeaders: a delivery is verified only if one of the two sets is as it was signed.
func FuzzHeaders(f *testing.F) {
	f.Add("", "", "", "", "", "")
	f.Add("msg_1", "now", "valid", "", "", "")
	f.Add("", "", "", "msg_1", "now", "v1,AAAA valid")
	f.Add("msg_1", "now", "", "msg_1", "now", "valid")
	f.Add("msg_2", "now", "valid", "msg_1", "now", "valid")
	f.Fuzz(func(t *testing.T, id, timestamp, signatures, id2, timestamp2, signatures2 string) {
		now := time.Now()
		valid := sign(t, secret, "msg_1", now, []byte(event))
		expand := strings.NewReplacer("now", strconv.FormatInt(now.Unix(), 10), "valid", valid)
		sets := [][]string{{id, timestamp, signatures}, {id2, timestamp2, signatures2}}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(event))
		for i, prefix := range []string{"Svix-", "Webhook-"} {
			for j, name := range []string{"Id", "Timestamp", "Signature"} {
				sets[i][j] = expand.Replace(sets[i][j])
				request.Header.Set(prefix+name, sets[i][j])
			}
		}
		counts := sets[0]
		if slices.Contains(sets[0], "") {
			counts = sets[1]
		}
		e, err := receiver(t, secret).Verify(request)
		verified := counts[0] == "msg_1" && counts[1] == strconv.FormatInt(now.Unix(), 10) && slices.Contains(strings.Split(counts[2], " "), valid)
		require.Equal(t, verified, err == nil)
		if verified {
			require.Equal(t, "msg_1", e.ID)
			return
		}
		require.ErrorIs(t, err, webhook.ErrUnverified)
		require.NotContains(t, err.Error(), valid)
	})
}

// FuzzBody: what was signed is an event or clerkerr.ErrDecode, and what was changed is
// neither.
func FuzzBody(f *testing.F) {
	f.Add(event, event)
	f.Add(event, event+" ")
	f.Add("", "{}")
	f.Add(`{"type":"x","data":{}}`, `{"type":"x","data":{} }`)
	f.Fuzz(func(t *testing.T, body, sent string) {
		request := signed(t, "msg_1", body)
		changed := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(sent))
		changed.Header = request.Header
		e, err := receiver(t, secret).Verify(changed)
		switch {
		case err == nil:
			require.Equal(t, body, sent)
			require.Equal(t, sent, string(e.Payload))
			require.NotEmpty(t, e.Type)
			require.True(t, json.Valid(e.Data))
		case body == sent:
			require.True(t, errors.Is(err, clerkerr.ErrDecode) || errors.Is(err, clerkerr.ErrTooLarge))
		case len(sent) <= webhook.MaxBody:
			require.ErrorIs(t, err, webhook.ErrUnverified)
		}
	})
}

// FuzzEvent: each accessor reads the data of its own types as the parser of an answer does,
// and refuses every other.
func FuzzEvent(f *testing.F) {
	for eventType := range reader {
		f.Add(eventType, `{"id":"x_1","public_metadata":{"a":1},"private_metadata":null,"updated_at":1}`)
		f.Add(eventType, `{"id":7,"created_at":"can4ry"}`)
		f.Add(eventType, `["can4ry"]`)
	}
	f.Fuzz(func(t *testing.T, eventType, data string) {
		quoted, err := json.Marshal(eventType)
		require.NoError(t, err)
		e, err := webhook.Parse([]byte(`{"type":` + string(quoted) + `,"data":` + data + `}`))
		if err != nil {
			require.ErrorIs(t, err, clerkerr.ErrDecode)
			require.NotContains(t, err.Error(), "can4ry")
			return
		}
		expected := reader[e.Type]
		for name, read := range accessors {
			id, err := read(e)
			if name != expected {
				require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
				continue
			}
			switch name {
			case "User":
				u, parseErr := users.ParseUser(e.Data)
				require.Equal(t, u.ID, id)
				require.Equal(t, parseErr, err)
			case "Membership":
				m, parseErr := organizations.ParseMembership(e.Data)
				require.Equal(t, m.ID, id)
				require.Equal(t, parseErr, err)
			}
			if err != nil {
				require.ErrorIs(t, err, clerkerr.ErrDecode)
				require.NotContains(t, err.Error(), "can4ry")
			}
		}
		if _, err := webhook.Decode[account](e); err != nil {
			require.ErrorIs(t, err, clerkerr.ErrDecode)
		}
	})
}
