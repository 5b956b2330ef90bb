package vault

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// power is a path of Vault on which a token makes itself more than it is.
type power struct {
	path    string // {m} is the mount of an auth method
	caps    acl.Capabilities
	gain    string   // what rules tell of it; "" of what they do not
	methods []string // types of the auth methods that have the path; empty: all
	own     bool     // it gives whoever has it any permission at once
	then    string   // "CAPABILITY PATH", without which it does not; the first + stands for what the first one of path does
	hangs   string   // what else that hangs on; see profile.meets
}

// powers are those that hang on paths alone. Vault asks for create only where the API can tell whether something exists: policies, mounts
// and the identity store know update alone, and so do cert, LDAP and Okta.
var powers = []power{
	{path: "sys/policies/acl/*", caps: acl.Update, gain: "writes policies"},
	{path: "sys/policy/*", caps: acl.Update, gain: "writes policies"},
	{path: "auth/token/create", caps: acl.Update | acl.Sudo, gain: anyToken, own: true},
	{path: "auth/token/create-orphan", caps: acl.Update | acl.Sudo, gain: anyToken, own: true},
	{path: "auth/token/roles/*", caps: acl.Create | acl.Update, gain: "writes the terms on which tokens are made"},
	{path: "auth/token/roles/+", caps: acl.Create | acl.Update, own: true, then: "update auth/token/create/+"},
	{path: "identity/entity", caps: acl.Update, gain: givesEntity, own: true, hangs: isEntity},
	{path: "identity/entity/id/+", caps: acl.Update, gain: givesEntity, own: true, hangs: ownEntity},
	{path: "identity/entity/name/*", caps: acl.Update, gain: givesEntity, own: true, hangs: ownEntity},
	{path: "identity/entity/merge", caps: acl.Update, gain: movesLogin},
	{path: "identity/entity-alias", caps: acl.Update, gain: movesLogin},
	{path: "identity/entity-alias/*", caps: acl.Update, gain: movesLogin},
	{path: "identity/group", caps: acl.Update, gain: givesGroup, own: true, hangs: isEntity},
	{path: "identity/group/id/+", caps: acl.Update, gain: givesGroup, own: true, hangs: isEntity},
	{path: "identity/group/name/*", caps: acl.Update, gain: givesGroup, own: true, hangs: isEntity},
	{path: "identity/group-alias", caps: acl.Update, gain: movesGroup},
	{path: "identity/group-alias/*", caps: acl.Update, gain: movesGroup},
	{path: "sys/raw/*", caps: acl.Create | acl.Update | acl.Sudo, gain: "writes storage beneath all policies", own: true, hangs: rawStorage},
	{path: "sys/raw/*", caps: acl.Read | acl.Sudo, own: true, hangs: rawStorage},
	{path: "sys/storage/raft/snapshot", caps: acl.Read, own: true, hangs: sealKeys},
	{path: "sys/storage/raft/snapshot", caps: acl.Update, own: true, hangs: sealKeys},
	{path: "sys/storage/raft/snapshot-force", caps: acl.Update, own: true, hangs: sealKeys},
	{path: "sys/replication/+/primary/secondary-token", caps: acl.Update | acl.Sudo, own: true, hangs: "replication, which is on"},
	{path: "sys/remount", caps: acl.Update | acl.Sudo, own: true, hangs: "a rule about where the engine moves"},
	{path: "sys/plugins/catalog/*", caps: acl.Update | acl.Sudo, own: true, hangs: "a program in the plugin directory"},
	{path: "sys/auth/*", caps: acl.Update | acl.Sudo, gain: "mounts auth methods"},
	{path: "sys/auth/+", caps: acl.Update | acl.Sudo, own: true, then: "create auth/+/users/+"},
	{path: "sys/auth/+", caps: acl.Update | acl.Sudo, own: true, then: "create auth/+/role/+"},
	{path: "{m}/role/+", caps: acl.Create | acl.Update, gain: givesLogin, methods: []string{"approle"}, own: true},
	{path: "{m}/role/+", caps: acl.Create | acl.Update, gain: givesLogin, methods: roles, own: true, hangs: provesItself},
	{path: "{m}/role/+/policies", caps: acl.Update, gain: givesLogin, methods: []string{"approle"}, own: true, hangs: ownLogin},
	{path: "{m}/role/*", caps: acl.Create | acl.Update, gain: givesLogin, methods: append([]string{"approle"}, roles...)},
	{path: "{m}/users/+", caps: acl.Create | acl.Update, gain: givesUser, methods: []string{"userpass"}, own: true},
	{path: "{m}/users/+/policies", caps: acl.Update, gain: givesUser, methods: []string{"userpass"}, own: true, hangs: ownLogin},
	{path: "{m}/users/*", caps: acl.Create | acl.Update, gain: givesUser, methods: []string{"userpass"}},
	{path: "{m}/users/+", caps: acl.Update, gain: givesUser, methods: []string{"ldap", "okta"}, own: true, hangs: provesItself},
	{path: "{m}/users/+", caps: acl.Create | acl.Update, gain: givesUser, methods: []string{"radius"}, own: true, hangs: provesItself},
	{path: "{m}/groups/*", caps: acl.Update, gain: givesMembers, methods: []string{"ldap", "okta", "kerberos"}, own: true, hangs: provesItself},
	{path: "{m}/map/*", caps: acl.Create | acl.Update, gain: givesMembers, methods: []string{"github"}, own: true, hangs: provesItself},
	{path: "{m}/certs/*", caps: acl.Update, gain: "gives a login any policies", methods: []string{"cert"}, own: true},
	{path: "{m}/config", caps: acl.Create | acl.Update, gain: takesWord, methods: configured},
	{path: "{m}/config/*", caps: acl.Create | acl.Update, gain: takesWord, methods: configured},
}

