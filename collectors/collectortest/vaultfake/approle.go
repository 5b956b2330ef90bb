package vaultfake

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// secretIDs answers for the secret-ids of a role: LIST and POST role/NAME/secret-id, and POST role/NAME/secret-id-accessor/lookup and
// /destroy. It reports whether the path is one of them.
func (s *Server) secretIDs(r *http.Request, m *Mount, rest string, rt *route) bool {
	parts := strings.SplitN(rest, "/", 3)
	if len(parts) < 3 || parts[0] != "role" {
		return false
	}
	at := slices.IndexFunc(m.AppRoles, func(a AppRole) bool { return a.Name == parts[1] })
	if at < 0 {
		return false
	}
	role := &m.AppRoles[at]
	var body struct {
		Accessor string `json:"secret_id_accessor"`
		Metadata string `json:"metadata"`
	}
	if rt.capability == "update" {
		_ = json.NewDecoder(r.Body).Decode(&body)
	}
	find := func() int {
		return slices.IndexFunc(role.SecretIDs, func(id SecretID) bool { return id.Accessor == body.Accessor })
	}
	switch rt.capability + " " + parts[2] {
	case "list secret-id":
		rt.call = "LIST auth/APPROLE/role/NAME/secret-id"
		rt.handle = func(*Namespace, *Token) reply {
			return s.names(collect(role.SecretIDs, func(id SecretID) string { return id.Accessor }), m.Type)
		}
	case "update secret-id":
		rt.call = "POST auth/APPROLE/role/NAME/secret-id"
		rt.handle = func(*Namespace, *Token) reply { return s.newSecretID(m, role, body.Metadata) }
	case "update secret-id-accessor/lookup":
		rt.call = "POST auth/APPROLE/role/NAME/secret-id-accessor/lookup"
		rt.handle = func(*Namespace, *Token) reply {
			if body.Accessor == "" {
				return failed(http.StatusBadRequest, "missing secret_id_accessor")
			}
			if i := find(); i >= 0 {
				return s.wrapped(role.SecretIDs[i].answer(), m.Type)
			}
			return failed(http.StatusNotFound, fmt.Sprintf("failed to find accessor entry for secret_id_accessor: %q", body.Accessor))
		}
	case "update secret-id-accessor/destroy":
		rt.call = "POST auth/APPROLE/role/NAME/secret-id-accessor/destroy"
		rt.handle = func(*Namespace, *Token) reply {
			if body.Accessor == "" {
				return failed(http.StatusBadRequest, "missing secret_id_accessor")
			}
			i := find()
			if i < 0 { // Vault's mistake: what the client got wrong is told as its own failure
				return failed(http.StatusInternalServerError, fmt.Sprintf("1 error occurred:\n\t* failed to find accessor entry for secret_id_accessor: %q\n\n", body.Accessor))
			}
			role.SecretIDs = slices.Delete(role.SecretIDs, i, i+1)
			return reply{status: http.StatusNoContent}
		}
	default:
		return false
	}
	return true
}

func (s *Server) newSecretID(m *Mount, role *AppRole, metadata string) reply {
	accessor := ""
	for accessor == "" || slices.ContainsFunc(role.SecretIDs, func(id SecretID) bool { return id.Accessor == accessor }) {
		s.made++
		accessor = fmt.Sprintf("accessor-%d", s.made)
	}
	id := SecretID{Accessor: accessor, Value: "sid-" + rand.Text(), Created: s.opts.Now()}
	if metadata != "" {
		if err := json.Unmarshal([]byte(metadata), &id.Metadata); err != nil {
			return failed(http.StatusBadRequest, "failed to parse metadata: "+err.Error())
		}
	}
	if role.SecretIDTTL > 0 {
		id.Expires = id.Created.Add(time.Duration(role.SecretIDTTL) * time.Second)
	}
	role.SecretIDs = append(role.SecretIDs, id)
	return s.wrapped(object{
		"secret_id": id.Value, "secret_id_accessor": id.Accessor, "secret_id_num_uses": role.SecretIDUses, "secret_id_ttl": role.SecretIDTTL,
	}, m.Type)
}

// answer is what looking a secret-id up gives. Vault writes times that were not set as those of the year 1.
func (id *SecretID) answer() object {
	metadata, ttl := id.Metadata, 0
	if metadata == nil {
		metadata = map[string]string{}
	}
	if !id.Expires.IsZero() {
		ttl = int(id.Expires.Sub(id.Created).Seconds())
	}
	return object{
		"cidr_list": []string{}, "creation_time": stamp(id.Created), "expiration_time": stamp(id.Expires), "last_updated_time": stamp(id.Created), "metadata": metadata,
		"secret_id_accessor": id.Accessor, "secret_id_num_uses": 0, "secret_id_ttl": ttl, "token_bound_cidrs": []string{},
	}
}

// wrap keeps an answer for who has the token that is answered instead.
func (s *Server) wrap(path string, ttl time.Duration, body any) object {
	kept, err := json.Marshal(body)
	if err != nil {
		panic(err) // an estate that is no JSON is a mistake in a test
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made++
	token := "hvs.wrap-" + rand.Text()
	s.wraps[token] = kept
	rep := s.envelope(nil, "")
	rep["wrap_info"] = object{
		"token": token, "accessor": fmt.Sprintf("wrap-%d", s.made), "ttl": int(ttl.Seconds()), "creation_time": stamp(s.opts.Now()), "creation_path": path, "wrapped_accessor": "",
	}
	return rep
}

// wrapTTL is for how long a request wants its answer wrapped; 0: not at all.
func wrapTTL(r *http.Request) time.Duration {
	ttl := r.Header.Get("X-Vault-Wrap-TTL")
	d, err := time.ParseDuration(ttl)
	if err != nil {
		d, _ = time.ParseDuration(ttl + "s")
	}
	return d
}

// unwrapped gives the answer out, once.
func (s *Server) unwrapped(token string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, ok := s.wraps[token]
	if !ok {
		return failed(http.StatusBadRequest, "wrapping token is not valid or does not exist")
	}
	delete(s.wraps, token)
	return reply{http.StatusOK, json.RawMessage(kept)}
}
