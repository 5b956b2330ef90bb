package repo

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/secrets"
)

// A Change is what lies between two states of a repository, both read.
type Change struct {
	before, after *inventory.Snapshot
	twins         map[inventory.ID]*inventory.Resource // by the later ID: what the resource was before
	names         map[string]string                    // of renamed files in gaps: the earlier name, by the later one
}

// Compare finds what each resource of the later state was in the earlier one. A credential is the one with the same value, wherever
// it stood; another value in the same place is another credential. A part of a list is the one that says the same. Anything else is
// what had its ID or, where that is gone, what had its address in a file that was renamed, what the code says that it was, or what says
// the same in another file: a thing of the same name elsewhere that says anything else is another thing.
func Compare(before, after *Source, then, now *inventory.Snapshot) *Change {
	c := &Change{before: then, after: now, twins: map[inventory.ID]*inventory.Resource{}}
	byID := map[inventory.ID]*inventory.Resource{}
	for i := range then.Resources {
		byID[then.Resources[i].ID] = &then.Resources[i]
	}
	left := map[value][]*inventory.Resource{}
	taken := map[inventory.ID]bool{}
	c.listed(byID, taken)
	for i := range now.Resources {
		r := &now.Resources[i]
		was := byID[r.ID]
		if c.twins[r.ID] == nil && was != nil && !taken[r.ID] && was.Type == r.Type && (r.Type != credentialType || before.value(was) == after.value(r)) {
			c.twins[r.ID], taken[r.ID] = was, true
		}
	}
	for i := range then.Resources {
		if r := &then.Resources[i]; r.Type == credentialType && !taken[r.ID] {
			left[before.value(r)] = append(left[before.value(r)], r)
		}
	}
	moved := newMoves(after.place.name, before.kept, after.kept)
	c.names = moved.names
	for i := range now.Resources {
		r := &now.Resources[i]
		switch {
		case c.twins[r.ID] != nil:
		case r.Type == credentialType:
			if v := after.value(r); len(left[v]) > 0 {
				c.twins[r.ID], left[v] = left[v][0], left[v][1:]
			}
		default:
			named := append(slices.Clone(after.moved[r.ID]), counted(r.ID)...)
			for _, id := range append(slices.Clone(named), moved.earlier(r.ID)...) {
				if was := byID[id]; was != nil && !taken[id] && was.Type == r.Type && (slices.Contains(named, id) || moved.same(was.Location, r.Location)) {
					c.twins[r.ID], taken[id] = was, true
					break
				}
			}
		}
	}
	c.elsewhere(taken)
	return c
}

// value is what a credential is known by.
type value struct {
	detector string
	group    secrets.Group
	file     inventory.ID // of a file that is a credential by its name
}

func (s *Source) value(r *inventory.Resource) value {
	if group := s.values[r.ID]; group != (secrets.Group{}) {
		return value{detector: r.Credential.Detector, group: group}
	}
	return value{detector: r.Credential.Detector, file: r.ID}
}

// Twin tells under which ID the earlier state held a resource of the later one. What is no resource of the repository, such as the
// stand-in for what a gap hides, keeps its ID.
func (c *Change) Twin(id inventory.ID) (inventory.ID, bool) {
	if was := c.twins[id]; was != nil {
		return was.ID, true
	}
	_, there := c.find(id)
	return id, !there
}

// What tells what the earlier state called a gap.
func (c *Change) What(what string) string { return cmp.Or(c.names[what], what) }

// HasPart tells whether a resource of the later state has a part called so, or a place in one: a statement, a credential.
func (c *Change) HasPart(id inventory.ID, at string) bool {
	i, there := c.find(id)
	if !there {
		return false
	}
	r := &c.after.Resources[i]
	var parts []string
	if r.Policy != nil {
		for _, s := range r.Policy.Statements {
			parts = append(parts, s.At)
		}
	}
	if r.Trust != nil {
		for _, s := range r.Trust.Statements {
			parts = append(parts, s.At)
		}
	}
	if r.Workload != nil {
		for _, s := range r.Workload.Credentials {
			parts = append(parts, s.At)
		}
	}
	return slices.ContainsFunc(parts, func(part string) bool { return at == part || strings.HasPrefix(at, part+"/") })
}

// find returns the place of a resource of the later state, whose resources are sorted.
func (c *Change) find(id inventory.ID) (int, bool) {
	return slices.BinarySearchFunc(c.after.Resources, id, func(r inventory.Resource, id inventory.ID) int { return cmp.Compare(r.ID, id) })
}

// Settle takes from the later state what the change accepts by itself: a credential is accepted where it was accepted before, and a
// comment waives what a comment waived before, on the terms that it had then. It returns how many credentials the change accepts in
// vain; comments say themselves for what they do not count.
func (c *Change) Settle() (refused int) {
	for i := range c.after.Resources {
		r := &c.after.Resources[i]
		if r.Type != credentialType || r.Credential.AllowedBy == secrets.AllowedBaseline { // the list of known leaks is that of before
			continue
		}
		was := ""
		if t := c.twins[r.ID]; t != nil {
			was = t.Credential.AllowedBy
		}
		switch {
		case was == "" && r.Credential.AllowedBy != "":
			r.Credential.AllowedBy = ""
			refused++
		case r.Credential.AllowedBy == "" && was != secrets.AllowedInline: // a list that goes by lines, which have moved
			r.Credential.AllowedBy = was
		}
	}
	terms := c.terms()
	located := byPath(c.after.Resources)
	for i := range c.after.Scopes {
		comments := c.after.Scopes[i].Comments
		for j := range comments {
			settle(&comments[j], located[comments[j].Path], terms, c.twins)
		}
	}
	return refused
}

// waives is a rule and a resource for which a comment waives it.
type waives struct {
	rule string
	id   inventory.ID
}

// terms are the texts of the comments of the earlier state.
func (c *Change) terms() map[waives]string {
	out := map[waives]string{}
	located := byPath(c.before.Resources)
	for _, s := range c.before.Scopes {
		for _, comment := range s.Comments {
			for _, r := range located[comment.Path] {
				if comment.Covers(r.Location) {
					out[waives{ruleOf(comment.Text), r.ID}] = comment.Text
				}
			}
		}
	}
	return out
}

func settle(comment *inventory.Comment, here []*inventory.Resource, terms map[waives]string, twins map[inventory.ID]*inventory.Resource) {
	for _, r := range here {
		if !comment.Covers(r.Location) {
			continue
		}
		text := ""
		if was := twins[r.ID]; was != nil {
			text = terms[waives{ruleOf(comment.Text), was.ID}]
		}
		if text == "" {
			comment.Except = append(comment.Except, r.ID)
		} else {
			comment.Text = text
		}
	}
}

// ruleOf is the first word of a comment.
func ruleOf(text string) string { rule, _, _ := strings.Cut(text, " "); return rule }

func byPath(resources []inventory.Resource) map[string][]*inventory.Resource {
	out := map[string][]*inventory.Resource{}
	for i := range resources {
		if l := resources[i].Location; l != nil {
			out[l.Path] = append(out[l.Path], &resources[i])
		}
	}
	return out
}
