package document

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// guarded is what a policy of a resource stands on: an ARN of its kind, and its service.
var guarded = map[string]struct{ service, typ, arn string }{
	"aws.kms.policy":            {"kms", "key", "arn:aws:kms:us-east-1:" + home + ":key/00000000-0000-0000-0000-000000000000"},
	"aws.secretsmanager.policy": {"secretsmanager", "Secret", "arn:aws:secretsmanager:us-east-1:" + home + ":secret:computed-000000"},
}

const secretPolicy = "aws.secretsmanager.policy"

// everyone asks of each statement whether a stranger is let in by it. A policy on a resource is about that resource, whatever the ARN
// in it.
func everyone(p *paper, sum *access.Summary) string {
	on := guarded[p.of.Type]
	sum.Everyone = []access.Opening{}
	var open opened
	var people []someone
	e := aws.New()
	for i := range p.doc.Statements {
		s := &p.doc.Statements[i]
		if s.Effect == "Deny" || !names(s) || on.service == "kms" && s.Resources == nil && s.NotResources == nil {
			continue
		}
		if people == nil {
			people = p.strangers()
		}
		doc, dropped := p.without(i, tells)
		for k := range doc.Statements {
			doc.Statements[k].Resources, doc.Statements[k].NotResources = []string{"*"}, nil
		}
		request := aws.Request{Resource: aws.Resource{ARN: on.arn, Policy: aws.Documents{doc.JSON()}}}
		opening := access.Opening{At: s.At(i), Actions: []string{}, Certain: !dropped}
		for _, action := range aws.ActionsOn(on.service, on.typ) {
			request.Action = action
			switch letIn(e, request, people) {
			case access.Yes:
				opening.Actions = append(opening.Actions, action)
			case access.Maybe:
				open.add(p, i)
			}
		}
		if len(opening.Actions) > 0 {
			sum.Everyone = append(sum.Everyone, opening)
		}
	}
	if len(sum.Everyone) > 0 {
		return ""
	}
	return string(open)
}

// picks are the condition keys that pick some keys or secrets out of all. Others say who calls, which is the holder, or how.
var picks = []string{"aws:resourcetag/", "kms:resourcealiases", "kms:requestalias", "secretsmanager:resourcetag/", secretID}

const secretID = "secretsmanager:secretid"

func isPick(key string) bool {
	key = strings.ToLower(key)
	start, _, open := strings.Cut(strings.ReplaceAll(key, awspolicy.Computed, awspolicy.Unknown), awspolicy.Unknown)
	return slices.ContainsFunc(picks, func(k string) bool {
		return k == key || strings.HasSuffix(k, "/") && strings.HasPrefix(key, k) || open && strings.HasPrefix(k, start)
	})
}

// power are the classes of actions that a policy over every key or secret is told of.
var power = []access.Power{access.Reveal, access.Sign, access.Control, access.Destroy, access.Material}

// harmless are of these classes and give nobody plaintext that is there, or what others hold.
var harmless = []string{"kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GetParametersForImport", "secretsmanager:BatchGetSecretValue"}

// wildcards asks of each statement of an identity's policy whether it reaches a key or a secret that nothing names, in an account that
// leaves all to its identities' policies.
func wildcards(p *paper, sum *access.Summary) string {
	sum.Wildcards = []access.Wildcard{}
	var open opened
	e := aws.New()
	for i := range p.doc.Statements {
		s := &p.doc.Statements[i]
		if s.Effect == "Deny" {
			continue
		}
		doc, _ := p.without(i, func(c *awspolicy.Condition) bool { return isPick(c.Key) })
		for k := range doc.Statements {
			doc.Statements[k].Resources, doc.Statements[k].NotResources = anywhere(doc.Statements[k].Resources), anywhere(doc.Statements[k].NotResources)
		}
		found := access.Wildcard{At: s.At(i), Actions: []string{}}
		for _, r := range holder(doc, p.partitions()) {
			if slices.Contains(found.Actions, r.Action) {
				continue
			}
			switch decide(e, r) {
			case access.Yes:
				found.Actions = append(found.Actions, r.Action)
			case access.Maybe:
				open.add(p, i)
			}
		}
		if len(found.Actions) > 0 {
			slices.Sort(found.Actions)
			sum.Wildcards = append(sum.Wildcards, found)
		}
	}
	if len(sum.Wildcards) > 0 {
		return ""
	}
	return string(open)
}

