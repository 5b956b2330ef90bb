package vaulthcl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/hcl1"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// policyOf makes a file with path blocks a policy that is called as the file is.
func policyOf(tree *declare.Tree, file, text string, items []hcl1.Item) inventory.Resource {
	r := tree.New(tree.ID(name, file, "policy"), policy, baseName(file), span(file, items...))
	r.Policy = &inventory.Policy{Builtin: new(false)}
	stmts, err := vaultpolicy.Statements(text)
	if err != nil {
		declare.Open(&r, "policy.statements", err.Error())
		return r
	}
	r.Policy.Statements = stmts
	if line := filledIn(items); line > 0 && !slices.ContainsFunc(r.Policy.Statements, everything) {
		declare.Open(&r, "policy.statements", fmt.Sprintf("something is yet to be filled in on line %d", line))
		return r
	}
	r.Policy.Document, r.Document = inventory.DocumentHash(text), text
	return r
}

// everything reports whether a statement allows something on every path: nothing that is yet to be filled in could take that back
// from the sight of a reader.
func everything(s inventory.Statement) bool {
	return s.Effect == "allow" && slices.Contains([]string{"*", "+/*", "+/+/*"}, s.Path) &&
		slices.ContainsFunc(s.Capabilities, func(c string) bool { return c != "list" && !strings.Contains(c, "${") })
}

// filledIn returns the first line with a path or capability that a template engine completes; 0 if there is none. Vault's own templates,
// {{identity...}}, name what is the caller's and stay.
func filledIn(items []hcl1.Item) int {
	for _, it := range items {
		if it.Keys[0] == "path" && strings.Contains(strings.Join(it.Keys, ""), "${") {
			return it.Line
		}
		for _, sub := range it.Items {
			if strings.Contains(strings.Join(sub.Values, ""), "${") {
				return sub.Line
			}
		}
	}
	return 0
}
