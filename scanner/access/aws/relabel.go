package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
)

// mostLabels bounds how many statements that go by tags or aliases are tried for one principal and one key or secret.
const mostLabels = 16

// label is a tag or an alias by which a statement lets somebody in, or no longer denies it.
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
	e := ix.evaluator()
	defer ix.spare.Put(e)
	refused := func(r Request) bool { return e.Decide(r).Decision != access.Allowed }
	unset := func(s setting) bool { return refused(s.request) }
	for _, l := range ix.letsIn(m.m, k, actions) {
		by, sets := ix.setting(m.m, k, l)
		if by == "" || slices.ContainsFunc(sets, unset) {
			continue
		}
		for _, name := range actionsOf[k.realm].Names(actions) {
			requests := ix.requests(m.m, k, name)
			l.put(&requests[0])
			if !slices.ContainsFunc(requests, refused) {
				return by
			}
		}
	}
	return ""
}

// Relabelers are the actions by which tags and aliases are set on a key or a secret.
func Relabelers(secret bool) []string {
	if secret {
		return []string{tagging[secrets]}
	}
	return []string{tagging[keys], createAlias, updateAlias}
}

const createAlias, updateAlias = "kms:CreateAlias", "kms:UpdateAlias"

var tagging = [realms]string{"kms:TagResource", "secretsmanager:TagResource"}

// Relabeled decides on a pair as Explain does, as if the principal had by an action of Relabelers set a tag or alias by which a statement goes
// that may let it in, if it may: of several the one that gives it most. It is denied where there is none.
func (ix *Index) Relabeled(principal, by, action, target string) (access.Answer, error) {
	m, k, err := ix.pair(principal, action, target)
	if err != nil {
		return access.Answer{}, err
	}
	best := access.Answer{Decision: access.Denied}
	e := New()
	for _, l := range ix.letsIn(m, k, actionsOf[k.realm].Of(action)) {
		how, sets := ix.setting(m, k, l)
		if how != by {
			continue
		}
		use := ix.requests(m, k, action)
		l.put(&use[0])
		answer := ix.explain(e, use[0], m, k)
		for _, s := range sets {
			answer = both(answer, ix.explain(e, s.request, m, s.on))
		}
		for _, r := range use[1:] {
			answer = both(answer, ix.explain(e, r, m, k.key))
		}
		if answer.Decision == access.Allowed || answer.Decision == access.Conditional && best.Decision == access.Denied {
			best = answer
		}
	}
	return best, nil
}

// letsIn lists the labels that statements about some actions want, of those that may let a principal in or keep it out.
func (ix *Index) letsIn(m *member, k *target, actions Set) (out []label) {
	docs := slices.Concat(m.identity, k.policy)
	for _, level := range m.account.scps {
		docs = append(docs, level...)
	}
	for _, d := range docs {
		if !d.paper.labels {
			continue
		}
		for i := range d.paper.lines {
			l := &d.paper.lines[i]
			if l.possible(k.realm)&actions == 0 {
				continue
			}
			for j := range l.conditions {
				if want, may := l.conditions[j].label(m.principal.Tags, l.denies); may && len(out) < mostLabels {
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

// label is one that meets a condition, or that of a denial does not, if that is on labels and says which.
func (c *condition) label(tags map[string]string, denial bool) (label, bool) {
	if !ofLabels(c.key) || len(c.values) == 0 {
		return label{}, false
	}
	value, differ := c.values[0].raw, c.not != denial
	if c.null { // any value is one
		if strings.EqualFold(value, "true") != denial {
			return label{}, false
		}
		value, differ = "x", false
	}
	if name, is := strings.CutPrefix(value, "${aws:PrincipalTag/"); is {
		value = tags[strings.TrimSuffix(name, "}")]
	}
	if value = strings.NewReplacer("*", "x", "?", "x").Replace(value); differ && value != "" {
		value = "x" + value
	}
	_, tag, tagged := strings.Cut(c.name, "/")
	switch {
	case value == "" || strings.Contains(value, "$"):
		return label{}, false
	case tagged:
		return label{tag: tag, value: value}, true
	case differ || !strings.HasPrefix(value, "alias/"):
		return label{}, false
	}
	return label{alias: value, asked: c.key == requestAlias}, true
}

// setting is one request of those that set a label, and the key or secret whose documents have a say in it.
type setting struct {
	request Request
	on      *target
}

// setting is the action by which a label is set, and the requests for that, all of which have to be allowed: of an alias also at the alias
// itself and, where another key has it, at that. It is "" where the label is set already.
func (ix *Index) setting(m *member, k *target, l label) (by string, sets []setting) {
	if l.tag != "" {
		by = tagging[k.realm]
		r := ix.requests(m, k, by)[0]
		r.Context["aws:RequestTag/"+l.tag], r.Context["aws:TagKeys"] = Values{l.value}, Values{l.tag}
		return by, []setting{{r, k}}
	}
	if k.realm != keys {
		return "", nil
	}
	by = createAlias
	var from *target
	if i := slices.IndexFunc(ix.targets, func(other *target) bool {
		return other.site == k.site && slices.Contains(other.resource.Aliases, l.alias)
	}); i >= 0 {
		by, from = updateAlias, ix.targets[i]
	}
	if from == k {
		return "", nil
	}
	on, at := ix.requests(m, k, by)[0], ix.requests(m, k, by)[0]
	at.Resource = Resource{ARN: k.site + l.alias}
	sets = []setting{{on, k}, {at, k}}
	if from != nil {
		sets = append(sets, setting{ix.requests(m, from, by)[0], from})
	}
	return by, sets
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
