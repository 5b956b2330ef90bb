package vaultfake

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// keptVersions is what KV version 2 keeps where neither the mount nor the secret says.
const keptVersions = 10

// secretData answers for the values of KV version 2 and what the mount says of them: GET config, GET data/NAME and PATCH data/NAME.
func (s *Server) secretData(r *http.Request, m *Mount, rest string, rt *route) {
	name, isData := strings.CutPrefix(rest, "data/")
	if !isData {
		rt.call = "GET KV/config"
		rt.handle = func(*Namespace, *Token) reply {
			return s.wrapped(object{"cas_required": false, "delete_version_after": m.DeleteAfter.String(), "max_versions": m.MaxVersions}, m.Type)
		}
		return
	}
	secret := func() *Secret {
		for i := range m.Secrets {
			if m.Secrets[i].Path == name && m.Secrets[i].readable() {
				return &m.Secrets[i]
			}
		}
		return nil
	}
	switch rt.capability {
	case "read":
		rt.call = "GET KV/data/NAME"
		version, _ := strconv.Atoi(r.URL.Query().Get("version"))
		rt.handle = func(*Namespace, *Token) reply {
			if secret := secret(); secret != nil {
				return s.readData(m, secret, version)
			}
			return unknownPath(rt.path)
		}
	case "patch":
		rt.call = "PATCH KV/data/NAME"
		var body struct {
			Options struct{ CAS *int }
			Data    map[string]any
		}
		err := json.NewDecoder(r.Body).Decode(&body)
		rt.handle = func(*Namespace, *Token) reply {
			secret := secret()
			switch {
			case secret == nil:
				return unknownPath(rt.path)
			case r.Header.Get("Content-Type") != "application/merge-patch+json":
				return failed(http.StatusUnsupportedMediaType, "PATCH requires Content-Type of application/merge-patch+json")
			case err != nil || body.Data == nil:
				return failed(http.StatusBadRequest, "no data provided")
			}
			return s.patchData(m, secret, body.Options.CAS, body.Data)
		}
	}
}

// readable says that a test put values into the secret.
func (s *Secret) readable() bool {
	for _, v := range s.Versions {
		if v.Data != nil {
			return true
		}
	}
	return false
}

func (s *Server) readData(m *Mount, secret *Secret, version int) reply {
	if version == 0 {
		version = len(secret.Versions)
	}
	if version < 1 || version > len(secret.Versions) || secret.Versions[version-1].Dropped {
		return failed(http.StatusNotFound)
	}
	rep := s.wrapped(object{"data": nil, "metadata": secret.version(version)}, m.Type)
	if v := secret.Versions[version-1]; s.gone(v) {
		rep.status = http.StatusNotFound
	} else {
		rep.body.(object)["data"].(object)["data"] = v.Data
	}
	return rep
}

// patchData writes a version in which some fields are others, if the current version is the one that is expected.
func (s *Server) patchData(m *Mount, secret *Secret, cas *int, data map[string]any) reply {
	now := len(secret.Versions)
	current := secret.Versions[now-1]
	switch {
	case cas != nil && *cas != now:
		return failed(http.StatusBadRequest, "check-and-set parameter did not match the current version")
	case s.gone(current):
		return failed(http.StatusNotFound)
	}
	merged := maps.Clone(current.Data)
	maps.Copy(merged, data)
	secret.Write(m, merged, s.opts.Now())
	return s.wrapped(secret.version(now+1), m.Type)
}

// Write adds a version, and drops those that are more than are kept.
func (s *Secret) Write(m *Mount, data map[string]any, now time.Time) {
	v := SecretVersion{Created: now, Data: data}
	after := s.DeleteAfter
	if after == 0 || m.DeleteAfter > 0 && m.DeleteAfter < after {
		after = m.DeleteAfter
	}
	if after > 0 {
		v.Deleted = now.Add(after)
	}
	s.Versions = append(s.Versions, v)
	kept := max(s.MaxVersions, m.MaxVersions)
	if kept == 0 {
		kept = keptVersions
	}
	for i := range len(s.Versions) - kept {
		s.Versions[i] = SecretVersion{Dropped: true}
	}
}

func (s *Server) gone(v SecretVersion) bool {
	return v.Destroyed || !v.Deleted.IsZero() && !v.Deleted.After(s.opts.Now())
}

func (s *Secret) version(n int) object {
	v, deletion := s.Versions[n-1], ""
	if !v.Deleted.IsZero() {
		deletion = stamp(v.Deleted)
	}
	var custom any
	if s.Custom != nil {
		custom = s.Custom
	}
	return object{"created_time": stamp(v.Created), "custom_metadata": custom, "deletion_time": deletion, "destroyed": v.Destroyed, "version": n}
}
