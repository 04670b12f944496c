package jsonscan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/internal/jsonscan"
)

// The tokens of a valid text end where encoding/json says.
func TestReader(t *testing.T) {
	t.Parallel()
	for _, text := range valid() {
		sameTokens(t, []byte(text))
	}
}

func sameTokens(t *testing.T, text []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	r := jsonscan.NewReader(text)
	for {
		_, err := d.Token()
		next, more := r.Next()
		for r.Byte(',') || r.Byte(':') { // encoding/json has no tokens for them
			next, more = r.Next()
		}
		require.Equal(t, !errors.Is(err, io.EOF), more)
		if !more {
			return
		}
		require.NoError(t, err)
		if strings.IndexByte("{}[]", next) >= 0 {
			require.False(t, r.Scalar())
			require.True(t, r.Byte(next))
		} else {
			require.False(t, r.Byte('{'))
			require.True(t, r.Scalar())
		}
		require.EqualValues(t, d.InputOffset(), r.Offset())
	}
}

func TestReaderStays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text   string
		scalar bool
		offset int
	}{
		"nothing":                  {"", false, 0},
		"white space":              {" \n", false, 0},
		"a word cut short":         {" nul", false, 1},
		"a string cut short":       {` "a`, false, 1},
		"an escape that is none":   {`"\x"`, false, 0},
		"a number without an end":  {"\t-1.", false, 1},
		"a number, then more":      {"01", true, 1},
		"a word, then more":        {"truex", true, 4},
		"a byte that is no text's": {"\x00", false, 0},
		"an object":                {" {}", false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := jsonscan.NewReader([]byte(test.text))
			next, more := r.Next()
			require.Equal(t, strings.Trim(test.text, " \n") != "", more)
			if more {
				require.Equal(t, test.text[r.Offset()], next)
			}
			require.Equal(t, test.scalar, r.Scalar())
			require.Equal(t, test.offset, r.Offset())
		})
	}
}
