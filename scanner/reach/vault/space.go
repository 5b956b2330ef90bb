package vault

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/vaultpolicy"
)

// space is a namespace of a cluster.
type space struct {
	scope     inventory.Scope
	cluster   string
	namespace string // "" is the root namespace
	types     []string
	gaps      []*inventory.Gap
	resources map[string][]*inventory.Resource // by type, in the order of their IDs
	policies  map[string]*document
	entities  map[string]*entity // by ID
	extras    []*entity          // those that have policies or may be named by templates, sorted by ID
	groups    map[string]*inventory.Resource

	once sync.Once
	auth []authMount // see authMounts
}

// document is a policy.
type document struct {
	name      string
	text      string
	templated []template
	cause     *cause // why it was not read
}

// template is a rule whose path is completed for each caller, as if for one of whom nothing is known: it may be of any path that begins as
// it does before its first template.
type template struct {
	*acl.ACL
	because []access.Because // the rule as it is written
}

func (e *Estate) space(scope inventory.Scope) *space {
	s := e.spaces[scope]
	if s == nil {
		parts := scope.Parts()
		s = &space{scope: scope, cluster: scope.Part(1), resources: map[string][]*inventory.Resource{}, policies: map[string]*document{}, entities: map[string]*entity{}, groups: map[string]*inventory.Resource{}}
		if len(parts) > 2 && parts[2] != "root" {
			s.namespace = strings.Join(parts[2:], "/")
		}
		e.spaces[scope] = s
		e.clusters[s.cluster] = true
	}
	return s
}

func (s *space) take(r *inventory.Resource) { s.resources[r.Type] = append(s.resources[r.Type], r) }

// path is that of the API, below the namespace.
func (s *space) path(id inventory.ID) string {
	return strings.TrimPrefix(string(id), string(inventory.VaultID(s.cluster, s.namespace, "")))
}

// within is how policies of one namespace call another of its cluster, with a "/" at the end; ok is false where they cannot.
func (s *space) within(to *space) (prefix string, ok bool) {
	switch {
	case s.cluster != to.cluster:
		return "", false
	case s.namespace == to.namespace:
		return "", true
	case s.namespace == "":
		return to.namespace + "/", true
	}
	rest, ok := strings.CutPrefix(to.namespace, s.namespace+"/")
	return rest + "/", ok
}

// unlisted says why there may be more of a type than was read; nil where there are none.
func (s *space) unlisted(typ string) *cause {
	for _, g := range s.gaps {
		if g.Covers(typ) {
			return causeOfGap(g)
		}
	}
	if !slices.Contains(s.types, typ) {
		const hint = "collect the snapshot anew with this version of keyreeve"
		return &cause{access.Unread{Document: cmp.Or(lists[typ], typ), Of: s.scope.Short(), Why: "not read: " + hint}, inventory.NotRead, "", hint}
	}
	return nil
}

// lists are what people call the lists of what has policies or names those that do.
var lists = map[string]string{
	"vault.approle.role": "list of AppRole roles", "vault.entity": "list of entities", "vault.group": "list of groups", "vault.jwt.role": "list of JWT and OIDC roles",
	"vault.kubernetes.role": "list of Kubernetes roles", "vault.mount": "list of mounts", "vault.policy": "list of policies", "vault.token": "list of tokens", "vault.token.role": "list of token roles",
	"vault.userpass.user": "list of userpass users",
}

// readPolicies keeps the text of each policy. One that Vault itself could not read would deny its holders everything; it is not understood
// rather than known to be so.
func (s *space) readPolicies() {
	for _, r := range s.resources["vault.policy"] {
		d := &document{name: strings.ToLower(r.Name), text: r.Document}
		s.policies[d.name] = d
		what := "policy " + d.name
		switch u := r.Unread("policy.document"); {
		case d.name == "root":
		case r.Policy != nil && r.Policy.Document != "" && (r.Document != "" || r.Policy.Document == inventory.DocumentHash("")):
			if err := d.templates(s.namespace); err != nil {
				d.cause = &cause{access.Unread{Document: what, Of: s.scope.Short(), Why: err.Error()}, inventory.Unreadable, "", "write the policy anew"}
			}
		case u != nil:
			d.cause = causeOf(what, s.scope.Short(), u)
		default:
			d.cause = &cause{access.Unread{Document: what, Of: s.scope.Short(), Why: "not read"}, inventory.NotRead, "", ""}
		}
	}
}

// templates prepares the rules that are completed for each caller.
func (d *document) templates(namespace string) error {
	rules, err := vaultpolicy.Parse(d.text)
	if err != nil {
		return err
	}
	for _, rule := range rules {
		before, _, templated := strings.Cut(rule.Path, "{{")
		if !templated {
			continue
		}
		wide, err := json.Marshal(map[string]any{"path": map[string]any{strings.TrimSuffix(before, "+") + "*": map[string]any{"capabilities": rule.Capabilities}}})
		if err != nil {
			return err
		}
		one, err := acl.New().ACL(namespace, []acl.Policy{{Name: d.name, Text: string(wide)}}, acl.Identity{})
		if err != nil {
			return fmt.Errorf("line %d: %w", rule.Line, err)
		}
		because := access.Because{Document: "policy " + d.name, Statement: rule.Path}
		if strings.Contains(strings.TrimSpace(d.text), "\n") {
			because.Line = rule.Line
		}
		d.templated = append(d.templated, template{one, []access.Because{because}})
	}
	return nil
}

// document is a policy by its name. Where neither it nor a reason is there, it does not exist, which gives nothing.
func (s *space) document(name string) (*document, *cause) {
	if d := s.policies[name]; d != nil {
		return d, d.cause
	}
	if c := s.unlisted("vault.policy"); c != nil {
		c.Document = "policy " + name
		return nil, c
	}
	return nil, nil
}