const (
	anyToken     = "makes tokens with any policy but root"
	givesEntity  = "gives entities policies"
	givesGroup   = "gives groups policies and members"
	givesLogin   = "gives a login any policies, or what it is proved by"
	givesUser    = "gives a user any policies, or a password"
	givesMembers = "gives members of a group any policies"
	movesLogin   = "makes logins stand for other entities"
	movesGroup   = "makes groups of an auth method stand for others"
	takesWord    = "decides whose word the auth method takes"
)

// What powers hang on besides.
const (
	isEntity   = "an entity of its own"
	ownEntity  = "the path of its own entity"
	ownLogin   = "the path of its own login"
	rawStorage = "raw_storage_endpoint"
	sealKeys   = "unseal or recovery keys"
)

// Auth methods by what they have: roles that say whose proof is taken, and a configuration that says whose word.
var (
	roles      = []string{"kubernetes", "jwt", "oidc", "aws", "azure", "gcp", "alicloud", "oci", "cf", "pcf"}
	configured = append([]string{"ldap", "okta", "radius", "github", "kerberos", "cert"}, roles...)
)

// otherwise is whether keyreeve knows nothing of an auth method's type, which then may have any path.
func otherwise(method string) bool {
	return !slices.ContainsFunc(powers, func(w power) bool { return slices.Contains(w.methods, method) })
}

// at are the power's paths in a namespace, with the mounts of the auth methods that have them: one, or one at each.
func (w *power) at(s *space) (out []place) {
	rest, ok := strings.CutPrefix(w.path, "{m}")
	if !ok {
		return []place{{path: w.path}}
	}
	for _, m := range s.authMounts() {
		if len(w.methods) == 0 || slices.Contains(w.methods, m.method) || otherwise(m.method) {
			out = append(out, place{m.path, m.path + rest})
		}
	}
	return out
}

// place is a path, and the mount that it is of; "" of one of an auth method's.
type place struct{ mount, path string }

// within reports whether capabilities suffice for the power.
func (w *power) within(have acl.Capabilities) bool {
	return have&w.caps&^acl.Sudo != 0 && (w.caps&acl.Sudo == 0 || have&acl.Sudo != 0)
}

// minted is what a set can make of itself.
type minted struct {
	mints   []access.Mint
	sure    []means            // what certainly gives it any permission, where a holder meets what it hangs on
	unknown *inventory.Unknown // why there may be more
}

// mint finds what a set can make of itself. It is asked once.
func (e *Estate) mint(x *set) *minted {
	x.once.Do(func() { x.minted = e.findMints(x) })
	return x.minted
}

func (e *Estate) findMints(x *set) *minted {
	m := &minted{}
	if len(x.unread) > 0 {
		u := x.unread[0].of("access.mints")
		m.unknown = &u
	}
	for i := range powers {
		p := &powers[i]
		for _, at := range p.at(x.space) {
			for _, o := range x.openings(at.path, p.caps) {
				m.add(access.Mint{At: rule(o), Path: o.Path, Gain: p.gain})
			}
		}
	}
	for _, one := range x.means("", x.space) {
		if one.step.Decision == access.Allowed {
			m.sure = append(m.sure, one)
		}
	}
	e.tokenRoleMints(x, m)
	x.upserts(m)
	slices.SortFunc(m.sure, func(a, b means) int { return cmp.Compare(a.step.By, b.step.By) })
	return m
}

