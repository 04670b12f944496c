package cli

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
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
	begun    bool
	out      []byte
	rest     []byte // of out, still to be returned
	line     int
	high     [256]rune // of a one-byte encoding
}

// newText reads a text in an encoding. With encodingAuto it is UTF-8, or UTF-16 with a
// byte order mark.
func newText(r io.Reader, encoding string) io.Reader {
	return &textReader{in: bufio.NewReaderSize(r, 64<<10), encoding: encoding, line: 1}
}

// readText reads all of a short text.
func readText(r io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(newText(r, encodingAuto), most+1))
	if err == nil && int64(len(text)) > most {
		err = fmt.Errorf("it is longer than %d bytes", most)
	}
	return text, err
}

// readTextFile reads all of a short text in a file.
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
	if !t.begun {
		if err := t.begin(); err != nil {
			return 0, err
		}
		t.begun = true
	}
	for len(t.rest) == 0 {
		t.out = t.out[:0]
		decode := t.single
		switch t.encoding {
		case encodingUTF8:
			decode = t.utf8
		case encodingLE:
			decode = func() error { return t.utf16(binary.LittleEndian) }
		case encodingBE:
			decode = func() error { return t.utf16(binary.BigEndian) }
		}
		if err := decode(); err != nil && len(t.out) == 0 {
			return 0, err // otherwise it occurs again
		}
		t.line += bytes.Count(t.out, []byte("\n"))
		t.rest = t.out
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
	case t.encoding == encodingAuto && found == "":
		t.encoding = encodingUTF8
	case t.encoding == encodingAuto:
		t.encoding = found
	case found != "" && found != t.encoding:
		return fmt.Errorf("it begins with the byte order mark of %s, and --encoding is %s", found, t.encoding)
	}
	_, _ = t.in.Discard(mark) // it is there
	if t.encoding == encoding1252 {
		for i, r := range []rune(windows1252) {
			t.high[0x80+i] = r
		}
	}
	return nil
}

func (t *textReader) utf8() error {
	first, err := t.in.Peek(utf8.UTFMax)
	if len(first) == 0 {
		return err
	}
	chunk, _ := t.in.Peek(t.in.Buffered())
	n := len(chunk)
	if !utf8.Valid(chunk) {
		for n = 0; ; {
			r, size := utf8.DecodeRune(chunk[n:])
			if r == utf8.RuneError && size <= 1 {
				break
			}
			n += size
		}
	}
	if n == 0 && err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if n == 0 {
		return fmt.Errorf("line %d: byte 0x%02X is not UTF-8, so the text is in another encoding, such as Windows-1252: %w", t.line, chunk[0], errEncoding)
	}
	t.out = append(t.out, chunk[:n]...)
	_, _ = t.in.Discard(n) // they are there
	return nil
}

func (t *textReader) utf16(order binary.ByteOrder) error {
	unit := func() (rune, error) {
		two, err := t.in.Peek(2)
		if len(two) == 2 {
			return rune(order.Uint16(two)), nil
		}
		if errors.Is(err, io.EOF) && len(two) == 1 {
			return 0, fmt.Errorf("line %d: the UTF-16 breaks off in the middle of a character: is the file complete?", t.line)
		}
		return 0, err
	}
	for len(t.out) < 4096 {
		r, err := unit()
		if err != nil {
			return err
		}
		if utf16.IsSurrogate(r) {
			four, _ := t.in.Peek(4)
			if len(four) == 4 {
				r = utf16.DecodeRune(r, rune(order.Uint16(four[2:])))
			}
			if len(four) < 4 || r == utf8.RuneError {
				return fmt.Errorf("line %d: half a surrogate pair, which is no UTF-16: save the file as UTF-8", t.line+bytes.Count(t.out, []byte("\n")))
			}
			_, _ = t.in.Discard(2) // they are there
		}
		_, _ = t.in.Discard(2)
		t.out = utf8.AppendRune(t.out, r)
	}
	return nil
}

// single decodes an encoding of one byte a character.
func (t *textReader) single() error {
	for len(t.out) < 4096 {
		b, err := t.in.ReadByte()
		if err != nil {
			return err
		}
		r := rune(b)
		if b >= 0x80 && b < 0xA0 {
			r = t.high[b]
		}
		if r == utf8.RuneError || r == 0 && b != 0 {
			_ = t.in.UnreadByte() // it occurs again
			return fmt.Errorf("line %d: byte 0x%02X is no character of %s", t.line+bytes.Count(t.out, []byte("\n")), b, t.encoding)
		}
		t.out = utf8.AppendRune(t.out, r)
	}
	return nil
}
