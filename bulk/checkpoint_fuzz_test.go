package bulk_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
)

// FuzzOpenCheckpoint: a file is refused and left alone, or cut behind its last
// whole record and written on.
func FuzzOpenCheckpoint(f *testing.F) {
	const header = `{"clerkmeta_checkpoint":1,"input":"input"}` + "\n"
	for _, text := range []string{
		"", header, header[:20], header + "3 6dd28e9b\n0 f4dbdf21\n", header + "3 6dd28e9b\n0 f4db", header + "3 6dd28e9c\n0 f4dbdf21\n", header + "3 6dd28e9b\r\n",
		header + "= 0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a user_1 57aa2bc9\n3 6dd28e9b\n", header + "= 0a user_1 e804118f\n",
		header + "-1 00000000\n", header + "\n", "hello", "{}\n", `{"clerkmeta_checkpoint":1,"input":"other"}` + "\n", `{"clerkmeta_checkpoint":2,"input":"input"}` + "\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "checkpoint")
		require.NoError(t, os.WriteFile(path, text, 0o600))
		c, err := bulk.OpenCheckpoint(path, inputOnly)
		if err != nil {
			require.True(t, errors.Is(err, bulk.ErrNoCheckpoint) || errors.Is(err, bulk.ErrOtherInput), "%v", err)
			require.Equal(t, string(text), read(t, path))
			return
		}
		kept, note, signed := strings.Cut(read(t, path), "# process ")
		require.True(t, signed)
		before := c.Count()
		require.True(t, bytes.HasPrefix(text, []byte(kept)) || kept == header && bytes.HasPrefix([]byte(header), text))
		for line := range strings.Lines(strings.TrimPrefix(kept, header)) {
			record := line[:strings.LastIndexByte(line, ' ')]
			require.Equal(t, fmt.Sprintf("%s %08x\n", record, crc32.ChecksumIEEE([]byte(record))), line)
		}
		const index = 12345
		had := c.Done(index)
		require.NoError(t, c.Record(index))
		require.NoError(t, c.Close())

		c, err = bulk.OpenCheckpoint(path, inputOnly)
		require.NoError(t, err)
		require.True(t, c.Done(index))
		require.Equal(t, map[bool]int64{true: before, false: before + 1}[had], c.Count())
		require.NoError(t, c.Close())
		require.True(t, strings.HasPrefix(read(t, path), kept+"# process "+note+"12345 cbf53a1c\n# process "))
	})
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}
