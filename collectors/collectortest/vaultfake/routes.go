package vaultfake

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A route is what the fake makes of a request.
type route struct {
	call       string // its name: method and path, with the mount's kind and NAME for what varies
	path       string // as policies spell it
	capability string
	sudo       bool // a root-protected path
	everyone   bool // any token may ask
	open       bool // nobody has to be logged in
	handle     func(*Namespace, *Token) reply
}

// route finds out what a request asks for. A request that nothing here answers has no handle.
func (s *Server) route(r *http.Request) route {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	rt := route{path: path, capability: "read", call: r.Method + " " + path}
	list := r.Method == "LIST" || r.Method == http.MethodGet && r.URL.Query().Get("list") == "true"
	switch {
	case list:
		rt.capability, rt.call = "list", "LIST "+path
	case r.Method == http.MethodPost || r.Method == http.MethodPut:
		rt.capability, rt.call = "update", "POST "+path
	case r.Method == http.MethodPatch:
		rt.capability = "patch"
	case r.Method != http.MethodGet:
		return rt
	}
	if s.system(r, &rt) || s.identity(&rt) {
		return rt
	}
	ns := s.estate[namespaceOf(r)]
	if ns == nil {
		ns = &Namespace{}
	}
	for i := range ns.Mounts {
		if rest, ok := strings.CutPrefix(path, ns.Mounts[i].Path); ok {
			s.secrets(r, &ns.Mounts[i], rest, list, &rt)
			return rt
		}
	}
	for i := range ns.Auth {
		if rest, ok := strings.CutPrefix(path, "auth/"+ns.Auth[i].Path); ok {
			s.logins(r, &ns.Auth[i], rest, list, &rt)
			return rt
		}
	}
	return rt
}

// system answers for what is there without being mounted.
func (s *Server) system(r *http.Request, rt *route) bool {
	switch rt.call {
	case "GET sys/health":
		rt.open = true
		rt.handle = func(*Namespace, *Token) reply {
			return reply{200, health(s.opts.Now(), len(s.estate) > 1, s.opts.Sealed)}
		}
	case "GET sys/mounts":
		rt.handle = func(ns *Namespace, _ *Token) reply { return s.flat(mounts(ns.Mounts, false), "system") }
	case "GET sys/auth":
		rt.handle = func(ns *Namespace, _ *Token) reply { return s.flat(mounts(ns.Auth, true), "system") }
	case "GET sys/internal/ui/mounts":
		rt.everyone = true
		rt.handle = func(ns *Namespace, t *Token) reply {
			secret, auth := usable(mounts(ns.Mounts, false), t, ""), usable(mounts(ns.Auth, true), t, "auth/")
			return s.wrapped(object{"secret": secret, "auth": auth}, "")
		}
	case "GET sys/audit":
		rt.sudo = true
		rt.handle = func(ns *Namespace, _ *Token) reply {
			data := object{}
			for _, d := range ns.Audit {
				data[d.Path] = d.answer()
			}
			return s.flat(data, "system")
		}
	case "LIST sys/policies/acl":
		rt.handle = func(ns *Namespace, _ *Token) reply {
			return s.names(append([]string{"default", "root"}, slices.Collect(maps.Keys(ns.Policies))...), "system")
		}
	case "LIST sys/namespaces":
		rt.handle = func(*Namespace, *Token) reply { return s.children(namespaceOf(r)) }
	case "GET auth/token/lookup-self":
		rt.handle = func(_ *Namespace, t *Token) reply { return s.wrapped(t.answer(s.opts.Now(), true), "token") }
	case "LIST auth/token/accessors":
		rt.sudo = true
		rt.handle = func(ns *Namespace, _ *Token) reply { return s.names(accessors(ns), "token") }
	case "LIST auth/token/roles":
		rt.handle = func(ns *Namespace, _ *Token) reply {
			return s.names(collect(ns.TokenRoles, func(r TokenRole) string { return r.Name }), "token")
		}
	case "POST sys/wrapping/unwrap":
		rt.open = true
		rt.handle = func(*Namespace, *Token) reply { return s.unwrapped(r.Header.Get("X-Vault-Token")) }
	case "POST auth/token/lookup-accessor":
		var asked struct{ Accessor string }
		_ = json.NewDecoder(r.Body).Decode(&asked)
		rt.handle = func(ns *Namespace, _ *Token) reply { return s.lookUp(ns, asked.Accessor) }
	default:
		if s.leases(r, rt) {
			break
		}
		if name, is := strings.CutPrefix(rt.call, "GET sys/policies/acl/"); is {
			rt.call = "GET sys/policies/acl/NAME"
			rt.handle = func(ns *Namespace, _ *Token) reply { return s.policy(ns, name) }
			break
		}
		name, is := strings.CutPrefix(rt.call, "GET auth/token/roles/")
		if !is {
			return false
		}
		rt.call = "GET auth/token/roles/NAME"
		rt.handle = func(ns *Namespace, _ *Token) reply {
			return s.thing(find(ns.TokenRoles, func(r *TokenRole) bool { return r.Name == name }), "token")
		}
	}
	return true
}

// policy is the answer for one ACL policy; that of root is empty.
func (s *Server) policy(ns *Namespace, name string) reply {
	text, known := ns.Policies[name]
	switch {
	case name == "default" && !known:
		text = defaultPolicy
	case name != "root" && !known:
		return failed(http.StatusNotFound)
	}
	return s.wrapped(object{"name": name, "policy": text}, "system")
}

// defaultPolicy is a part of what Vault's own policy of that name says.
const defaultPolicy = `path "auth/token/lookup-self" { capabilities = ["read"] }`

