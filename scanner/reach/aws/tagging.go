package aws

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
)

// mostTags bounds how many tags it is tried for one principal whether it sets them on itself.
const mostTags = 16

// tag is one that a principal would need.
type tag struct{ name, value string }

// retagged are the steps of those of a target's account who may do something to it once they have set a tag on themselves that a statement
// of theirs or of its policy goes by.
func (e *Estate) retagged(b *becoming, action string, t *target, matters func(string) bool) (out []access.Step, err error) {
	ofKey := b.tagsIn(t.Policy, t.Tags)
	for _, m := range b.members[accountIn(t.ARN)] {
		if !matters(m.ARN) {
			continue
		}
		kind, _, _ := strings.Cut(lastPart(m.ARN), "/")
		by := "iam:Tag" + strings.ToUpper(kind[:1]) + kind[1:]
		c := b.plain(m)
		wanted := slices.Concat(ofKey, b.tagsIn(m.Identity.Identity, t.Tags))
		for _, want := range wanted[:min(len(wanted), mostTags)] {
			v := b.may(&c, by, object{arn: m.ARN, tags: m.Tags}, map[string]eval.Values{"aws:RequestTag/" + want.name: {want.value}, "aws:TagKeys": {want.name}})
			if v.decision == access.Denied {
				continue
			}
			got, err := e.index.Suppose(m.ARN, action, t.ARN, eval.Supposed{Context: map[string]eval.Values{"aws:PrincipalTag/" + want.name: {want.value}}})
			if err != nil {
				return nil, err
			}
			v = v.also(verdict{got.Decision, unreadNamed(got).Residual, got.Because})
			out = append(out, v.step(m.ARN, m.ARN, by+" ("+want.name+")"))
		}
	}
	return out, nil
}

// tagsIn lists the tags of principals by which statements of documents allow something, each with a value that meets the condition: one that
// it names, or that of the tag of what is acted on.
func (b *becoming) tagsIn(docs []eval.Document, on map[string]string) (out []tag) {
	const principal, variable = "aws:principaltag/", "${aws:PrincipalTag/"
	for _, d := range docs {
		for _, s := range b.read(d).doc.Statements {
			if s.Effect != "Allow" {
				continue
			}
			for _, c := range s.Conditions {
				if len(c.Values) == 0 || strings.Contains(c.Operator, "Not") {
					continue
				}
				name, value := "", strings.NewReplacer("*", "x", "?", "x").Replace(c.Values[0])
				if strings.HasPrefix(strings.ToLower(c.Key), principal) {
					name = c.Key[len(principal):]
				} else if rest, is := strings.CutPrefix(c.Values[0], variable); is && strings.HasPrefix(strings.ToLower(c.Key), "aws:resourcetag/") {
					name, value = strings.TrimSuffix(rest, "}"), on[c.Key[len("aws:resourcetag/"):]]
				}
				if want := (tag{name, value}); name != "" && value != "" && !strings.Contains(name+value, "$") && !slices.Contains(out, want) {
					out = append(out, want)
				}
			}
		}
	}
	return out
}