func (m *minted) add(one access.Mint) {
	if one.Gain != "" && !slices.ContainsFunc(m.mints, func(have access.Mint) bool { return have.At == one.At && have.Gain == one.Gain }) {
		m.mints = append(m.mints, one)
	}
}

// openings are those of the set, rules with templates included.
func (x *set) openings(pattern string, c acl.Capabilities) []acl.Opening {
	out := x.acl.Openings(pattern, c)
	for i := range out {
		if len(x.open) > 0 { // one of these may decide there
			out[i].Effective = x.on(out[i].Path)
		}
	}
	for _, o := range x.open {
		for _, one := range o.Openings(pattern, c) {
			one.Policies, one.Sure = o.because, 0
			out = append(out, one)
		}
	}
	return out
}

// rule names a rule with its policy.
func rule(o acl.Opening) string {
	if len(o.Policies) == 0 {
		return o.Rule
	}
	return strings.TrimPrefix(o.Policies[0].Document, "policy ") + ": " + o.Policies[0].Statement
}

// verb is the one capability by which a request is told of.
func verb(c acl.Capabilities) string {
	for _, one := range []acl.Capabilities{acl.Update, acl.Create, acl.Read} {
		if c&one != 0 {
			return one.String()
		}
	}
	return c.String()
}

// authMount is an auth method; method is its type, "" where it is not known.
type authMount struct{ path, method string }

// authMounts are the auth methods that are known, and any where not all are.
func (s *space) authMounts() []authMount {
	s.once.Do(func() { s.auth = s.findAuthMounts() })
	return s.auth
}

func (s *space) findAuthMounts() (out []authMount) {
	for _, m := range s.resources["vault.mount"] {
		if m.Store != nil && m.Store.Auth != nil && *m.Store.Auth {
			out = append(out, authMount{m.Name, m.Store.Engine})
		}
	}
	for typ := range logins {
		for _, r := range s.resources[typ] {
			if r.Trust != nil && r.Trust.Mount != "" && !slices.ContainsFunc(out, func(m authMount) bool { return m.path == r.Trust.Mount }) {
				out = append(out, authMount{r.Trust.Mount, r.Trust.Method})
			}
		}
	}
	if s.unlisted("vault.mount") != nil {
		out = append(out, authMount{"auth/+", ""})
	}
	slices.SortFunc(out, func(a, b authMount) int { return cmp.Compare(a.path, b.path) })
	return out
}

// tokenRoleMints are the token roles that the set may use and that give policies which it does not have.
func (e *Estate) tokenRoleMints(x *set, m *minted) {
	for _, r := range x.space.resources["vault.token.role"] {
		h := e.byID[r.ID]
		if h == nil {
			continue
		}
		path := "auth/token/create/" + lastPart(r.ID)
		found := x.on(path)
		if found.Possible&acl.Update == 0 || len(found.Because) == 0 {
			continue
		}
		var more []string
		for _, of := range h.sets {
			for _, name := range of.names {
				if name != "default" && !slices.Contains(x.names, name) && !slices.Contains(more, name) {
					more = append(more, name)
				}
			}
		}
		if slices.Sort(more); len(more) > 0 {
			by := found.Because[0]
			m.add(access.Mint{At: strings.TrimPrefix(by.Document, "policy ") + ": " + by.Statement, Path: path, Gain: "makes tokens with policies that it lacks: " + strings.Join(more[:min(few, len(more))], ", ")})
		}
	}
}

// upserts are the transit engines in which the set makes keys by encrypting under names that nobody has chosen yet.
func (x *set) upserts(m *minted) {
	for _, r := range x.space.resources["vault.mount"] {
		if r.Store == nil || r.Store.Engine != "transit" || r.Store.Auth != nil && *r.Store.Auth || r.Store.UpsertDisabled != nil && *r.Store.UpsertDisabled {
			continue
		}
		for _, o := range x.openings(r.Name+"/encrypt/*", acl.Create) {
			switch {
			case o.Literal:
			case r.Store.UpsertDisabled != nil:
				m.add(access.Mint{At: rule(o), Path: o.Path, Gain: "makes keys by encrypting under names that there are none of"})
			case m.unknown == nil:
				m.unknown = &inventory.Unknown{Fact: "access.mints", Why: inventory.NotRead}
				if u := r.Unread("store.upsert_disabled"); u != nil {
					m.unknown.Why, m.unknown.Call, m.unknown.Hint = u.Why, u.Call, u.Hint
				}
			}
		}
	}
	if c := x.space.unlisted("vault.mount"); c != nil && m.unknown == nil && len(x.openings("+/encrypt/*", acl.Create)) > 0 {
		u := c.of("access.mints")
		m.unknown = &u
	}
}