// secrets answers for what is in a secrets engine.
func (s *Server) secrets(r *http.Request, m *Mount, rest string, list bool, rt *route) {
	_, name, _ := strings.Cut(rest, "/")
	switch {
	case m.Type == "transit" && list && rest == "keys":
		rt.call = "LIST TRANSIT/keys"
		rt.handle = func(*Namespace, *Token) reply {
			return s.names(collect(m.Keys, func(k TransitKey) string { return k.Name }), m.Type)
		}
	case m.Type == "transit" && !list && rest == "config/keys":
		rt.call = "GET TRANSIT/config/keys"
		rt.handle = func(*Namespace, *Token) reply { return s.wrapped(object{"disable_upsert": m.NoUpsert}, m.Type) }
	case m.Type == "transit" && strings.HasPrefix(rest, "sign/") && rt.capability == "update":
		s.sign(r, m, name, rt)
	case m.Type == "transit" && strings.HasPrefix(rest, "rewrap/") && rt.capability == "update":
		s.rewrap(r, m, name, rt)
	case m.Type == "transit" && rt.capability == "update":
		s.changeKey(r, m, rest, rt)
	case m.Type == "transit" && !list && strings.HasPrefix(rest, "keys/"):
		rt.call = "GET TRANSIT/keys/NAME"
		rt.handle = func(*Namespace, *Token) reply {
			return s.thing(find(m.Keys, func(k *TransitKey) bool { return k.Name == name }), m.Type)
		}
	case m.Type == "kv" && m.Version == "2" && !list && (rest == "config" || strings.HasPrefix(rest, "data/")):
		s.secretData(r, m, rest, rt)
	case m.Type == "kv" && m.Version == "2" && list && (rest == "metadata" || strings.HasPrefix(rest, "metadata/")):
		rt.call = "LIST KV/metadata/NAME"
		folder := strings.Trim(name, "/")
		rt.handle = func(*Namespace, *Token) reply { return s.names(entries(m.Secrets, folder), m.Type) }
	case m.Type == "kv" && m.Version == "2" && !list && strings.HasPrefix(rest, "metadata/"):
		rt.call = "GET KV/metadata/NAME"
		rt.handle = func(*Namespace, *Token) reply {
			return s.thing(find(m.Secrets, func(k *Secret) bool { return k.Path == name }), m.Type)
		}
	}
}

// logins answers for what is in an auth method.
func (s *Server) logins(r *http.Request, m *Mount, rest string, list bool, rt *route) {
	if m.Type == "approle" && s.secretIDs(r, m, rest, rt) {
		return
	}
	kind, collection := strings.ToUpper(m.Type), "role"
	_, name, _ := strings.Cut(rest, "/")
	var names []string
	var thing func() answerer
	switch m.Type {
	case "approle":
		names = collect(m.AppRoles, func(r AppRole) string { return r.Name })
		thing = func() answerer { return find(m.AppRoles, func(r *AppRole) bool { return r.Name == name }) }
	case "kubernetes":
		names = collect(m.KubernetesRoles, func(r KubernetesRole) string { return r.Name })
		thing = func() answerer {
			return find(m.KubernetesRoles, func(r *KubernetesRole) bool { return r.Name == name })
		}
	case "jwt", "oidc":
		kind = "JWT"
		names = collect(m.JWTRoles, func(r JWTRole) string { return r.Name })
		thing = func() answerer { return find(m.JWTRoles, func(r *JWTRole) bool { return r.Name == name }) }
	case "userpass":
		collection = "users"
		names = collect(m.Users, func(u User) string { return u.Name })
		thing = func() answerer { return find(m.Users, func(u *User) bool { return u.Name == name }) }
	default:
		return
	}
	switch {
	case list && rest == collection:
		rt.call = "LIST auth/" + kind + "/" + collection
		rt.handle = func(*Namespace, *Token) reply { return s.names(names, m.Type) }
	case rt.capability == "read" && strings.HasPrefix(rest, collection+"/"):
		rt.call = "GET auth/" + kind + "/" + collection + "/NAME"
		rt.handle = func(*Namespace, *Token) reply { return s.thing(thing(), m.Type) }
	case rt.capability == "update" && rest == "login":
		rt.call, rt.open = "POST auth/LOGIN/login", true
		var proof struct {
			JWT      string `json:"jwt"`
			SecretID string `json:"secret_id"`
		}
		_ = json.NewDecoder(r.Body).Decode(&proof)
		rt.handle = func(*Namespace, *Token) reply { return s.logIn(proof.JWT + proof.SecretID) }
	}
}

// answerer is something that a read call answers for.
type answerer interface{ answer() object }

func (s *Server) thing(a answerer, mountType string) reply {
	if a == nil {
		return failed(http.StatusNotFound)
	}
	return s.wrapped(a.answer(), mountType)
}

func find[T any, P interface {
	*T
	answerer
}](all []T, is func(P) bool) answerer {
	for i := range all {
		if is(&all[i]) {
			return P(&all[i])
		}
	}
	return nil
}

func collect[T, N any](all []T, name func(T) N) []N {
	var names []N
	for _, t := range all {
		names = append(names, name(t))
	}
	return names
}

// names is the answer to a list call: sorted, and 404 when there are none.
func (s *Server) names(all []string, mountType string) reply {
	if len(all) == 0 {
		return failed(http.StatusNotFound)
	}
	return s.wrapped(object{"keys": slices.Compact(slices.Sorted(slices.Values(all)))}, mountType)
}

func (s *Server) wrapped(data any, mountType string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return reply{http.StatusOK, s.envelope(data, mountType)}
}

// flat is an answer whose data also stands beside the envelope, as in old paths of sys/.
func (s *Server) flat(data object, mountType string) reply {
	rep := s.wrapped(data, mountType)
	for k, v := range data {
		rep.body.(object)[k] = v
	}
	return rep
}
