package document

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
)

// guarded is what a policy of a resource stands on: an ARN of its kind, and its service.
var guarded = map[string]struct{ service, arn string }{
	"aws.kms.policy":            {"kms", "arn:aws:kms:us-east-1:" + home + ":key/00000000-0000-0000-0000-000000000000"},
	"aws.secretsmanager.policy": {"secretsmanager", "arn:aws:secretsmanager:us-east-1:" + home + ":secret:computed-000000"},
}

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
		doc, dropped := p.without(i, isTold)
		for k := range doc.Statements {
			doc.Statements[k].Resources, doc.Statements[k].NotResources = []string{"*"}, nil
		}
		request := aws.Request{Resource: aws.Resource{ARN: on.arn, Policy: aws.Documents{doc.JSON()}}}
		opening := access.Opening{At: s.At(i), Actions: []string{}, Certain: !dropped}
		for _, action := range aws.ActionsOf(on.service) {
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
var picks = []string{"aws:resourcetag/", "kms:resourcealiases", "kms:requestalias", "secretsmanager:resourcetag/", "secretsmanager:secretid"}

func isPick(key string) bool {
	key = strings.ToLower(key)
	start, _, open := strings.Cut(strings.ReplaceAll(key, awspolicy.Computed, awspolicy.Unknown), awspolicy.Unknown)
	return slices.ContainsFunc(picks, func(k string) bool {
		return k == key || strings.HasSuffix(k, "/") && strings.HasPrefix(key, k) || open && strings.HasPrefix(k, start)
	})
}

// power are the classes of actions that a policy over every key or secret is told of.
var power = []aws.Class{aws.Reveal, aws.Sign, aws.Control, aws.Destroy, aws.Material}

// harmless are of these classes and give nobody plaintext that is there, or what others hold.
var harmless = []string{"kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GetParametersForImport", "secretsmanager:BatchGetSecretValue"}

// wildcards asks of each statement of an identity's policy whether it reaches a key and a secret that nothing names, in an account that
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
		doc, _ := p.without(i, isPick)
		body := aws.Documents{doc.JSON()}
		found := access.Wildcard{At: s.At(i), Actions: []string{}, Certain: true}
		for _, service := range []string{"kms", "secretsmanager"} {
			for _, arn := range fresh(s, service) {
				account := strings.Split(arn, ":")[4]
				for _, action := range aws.ActionsOf(service) {
					if !slices.Contains(power, aws.ClassOf(action)) || slices.Contains(harmless, action) || slices.Contains(found.Actions, action) {
						continue
					}
					r := aws.Request{
						Action: action, Principal: aws.Principal{ARN: "arn:aws:iam::" + account + ":role/holder", SessionName: "holder", Identity: body},
						Resource: aws.Resource{ARN: arn, Tags: map[string]string{}},
						Context:  map[string]aws.Values{"kms:RequestAlias": {}},
					}
					if service == "kms" {
						r.Resource.Policy = aws.Documents{json.RawMessage(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"*","Resource":"*"}]}`)}
					}
					switch decide(e, r) {
					case access.Yes:
						found.Actions = append(found.Actions, action)
					case access.Maybe:
						open.add(p, i)
					}
				}
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

// fresh are ARNs of a key or secret that nobody names, in the partitions, Regions and accounts that a statement names and in one that it
// does not: which of these a policy covers does not matter, as an identity has its keys and secrets there.
func fresh(s *awspolicy.Statement, service string) []string {
	name := map[string]string{"kms": "key/9f9f9f9f-9f9f-4f9f-8f9f-9f9f9f9f9f9f", "secretsmanager": "secret:\x02stranger-9f9f9f"}[service]
	out := []string{"arn:aws:" + service + ":us-east-1:999999999999:" + name}
	for _, r := range s.Resources {
		segments := strings.SplitN(r, ":", 6)
		if len(segments) < 5 || segments[0] != "arn" {
			continue
		}
		at := strings.SplitN(out[0], ":", 6)
		for _, i := range []int{1, 3, 4} {
			if segments[i] != "" && !strings.ContainsAny(segments[i], "*?$") && !marked(segments[i]) {
				at[i] = segments[i]
			}
		}
		if arn := strings.Join(at, ":"); !slices.Contains(out, arn) {
			out = append(out, arn)
		}
	}
	return out
}
