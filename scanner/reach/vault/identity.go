package vault

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// entity is one of the identity store with what its groups give it.
type entity struct {
	id       string
	resource *inventory.Resource // nil of a group that stands for whoever is in it
	names    []string            // of policies, without default
	identity acl.Identity
	causes   []*cause
	disabled access.Truth
}

// readIdentities reads entities, and what each has by its groups and theirs.
func (e *Estate) readIdentities(s *space) {
	for _, g := range s.resources["vault.group"] {
		s.groups[lastPart(g.ID)] = g
	}
	for _, r := range s.resources["vault.entity"] {
		x := &entity{id: lastPart(r.ID), resource: r}
		who := acl.Entity{ID: x.id, Name: r.Name, Metadata: r.Tags, Aliases: acl.Aliases{}}
		if u := r.Unread("principal.disabled"); u != nil {
			x.disabled = access.Maybe
			x.causes = append(x.causes, causeOf("whether it is disabled", s.name(r), u))
		} else {
			x.disabled = access.Known(r.Principal != nil && r.Principal.Disabled != nil && *r.Principal.Disabled)
		}
		if r.Principal != nil {
			for _, a := range r.Principal.Aliases {
				if _, there := who.Aliases[a.Accessor]; !there {
					who.Aliases[a.Accessor] = acl.Alias{ID: a.ID, Name: a.Name, Metadata: a.Metadata, CustomMetadata: a.CustomMetadata}
				}
			}
		}
		x.identity.Entity = &who
		s.inherit(x, r, map[string]bool{})
		s.entities[x.id] = x
	}
	for _, r := range s.resources["vault.entity"] {
		if x := s.entities[lastPart(r.ID)]; len(x.names) > 0 || len(x.causes) > 0 || x.disabled != access.No {
			s.extras = append(s.extras, x)
		}
	}
}

// inherit adds the policies of an entity or group, and those of the groups that it is in.
func (s *space) inherit(x *entity, r *inventory.Resource, seen map[string]bool) {
	if u := r.Unread("refs"); u != nil {
		x.causes = append(x.causes, causeOf("policies and groups", s.name(r), u))
	}
	for _, ref := range r.Refs {
		switch id := lastPart(ref.To); {
		case ref.Edge == "grants":
			if !slices.Contains(x.names, ref.Name) {
				x.names = append(x.names, ref.Name)
			}
		case ref.Edge != "member_of" || seen[id]:
		case s.groups[id] != nil:
			seen[id] = true
			g := s.groups[id]
			x.identity.Groups = append(x.identity.Groups, acl.Group{ID: id, Name: g.Name, Metadata: g.Tags})
			s.inherit(x, g, seen)
		default: // of another namespace, or in a list that was not read
			seen[id] = true
			c := s.unlisted("vault.group")
			if c == nil {
				c = &cause{access.Unread{Why: "it is not among the groups of the namespace"}, inventory.NotRead, "", "read all namespaces of the cluster"}
			}
			c.Document, c.Of = "group "+id, s.name(r)
			x.causes = append(x.causes, c)
		}
	}
}

// externals are external groups of an auth mount, of which whoever logs in there may turn out to be a member.
func (s *space) externals(mount string) (out []*entity) {
	for _, g := range s.resources["vault.group"] {
		if g.Principal == nil || !slices.ContainsFunc(g.Principal.Aliases, func(a inventory.Alias) bool { return a.Mount == mount }) {
			continue
		}
		x := &entity{id: "group " + lastPart(g.ID)}
		s.inherit(x, g, map[string]bool{lastPart(g.ID): true})
		if len(x.names)+len(x.causes) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// logsIn is whether whom an alias stands for logs in by a role or as a user of the alias's mount.
func logsIn(r *inventory.Resource, a *inventory.Alias) access.Truth {
	t := r.Trust
	switch t.Method {
	case "userpass":
		return access.Known(strings.EqualFold(a.Name, r.Name))
	case "approle":
		if role, stated := a.Metadata["role_name"]; stated {
			return access.Known(role == r.Name)
		}
	case "kubernetes":
		account, stated := a.Metadata["service_account_name"]
		if stated && t.ServiceAccounts != nil && !slices.Contains(t.ServiceAccounts, account) && !slices.Contains(t.ServiceAccounts, "*") {
			return access.No
		}
		namespace, stated := a.Metadata["service_account_namespace"]
		if stated && t.Namespaces != nil && t.NamespaceSelector == "" && !slices.Contains(t.Namespaces, namespace) && !slices.Contains(t.Namespaces, "*") {
			return access.No
		}
	}
	return access.Maybe
}

func lastPart(id inventory.ID) string { return string(id[strings.LastIndexByte(string(id), '/')+1:]) }
