package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// WriteJSON writes an answer about access as its Go type says, indented.
func WriteJSON(w io.Writer, answer any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(answer)
}

// WriteHolders writes for people who may do something to a key: those of whom it is certain first, then those who may under
// conditions, then those of whom it is not known, and who can become one of them. Long lists are cut to Options.MaxLines; what is cut
// is counted by account.
func WriteHolders(w io.Writer, h access.Holders, o Options) error {
	buffered := bufio.NewWriter(w)
	p := &page{w: buffered, color: o.Color, width: o.Width, max: o.MaxLines}
	p.asks(h.Action, h.Name, h.Resource)
	var certain, conditional, unread []access.Holder
	for _, holder := range h.Holders {
		switch {
		case holder.Decision == access.Allowed:
			certain = append(certain, holder)
		case len(holder.Unread) > 0:
			unread = append(unread, holder)
		default:
			conditional = append(conditional, holder)
		}
	}
	p.holders("MAY", bad, "Whatever the request is like", certain, func(access.Holder) string { return "" })
	p.holders("MAY IF", caution, "Only the request itself can tell", conditional, func(h access.Holder) string { return residuals(h.Residual) })
	p.holders("UNKNOWN", unsure, "Not decided: documents were not read", unread, func(u access.Holder) string { return unreads(u.Unread) })
	who := "May not by themselves"
	direct := map[string]bool{}
	for _, holder := range h.Holders {
		direct[holder.Principal] = true
	}
	if slices.ContainsFunc(h.Indirect, func(holder access.Holder) bool { return direct[holder.Principal] }) {
		who += ", or only if"
	}
	p.holders("CAN BECOME", caution, who+", and can become one who may", h.Indirect, func(h access.Holder) string { return way(h.Path) })
	if len(h.Holders)+len(h.Indirect) == 0 {
		p.blank()
		switch {
		case h.Note != "":
			p.para(0, "Nobody may: "+h.Note+".", good)
		case len(h.Unread) > 0:
			p.para(0, "Nobody among those that were read may; who else may is not known.", unsure)
		default:
			p.para(0, "Nobody among those that were read may.", good)
		}
	}
	p.unread("UNREAD", "More who may can be there", h.Unread)
	p.unread("NOT READ", "What decides about those above", decisive(slices.Concat(unread, h.Indirect), h.Unread))
	p.blank()
	p.line(0, span{summedUp(certain, conditional, unread, h.Indirect), bold})
	if p.cut {
		p.line(0, span{"next: ", faint}, span{"--max-lines 0 lists all", plain})
	}
	if p.err != nil {
		return p.err
	}
	return buffered.Flush()
}

var (
	bad     = style(severityStyles["high"])
	caution = style(severityStyles["medium"])
)

// asks says what is answered.
func (p *page) asks(action, name, id string) {
	if name == "" || name == id {
		p.line(0, span{action, bold}, span{" on ", plain}, span{id, bold})
		return
	}
	p.line(0, span{action, bold}, span{" on ", plain}, span{name, bold}, span{"  " + id, faint})
}

// summedUp sums up.
func summedUp(certain, conditional, unread, indirect []access.Holder) string {
	parts := []string{plural(len(certain), "principal may", "principals may"), count(len(conditional)) + " under conditions"}
	if len(unread) > 0 {
		parts = append(parts, count(len(unread))+" not known")
	}
	if len(indirect) > 0 {
		parts = append(parts, count(len(indirect))+" can become one")
	}
	return strings.Join(parts, ", ") + "."
}

// holders writes a list of principals, by account where there are several.
func (p *page) holders(word string, st style, about string, list []access.Holder, note func(access.Holder) string) {
	if len(list) == 0 {
		return
	}
	p.heading(word, st, about, "")
	accounts := map[string][]access.Holder{}
	for _, h := range list {
		account, _ := ofAccount(h.Principal)
		accounts[account] = append(accounts[account], h)
	}
	order := make([]string, 0, len(accounts))
	for account := range accounts {
		order = append(order, account)
	}
	slices.SortFunc(order, func(a, b string) int { // the account with most of them first
		return cmp.Or(cmp.Compare(len(accounts[b]), len(accounts[a])), cmp.Compare(a, b))
	})
	if p.max > 0 && len(order) > p.max/3 {
		p.byAccount(order, accounts, note)
		return
	}
	for _, account := range order {
		p.account(account, accounts[account], note)
	}
}

// byAccount gives each account a line, as there are many.
func (p *page) byAccount(order []string, accounts map[string][]access.Holder, note func(access.Holder) string) {
	p.list(2, len(order), func(shown int) {
		rows := make([][]cell, 0, shown)
		for _, account := range order[:shown] {
			list := accounts[account]
			notes, names := map[string]bool{}, []string{}
			for _, h := range list {
				notes[note(h)] = true
				_, name := ofAccount(h.Principal)
				names = append(names, name)
			}
			p.cut = p.cut || len(list) > 3
			about := note(list[0])
			if len(notes) > 1 {
				about += fmt.Sprintf(", or %s", plural(len(notes)-1, "other", "others"))
			}
			rows = append(rows, []cell{
				{text: cmp.Or(account, "no account"), style: bold}, {text: kinds(list), style: faint}, {text: few(names, 2), flex: true}, {text: about, style: faint, flex: true, below: true},
			})
		}
		p.table(2, rows)
	})
}

