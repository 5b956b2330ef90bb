package kubernetes

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
	"github.com/keyreeve/keyreeve/scanner/repo/staticcred"
	"github.com/keyreeve/keyreeve/scanner/repo/yamlnode"
)

// role reads a Role or ClusterRole: a statement each rule. One that aggregates others has the rules that they have.
func (r *reader) role(o *object) {
	if o.patch {
		return
	}
	res := r.new(o, role)
	res.Policy = &inventory.Policy{Statements: []inventory.Statement{}}
	list := o.node.Get("rules")
	if list != nil && list.Kind != yamlnode.List && list.Kind != yamlnode.Null {
		declare.Open(&res, "policy.statements", "its rules are filled in from elsewhere")
	}
	if o.node.Get("aggregationRule") != nil {
		declare.Open(&res, "policy.statements", "it takes its rules from roles with certain labels")
	}
	unread := false
	for i, rule := range items(list) {
		s := inventory.Statement{At: "#" + strconv.Itoa(i+1), Effect: "allow"}
		known := rule.Kind == yamlnode.Map
		for _, f := range []struct {
			key  string
			into *[]string
		}{{"apiGroups", &s.Groups}, {"resources", &s.Resources}, {"resourceNames", &s.Names}, {"verbs", &s.Verbs}} {
			n := rule.Get(f.key)
			if n == nil || n.Kind == yamlnode.Null {
				continue
			}
			list, ok := n.Strings()
			known = known && ok && n.Kind == yamlnode.List && !slices.ContainsFunc(list, staticcred.Template)
			if len(list) > 0 {
				*f.into = list
			}
		}
		if !known {
			unread = true
			continue
		}
		res.Policy.Statements = append(res.Policy.Statements, s)
	}
	certain := slices.ContainsFunc(res.Policy.Statements, everySecret) // whatever the others are
	taken := r.kustom.changed(o.file, o.kind, func(c change) bool { return c.fact == anything || c.fact == rules && c.takes })
	if why := r.kustom.may(o, rules); taken != "" || why != "" && !certain {
		declare.Open(&res, "policy.statements", cmp.Or(taken, why))
	} else if unread && !certain {
		declare.Open(&res, "policy.statements", "a rule is filled in from elsewhere")
	}
	r.yieldResource(res)
}

// everySecret reports whether a rule lets somebody read Secrets whatever their name.
func everySecret(s inventory.Statement) bool {
	has := func(list []string, words ...string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return s == "*" || slices.Contains(words, s) })
	}
	return len(s.Names) == 0 && has(s.Groups, "") && has(s.Resources, "secrets") && has(s.Verbs, "get", "list", "watch")
}
