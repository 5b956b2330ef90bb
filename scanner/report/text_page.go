package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jedib0t/go-pretty/v6/text"
)

// go-pretty asks the locale how wide letters such as Greek ones are. A report must not: equal results give equal bytes.
func init() { text.OverrideRuneWidthEastAsianWidth(false) }

// proseWidth is where sentences wrap when no terminal says how wide it is.
const proseWidth = 100

// A page is text under construction. Every string goes through it plain; the page makes it harmless, measures it, and only
// then colours it. So no name found in an estate can steer a terminal.
type page struct {
	w     io.Writer
	color bool
	width int // columns; 0: as many as it takes
	max   int // rows of a list; 0: all
	cut   bool
	err   error
}

// A style is how a piece of text looks where colours are wanted. The go-pretty switch for colours is global and reads the
// environment, so only the escape sequences are taken from there.
type style = text.Colors

var (
	plain  style
	bold   = style{text.Bold}
	faint  = style{text.Faint}
	good   = style{text.FgGreen}
	unsure = style{text.FgMagenta, text.Bold} // unknown: neither the colours of a fail nor that of a pass
)

// A span is a piece of a line.
type span struct {
	text  string
	style style
}

// line writes spans after an indent. Long lines are left to the terminal.
func (p *page) line(indent int, spans ...span) {
	var b strings.Builder
	for _, s := range spans {
		b.WriteString(p.paint(clean(s.text), s.style))
	}
	p.raw(strings.Repeat(" ", indent) + b.String())
}

func (p *page) blank() { p.raw("") }

func (p *page) raw(line string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, strings.TrimRight(line, " ")+"\n")
	}
}

func (p *page) paint(s string, st style) string {
	if !p.color || len(st) == 0 || s == "" {
		return s
	}
	return st.EscapeSeq() + s + text.Reset.EscapeSeq()
}

// para writes sentences, wrapped between words.
func (p *page) para(indent int, sentences string, st style) {
	width := p.width
	if width == 0 {
		width = proseWidth
	}
	line := ""
	for _, word := range strings.Fields(clean(sentences)) {
		switch {
		case line == "":
			line = word
		case indent+text.StringWidth(line)+1+text.StringWidth(word) > width:
			p.raw(strings.Repeat(" ", indent) + p.paint(line, st))
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		p.raw(strings.Repeat(" ", indent) + p.paint(line, st))
	}
}

// list writes at most max rows of n and says how many are left out.
func (p *page) list(indent, n int, rows func(shown int)) { p.atMost(p.max, indent, n, rows) }

// atMost is list with another number of rows; 0 writes all.
func (p *page) atMost(most, indent, n int, rows func(shown int)) {
	shown := n
	if most > 0 && n > most+1 { // a line saying "and 1 more" would take the place of the one
		shown = most
	}
	rows(shown)
	if n > shown {
		p.cut = true
		p.line(indent, span{fmt.Sprintf("and %s more", count(n-shown)), faint})
	}
}

// clean makes a string harmless on a terminal: what is not printable (escapes, line breaks, marks that reverse the direction
// of text, zero-width letters, broken UTF-8) is written as Go would, such as \x1b or \u202e.
func clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !strconv.IsPrint(r) }) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 || !strconv.IsPrint(r) {
			quoted := strconv.Quote(s[:size])
			b.WriteString(quoted[1 : len(quoted)-1])
		} else {
			b.WriteRune(r)
		}
		s = s[size:]
	}
	return b.String()
}

// shorten cuts the middle out of a text that is wider than width: names differ at both ends.
func shorten(s string, width int) string {
	if text.StringWidth(s) <= width || width < 5 {
		return s
	}
	const gap = ".."
	tail := (width - len(gap)) / 2
	runes := []rune(s)
	end := len(runes)
	for used := 0; end > 0; end-- {
		if used += text.RuneWidth(runes[end-1]); used > tail {
			break
		}
	}
	return text.Trim(s, width-len(gap)-text.StringWidth(string(runes[end:]))) + gap + string(runes[end:])
}

// count writes a number with its thousands apart: 12 345.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// plural writes a number and its noun: "1 gap", "2 gaps".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}
