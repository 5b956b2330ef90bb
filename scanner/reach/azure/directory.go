package azure

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// principal is a user, a group, a service principal, or something that runs and acts as one.
type principal struct {
	id       string // the object ID in lower case; "" of what runs
	resource *inventory.Resource
	label    string // what its resource is called, or that of its identity
	name     string // how answers call it: KIND/LABEL
	kind     string
	groups   []string // all groups that it surely belongs to, directly or through others, sorted
	runs     *workload
	object   object
	unread   error // why the object is not known
}

// object is what Graph says of a principal. Lists that are absent were not read.
type object struct {
	AppID    string      `json:"appId"`
	Type     string      `json:"servicePrincipalType"` // "ManagedIdentity" has no credentials that anybody could add
	Members  *[]member   `json:"members"`
	Owners   *[]member   `json:"owners"`
	Synced   bool        `json:"onPremisesSyncEnabled"` // its members are those of the directory that it is copied from
	Kinds    []string    `json:"groupTypes"`            // with "DynamicMembership" a rule says who its members are
	Eligible *[]schedule `json:"eligibilitySchedules"`  // of Privileged Identity Management for groups
}

// schedule lets somebody activate that it is member or owner of a group.
type schedule struct {
	PrincipalID string `json:"principalId"`
	Access      string `json:"accessId"` // "member" or "owner"
}

// member is a reference to an object of Graph.
type member struct {
	ID   string `json:"id"`
	Type string `json:"@odata.type"`
}

// directory is what is known of the principals of all tenants.
type directory struct {
	byID   map[string]*principal
	byName map[string]*principal
	apps   []*principal             // applications, in the order of their IDs
	ours   []*principal             // all but applications, sorted by name
	inside map[string][]*principal  // by group: who surely belongs to it, directly or through others
	open   map[string]access.Unread // groups that may have members that are not known, with what was not read
}

func newDirectory() directory {
	return directory{byID: map[string]*principal{}, byName: map[string]*principal{}, inside: map[string][]*principal{}, open: map[string]access.Unread{}}
}

// kinds are what people call principals, by the type of resource.
var kinds = map[string]string{"entra.user": "user", "entra.group": "group", "entra.service_principal": "service principal"}

// identityKind is the kind of a service principal that nobody can log in as.
const identityKind = "managed identity"

// assigned are the kinds that role assignments name.
var assigned = map[string]string{"user": "user", "group": "group", "foreigngroup": "group", "serviceprincipal": "service principal"}

func (d *directory) take(r *inventory.Resource) {
	id := strings.ToLower(lastPart(string(r.ID)))
	switch kind := kinds[r.Type]; {
	case r.Type == "entra.application":
		p := &principal{id: id, resource: r, label: r.Name, kind: "application"}
		_, p.unread = document(r, &p.object)
		d.apps = append(d.apps, p)
	case kind != "":
		p := d.mention(id, "")
		p.resource, p.label = r, cmp.Or(r.Name, p.label)
		if p.kind != identityKind {
			p.kind = kind
		}
		if r.Type != "entra.user" {
			_, p.unread = document(r, &p.object)
		}
		if p.object.Type == "ManagedIdentity" {
			p.kind = identityKind
		}
	}
}

// mention keeps a principal that a document names.
func (d *directory) mention(id, kind string) *principal {
	p := d.byID[id]
	if p == nil {
		p = &principal{id: id}
		d.byID[id] = p
	}
	if p.kind == "" {
		p.kind = assigned[strings.ToLower(kind)]
	}
	return p
}

// settle names all principals and works out who is in which groups.
func (d *directory) settle(r *reading) {
	for _, id := range slices.Sorted(maps.Keys(d.byID)) {
		p := d.byID[id]
		if p.object.Members == nil {
			continue
		}
		for _, m := range *p.object.Members {
			if m.Type != "" {
				kind, _ := strings.CutPrefix(strings.ToLower(m.Type), "#microsoft.graph.")
				d.mention(strings.ToLower(m.ID), kind)
			}
		}
	}
	d.enclose()
	d.name()
	for id, p := range d.byID {
		if why := d.hidden(p, r); why != nil {
			d.open[id] = *why
		}
	}
	for changed := true; changed; {
		changed = false
		for id, p := range d.byID {
			if _, is := d.open[id]; is {
				for _, g := range p.groups {
					if _, is := d.open[g]; !is {
						d.open[g], changed = d.open[id], true
					}
				}
			}
		}
	}
}

