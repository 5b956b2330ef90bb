package aws

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// papers are documents by their text. Each text is read once, however many principals and resources hold it. Texts are told apart by their
// digests, as they would take as much memory as all else.
type papers struct {
	byText   map[digest]*paper
	terms    map[digest]*term       // by what they say
	whos     map[digest]*statement  // whom statements name, by what they say of it
	patterns map[string][realms]Set // what action patterns describe
	asked    map[string]bool        // condition keys that terms mention
	tags     map[string]map[string]string
	names    map[string]string // of statements, each once
	unread   *paper
}

// digest is the SHA-256 digest of a text.
type digest [sha256.Size]byte

// paper is a document ready for the index: the statements of it that are about keys or secrets.
type paper struct {
	id               int
	text             []byte
	lines            []line
	fit              []side // where it was found to fit
	labels, labelled bool   // a line goes by tags or aliases; one that allows does
}

// line is a statement of a document. What it says and whom it names are kept apart, as each is said of many others.
type line struct {
	*term
	who  *statement // of which only the principals count
	name string     // its Sid, or its index from 0
}

// filed is a document in its place.
type filed struct {
	name  string
	why   string // it counts as unread; empty when it was read
	paper *paper
}

func newPapers() *papers {
	d := &papers{
		byText: map[digest]*paper{}, terms: map[digest]*term{}, whos: map[digest]*statement{}, patterns: map[string][realms]Set{}, asked: map[string]bool{}, tags: map[string]map[string]string{}, names: map[string]string{},
		unread: &paper{text: unreadText},
	}
	if err := d.read(d.unread, identity); err != nil {
		panic(err) // the parser's own marker
	}
	return d
}

// file puts documents in their place. What cannot be read, or cannot stand there, counts as unread.
func (d *papers) file(at side, docs []Document) []filed {
	out := make([]filed, 0, len(docs))
	for _, doc := range docs {
		f := filed{name: doc.Name, why: doc.Why, paper: d.unread}
		switch {
		case doc.Text != nil:
			sum := digest(sha256.Sum256(doc.Text))
			p, there := d.byText[sum]
			if !there {
				p = &paper{id: len(d.byText), text: doc.Text}
				d.byText[sum] = p
			}
			if err := d.read(p, at); err != nil {
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

// read reads a document that is to stand on a side, unless it was read for one.
func (d *papers) read(p *paper, at side) error {
	if slices.Contains(p.fit, at) {
		return nil
	}
	doc, err := parse(p.text)
	if err != nil {
		return err
	}
	all := policy{statements: make([]statement, len(doc.Statements))}
	lines := make([]line, 0, len(doc.Statements))
	for i := range doc.Statements {
		l, err := d.line(&doc.Statements[i], i, variablesIn(&doc), &all.statements[i])
		if err != nil {
			return err
		}
		if l.term != nil {
			lines = append(lines, l)
		}
	}
	if err := all.fits(at); err != nil {
		return err
	}
	p.lines, p.fit = slices.Clip(lines), append(p.fit, at)
	for i := range lines {
		if slices.ContainsFunc(lines[i].asks, ofLabels) {
			p.labels, p.labelled = true, p.labelled || lines[i].allows
		}
	}
	return nil
}

// line reads a statement, and says in its form what of it is to fit into a place. One that is about no action on keys or secrets has no term.
func (d *papers) line(from *awspolicy.Statement, i int, variables bool, form *statement) (l line, err error) {
	body, only := *from, awspolicy.Statement{Effect: from.Effect, Principals: from.Principals, NotPrincipals: from.NotPrincipals}
	body.Sid, body.Principals, body.NotPrincipals = "", nil, nil
	for _, a := range slices.Concat(from.Actions, from.NotActions) {
		if err := storedAction(a); err != nil {
			return l, wrong(i, elementOf("Action", from.NotActions != nil), err)
		}
	}
	if acts := d.acts(from); acts[keys].p|acts[secrets].p != 0 {
		said := digestOf(&body, variables)
		if l.term = d.terms[said]; l.term == nil {
			if l.term, err = d.term(&body, i, variables, acts); err != nil {
				return l, err
			}
			d.terms[said] = l.term
		}
	} else if len(from.Conditions) > 0 { // which have to be right all the same
		if err := new(statement).compile(&body, i, variables); err != nil {
			return l, err
		}
	}
	said := digestOf(&only, false)
	if l.who = d.whos[said]; l.who == nil {
		l.who = &statement{}
		if err := l.who.compile(&only, i, false); err != nil {
			return l, err
		}
		d.whos[said] = l.who
	}
	l.name = d.name(from, i)
	*form = *l.who
	form.noAction = from.Actions == nil && from.NotActions == nil
	form.noResource = from.Resources == nil && from.NotResources == nil
	for _, r := range slices.Concat(from.Resources, from.NotResources) {
		if !isARN(r) {
			form.odd = r
		}
	}
	return l, nil
}

// name returns the one copy of what a statement is called. A few names are on most of them.
func (d *papers) name(from *awspolicy.Statement, i int) string {
	name := cmp.Or(from.Sid, strconv.Itoa(i))
	if kept, there := d.names[name]; there {
		return kept
	}
	d.names[name] = name
	return name
}

func (d *papers) term(from *awspolicy.Statement, i int, variables bool, acts [realms]pair) (*term, error) {
	var s statement
	if err := s.compile(from, i, variables); err != nil {
		return nil, err
	}
	t := newTerm(from, acts, s)
	t.id = len(d.terms)
	for _, key := range t.asks {
		d.asked[key] = true
	}
	return t, nil
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

// keep returns the one copy of some tags. The same few are on most that has any.
func (d *papers) keep(tags map[string]string) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	var said []byte
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		said = fmt.Appendf(said, "%q%q", name, tags[name])
	}
	if kept := d.tags[string(said)]; kept != nil {
		return kept
	}
	d.tags[string(said)] = tags
	return tags
}
