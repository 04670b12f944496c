package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The encodings of a text. Only UTF-8 and UTF-16 with a mark can be detected; the
// others have to be named.
const (
	encodingAuto = "auto"
	encodingUTF8 = "utf-8"
	encodingLE   = "utf-16le"
	encodingBE   = "utf-16be"
	encoding1252 = "windows-1252"
	encodingISO  = "iso-8859-1"
)

var errUTF32 = errors.New("it is UTF-32: save it as UTF-8")

// errEncoding is about a text in an encoding that is not named.
var errEncoding = errors.New("save it as UTF-8")

// windows1252 has the characters of 0x80 to 0x9F, U+FFFD for none.
const windows1252 = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ"

// textReader reads a text as UTF-8 without a byte order mark. A byte that its encoding does
// not have is an error with its line, where golang.org/x/text would write U+FFFD.
type textReader struct {
	in       *bufio.Reader
	encoding string
	line     int    // 0 before the first read
	high     []rune // the characters of 0x80 to 0x9F of a one-byte encoding
	out      []byte // decoded
	rest     []byte // of out, still to be returned
}

// newText reads a text in an encoding. With encodingAuto it is UTF-8, or UTF-16 with a
// byte order mark.
func newText(r io.Reader, encoding string) io.Reader {
	return &textReader{in: bufio.NewReaderSize(r, 64<<10), encoding: encoding}
}

func readText(r io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(newText(r, encodingAuto), most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("it is longer than %d bytes", most)
	}
	return text, err
}

func readTextFile(name string, most int64) ([]byte, error) {
	file, err := os.Open(name) //nolint:gosec // the user's own file
	if err != nil {
		return nil, err
	}
	text, err := readText(file, most)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return text, errors.Join(err, file.Close())
}

// Read reads UTF-8.
func (t *textReader) Read(p []byte) (int, error) {
	if t.line == 0 {
		if err := t.begin(); err != nil {
			return 0, err
		}
		t.line = 1
	}
	if len(t.rest) == 0 {
		if err := t.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// begin finds the encoding and skips a byte order mark.
func (t *textReader) begin() error {
	first, err := t.in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	found, mark := "", 0
	switch {
	case bytes.HasPrefix(first, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(first, []byte("\x00\x00\xfe\xff")):
		return errUTF32
	case bytes.HasPrefix(first, []byte("\xef\xbb\xbf")):
		found, mark = encodingUTF8, 3
	case bytes.HasPrefix(first, []byte("\xff\xfe")):
		found, mark = encodingLE, 2
	case bytes.HasPrefix(first, []byte("\xfe\xff")):
		found, mark = encodingBE, 2
	case t.encoding == encodingAuto && bytes.IndexByte(first, 0) >= 0:
		return fmt.Errorf("it looks like UTF-16 without a byte order mark: %w", errEncoding)
	}
	switch {
	case t.encoding == encodingAuto:
		t.encoding = cmp.Or(found, encodingUTF8)
	case found != "" && found != t.encoding:
		return fmt.Errorf("it begins with the byte order mark of %s, and --encoding is %s", found, t.encoding)
	case t.encoding == encoding1252:
		t.high = []rune(windows1252)
	case t.encoding == encodingISO:
		t.high = []rune(strings.Repeat("\uFFFD", 32))
	}
	_, _ = t.in.Discard(mark) // it is buffered
	return nil
}

// fill decodes what is buffered, up to the first fault. A fault at its beginning is an error.
func (t *textReader) fill() error {
	_, err := t.in.Peek(utf8.UTFMax) // a whole character, or an error
	chunk, _ := t.in.Peek(t.in.Buffered())
	decoded := 0
	t.out = t.out[:0]
	if t.encoding == encodingUTF8 && utf8.Valid(chunk) {
		t.out, decoded = append(t.out, chunk...), len(chunk)
	}
	for decoded < len(chunk) {
		r, size := t.character(chunk[decoded:])
		if size == 0 {
			break
		}
		t.out = utf8.AppendRune(t.out, r)
		decoded += size
	}
	if decoded == 0 {
		if len(chunk) > 0 && (err == nil || errors.Is(err, io.EOF)) {
			err = t.fault(chunk)
		}
		return err
	}
	t.line += bytes.Count(t.out, []byte("\n"))
	t.rest = t.out
	_, _ = t.in.Discard(decoded) // it is buffered
	return nil
}

// character decodes the first character of a chunk. Its size is 0 for a fault.
func (t *textReader) character(chunk []byte) (r rune, size int) {
	order := binary.ByteOrder(binary.LittleEndian)
	switch t.encoding {
	case encodingUTF8:
		if r, size = utf8.DecodeRune(chunk); r == utf8.RuneError && size == 1 {
			return 0, 0
		}
		return r, size
	case encoding1252, encodingISO:
		if r = rune(chunk[0]); r >= 0x80 && r < 0xA0 {
			r = t.high[r-0x80]
		}
		if r == utf8.RuneError {
			return 0, 0
		}
		return r, 1
	case encodingBE:
		order = binary.BigEndian
	}
	if len(chunk) < 2 {
		return 0, 0
	}
	if r = rune(order.Uint16(chunk)); !utf16.IsSurrogate(r) {
		return r, 2
	}
	if len(chunk) >= 4 {
		r = utf16.DecodeRune(r, rune(order.Uint16(chunk[2:])))
	}
	if len(chunk) < 4 || r == utf8.RuneError {
		return 0, 0
	}
	return r, 4
}

// fault returns why the beginning of a chunk cannot be decoded.
func (t *textReader) fault(chunk []byte) error {
	switch {
	case t.encoding == encodingUTF8:
		return fmt.Errorf("line %d: byte 0x%02X is not UTF-8, so the text is in another encoding, such as Windows-1252: %w", t.line, chunk[0], errEncoding)
	case t.high != nil:
		return fmt.Errorf("line %d: byte 0x%02X is no character of %s", t.line, chunk[0], t.encoding)
	case len(chunk) == 1:
		return fmt.Errorf("line %d: the UTF-16 breaks off in the middle of a character: is the file complete?", t.line)
	default:
		return fmt.Errorf("line %d: half a surrogate pair, which is not UTF-16: save the file as UTF-8", t.line)
	}
}
