package vaultfake

import (
	"slices"
	"strings"
	"time"
)

// An Entity is one of the identity store. Its groups are those that name it as a member.
type Entity struct {
	ID       string
	Name     string
	Policies []string
	Disabled bool
	Metadata map[string]string
	Aliases  []Alias
}

// A Group is one of the identity store. One with an alias is external.
type Group struct {
	ID       string
	Name     string
	Policies []string
	Metadata map[string]string
	Members  []string // IDs of entities
	Groups   []string // IDs of groups that are in it
	Alias    *Alias
}

// An Alias is how an auth method calls an entity or group.
type Alias struct {
	ID       string
	Name     string
	Accessor string // of the auth method
	Mount    string // its path, with a slash at its end
	Type     string // empty: it is mounted no more
	Metadata map[string]string
	Custom   map[string]string
}

func (a *Alias) info() object {
	info := object{"id": a.ID, "name": a.Name, "mount_accessor": a.Accessor}
	if a.Type != "" {
		info["mount_path"], info["mount_type"] = "auth/"+a.Mount, a.Type
	}
	return info
}

func (a *Alias) answer(owner string) object {
	data := a.info()
	data["canonical_id"], data["metadata"], data["merged_from_canonical_ids"] = owner, words(a.Metadata), nil
	data["creation_time"], data["last_update_time"] = stamp(dawn), stamp(dawn)
	return data
}

// dawn is when everything in the identity store was made.
var dawn = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func (e *Entity) info() object {
	info := object{"name": e.Name}
	if len(e.Aliases) > 0 {
		info["aliases"] = collect(e.Aliases, func(a Alias) object { return a.info() })
	}
	return info
}

func (e *Entity) answer(all []Group) object {
	direct := []string{}
	for _, g := range all {
		if slices.Contains(g.Members, e.ID) {
			direct = append(direct, g.ID)
		}
	}
	inherited := []string{}
	for found := direct; len(found) > 0; {
		var above []string
		for _, id := range found {
			above = append(above, parents(all, id)...)
		}
		found = nil
		for _, id := range above {
			if !slices.Contains(direct, id) && !slices.Contains(inherited, id) {
				inherited, found = append(inherited, id), append(found, id)
			}
		}
	}
	aliases := []object{}
	for _, a := range e.Aliases {
		data := a.answer(e.ID)
		data["local"], data["custom_metadata"] = false, words(a.Custom)
		aliases = append(aliases, data)
	}
	return object{
		"id": e.ID, "name": e.Name, "metadata": words(e.Metadata), "merged_entity_ids": nil, "policies": list(e.Policies), "disabled": e.Disabled,
		"namespace_id": "root", "creation_time": stamp(dawn), "last_update_time": stamp(dawn), "aliases": aliases,
		"direct_group_ids": direct, "inherited_group_ids": inherited, "group_ids": append(direct, inherited...),
	}
}

func (g *Group) info() object {
	info := object{"name": g.Name, "num_member_entities": len(g.Members), "num_parent_groups": 0}
	if g.Alias != nil {
		info["alias"] = g.Alias.info()
	}
	return info
}

func (g *Group) answer(all []Group) object {
	alias, kind := object{}, "internal"
	if g.Alias != nil {
		alias, kind = g.Alias.answer(g.ID), "external"
	}
	return object{
		"id": g.ID, "name": g.Name, "policies": nullable(g.Policies), "metadata": words(g.Metadata), "type": kind, "alias": alias, "namespace_id": "root",
		"member_entity_ids": nullable(g.Members), "parent_group_ids": nullable(parents(all, g.ID)), "member_group_ids": nullable(g.Groups),
		"creation_time": stamp(dawn), "last_update_time": stamp(dawn), "modify_index": 1,
	}
}

// parents are the groups that a group is in.
func parents(all []Group, id string) (ids []string) {
	for _, g := range all {
		if slices.Contains(g.Groups, id) {
			ids = append(ids, g.ID)
		}
	}
	return ids
}

// words is a map as Vault writes it: null when nobody stated it.
func words(m map[string]string) any {
	if m == nil {
		return nil
	}
	return m
}

// identity answers for the identity store, which every namespace has.
func (s *Server) identity(rt *route) bool {
	switch rt.call {
	case "LIST identity/entity/id":
		rt.handle = func(ns *Namespace, _ *Token) reply {
			info := object{}
			for _, e := range ns.Entities {
				info[e.ID] = e.info()
			}
			return s.namesWithInfo(collect(ns.Entities, func(e Entity) string { return e.ID }), info)
		}
		return true
	case "LIST identity/group/id":
		rt.handle = func(ns *Namespace, _ *Token) reply {
			info := object{}
			for _, g := range ns.Groups {
				data := g.info()
				data["num_parent_groups"] = len(parents(ns.Groups, g.ID))
				info[g.ID] = data
			}
			return s.namesWithInfo(collect(ns.Groups, func(g Group) string { return g.ID }), info)
		}
		return true
	}
	if id, is := strings.CutPrefix(rt.call, "GET identity/entity/id/"); is {
		rt.call = "GET identity/entity/id/NAME"
		rt.handle = func(ns *Namespace, _ *Token) reply {
			i := slices.IndexFunc(ns.Entities, func(e Entity) bool { return e.ID == id })
			if i < 0 {
				return failed(404)
			}
			return s.wrapped(ns.Entities[i].answer(ns.Groups), "identity")
		}
		return true
	}
	if id, is := strings.CutPrefix(rt.call, "GET identity/group/id/"); is {
		rt.call = "GET identity/group/id/NAME"
		rt.handle = func(ns *Namespace, _ *Token) reply {
			i := slices.IndexFunc(ns.Groups, func(g Group) bool { return g.ID == id })
			if i < 0 {
				return failed(404)
			}
			return s.wrapped(ns.Groups[i].answer(ns.Groups), "identity")
		}
		return true
	}
	return false
}

// namesWithInfo is the answer to a list call of the identity store.
func (s *Server) namesWithInfo(ids []string, info object) reply {
	rep := s.names(ids, "identity")
	if len(ids) > 0 {
		rep.body.(object)["data"].(object)["key_info"] = info
	}
	return rep
}
