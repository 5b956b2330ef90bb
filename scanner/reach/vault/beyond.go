package vault

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Beyond lists where holders may be that nobody listed and that somebody may become. Roles of auth methods of which keyreeve reads no role
// at all are left out: so is the way to them.
func (e *Estate) Beyond(_, _ string, key inventory.ID) ([]access.Unread, error) {
	out := []access.Unread{}
	if t := e.targets[key]; t != nil {
		for _, c := range e.unlisted(t, false) {
			if c.reason != inventory.Unsupported {
				out = append(out, c.Unread)
			}
		}
	}
	return out, nil
}

// hiding lists where somebody may be who is not known by a name that is a path: what that path leads to was not all listed.
func (e *Estate) hiding(name string, t *target) []access.Unread {
	out := []access.Unread{}
	for _, s := range e.sorted() {
		if _, ok := s.within(t.space); !ok {
			continue
		}
		for _, typ := range holding {
			c := s.unlisted(typ)
			for _, front := range s.fronts(typ) {
				if c != nil && strings.Contains("/"+name, "/"+front) {
					out = append(out, c.Unread)
				}
			}
		}
	}
	return out
}

// fronts are what the paths of a type of holders begin with.
func (s *space) fronts(typ string) (out []string) {
	switch typ {
	case "vault.entity":
		return []string{"identity/entity/"}
	case "vault.token":
		return []string{"auth/token/accessors/"}
	case "vault.token.role":
		return []string{"auth/token/roles/"}
	}
	engine := strings.Split(typ, ".")[1]
	for _, m := range s.resources["vault.mount"] {
		if m.Store != nil && m.Store.Engine == engine {
			out = append(out, m.Name+"/")
		}
	}
	return out
}
