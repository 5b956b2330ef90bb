// Package vaultpolicy reads ACL policies of Vault, in HCL or JSON, as Vault reads them.
//
// It lists what a policy's rules say. What they come to together, and for which token, is left to others.
package vaultpolicy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/hcl1"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Rule is one path block of a policy.
type Rule struct {
	Path         string   // with its "*", "+" and templates; without a leading "/", but for a template, which Vault completes first
	Capabilities []string // sorted; "deny" stands alone
	Limits       *Limits  // nil where the rule sets none, and where it denies: Vault forgets them then
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
		switch it := &items[i]; it.Keys[0] {
		case "name":
			if name := ""; len(it.Keys) > 1 || it.Decode(&name) != nil {
				return nil, fmt.Errorf("read Vault policy: line %d: a name is a text", it.Line)
			}
		case "path":
			r, err := rule(it)
			if err != nil {
				return nil, fmt.Errorf("read Vault policy: line %d: %w", it.Line, err)
			}
			rules = append(rules, r)
		default:
			return nil, fmt.Errorf("read Vault policy: line %d: only paths may be there", it.Line)
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
		path := strings.TrimPrefix(r.Path, "/")
		out[i] = inventory.Statement{At: path, Effect: effect, Path: path, Capabilities: r.Capabilities}
	}
	return out, nil
}

// capabilities are those that Vault knows; see "Policies: Capabilities" in its documentation.
var capabilities = []string{"create", "read", "update", "patch", "delete", "list", "sudo", "deny", "subscribe", "recover"}

// shorthands are the values of the older key "policy". They add to the capabilities; deny takes their place.
var shorthands = map[string][]string{
	"":      nil,
	"deny":  {"deny"},
	"read":  {"read", "list"},
	"write": {"create", "read", "update", "delete", "list"},
	"sudo":  {"create", "read", "update", "delete", "list", "sudo"},
}

// grants are the keys of a rule that say what it allows; limits are those that narrow what a request may hold.
var grants, limits = []string{"comment", "policy", "capabilities"}, []string{
	"allowed_parameters", "denied_parameters", "required_parameters", "min_wrapping_ttl", "max_wrapping_ttl", "mfa_methods",
	"control_group", "subscribe_event_types",
}

type grantBody struct {
	Capabilities []string `hcl:"capabilities"`
	Policy       string   `hcl:"policy"`
}

func rule(block *hcl1.Item) (Rule, error) {
	r := Rule{Path: "path", Capabilities: []string{}, Line: block.Line, End: block.End} // a block without a label is of the path "path"
	if len(block.Keys) > 1 {
		r.Path = block.Keys[1]
	}
	if !strings.Contains(r.Path, "{{") {
		r.Path = strings.TrimPrefix(r.Path, "/")
	}
	if !block.Object {
		return r, errors.New("a path needs a body in braces")
	}
	if !balanced(r.Path) {
		return r, errors.New(`a path has "{{" or "}}" without the other`)
	}
	if strings.Contains(r.Path, "+*") {
		return r, errors.New(`a path cannot hold "+*"`)
	}
	limited := false
	for i := range block.Items {
		switch it := &block.Items[i]; {
		case slices.Contains(limits, it.Keys[0]):
			limited = true
		case !slices.Contains(grants, it.Keys[0]):
			return r, fmt.Errorf("what line %d says of a path is nothing that Vault knows", it.Line)
		}
	}
	var b grantBody
	var l limitBody
	if err := block.Decode(&b); err != nil {
		return r, err
	}
	if limited { // most rules have none, and decoding takes its time
		if err := block.Decode(&l); err != nil {
			return r, err
		}
	}
	short, ok := shorthands[b.Policy]
	if !ok {
		return r, errors.New("the value of policy is none of read, write, sudo and deny")
	}
	if b.Policy == "deny" {
		b.Capabilities = nil
	}
	for _, c := range append(b.Capabilities, short...) {
		if !slices.Contains(capabilities, c) {
			return r, fmt.Errorf("a capability is none of %s", strings.Join(capabilities, ", "))
		}
		if c == "deny" { // Vault reads no further
			r.Capabilities = []string{"deny"}
			return r, nil
		}
		r.Capabilities = append(r.Capabilities, c)
	}
	var err error
	r.Limits, err = l.limits(r.Capabilities)
	slices.Sort(r.Capabilities)
	r.Capabilities = slices.Compact(r.Capabilities)
	return r, err
}

// balanced reports whether every "{{" of a path has its "}}".
func balanced(path string) bool {
	pieces := strings.Split(path, "{{")
	if strings.Contains(pieces[0], "}}") {
		return false
	}
	return !slices.ContainsFunc(pieces[1:], func(piece string) bool { return strings.Count(piece, "}}") != 1 })
}
