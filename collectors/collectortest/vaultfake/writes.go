package vaultfake

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// changeKey answers the writes to a transit key that rotating needs, as Vault does: POST keys/NAME/rotate and keys/NAME/config.
func (s *Server) changeKey(r *http.Request, m *Mount, rest string, rt *route) {
	name, what, _ := strings.Cut(strings.TrimPrefix(rest, "keys/"), "/")
	key := func() *TransitKey {
		for i := range m.Keys {
			if m.Keys[i].Name == name {
				return &m.Keys[i]
			}
		}
		return nil
	}
	switch what {
	case "rotate":
		rt.call = "POST TRANSIT/keys/NAME/rotate"
		rt.handle = func(*Namespace, *Token) reply {
			k := key()
			if k == nil {
				return failed(http.StatusBadRequest, "key not found")
			}
			if k.Imported && !k.MayRotate {
				return failed(http.StatusBadRequest, "imported key does not allow rotation within Vault")
			}
			k.Versions = append(k.Versions, s.opts.Now())
			return s.wrapped(k.answer(), m.Type)
		}
	case "config":
		rt.call = "POST TRANSIT/keys/NAME/config"
		var body struct {
			MinDecryption *int    `json:"min_decryption_version"`
			AutoRotate    *string `json:"auto_rotate_period"`
		}
		err := json.NewDecoder(r.Body).Decode(&body)
		rt.handle = func(*Namespace, *Token) reply {
			k := key()
			if k == nil || err != nil {
				return failed(http.StatusBadRequest, "no existing key named "+name+" could be found")
			}
			if v := body.MinDecryption; v != nil {
				if *v < max(k.MinAvailable, 1) || *v > len(k.Versions) {
					return failed(http.StatusBadRequest, "cannot set min decryption version")
				}
				k.MinDecryption = *v
			}
			if v := body.AutoRotate; v != nil {
				period, err := time.ParseDuration(*v)
				if err != nil || period != 0 && period < time.Hour {
					return failed(http.StatusBadRequest, "auto rotate period must be 0 to disable or at least an hour")
				}
				k.AutoRotate = period
			}
			return s.wrapped(k.answer(), m.Type)
		}
	}
}

// KeyVersions counts the versions of a transit key of the root namespace; 0: there is no such key.
func (s *Server) KeyVersions(mount, name string) int {
	s.estateMu.Lock()
	defer s.estateMu.Unlock()
	for _, m := range s.estate["root"].Mounts {
		for _, k := range m.Keys {
			if m.Path == mount && k.Name == name {
				return len(k.Versions)
			}
		}
	}
	return 0
}

// Estate is what the server holds now. It must not be read while the server answers.
func (s *Server) Estate() Estate { return s.estate }