// hidden says why a principal may have members that are not known; nil where it has none.
func (d *directory) hidden(p *principal, r *reading) *access.Unread {
	switch {
	case p.kind == "group" && p.unread != nil:
		return &access.Unread{Document: "members", Of: p.name, Why: p.unread.Error()}
	case p.kind == "group" && p.object.Members == nil, p.kind == "" && p.id != "":
		for _, place := range r.directories() {
			if u := r.unlisted(place, "entra.group"); u != nil {
				return &access.Unread{Document: "members", Of: p.name, Why: u.Why}
			}
		}
		if p.kind == "" {
			return nil // all groups were listed, and this is none of them
		}
		return &access.Unread{Document: "members", Of: p.name, Why: "not read"}
	}
	return nil
}

// enclose works out the groups of each principal, by going from group to members.
func (d *directory) enclose() {
	in := map[string][]string{}
	for id, p := range d.byID {
		if p.object.Members != nil {
			for _, m := range *p.object.Members {
				in[strings.ToLower(m.ID)] = append(in[strings.ToLower(m.ID)], id)
			}
		}
	}
	for id := range in {
		seen := map[string]bool{}
		for next := in[id]; len(next) > 0; {
			group := next[0]
			next = next[1:]
			if !seen[group] {
				seen[group] = true
				next = append(slices.Clip(next), in[group]...)
			}
		}
		delete(seen, id)
		p := d.mention(id, "")
		p.groups = slices.Sorted(maps.Keys(seen))
		for _, group := range p.groups {
			d.inside[group] = append(d.inside[group], p)
		}
	}
}

// name gives each principal a name that no other has: KIND/NAME, with the object ID after it where several have that.
func (d *directory) name() {
	same := map[string]int{}
	plain := func(p *principal) string {
		return strings.ReplaceAll(cmp.Or(p.kind, "principal"), " ", "-") + "/" + cmp.Or(p.label, p.id)
	}
	for _, p := range d.byID {
		same[strings.ToLower(plain(p))]++
	}
	for _, p := range d.byID {
		p.name = plain(p)
		if same[strings.ToLower(p.name)] > 1 {
			p.name += " (" + p.id + ")"
		}
		d.add(p)
	}
	slices.SortFunc(d.ours, func(a, b *principal) int { return strings.Compare(a.name, b.name) })
}

func (d *directory) add(p *principal) {
	d.byName[p.name] = p
	d.ours = append(d.ours, p)
}

// app is the application of which a service principal is the one in its tenant; nil where it is of another tenant, or was not read.
func (d *directory) app(sp *principal) *principal {
	i := slices.IndexFunc(d.apps, func(a *principal) bool {
		return sp.object.AppID != "" && strings.EqualFold(a.object.AppID, sp.object.AppID)
	})
	if i < 0 {
		return nil
	}
	return d.apps[i]
}

// identity is the principal of a managed identity, called as what it belongs to.
func (d *directory) identity(id, label string) {
	p := d.mention(id, "")
	p.kind, p.label = identityKind, cmp.Or(p.label, label)
}

var errNobody = errors.New("no user, group, service principal or workload of Azure that was read, or that a role is assigned to, is called")

// find is who a name means: as answers spell it, an object ID, the ID of a resource, or what only one is called.
func (d *directory) find(name string) (*principal, error) {
	if p := d.byName[name]; p != nil {
		return p, nil
	}
	var found []*principal
	for _, p := range d.ours {
		called := p.label != "" && strings.EqualFold(p.label, name) || p.resource != nil && strings.EqualFold(string(p.resource.ID), name)
		if called || p.runs != nil && strings.EqualFold(p.runs.id, name) || strings.EqualFold(p.name, name) || p.id != "" && strings.EqualFold(p.id, name) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%w %q", errNobody, name)
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("%q means several: %s, %s and perhaps more", name, found[0].name, found[1].name)
}
