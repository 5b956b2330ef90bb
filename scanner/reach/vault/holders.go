package vault

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// holder is a kind of token.
type holder struct {
	principal, kind string
	id              inventory.ID
	space           *space
	resource        *inventory.Resource
	sets            []*set
	choice          bool
	profile         *profile
}

// isEntity is whether a holder's tokens are those of an entity: all that come of a login are. What a token role makes may be its user's.
func (h *holder) isEntity() access.Truth {
	c := h.resource.Credential
	switch {
	case c == nil && h.resource.Type == "vault.token.role" || c != nil && h.resource.Unread("credential.entity_id") != nil:
		return access.Maybe
	case c != nil:
		return access.Known(c.EntityID != "")
	}
	return access.Yes
}

// logins are the types of what somebody logs in by, with what people call them.
var logins = map[string]string{
	"vault.approle.role": "auth role", "vault.kubernetes.role": "auth role", "vault.jwt.role": "auth role", "vault.userpass.user": "userpass user",
}

// holding are the types of all holders, sorted.
var holding = []string{"vault.approle.role", "vault.entity", "vault.jwt.role", "vault.kubernetes.role", "vault.token", "vault.token.role", "vault.userpass.user"}

// name is how answers call a resource: its path, with its namespace and its cluster as far as they are needed.
func (s *space) name(r *inventory.Resource) string {
	path := s.path(r.ID)
	if r.Type == "vault.entity" && r.Name != "" {
		path = "identity/entity/name/" + r.Name
	}
	if s.namespace != "" {
		path = s.namespace + "/" + path
	}
	return path
}

func (e *Estate) readHolders(s *space) {
	add := func(r *inventory.Resource, kind string, choice bool, sets []*set) {
		if len(sets) == 0 {
			return
		}
		h := &holder{principal: s.name(r), kind: kind, id: r.ID, space: s, resource: r, choice: choice, sets: unique(sets)}
		if len(e.clusters) > 1 {
			h.principal = s.cluster + ": " + h.principal
		}
		e.holders = append(e.holders, h)
	}
	for typ, kind := range logins {
		byMount := map[string]*mount{}
		for _, r := range s.resources[typ] {
			if r.Trust == nil {
				continue
			}
			m := byMount[r.Trust.Mount]
			if m == nil {
				m = s.mount(r.Trust.Mount)
				byMount[r.Trust.Mount] = m
			}
			add(r, kind, false, e.login(s, r, m))
		}
	}
	for _, r := range s.resources["vault.entity"] {
		add(r, "entity", false, e.entity(s, s.entities[lastPart(r.ID)]))
	}
	for _, r := range s.resources["vault.token"] {
		add(r, "token", false, e.token(s, r))
	}
	for _, r := range s.resources["vault.token.role"] {
		add(r, "token role", true, e.tokenRole(s, r))
	}
}

func unique(sets []*set) []*set {
	slices.SortFunc(sets, func(a, b *set) int { return cmp.Compare(a.key, b.key) })
	return slices.Compact(sets)
}

// mount is what is known of those who log in at a mount.
type mount struct {
	byRole    map[string]*entity // entities that one role's logins are, by its name
	byUser    map[string]*entity // likewise, by the name of a user in lower case
	perhaps   []candidate
	externals []*entity
}

// candidate is an entity that somebody who logs in may turn out to be.
type candidate struct {
	*entity
	alias *inventory.Alias
}

func (s *space) mount(path string) *mount {
	m := &mount{byRole: map[string]*entity{}, byUser: map[string]*entity{}, externals: s.externals(path)}
	for _, r := range s.resources["vault.entity"] {
		if r.Principal == nil {
			continue
		}
		for i := range r.Principal.Aliases {
			a := &r.Principal.Aliases[i]
			if a.Mount == path {
				if role, stated := a.Metadata["role_name"]; stated {
					if _, made := m.byRole[role]; made { // a role that was made anew has another entity; which of them is not told
						m.byRole[role] = nil
					} else {
						m.byRole[role] = s.entities[lastPart(r.ID)]
					}
				}
				m.byUser[strings.ToLower(a.Name)] = s.entities[lastPart(r.ID)]
			}
		}
	}
	seen := map[string]bool{}
	for _, x := range s.extras {
		if u := x.resource.Unread("principal.aliases"); u != nil || x.resource.Principal == nil {
			m.perhaps = append(m.perhaps, candidate{x, nil}) // it may log in anywhere
			continue
		}
		for i := range x.resource.Principal.Aliases {
			a := &x.resource.Principal.Aliases[i]
			role, stated := a.Metadata["role_name"]
			if a.Mount != path || stated && m.byRole[role] != nil {
				continue
			}
			key := strings.Join(append(slices.Sorted(slices.Values(x.names)), "\x00", a.Metadata["service_account_name"], a.Metadata["service_account_namespace"]), "\x00")
			if len(x.causes) > 0 || !seen[key] { // of entities that are alike, one will do
				seen[key] = true
				m.perhaps = append(m.perhaps, candidate{x, a})
			}
		}
	}
	return m
}

