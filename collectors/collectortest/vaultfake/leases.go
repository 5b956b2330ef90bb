package vaultfake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Lease is that of a token or of a secret that was made for somebody.
type Lease struct {
	ID     string // "auth/approle/login/h1"
	Issued time.Time
}

// leases answers LIST and POST sys/leases/lookup and POST sys/leases/revoke-prefix/PREFIX. It reports whether the path is one of them.
func (s *Server) leases(r *http.Request, rt *route) bool {
	if prefix, is := strings.CutPrefix(rt.call, "LIST sys/leases/lookup/"); is {
		rt.call, rt.sudo = "LIST sys/leases/lookup/PREFIX", true
		rt.handle = func(ns *Namespace, _ *Token) reply {
			var names []string
			for _, l := range ns.Leases {
				if name, in := strings.CutPrefix(l.ID, strings.TrimSuffix(prefix, "/")+"/"); in {
					names = append(names, name)
				}
			}
			return s.names(names, "system")
		}
		return true
	}
	if prefix, is := strings.CutPrefix(rt.call, "POST sys/leases/revoke-prefix/"); is {
		rt.call, rt.sudo = "POST sys/leases/revoke-prefix/PREFIX", true
		rt.handle = func(ns *Namespace, _ *Token) reply {
			ns.Leases = slices.DeleteFunc(ns.Leases, func(l Lease) bool { return strings.HasPrefix(l.ID, prefix) })
			return reply{status: http.StatusNoContent}
		}
		return true
	}
	if rt.call != "POST sys/leases/lookup" {
		return false
	}
	var asked struct {
		ID string `json:"lease_id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked)
	rt.handle = func(ns *Namespace, _ *Token) reply {
		for _, l := range ns.Leases {
			if l.ID == asked.ID {
				return s.wrapped(object{"expire_time": nil, "id": l.ID, "issue_time": stamp(l.Issued), "last_renewal": nil, "renewable": true, "ttl": 0}, "system")
			}
		}
		return failed(http.StatusBadRequest, "invalid lease")
	}
	return true
}
