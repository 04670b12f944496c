package answer_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/answer"
)

func TestEach(t *testing.T) {
	t.Parallel()
	bad := errors.New("is bad")
	parse := func(text []byte) (*string, error) {
		if string(text) == "0" {
			return nil, bad
		}
		return new(string(text)), nil
	}
	all, err := answer.Each([]json.RawMessage{json.RawMessage("1"), json.RawMessage("2")}, parse)
	require.NoError(t, err)
	require.Equal(t, []*string{new("1"), new("2")}, all)
	all, err = answer.Each([]json.RawMessage{json.RawMessage("1"), json.RawMessage("0")}, parse)
	require.ErrorIs(t, err, bad)
	require.Nil(t, all)
}
