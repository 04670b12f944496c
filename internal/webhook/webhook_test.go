package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/webhook"
)

func TestData(t *testing.T) {
	t.Parallel()
	payload := []byte(`{"object":"event","type":"user.updated","data":{"id":"user_1","n":9007199254740993},"timestamp":1}`)
	data, err := webhook.Data(payload, "user.created", "user.updated")
	require.NoError(t, err)
	clear(payload)
	require.Equal(t, `{"id":"user_1","n":9007199254740993}`, string(data), "it shares no memory with the payload")

	for text, says := range map[string]string{
		`{"type":"user.deleted","data":{"private":1}}`: "its type is none of user.created, user.updated",
		`{"type":"private-type","data":{}}`:            "its type is none of",
		`{"data":{"private":1}}`:                       "its type is none of",
		`{"type":"","data":{}}`:                        "its type is none of",
		`null`:                                         "its type is none of",
		`{"type":1,"data":"private"}`:                  "not a JSON object",
		`[]`:                                           "not a JSON object",
		`private`:                                      "not a JSON object",
		``:                                             "not a JSON object",
	} {
		_, err := webhook.Data([]byte(text), "user.created", "user.updated")
		require.ErrorIs(t, err, clerkerr.ErrDecode)
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "private")
	}
}