// account lists the principals of one account.
func (p *page) account(account string, list []access.Holder, note func(access.Holder) string) {
	indent := 2
	if account != "" {
		p.line(2, span{"account " + account, bold}, span{"  " + kinds(list), faint})
		indent = 4
	}
	p.list(indent, len(list), func(shown int) {
		rows := make([][]cell, 0, shown)
		for _, h := range list[:shown] {
			_, name := ofAccount(h.Principal)
			rows = append(rows, []cell{{text: name, style: bold, flex: true}, {text: kindBeside(h.Kind, name), style: faint}, {text: note(h), flex: true, below: true}})
		}
		p.table(indent, rows)
	})
}

// ofAccount takes the account out of an ARN, and leaves other names as they are.
func ofAccount(principal string) (account, name string) {
	parts := strings.SplitN(principal, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return "", principal
	}
	return parts[4], parts[5]
}

// kindBeside is the kind of a principal where its name does not begin with it.
func kindBeside(kind, name string) string {
	if strings.HasPrefix(name, kind+"/") || kind == name {
		return ""
	}
	return kind
}

// kinds counts principals by kind: "12 roles, 1 user".
func kinds(list []access.Holder) string {
	n := map[string]int{}
	for _, h := range list {
		n[h.Kind]++
	}
	order := make([]string, 0, len(n))
	for kind := range n {
		order = append(order, kind)
	}
	slices.SortFunc(order, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	for i, kind := range order {
		order[i] = plural(n[kind], kind, kind+"s")
	}
	return strings.Join(order, ", ")
}

// residuals says on what a permission hangs.
func residuals(list []access.Residual) string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		s := string(r.Class) + " " + asked(r.Key)
		if r.Statement != "" {
			s += " (" + inWords(r.Statement) + ")"
		}
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return few(out, 3)
}

// unreads says what was not read. Why, is told below once for all.
func unreads(list []access.Unread) string {
	out := make([]string, 0, len(list))
	for _, u := range list {
		if !slices.Contains(out, u.Document) {
			out = append(out, u.Document)
		}
	}
	return few(out, 2)
}

// decisive lists what was not read of some principals, each once, without what is told anyway.
func decisive(of []access.Holder, told []access.Unread) (out []access.Unread) {
	seen := map[access.Unread]bool{}
	for _, u := range told {
		seen[u] = true
	}
	for _, h := range of {
		for _, u := range h.Unread {
			if !seen[u] {
				seen[u] = true
				out = append(out, u)
			}
		}
	}
	return out
}

// unread lists what was not read, and why.
func (p *page) unread(word, about string, list []access.Unread) {
	if len(list) == 0 {
		return
	}
	p.heading(word, unsure, about, "")
	p.reasons(list)
}

// reasons writes each reason in full, as it has the next step, with the documents that were not read because of it.
func (p *page) reasons(list []access.Unread) {
	var order []string
	byWhy := map[string][]access.Unread{}
	for _, u := range list {
		if byWhy[u.Why] == nil {
			order = append(order, u.Why)
		}
		byWhy[u.Why] = append(byWhy[u.Why], u)
	}
	most := p.max
	if len(order) > 1 {
		most = min(most, 3)
	}
	p.list(2, len(order), func(shown int) {
		for _, why := range order[:shown] {
			if p.width > 0 {
				p.para(2, why, plain)
			} else { // what is not read on a terminal is searched by lines
				p.line(2, span{why, plain})
			}
			of := byWhy[why]
			p.atMost(most, 4, len(of), func(shown int) {
				rows := make([][]cell, 0, shown)
				for _, u := range of[:shown] {
					rows = append(rows, []cell{{text: u.Document, style: bold, flex: true}, {text: "of " + whose(u.Of), style: faint, flex: true}})
				}
				p.table(4, rows)
			})
		}
	})
}

// whose names whose a document is: what is only the number of an account says so.
func whose(of string) string {
	if len(of) == 12 && strings.Trim(of, "0123456789") == "" {
		return "account " + of
	}
	return of
}

func few(list []string, n int) string {
	if len(list) > n+1 {
		return strings.Join(list[:n], ", ") + fmt.Sprintf(" and %d more", len(list)-n)
	}
	return strings.Join(list, ", ")
}

// asked is what a condition asks, in words where the word is keyreeve's own.
func asked(key string) string {
	return cmp.Or(ownWords[key], key)
}

var ownWords = map[string]string{
	"session_name": "the name of the session", "identity": "which entity logs in", "activation": "the activation of the role", "operation": "the kind of operation",
	"management_groups": "the management groups above the subscription", "applicationId": "the application in the token",
}

// inWords names a statement where its document is told beside it, or elsewhere.
func inWords(statement string) string {
	if n, err := strconv.Atoi(statement); err == nil {
		return ordinal(n+1) + " statement"
	}
	return statement
}

// ordinal is a number as an ordinal: "1st".
func ordinal(n int) string {
	suffix := "th"
	if tens := n / 10 % 10; tens != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// delegated reports whether a step leads to the root user of an account of AWS. Nobody becomes that user: who comes there makes itself, or
// somebody new, as much as the account may.
func delegated(to string) bool {
	account, name := ofAccount(to)
	return account != "" && name == "root"
}

// way writes a path: "sts:AssumeRole -> role/app".
func way(path []access.Step) string {
	var b strings.Builder
	for i, s := range path {
		if i > 0 {
			b.WriteString(", then ")
		}
		_, to := ofAccount(s.To)
		switch {
		case s.To == s.From:
			to = "itself"
		case delegated(s.To):
			to = "as much as " + to
		}
		b.WriteString(s.By + " -> " + to)
		if s.Decision != access.Allowed {
			b.WriteString(" (if)")
		}
	}
	return b.String()
}
