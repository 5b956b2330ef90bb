package vault

import (
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// target is a key or secret.
type target struct {
	resource    *inventory.Resource
	space       *space
	mount, name string
	actions     []action
	scope       string     // of the mount: what targets of it have in common
	facts       string     // whether each option of each action may succeed at all
	can         rights     // what whoever may everything can do with it
	unread      *cause     // a fact that the options hang on and that was not read
	oldest      int        // version of a key that can be exported; of a secret 0
	latest      int        // likewise; 0: not read
	others      *[]*target // the RSA keys of its mount, for which it may be wrapped
}

func (e *Estate) readTargets(s *space) {
	wrapping := map[string]*[]*target{}
	for _, of := range []struct {
		typ, infix string
		actions    []action
	}{{"vault.transit.key", "/keys/", transit}, {"vault.kv.secret", "/metadata/", kv}} {
		for _, r := range s.resources[of.typ] {
			path := s.path(r.ID)
			mount, ok := strings.CutSuffix(path, of.infix+r.Name)
			if !ok {
				mount, _, _ = strings.Cut(path, of.infix)
			}
			t := &target{resource: r, space: s, mount: mount, name: strings.TrimPrefix(path, mount+of.infix), actions: of.actions, scope: string(s.scope) + "\x00" + mount}
			if wrapping[mount] == nil {
				wrapping[mount] = &[]*target{}
			}
			t.others = wrapping[mount]
			if k := r.Key; k != nil {
				if t.versions(k); k.Algorithm == "rsa" {
					*t.others = append(*t.others, t)
				}
			}
			t.settle()
			e.targets[r.ID] = t
			names := []string{path, mount + "/" + t.name, t.name}
			if of.typ == "vault.kv.secret" {
				names = append(names, mount+"/data/"+t.name)
			}
			for _, alias := range names {
				if s.namespace != "" {
					e.alias(s.namespace+"/"+alias, r.ID)
				}
				e.alias(alias, r.ID)
			}
		}
	}
}

// versions are those that Vault exports: none below the least that may be decrypted with.
func (t *target) versions(k *inventory.Key) {
	t.oldest = 1
	if v := k.Versions; v != nil {
		if v.MinDecryption != nil {
			t.oldest = max(1, *v.MinDecryption)
		}
		if v.Latest != nil {
			t.latest = *v.Latest
		}
	}
}

// settle works out what the target's own facts allow.
func (t *target) settle() {
	var facts strings.Builder
	for i := range t.actions {
		truth := access.No
		for j := range t.actions[i].options {
			o := &t.actions[i].options[j]
			holds := t.holds(o.when)
			facts.WriteByte('0' + byte(holds))
			if holds == access.Maybe && t.unread == nil {
				t.unread = t.hole(o.when)
			}
			if !o.unlocks {
				truth = truth.Or(holds)
			} else if holds == access.Yes {
				t.can.unlocks |= 1 << i
			}
		}
		t.can.add(i, truth)
	}
	t.facts = facts.String()
}

// holds is whether facts hold, which are separated by spaces: a flag or a number that is not 0, or "key.usages=USAGE". "!" before one is
// its opposite; with "?" before it, it is of no avail by itself.
func (t *target) holds(facts string) access.Truth {
	out := access.Yes
	for fact := range strings.FieldsSeq(facts) {
		fact, perhaps := strings.CutPrefix(fact, "?")
		fact, not := strings.CutPrefix(fact, "!")
		one := t.fact(fact)
		if not {
			one = one.Not()
		}
		if perhaps {
			one = one.And(access.Maybe)
		}
		out = out.And(one)
	}
	return out
}

func (t *target) fact(fact string) access.Truth {
	name, value, _ := strings.Cut(fact, "=")
	if t.resource.Unread(name) != nil {
		return access.Maybe
	}
	if k := t.resource.Key; k != nil {
		switch name {
		case "key.usages":
			return access.Known(slices.Contains(k.Usages, value))
		case "key.exportable":
			return known(k.Exportable)
		case "key.plaintext_backup":
			return known(k.PlaintextBackup)
		case "key.deletion_allowed":
			return known(k.DeletionAllowed)
		}
	}
	if s := t.resource.Secret; s != nil {
		switch {
		case name == "secret.kept_versions" && s.State == "enabled": // of the current one the value can be read
			return access.Yes
		case name == "secret.kept_versions":
			return some(s.KeptVersions)
		case name == "secret.deleted_versions":
			return some(s.DeletedVersions)
		}
	}
	return access.Maybe
}

func known(flag *bool) access.Truth {
	if flag == nil {
		return access.Maybe
	}
	return access.Known(*flag)
}

func some(n *int) access.Truth {
	if n == nil {
		return access.Maybe
	}
	return access.Known(*n > 0)
}

// hole is why one of some facts was not read.
func (t *target) hole(facts string) *cause {
	for fact := range strings.FieldsSeq(facts) {
		name, _, _ := strings.Cut(strings.TrimLeft(fact, "?!"), "=")
		if u := t.resource.Unread(name); u != nil {
			return causeOf(name, t.resource.Name, u)
		}
	}
	return nil
}

func (e *Estate) alias(name string, id inventory.ID) {
	if !slices.Contains(e.aliases[name], id) {
		e.aliases[name] = append(e.aliases[name], id)
	}
}

// Find returns the keys and secrets that a name may mean: an ID, a path with or without "keys" or "metadata", or a name within a mount.
func (e *Estate) Find(name string) []inventory.ID {
	if t := e.targets[inventory.ID(name)]; t != nil {
		return []inventory.ID{t.resource.ID}
	}
	out := slices.Clone(e.aliases[strings.Trim(name, "/")])
	slices.Sort(out)
	return out
}
