package terraform

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// vaultPolicy reads an ACL policy from its text, or from the data source that makes it.
func vaultPolicy(m *mapping, b *block) {
	d := m.declare(b, "vault.policy", "policy")
	d.named("", "name")
	d.r.Policy = &inventory.Policy{Builtin: ref(d.r.Name == "default" || d.r.Name == "root")}
	if d.r.Unread("name") != nil {
		d.open("policy.builtin", d.r.Unread("name").Hint)
	}
	const fact = "policy.statements"
	if text, ok := d.text("policy"); ok {
		stmts, err := vaultpolicy.Statements(text)
		if d.r.Policy.Statements = stmts; err != nil {
			d.open(fact, err.Error())
		} else {
			d.r.Policy.Document, d.r.Document = inventory.DocumentHash(text), text
		}
		return
	}
	doc := m.policyDocument(b, "policy")
	if doc == nil {
		d.open(fact, d.unresolved("policy", d.raw("policy")))
		return
	}
	rules, why := doc.blocks("rule")
	d.open(fact, why)
	d.r.Policy.Statements = []inventory.Statement{}
	for _, rule := range rules {
		r := draft{block: *rule, r: d.r}
		s := inventory.Statement{Effect: "allow", Path: strings.TrimPrefix(r.word(fact, "path"), "/"), Capabilities: r.words(fact, "capabilities")}
		s.At = s.Path
		slices.Sort(s.Capabilities)
		if slices.Contains(s.Capabilities, "deny") { // it wipes the others
			s.Effect, s.Capabilities = "deny", []string{"deny"}
		}
		d.r.Policy.Statements = append(d.r.Policy.Statements, s)
	}
}

// policyDocument is the data source vault_policy_document whose text an argument is; nil when it is none, or not for certain.
func (m *mapping) policyDocument(b *block, arg string) *block {
	v := b.raw(arg)
	refs := references(v)
	if len(refs) != 1 {
		return nil
	}
	found := m.at[place{b.in.Root, string(refs[0])}]
	if len(found) != 1 || !found[0].Data || found[0].Type != "vault_policy_document" {
		return nil
	}
	if bare, _ := v.Unmark(); bare != cty.DynamicVal {
		return nil // something was made of the text
	}
	return ofInstance(found[0])
}
