package cli

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"
	"golang.org/x/term"
)

// usualColumns is the width of a terminal that does not say its own.
const usualColumns = 80

// Columns returns the width of the terminal that a stream is, 0 if it is none. It is for
// Env.Columns.
func Columns(stream any) int {
	file, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
		return width
	}
	return usualColumns
}

func (e Env) columns(stream any) int {
	if e.Columns == nil {
		return 0
	}
	return e.Columns(stream)
}

func (e Env) terminal(stream any) bool { return e.columns(stream) > 0 }

// What the colours mean.
const (
	added   = color.FgGreen
	removed = color.FgRed
	changed = color.FgYellow
	heading = color.Bold
	aside   = color.Faint
)

// The values of --color.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

// paint colours texts, or leaves them as they are.
type paint bool

func (e Env) paint(stream any) paint {
	wanted := colorAuto
	if e.look != nil {
		wanted = e.look.color.value
	}
	plain := e.getenv("NO_COLOR") != "" || e.getenv("TERM") == "dumb"
	return paint(wanted == colorAlways || wanted == colorAuto && e.terminal(stream) && !plain)
}

func (p paint) text(text string, as color.Attribute) string {
	if !p || as == 0 {
		return text
	}
	c := color.New(as)
	c.EnableColor() // also where the package found no terminal
	return c.Sprint(text)
}

// signed writes the lines of a diff, each in the colour of its sign.
func (e Env) signed(stream io.Writer, lines []string, indent string) string {
	colours := map[byte]color.Attribute{'+': added, '-': removed, '~': changed}
	var b strings.Builder
	for _, line := range lines {
		for part := range strings.SplitSeq(wrapped(line, e.columns(stream)-len(indent), 4), "\n") {
			b.WriteString(indent + e.paint(stream).text(part, colours[line[0]]) + "\n")
		}
	}
	return b.String()
}

// wrapped breaks a line that is wider than a terminal, at a blank if there is one, and
// indents what follows. Without a width it returns the line.
func wrapped(line string, width, indent int) string {
	if width <= indent+minBar {
		return line
	}
	var b strings.Builder
	for utf8.RuneCountInString(line) > width {
		end := 0 // of what fits
		for range width {
			_, size := utf8.DecodeRuneInString(line[end:])
			end += size
		}
		if blank := strings.LastIndexByte(line[:end], ' '); blank > indent && strings.TrimSpace(line[:blank]) != "" {
			end = blank
		}
		b.WriteString(line[:end] + "\n")
		line = strings.Repeat(" ", indent) + strings.TrimLeft(line[end:], " ")
	}
	return b.String() + line
}
