package report

import (
	"bufio"
	"fmt"
	"io"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// WriteExplanation writes for people whether a principal may do something to a key, by which statements or by which way, on what it
// hangs, and the smallest change that takes it away.
func WriteExplanation(w io.Writer, x access.Explanation, o Options) error {
	buffered := bufio.NewWriter(w)
	p := &page{w: buffered, color: o.Color, width: o.Width, max: o.MaxLines}
	p.asks(x.Action, x.Name, x.Resource)
	p.blank()
	p.verdict(x)
	about := "By these statements:"
	if x.Direct.Decision == access.Denied {
		about = "Denied by these statements:"
	}
	p.because(about, x.Direct)
	if len(x.Direct.Residual) > 0 {
		p.blank()
		p.line(0, span{"It hangs on:", bold})
		p.list(2, len(x.Direct.Residual), func(shown int) {
			var rows [][]cell
			for _, r := range x.Direct.Residual[:shown] {
				rows = append(rows, []cell{{text: string(r.Class), style: caution}, {text: asked(r.Key), style: bold, flex: true}, {text: inWords(r.Statement), style: faint, flex: true}})
			}
			p.table(2, rows)
		})
	}
	p.path(x)
	p.left(x.Unread)
	p.fix(x)
	if p.err != nil {
		return p.err
	}
	return buffered.Flush()
}

// verdict is the answer in a sentence.
func (p *page) verdict(x access.Explanation) {
	name := span{x.Principal, bold}
	holderAccount, _ := ofAccount(x.Holder)
	switch d := x.Direct; {
	case d.Decision == access.Allowed:
		p.line(0, span{"MAY  ", bad}, name)
	case d.Decision == access.Conditional && len(x.Unread) > 0:
		p.line(0, span{"UNKNOWN  ", unsure}, name, span{"  documents that decide were not read", plain})
	case d.Decision == access.Conditional:
		p.line(0, span{"MAY IF  ", caution}, name, span{"  only the request itself can tell", plain})
	case d.Decision == access.Failed:
		p.line(0, span{"NOT DECIDED  ", unsure}, name, span{"  " + d.Error, plain})
	case x.Note != "":
		p.line(0, span{"MAY NOT  ", good}, name, span{"  " + x.Note, plain})
	case len(x.Path) == 1 && x.Holder == x.Principal:
		p.line(0, span{"CAN BECOME  ", caution}, name, span{"  one who may, by giving itself the permission", plain})
	case len(x.Path) > 0 && delegated(x.Holder):
		p.line(0, span{"CAN BECOME  ", caution}, name, span{"  as much as all of account ", plain}, span{holderAccount, bold}, span{", by policies that it writes", plain})
	case len(x.Path) > 0:
		p.line(0, span{"CAN BECOME  ", caution}, span{x.Holder, bold}, span{", who may; by itself ", plain}, name, span{" may not", plain})
	case len(x.Unread) > 0:
		p.line(0, span{"UNKNOWN  ", unsure}, name, span{"  may not by itself; whom it can become was not all read", plain})
	case d.Explicit:
		p.line(0, span{"MAY NOT  ", good}, name, span{"  a statement denies it", plain})
	default:
		p.line(0, span{"MAY NOT  ", good}, name, span{"  nothing allows it", plain})
	}
}

// because lists the statements of an answer.
func (p *page) because(about string, a access.Answer) {
	if len(a.Because) == 0 {
		return
	}
	p.blank()
	p.line(0, span{about, bold})
	p.list(2, len(a.Because), func(shown int) {
		var rows [][]cell
		for _, b := range a.Because[:shown] {
			rows = append(rows, []cell{{text: b.Document, flex: true}, {text: statement(b), style: bold, flex: true}})
		}
		p.table(2, rows)
	})
}

func statement(b access.Because) string {
	if b.Line == 0 {
		return inStatement(b.Statement)
	}
	return fmt.Sprintf("%s, line %d", inStatement(b.Statement), b.Line)
}

// inStatement names a statement by its Sid, path or index.
func inStatement(s string) string {
	if at := inWords(s); at != s || s == "" {
		return at
	}
	return "statement " + s
}

// path draws the way by which somebody becomes one who may.
func (p *page) path(x access.Explanation) {
	if len(x.Path) == 0 {
		return
	}
	p.blank()
	about := "The shortest way:"
	if x.Direct.Decision == access.Conditional {
		about = "Past what it hangs on, it can become one who may:"
	}
	p.line(0, span{about, bold})
	p.line(2, span{x.Path[0].From, bold})
	for _, s := range x.Path {
		to := s.To
		switch {
		case to == s.From:
			to = "itself, with the permission"
		case delegated(to):
			to = "as much as " + to
		}
		words := []span{{"-> ", faint}, {to, bold}, {"  by " + s.By, plain}}
		if s.Decision != access.Allowed {
			words = append(words, span{"  if " + residuals(s.Residual), caution})
		}
		p.line(4, words...)
		for _, b := range s.Because {
			p.line(8, span{b.Document + ", " + statement(b), faint})
		}
	}
}

// left lists what was not read.
func (p *page) left(list []access.Unread) {
	if len(list) == 0 {
		return
	}
	p.blank()
	p.line(0, span{"Not read:", unsure})
	p.reasons(list)
}

// fix says what takes the permission away.
func (p *page) fix(x access.Explanation) {
	if len(x.Fix) == 0 {
		if x.FixNote != "" {
			p.blank()
			p.para(0, x.FixNote, faint)
		}
		return
	}
	p.blank()
	p.line(0, span{"The smallest change after which it is denied, decided again with it:", bold})
	for _, c := range x.Fix {
		what := "remove it"
		if c.Condition != "" {
			what = "add " + c.Condition
		}
		p.line(2, span{fmt.Sprintf("%s, %s: ", c.Document, inStatement(c.Statement)), plain}, span{what, bold})
	}
	if x.FixNote != "" {
		p.para(2, x.FixNote, faint)
	}
}