// partitions are those whose keys and secrets a policy may be about: that of the policy, else those that its ARNs name, else all. What
// NotResource leaves of another partition no identity reaches.
func (p *paper) partitions() []string {
	all := []string{"aws", "aws-cn", "aws-us-gov"}
	if name := strings.SplitN(string(p.of.ID), ":", 3); name[0] == "arn" && len(name) == 3 && slices.Contains(all, name[1]) {
		return name[1:2]
	}
	var named []string
	for i := range p.doc.Statements {
		for _, pattern := range slices.Concat(p.doc.Statements[i].Resources, p.doc.Statements[i].NotResources) {
			segments := strings.SplitN(pattern, ":", 3)
			switch {
			case len(segments) < 3 || segments[0] != "arn":
			case slices.Contains(all, segments[1]):
				named = append(named, segments[1])
			case !marked(segments[1]):
				return all
			}
		}
	}
	if named == nil {
		return all
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// holder asks for every power over a key and over a secret that nothing names, in each of some partitions, once with labels of a value
// that nothing names and once without any.
func holder(doc awspolicy.Document, partitions []string) (out []aws.Request) {
	body := aws.Documents{doc.JSON()}
	labels := map[string]aws.Values{}
	for _, s := range doc.Statements {
		for _, c := range s.Conditions {
			if !marked(c.Key) {
				key := strings.ToLower(c.Key)
				labels[key] = aws.Values{"\x02"}
				if strings.HasPrefix(key, "kms:") { // all aliases begin like this
					labels[key] = aws.Values{"alias/\x02"}
				}
			}
		}
	}
	for _, partition := range partitions {
		principal := aws.Principal{ARN: "arn:" + partition + ":iam::" + home + ":role/holder", SessionName: "holder", Identity: body}
		secret := "secret:\x02-000000"
		contexts := []map[string]aws.Values{{}}
		if len(labels) > 0 {
			contexts = append(contexts, labels)
		}
		if labels[secretID] != nil { // a secret is asked for by its name or by its ARN
			byARN := maps.Clone(labels)
			byARN[secretID] = aws.Values{"arn:" + partition + ":secretsmanager:us-east-1:" + home + ":" + secret}
			contexts = append(contexts, byARN)
		}
		sorts := []struct{ service, typ, name string }{{"kms", "key", "key/" + anyKey}, {"secretsmanager", "Secret", secret}}
		if bytes.Contains(body[0], []byte("key/m")) { // else what describes every key describes those as well
			sorts = append(sorts, sorts[0])
			sorts[2].name = "key/" + anyMultiRegion
		}
		for _, context := range contexts {
			for _, on := range sorts {
				target := aws.Resource{ARN: "arn:" + partition + ":" + on.service + ":us-east-1:" + home + ":" + on.name}
				if on.service == "kms" {
					target.Policy = aws.Documents{delegating}
				}
				for _, action := range aws.ActionsOn(on.service, on.typ) {
					if slices.Contains(power, aws.PowerOf(action)) && !slices.Contains(harmless, action) {
						out = append(out, aws.Request{Principal: principal, Action: action, Resource: target, Context: context})
					}
				}
			}
		}
	}
	return out
}

// anyKey has the form of a key's ID, so that patterns describe it which describe every ID, and anyMultiRegion that of a multi-Region key's.
var (
	anyKey         = strings.NewReplacer("0", "\x02").Replace("00000000-0000-0000-0000-000000000000")
	anyMultiRegion = "mrk-" + strings.ReplaceAll(anyKey, "-", "")
)

// delegating is a key policy that leaves all to the account.
var delegating = json.RawMessage(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"` + home + `"},"Action":"*","Resource":"*"}]}`)

// anywhere puts any Region and account in place of those that patterns name: an identity has its keys and secrets there.
func anywhere(patterns []string) []string {
	out := slices.Clone(patterns)
	for i, pattern := range out {
		segments := strings.SplitN(awspolicy.Settle(pattern), ":", 6)
		for k := range segments {
			cut := len(segments) < 6 && k == len(segments)-1 && marked(segments[k]) // it may be the account and more
			if (k == 3 || k == 4) && segments[k] != "" && !strings.Contains(segments[k], "/") && !cut {
				segments[k] = "*"
			}
		}
		out[i] = strings.ReplaceAll(strings.Join(segments, ":"), awspolicy.Computed, "computed")
		if !strings.HasPrefix(out[i], "arn:") && strings.HasPrefix(pattern, awspolicy.Computed) && !holed(pattern) {
			out[i] = "arn:aws:kms:us-east-1:" + home + ":" + out[i] // one ARN
		}
	}
	return out
}
