package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// mostLabels bounds how many statements that go by tags or aliases are tried for one principal and one key or secret.
const mostLabels = 16

// label is a tag or an alias by which a statement lets somebody in.
type label struct {
	tag, value string
	alias      string
	asked      bool // the alias is that by which a request names the key
}

// Relabels returns the action by which a principal certainly gives itself one of some actions on a key or secret, "" for none: it sets a tag
// or an alias, and a statement that goes by that lets it in.
func (ix *Index) Relabels(m Member, arn string, actions Set) string {
	k := ix.byARN[arn]
	if k == nil {
		return ""
	}
	e := New()
	for _, l := range ix.letsIn(m.m, k, actions) {
		by := ix.sets(e, m.m, k, l)
		if by == "" {
			continue
		}
		for _, name := range actionsOf[k.realm].Names(actions) {
			requests := ix.requests(m.m, k, name)
			l.put(&requests[0])
			if !slices.ContainsFunc(requests, func(r Request) bool { return e.Decide(r).Decision != access.Allowed }) {
				return by
			}
		}
	}
	return ""
}

// letsIn lists the labels that statements about some actions want, of those that may let a principal in.
func (ix *Index) letsIn(m *member, k *target, actions Set) (out []label) {
	for _, d := range slices.Concat(m.identity, k.policy) {
		for i := range d.paper.lines {
			l := &d.paper.lines[i]
			if !l.allows || l.possible(k.realm)&actions == 0 {
				continue
			}
			for j := range l.conditions {
				if want, may := l.conditions[j].label(m.principal.Tags); may && len(out) < mostLabels {
					out = append(out, want)
				}
			}
		}
	}
	return out
}

// possible are the actions that a statement may be about.
func (p *term) possible(r realm) (s Set) {
	for i := range p.classes[r] {
		s |= p.classes[r][i].acts.p
	}
	return s
}

// label is one that meets a condition, if that is on labels and says which.
func (c *condition) label(tags map[string]string) (label, bool) {
	if !ofLabels(c.key) || c.null || len(c.values) == 0 {
		return label{}, false
	}
	value := c.values[0].raw
	if name, is := strings.CutPrefix(value, "${aws:PrincipalTag/"); is {
		value = tags[strings.TrimSuffix(name, "}")]
	}
	if value = strings.NewReplacer("*", "x", "?", "x").Replace(value); c.not {
		value += "x"
	}
	_, tag, tagged := strings.Cut(c.name, "/")
	switch {
	case value == "" || strings.Contains(value, "$"):
		return label{}, false
	case tagged:
		return label{tag: tag, value: value}, true
	case c.not || !strings.HasPrefix(value, "alias/"):
		return label{}, false
	}
	return label{alias: value, asked: c.key == "kms:requestalias"}, true
}

// sets returns the action by which a principal certainly sets a label, "" for none. An alias that some key has is not made anew.
func (ix *Index) sets(e *Evaluator, m *member, k *target, l label) string {
	allowed := func(r Request) bool { return e.Decide(r).Decision == access.Allowed }
	if l.tag != "" {
		by := []string{"kms:TagResource", "secretsmanager:TagResource"}[k.realm]
		r := ix.requests(m, k, by)[0]
		r.Context["aws:RequestTag/"+l.tag], r.Context["aws:TagKeys"] = Values{l.value}, Values{l.tag}
		if allowed(r) {
			return by
		}
		return ""
	}
	if slices.ContainsFunc(ix.targets, func(other *target) bool {
		return other.site == k.site && slices.Contains(other.resource.Aliases, l.alias)
	}) {
		return ""
	}
	r := ix.requests(m, k, "kms:CreateAlias")[0]
	if !allowed(r) {
		return ""
	}
	if r.Resource = (Resource{ARN: k.site + l.alias}); allowed(r) {
		return "kms:CreateAlias"
	}
	return ""
}

// put makes a request one to a key or secret that has the label.
func (l *label) put(r *Request) {
	switch {
	case l.tag != "":
		for _, key := range []string{"aws:ResourceTag/", "secretsmanager:ResourceTag/"} {
			r.Context[key+l.tag] = Values{l.value}
		}
	case l.asked:
		r.Context["kms:RequestAlias"] = Values{l.alias}
	}
	if l.alias != "" {
		r.Context["kms:ResourceAliases"] = append(slices.Clone(r.Resource.Aliases), l.alias)
	}
}
