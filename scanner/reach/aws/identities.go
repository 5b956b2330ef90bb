package aws

import (
	"slices"
	"strings"

	eval "github.com/keyreeve/keyreeve/scanner/access/aws"
	"github.com/keyreeve/keyreeve/scanner/awspolicy"
	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// user is a user with its own policies and those of its groups.
func (w *world) user(r *inventory.Resource) eval.Identity {
	id := w.holder(r)
	for _, ref := range r.Refs {
		if ref.Edge != "member_of" {
			continue
		}
		group := w.byID[ref.To]
		if group == nil {
			id.Identity = append(id.Identity, eval.Unread("policies of group "+ref.Name, "the group is not among the identities that were read"))
			continue
		}
		docs, _ := w.held(group)
		for _, d := range docs {
			d.Name += " of group " + group.Name
			id.Identity = append(id.Identity, d)
		}
	}
	return id
}

// role is a role with its policies. Its sessions may bring tags of their own where its trust policy lets them, or was not read.
func (w *world) role(r *inventory.Resource, trust eval.Document) eval.Identity {
	id := w.holder(r)
	id.TagsUnknown = id.TagsUnknown || tagged(trust)
	return id
}

func (w *world) holder(r *inventory.Resource) eval.Identity {
	id := eval.Identity{ARN: string(r.ID), Tags: r.Tags, TagsUnknown: r.Tags == nil || r.Unread("tags") != nil}
	id.Identity, id.Boundary = w.held(r)
	return id
}

// held are the policies that a user, group or role names, and its permissions boundary.
func (w *world) held(r *inventory.Resource) (identity, boundary []eval.Document) {
	for _, ref := range r.Refs {
		if ref.Target != policyType {
			continue
		}
		name := "policy " + ref.Name
		if ref.Edge == "boundary" {
			name = "boundary " + ref.Name
		}
		d := eval.Unread(name, "the policy is not among those that were read")
		if p := w.byID[ref.To]; p != nil {
			d = w.document(p, name, "policy.statements")
		}
		switch ref.Edge {
		case "grants":
			identity = append(identity, d)
		case "boundary":
			boundary = append(boundary, d)
		}
	}
	if u := r.Unread("refs"); u != nil {
		identity = append(identity, eval.Unread("more policies", reason(u.Why, u.Call, u.Hint)))
	}
	return identity, boundary
}

// tagged reports whether a trust policy may let sessions bring tags.
func tagged(d eval.Document) bool {
	if d.Text == nil {
		return true
	}
	doc, err := awspolicy.Parse(d.Text)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(doc.Statements, func(s awspolicy.Statement) bool {
		switch {
		case s.Effect == "Deny":
			return false
		case s.NotActions != nil:
			return true
		}
		return slices.ContainsFunc(s.Actions, func(a string) bool {
			return strings.ContainsAny(a, awspolicy.Unknown+awspolicy.Computed) || glob.Match(strings.ToLower(a), "sts:tagsession")
		})
	})
}