// login is what a login may come out with. An entity that is disabled can do nothing.
func (e *Estate) login(s *space, r *inventory.Resource, m *mount) []*set {
	named, causes := policiesOf(s, r, "trust.policies", r.Trust.Policies)
	var certain *entity
	switch r.Trust.Method {
	case "userpass":
		certain = m.byUser[strings.ToLower(r.Name)]
	case "approle":
		certain = m.byRole[r.Name]
	}
	if certain != nil {
		if certain.disabled == access.Yes {
			return nil
		}
		var sets []*set
		for _, own := range withDefault(r, named) {
			sets = append(sets, e.put(s, append(own, certain.names...), certain, false, slices.Concat(causes, certain.causes)...))
		}
		return sets
	}
	if c := s.unlisted("vault.entity"); c != nil {
		causes = append(causes, c)
	} else if c := s.unlisted("vault.group"); c != nil {
		causes = append(causes, c)
	}
	var sets []*set
	for _, own := range withDefault(r, named) {
		sets = append(sets, e.put(s, own, nil, false, causes...))
	}
	with := func(x *entity) {
		for _, own := range withDefault(r, named) {
			sets = append(sets, e.put(s, append(own, x.names...), nil, false, slices.Concat(causes, x.causes)...))
		}
	}
	for _, c := range m.perhaps {
		if c.disabled != access.Yes && (c.alias == nil || logsIn(r, c.alias) != access.No) {
			with(c.entity)
		}
	}
	for _, x := range m.externals {
		with(x)
	}
	return sets
}

// withDefault are the policies of a login's tokens with default, or without it where it says that they lack it: both where that is not known.
func withDefault(r *inventory.Resource, names []string) (out [][]string) {
	lacks := r.Trust.NoDefaultPolicy
	if r.Unread("trust.no_default_policy") != nil {
		lacks = nil
	}
	if lacks == nil || *lacks {
		out = append(out, slices.Clone(names))
	}
	if lacks == nil || !*lacks {
		out = append(out, append(slices.Clone(names), "default"))
	}
	return out
}

// policiesOf is a list of policies, or why it was not read.
func policiesOf(s *space, r *inventory.Resource, fact string, names []string) ([]string, []*cause) {
	if u := r.Unread(fact); u != nil {
		return nil, []*cause{causeOf("policies", s.name(r), u)}
	}
	return slices.Clone(names), nil
}

// entity is what its tokens have in any case, and what they have by each way in which it may log in.
func (e *Estate) entity(s *space, x *entity) []*set {
	if x == nil || x.disabled == access.Yes || len(x.names) == 0 && len(x.causes) == 0 {
		return nil
	}
	sets := []*set{e.put(s, append(slices.Clone(x.names), "default"), x, false, x.causes...)}
	if x.resource.Principal == nil {
		return sets
	}
	for typ := range logins {
		for _, r := range s.resources[typ] {
			if r.Trust == nil {
				continue
			}
			for i := range x.resource.Principal.Aliases {
				if a := &x.resource.Principal.Aliases[i]; a.Mount == r.Trust.Mount && logsIn(r, a) != access.No {
					named, causes := policiesOf(s, r, "trust.policies", r.Trust.Policies)
					for _, own := range withDefault(r, named) {
						sets = append(sets, e.put(s, append(own, x.names...), x, false, slices.Concat(causes, x.causes)...))
					}
				}
			}
		}
	}
	return sets
}

