package vaultfake

import (
	"net/http"
	"strings"
)

// mounts adds those that every Vault has.
func mounts(all []Mount, auth bool) object {
	always := []Mount{{Path: "sys/", Type: "system"}, {Path: "identity/", Type: "identity"}, {Path: "cubbyhole/", Type: "cubbyhole", Local: true}}
	if auth {
		always = []Mount{{Path: "token/", Type: "token"}}
	}
	data := object{}
	for _, m := range append(always, all...) {
		data[m.Path] = m.answer(auth)
	}
	return data
}

// usable are the mounts on which a token has any permission.
func usable(all object, t *Token, prefix string) object {
	out := object{}
	for path, m := range all {
		if t.Root || reaches(t.Rules, prefix+path) {
			out[path] = m
		}
	}
	return out
}

// entries lists a folder of a KV engine: names, and folders with a slash at their end.
func entries(secrets []Secret, folder string) []string {
	var names []string
	for _, s := range secrets {
		rest := s.Path
		if folder != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(s.Path, folder+"/"); !ok {
				continue
			}
		}
		if first, _, deeper := strings.Cut(rest, "/"); deeper {
			rest = first + "/"
		}
		names = append(names, rest)
	}
	return names
}

// children lists the namespaces directly below one. A Vault that has none is a community edition.
func (s *Server) children(of string) reply {
	if len(s.estate) == 1 {
		return failed(http.StatusNotFound, "enterprise-only feature")
	}
	var names []string
	for ns := range s.estate {
		if of != "root" {
			var ok bool
			if ns, ok = strings.CutPrefix(ns, of+"/"); !ok {
				continue
			}
		}
		if ns != "root" && !strings.Contains(ns, "/") {
			names = append(names, ns+"/")
		}
	}
	return s.names(names, "system")
}

func accessors(ns *Namespace) []string {
	return collect(ns.Tokens, func(t Token) string { return t.Accessor })
}

func (s *Server) lookUp(ns *Namespace, accessor string) reply {
	for i := range ns.Tokens {
		if t := &ns.Tokens[i]; t.Accessor == accessor && !t.Ending {
			return s.wrapped(t.answer(s.opts.Now(), false), "token")
		}
	}
	return failed(http.StatusBadRequest, "1 error occurred:\n\t* invalid accessor\n\n")
}

// logIn gives out the token that a proof of identity is worth.
func (s *Server) logIn(proof string) reply {
	id, ok := s.opts.Login[proof]
	if !ok {
		return failed(http.StatusBadRequest, "invalid role or secret ID")
	}
	rep := s.wrapped(nil, "approle")
	rep.body.(object)["auth"] = object{"client_token": id, "token_type": "service"}
	return rep
}
