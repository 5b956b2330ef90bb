package vault

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// power is a path of Vault on which a token makes itself more than it is.
type power struct {
	path string // {m} is the mount of an auth method
	caps acl.Capabilities
	gain string
	own  bool // it gives whoever has it any permission at once
}

// powers are those that hang on paths alone. Policies and users of the identity store know no create: Vault asks for update, even of what
// does not exist yet.
var powers = []power{
	{"sys/policies/acl/*", acl.Update, "writes policies", true},
	{"sys/policy/*", acl.Update, "writes policies", true},
	{"auth/token/create", acl.Update | acl.Sudo, "makes tokens with any policy but root", true},
	{"auth/token/create-orphan", acl.Update | acl.Sudo, "makes tokens with any policy but root", true},
	{"auth/token/roles/*", acl.Create | acl.Update, "writes the terms on which tokens are made", false},
	{"identity/entity", acl.Update, "gives entities policies", false},
	{"identity/entity/*", acl.Update, "gives entities policies", true},
	{"identity/entity-alias", acl.Update, "makes logins stand for other entities", false},
	{"identity/entity-alias/*", acl.Update, "makes logins stand for other entities", false},
	{"identity/group", acl.Update, "gives groups policies and members", true},
	{"identity/group/*", acl.Update, "gives groups policies and members", true},
	{"identity/group-alias", acl.Update, "makes groups of an auth method stand for others", false},
	{"identity/group-alias/*", acl.Update, "makes groups of an auth method stand for others", false},
	{"sys/raw/*", acl.Create | acl.Update | acl.Sudo, "writes storage beneath all policies", true},
	{"sys/auth/*", acl.Create | acl.Update | acl.Sudo, "mounts auth methods", false},
	{"{m}/role/+", acl.Create | acl.Update, givesLogin, true},
	{"{m}/role/+/policies", acl.Create | acl.Update, givesLogin, true},
	{"{m}/role/*", acl.Create | acl.Update, givesLogin, false},
	{"{m}/users/+", acl.Create | acl.Update, givesUser, true},
	{"{m}/users/+/policies", acl.Create | acl.Update, givesUser, true},
	{"{m}/users/*", acl.Create | acl.Update, givesUser, false},
	{"{m}/groups/*", acl.Create | acl.Update, "gives members of a group any policies", true},
	{"{m}/map/*", acl.Create | acl.Update, "gives members of a group any policies", true},
	{"{m}/certs/*", acl.Create | acl.Update, "gives a login any policies", true},
	{"{m}/config", acl.Create | acl.Update, "decides whose word the auth method takes", false},
	{"{m}/config/*", acl.Create | acl.Update, "decides whose word the auth method takes", false},
}

const (
	givesLogin = "gives a login any policies, or what it is proved by"
	givesUser  = "gives a user any policies, or a password"
)

// paths are the power's own, or those at each auth method of a namespace.
func (w *power) paths(s *space) []string {
	rest, ok := strings.CutPrefix(w.path, "{m}")
	if !ok {
		return []string{w.path}
	}
	var out []string
	for _, mount := range s.authMounts() {
		out = append(out, mount+rest)
	}
	return out
}

// within reports whether capabilities suffice for the power.
func (w *power) within(have acl.Capabilities) bool {
	return have&w.caps&^acl.Sudo != 0 && (w.caps&acl.Sudo == 0 || have&acl.Sudo != 0)
}

// minted is what a set can make of itself.
type minted struct {
	mints   []access.Mint
	sure    []string           // requests that certainly give it any permission
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
		for _, path := range p.paths(x.space) {
			for _, o := range x.openings(path, p.caps) {
				m.add(access.Mint{At: at(o), Path: o.Path, Gain: p.gain})
				if p.own && p.within(o.Sure) && len(x.unread) == 0 && (p.path != "sys/policies/acl/*" && p.path != "sys/policy/*") {
					m.sure = append(m.sure, verb(o.Sure&p.caps)+" "+o.Path)
				}
			}
		}
	}
	for _, name := range x.names {
		for _, base := range []string{"sys/policies/acl/", "sys/policy/"} {
			if name != "root" && x.on(base+name).Sure&acl.Update != 0 {
				m.sure = append(m.sure, "update "+base+name)
			}
		}
	}
	e.tokenRoleMints(x, m)
	x.upserts(m)
	slices.Sort(m.sure)
	m.sure = slices.Compact(m.sure)
	return m
}

func (m *minted) add(one access.Mint) {
	if !slices.ContainsFunc(m.mints, func(have access.Mint) bool { return have.At == one.At && have.Gain == one.Gain }) {
		m.mints = append(m.mints, one)
	}
}

// openings are those of the set, rules with templates included.
func (x *set) openings(pattern string, c acl.Capabilities) []acl.Opening {
	out := x.acl.Openings(pattern, c)
	for _, o := range x.open {
		for _, one := range o.Openings(pattern, c) {
			one.Policies, one.Sure = o.because, 0
			out = append(out, one)
		}
	}
	return out
}

// at names a rule with its policy.
func at(o acl.Opening) string {
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

// authMounts are the auth methods that are known, and any where not all are.
func (s *space) authMounts() []string {
	s.once.Do(func() { s.auth = s.findAuthMounts() })
	return s.auth
}

func (s *space) findAuthMounts() []string {
	var out []string
	for _, m := range s.resources["vault.mount"] {
		if m.Store != nil && m.Store.Auth != nil && *m.Store.Auth {
			out = append(out, m.Name)
		}
	}
	for typ := range logins {
		for _, r := range s.resources[typ] {
			if r.Trust != nil && r.Trust.Mount != "" {
				out = append(out, r.Trust.Mount)
			}
		}
	}
	if s.unlisted("vault.mount") != nil {
		out = append(out, "auth/+")
	}
	slices.Sort(out)
	return slices.Compact(out)
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
				m.add(access.Mint{At: at(o), Path: o.Path, Gain: "makes keys by encrypting under names that there are none of"})
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