// token has the policies that Vault itself lists, those of its entity among them.
func (e *Estate) token(s *space, r *inventory.Resource) []*set {
	if r.Credential == nil {
		return nil
	}
	names, causes := policiesOf(s, r, "credential.policies", r.Credential.Policies)
	of := s.entities[r.Credential.EntityID]
	switch {
	case of != nil && of.disabled == access.Yes:
		return nil
	case of != nil && of.disabled == access.Maybe:
		causes = append(causes, of.causes...)
	}
	return []*set{e.put(s, names, of, r.Credential.EntityID == "" && r.Unread("credential.entity_id") == nil, causes...)}
}

// tokenRole is what whoever may use it can choose: any of the policies that it allows, or all, and any of the entities. Where it only says
// what policies it does not allow, every other may be chosen, whether its user has it or not. Where it says neither, a token has no more
// than its maker, but for what an entity gives it.
func (e *Estate) tokenRole(s *space, r *inventory.Resource) []*set {
	t := r.Trust
	if t == nil {
		return nil
	}
	var causes []*cause
	for _, fact := range []string{"trust.policies", "trust.policy_patterns", "trust.denied_policies", "trust.denied_patterns", "trust.entity_aliases"} {
		if u := r.Unread(fact); u != nil {
			causes = append(causes, causeOf("policies", s.name(r), u))
		}
	}
	named, patterns := len(t.Policies)+len(t.PolicyPatterns) > 0, t.PolicyPatterns
	if t.EntityAliases == nil && r.Unread("trust.entity_aliases") == nil { // of a snapshot of an older version
		causes = append(causes, &cause{access.Unread{Document: "entity aliases", Of: s.name(r), Why: "not read"}, inventory.NotRead, "", "collect the snapshot anew with this version of keyreeve"})
	}
	whose, also := s.tokenEntities(r)
	causes = append(causes, also...)
	if !named && len(t.DeniedPolicies)+len(t.DeniedPatterns) == 0 && len(causes)+len(whose) == 0 {
		return nil
	}
	if !named && len(t.DeniedPolicies)+len(t.DeniedPatterns) > 0 && len(causes) == 0 {
		patterns = []string{"*"}
	}
	names := slices.Clone(t.Policies)
	if len(patterns) > 0 {
		for name := range s.policies {
			if name != "root" && matches(patterns, name) {
				names = append(names, name)
			}
		}
		causes = append(causes, s.unlisted("vault.policy"))
	}
	denied := func(name string) bool {
		return slices.Contains(t.DeniedPolicies, name) || matches(t.DeniedPatterns, name)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return denied(name) || name == "root" })
	var base []string
	if !denied("default") && (t.NoDefaultPolicy == nil || !*t.NoDefaultPolicy) {
		base = []string{"default"}
	}
	choices := [][]string{names}
	for _, name := range names {
		choices = append(choices, []string{name})
	}
	var sets []*set
	for _, names := range choices {
		own := slices.Concat(names, base)
		sets = append(sets, e.put(s, own, nil, true, causes...))
		for _, x := range whose {
			sets = append(sets, e.put(s, slices.Concat(own, x.names), x, false, slices.Concat(causes, x.causes)...))
		}
	}
	return sets
}

// tokenEntities are those of which a token may be that a role makes. Vault compares names of aliases in lower case. A name that no alias has
// is that of a new entity, which nobody has given anything.
func (s *space) tokenEntities(r *inventory.Resource) (out []*entity, causes []*cause) {
	t := r.Trust
	if len(t.EntityAliases) == 0 {
		return nil, nil
	}
	for _, x := range s.entities {
		if x.resource.Principal == nil || x.disabled == access.Yes || len(x.names)+len(x.causes) == 0 {
			continue
		}
		if slices.ContainsFunc(x.resource.Principal.Aliases, func(a inventory.Alias) bool {
			return a.Mount == t.Mount && matches(t.EntityAliases, strings.ToLower(a.Name))
		}) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *entity) int { return cmp.Compare(a.id, b.id) })
	for _, typ := range []string{"vault.entity", "vault.group"} {
		if c := s.unlisted(typ); c != nil {
			causes = append(causes, c)
		}
	}
	return out, causes
}

// matches reports whether a name fits one of some patterns in which * stands for any text.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return glob.Match(p, name) })
}
