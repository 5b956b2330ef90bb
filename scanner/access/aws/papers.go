package aws

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// papers are documents by their text. Each text is read once, however many principals and resources hold it.
type papers struct {
	byText   map[string]*paper
	terms    map[string]*term       // by what they say
	patterns map[string][realms]Set // what action patterns describe
	count    int                    // of terms
	asked    map[string]bool        // condition keys that terms mention
	unread   *paper
}

// paper is a document ready for the index: the statements of it that are about keys or secrets.
type paper struct {
	id    int
	text  []byte
	terms []*term
	err   [resourcePolicy + 1]error // why it cannot stand on a side
}

// filed is a document in its place.
type filed struct {
	name  string
	why   string // it counts as unread; empty when it was read
	paper *paper
}

func newPapers() *papers {
	d := &papers{byText: map[string]*paper{}, terms: map[string]*term{}, patterns: map[string][realms]Set{}, asked: map[string]bool{}}
	d.unread = d.read(unreadText)
	return d
}

// file puts documents in their place. What cannot be read, or cannot stand there, counts as unread.
func (d *papers) file(at side, docs []Document) []filed {
	out := make([]filed, 0, len(docs))
	for _, doc := range docs {
		f := filed{name: doc.Name, why: doc.Why, paper: d.unread}
		switch {
		case doc.Text != nil:
			p, there := d.byText[string(doc.Text)]
			if !there {
				p = d.read(doc.Text)
				d.byText[string(doc.Text)] = p
			}
			if err := p.err[at]; err != nil {
				f.why = err.Error()
			} else {
				f.paper, f.why = p, ""
			}
		case f.why == "":
			f.why = "it was not read"
		}
		out = append(out, f)
	}
	return out
}

func (d *papers) read(text []byte) *paper {
	out := &paper{id: len(d.byText), text: text}
	fail := func(err error) *paper {
		for i := range out.err {
			out.err[i] = err
		}
		out.terms = nil
		return out
	}
	doc, err := parse(text)
	if err != nil {
		return fail(err)
	}
	all := policy{statements: make([]statement, len(doc.Statements))}
	for i := range doc.Statements {
		from, s := &doc.Statements[i], &all.statements[i]
		acts := d.acts(from)
		concerned := acts[keys].p|acts[secrets].p != 0
		var said string
		if concerned {
			said = textOf(from, variablesIn(&doc))
			if p := d.terms[said]; p != nil {
				*s = p.statement
				out.terms = append(out.terms, p)
				continue
			}
		}
		if err := s.compile(from, i, variablesIn(&doc)); err != nil {
			return fail(err)
		}
		if !concerned {
			continue
		}
		p := newTerm(from, acts, *s)
		p.id, d.count = d.count, d.count+1
		d.terms[said] = p
		for _, key := range p.asks {
			d.asked[key] = true
		}
		out.terms = append(out.terms, p)
	}
	for at := range out.err {
		out.err[at] = all.fits(side(at))
	}
	return out
}

// acts says which actions a statement is about.
func (d *papers) acts(from *awspolicy.Statement) (out [realms]pair) {
	list := from.Actions
	if from.NotActions != nil {
		list = from.NotActions
	}
	for _, a := range list {
		if a == "*:*" {
			a = "*"
		}
		if t := newText(a, false, true); t.open {
			for r := range out {
				out[r].p = actionsOf[r].all()
			}
			continue
		}
		set, there := d.patterns[a]
		if !there {
			pattern := newText(strings.ToLower(a), false, true).fixed
			for r := range set {
				set[r] = actionsOf[r].where(func(name string) bool { return like(pattern, name) })
			}
			d.patterns[a] = set
		}
		for r := range out {
			out[r] = out[r].or(certainly(set[r]))
		}
	}
	for r := range out {
		if from.NotActions != nil {
			out[r] = out[r].not().within(actionsOf[r].all())
		}
	}
	return out
}
