// Package vaultpolicy reads ACL policies of Vault, in HCL or JSON, as Vault reads them.
//
// It lists what a policy's rules say. What they come to together, and for which token, is left to others.
package vaultpolicy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/hcl1"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Rule is one path block of a policy.
type Rule struct {
	Path         string   // without a leading "/"; with its "*" and "+"
	Capabilities []string // sorted; "deny" stands alone
	Line, End    int      // 1-based
}

// Parse reads the rules of a policy in their order. Like Vault, it refuses keys and capabilities that Vault does not know, and
// something that is set twice. Errors name a line and nothing else of the text.
func Parse(text string) ([]Rule, error) {
	items, err := hcl1.Parse(strings.TrimPrefix(text, "\uFEFF"))
	if err != nil {
		return nil, fmt.Errorf("read Vault policy: %w", err)
	}
	rules := []Rule{}
	for i := range items {
		switch items[i].Keys[0] {
		case "name":
		case "path":
			r, err := rule(&items[i])
			if err != nil {
				return nil, fmt.Errorf("read Vault policy: line %d: %w", items[i].Line, err)
			}
			rules = append(rules, r)
		default:
			return nil, fmt.Errorf("read Vault policy: line %d: only paths may be there", items[i].Line)
		}
	}
	return rules, nil
}

// Statements is what the rules of a policy say, one statement a rule. A rule that denies has the effect deny; one without
// capabilities allows nothing.
func Statements(text string) ([]inventory.Statement, error) {
	rules, err := Parse(text)
	if err != nil {
		return nil, err
	}
	out := make([]inventory.Statement, len(rules))
	for i, r := range rules {
		effect := "allow"
		if slices.Contains(r.Capabilities, "deny") {
			effect = "deny"
		}
		out[i] = inventory.Statement{At: r.Path, Effect: effect, Path: r.Path, Capabilities: r.Capabilities}
	}
	return out, nil
}

// capabilities are those that Vault knows; see "Policies: Capabilities" in its documentation.
var capabilities = []string{"create", "read", "update", "patch", "delete", "list", "sudo", "deny", "subscribe", "recover"}

// shorthands are the values of the older key "policy".
var shorthands = map[string][]string{
	"deny":  {"deny"},
	"read":  {"read", "list"},
	"write": {"create", "read", "update", "delete", "list"},
	"sudo":  {"create", "read", "update", "delete", "list", "sudo"},
}

// limits are keys that narrow what a request may hold; they grant nothing.
var limits = []string{
	"comment", "allowed_parameters", "denied_parameters", "required_parameters", "min_wrapping_ttl", "max_wrapping_ttl", "mfa_methods", "control_group",
	"subscribe_event_types",
}

func rule(block *hcl1.Item) (Rule, error) {
	r := Rule{Path: "path", Capabilities: []string{}, Line: block.Line, End: block.End} // a block without a label is of the path "path"
	if len(block.Keys) > 1 {
		r.Path = strings.TrimPrefix(block.Keys[1], "/")
	}
	if !block.Object {
		return r, fmt.Errorf("a path needs a body in braces")
	}
	if strings.Contains(r.Path, "+*") {
		return r, fmt.Errorf(`a path cannot hold "+*"`)
	}
	for i := range block.Items {
		it := &block.Items[i]
		switch key := it.Keys[0]; {
		case key == "capabilities" && len(it.Keys) == 1 && !it.Object && !it.Mixed:
			r.Capabilities = append(r.Capabilities, it.Values...)
		case key == "policy" && len(it.Values) == 1 && (it.Values[0] == "" || shorthands[it.Values[0]] != nil):
			r.Capabilities = append(r.Capabilities, shorthands[it.Values[0]]...)
		case !slices.Contains(limits, key):
			return r, fmt.Errorf("what line %d says of a path is nothing that Vault knows", it.Line)
		}
	}
	for _, c := range r.Capabilities {
		if !slices.Contains(capabilities, c) {
			return r, fmt.Errorf("a capability is none of %s", strings.Join(capabilities, ", "))
		}
	}
	if slices.Contains(r.Capabilities, "deny") {
		r.Capabilities = []string{"deny"}
	}
	slices.Sort(r.Capabilities)
	r.Capabilities = slices.Compact(r.Capabilities)
	return r, nil
}
