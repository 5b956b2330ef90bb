package aws

import (
	"encoding/json"
	"strings"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// onward tells of which roles it is not certain that they stay what they are. It looks at what documents say, without asking the
// evaluator: no role is left out that can go on.
type onward struct {
	lead  map[string]bool // roles with a policy that holds something that leads anywhere, or that was not read
	named map[string]bool // whom trust policies name: an ARN, or "ACCOUNT/ROLE" of a session
	open  map[string]bool // accounts with a role that everybody of them may assume
}

func newOnward(ix *eval.Index, snap *inventory.Snapshot) onward {
	o := onward{lead: map[string]bool{}, named: map[string]bool{}, open: map[string]bool{}}
	b := becoming{texts: map[string]parsed{}}
	document := func(text string) eval.Document {
		if text == "" {
			return eval.Document{}
		}
		return eval.Document{Text: json.RawMessage(text)}
	}
	for m := range ix.Members() {
		for _, text := range m.Documents() {
			if m.Role() && b.read(document(text)).holds != 0 {
				o.lead[m.Name()] = true
			}
		}
	}
	for i := range snap.Resources {
		r := &snap.Resources[i]
		if r.Type != roleType || r.Origin != inventory.Live {
			continue
		}
		p := b.read(document(r.Document))
		if r.Document == "" || p.err != nil {
			o.open[accountOf(string(r.ID))] = true
		}
		for _, s := range p.doc.Statements {
			if s.Effect != "Deny" {
				o.take(accountOf(string(r.ID)), &s)
			}
		}
	}
	return o
}

// take takes in whom a statement of a trust policy lets in.
func (o *onward) take(account string, s *awspolicy.Statement) {
	if s.NotPrincipals != nil {
		o.open[account] = true
	}
	for _, who := range s.Principals {
		switch {
		case who.Value == "*" && who.Type != "Service" && who.Type != "Federated", strings.ContainsAny(who.Type+who.Value, awspolicy.Unknown+awspolicy.Computed):
			o.open[account] = true
		case who.Type != "AWS":
		default:
			o.named[who.Value] = true
			if typ, session, _ := strings.Cut(lastPart(who.Value), "/"); typ == "assumed-role" {
				name, _, _ := strings.Cut(session, "/")
				o.named[accountOf(who.Value)+"/"+name] = true
			}
		}
	}
}

// from reports whether a role may go on.
func (o *onward) from(role string) bool {
	account := accountOf(role)
	return o.lead[role] || o.named[role] || o.named[account+"/"+role[strings.LastIndexByte(role, '/')+1:]] || o.open[account]
}
