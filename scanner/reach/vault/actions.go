package vault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access"
	acl "github.com/keyreeve/keyreeve/scanner/access/vault"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/strictyaml"
)

// duty is what an action is to the separation of duties.
type duty uint8

const (
	other      duty = iota
	use             // it reveals plaintext, makes signatures, or hands out the key or value itself
	administer      // it decides what the key may be used for
	destroy         // it destroys it, or makes and replaces its material
)

// action is something that may be done to a key or secret: any of some requests will do it. All things that are asked about exist, so that
// what Vault asks for is update, not create.
type action struct {
	name  string
	duty  duty
	needs string   // a fact of the key without which Vault refuses whatever policies say
	wants []string // "CAPABILITY PATH"; {m} is the mount, {n} the name, {h} one of the hashes that a path may end in
}

// transit is by the API documentation of the transit secrets engine.
var transit = []action{
	{"encrypt", other, "key.usages=encrypt", []string{"update {m}/encrypt/{n}"}},
	{"decrypt", use, "key.usages=decrypt", []string{"update {m}/decrypt/{n}"}},
	{"rewrap", other, "key.usages=decrypt", []string{"update {m}/rewrap/{n}"}},
	{"datakey", use, "key.usages=encrypt", []string{"update {m}/datakey/plaintext/{n}"}},
	{"datakey-wrapped", other, "key.usages=encrypt", []string{"update {m}/datakey/wrapped/{n}"}},
	{"sign", use, "key.usages=sign", []string{"update {m}/sign/{n}", "update {m}/sign/{n}/{h}"}},
	{"verify", other, "key.usages=sign", []string{"update {m}/verify/{n}", "update {m}/verify/{n}/{h}"}},
	{"hmac", use, "", []string{"update {m}/hmac/{n}", "update {m}/hmac/{n}/{h}"}},
	{"export", use, "key.exportable", []string{
		"read {m}/export/encryption-key/{n}", "read {m}/export/encryption-key/{n}/latest", "read {m}/export/encryption-key/{n}/1", "read {m}/export/signing-key/{n}",
		"read {m}/export/signing-key/{n}/latest", "read {m}/export/signing-key/{n}/1", "read {m}/export/hmac-key/{n}", "read {m}/export/hmac-key/{n}/latest", "read {m}/export/hmac-key/{n}/1",
	}},
	{"backup", use, "key.plaintext_backup", []string{"read {m}/backup/{n}"}},
	{"rotate", destroy, "", []string{"update {m}/keys/{n}/rotate"}},
	{"config", administer, "", []string{"update {m}/keys/{n}/config"}},
	{"trim", destroy, "", []string{"update {m}/keys/{n}/trim"}},
	{"import", destroy, "", []string{"update {m}/keys/{n}/import_version"}},
	{"restore", destroy, "", []string{"update {m}/restore/{n}", "update {m}/restore"}},
	{"delete", destroy, "key.deletion_allowed", []string{"delete {m}/keys/{n}"}},
	{"read", other, "", []string{"read {m}/keys/{n}"}},
}

// kv is by the API documentation of the KV secrets engine, version 2. To delete a version can be undone and is what a writer does.
var kv = []action{
	{"read", use, "", []string{"read {m}/data/{n}"}},
	{"write", other, "", []string{"update {m}/data/{n}"}},
	{"patch", other, "", []string{"patch {m}/data/{n}"}},
	{"delete", other, "", []string{"delete {m}/data/{n}", "update {m}/delete/{n}"}},
	{"undelete", other, "", []string{"update {m}/undelete/{n}"}},
	{"destroy", destroy, "", []string{"update {m}/destroy/{n}"}},
	{"delete-metadata", destroy, "", []string{"delete {m}/metadata/{n}"}},
	{"write-metadata", administer, "", []string{"update {m}/metadata/{n}", "patch {m}/metadata/{n}"}},
	{"metadata", other, "", []string{"read {m}/metadata/{n}"}},
	{"subkeys", other, "", []string{"read {m}/subkeys/{n}"}},
}

// hashes are the algorithms that a path may name.
var hashes = []string{"sha1", "sha2-224", "sha2-256", "sha2-384", "sha2-512", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "none"}

var capabilities = map[string]acl.Capabilities{
	"create": acl.Create, "read": acl.Read, "update": acl.Update, "delete": acl.Delete, "list": acl.List, "patch": acl.Patch,
}

// requests are what an action asks for of a key or secret, as policies of the key's namespace have it.
func (t *target) requests(a *action) (out []acl.Want) {
	for _, text := range a.wants {
		capability, path, _ := strings.Cut(text, " ")
		path = strings.NewReplacer("{m}", t.mount, "{n}", t.name).Replace(path)
		if front, hashed := strings.CutSuffix(path, "{h}"); hashed {
			for _, h := range hashes {
				out = append(out, acl.Want{Capability: capabilities[capability], Path: front + h})
			}
			continue
		}
		out = append(out, acl.Want{Capability: capabilities[capability], Path: path})
	}
	return out
}

// asked reads an action: one of the engine's, or "OPERATION PATH" with a path of the key's namespace.
func (t *target) asked(text string) (spelled string, wants []acl.Want, applies access.Truth, err error) {
	fields := strings.Fields(text)
	if len(fields) == 2 && capabilities[fields[0]] != 0 {
		return strings.Join(fields, " "), []acl.Want{{Capability: capabilities[fields[0]], Path: strings.TrimLeft(fields[1], "/")}}, access.Yes, nil
	}
	var names []string
	for i := range t.actions {
		a := &t.actions[i]
		if names = append(names, a.name); strings.EqualFold(a.name, text) {
			applies := t.applies(a)
			if applies == access.No {
				return "", nil, applies, t.refused(a)
			}
			return a.name, t.requests(a), applies, nil
		}
	}
	slices.Sort(names)
	kind, _ := inventory.TypeOf(t.resource.Type)
	what, _, _ := strings.Cut(kind.About, ";")
	if near := strictyaml.Nearest(text, names); near != "" {
		return "", nil, access.No, fmt.Errorf("%q is no action on %s; did you mean %q?", text, what, near)
	}
	return "", nil, access.No, fmt.Errorf(`%q is no action on %s; it is one of %s, or "OPERATION PATH" such as "update %s"`, text, what, strings.Join(names, ", "), t.mount+"/...")
}

// refused is the error about what Vault does not do with the key. It is no answer where a setting of the key that may be changed decides.
func (t *target) refused(a *action) error {
	why := fmt.Sprintf("Vault refuses to %s with %q, whatever policies say, as %s", a.name, t.resource.Name, lacks[a.needs])
	if strings.Contains(a.needs, "=") {
		return &access.Refused{Why: why}
	}
	return fmt.Errorf("%s: who may change that, keyreeve who-can config %s lists", why, t.resource.Name)
}

// lacks says what does not hold of a key.
var lacks = map[string]string{
	"key.usages=encrypt": "a key of its type does not encrypt", "key.usages=decrypt": "a key of its type does not decrypt", "key.usages=sign": "a key of its type does not sign",
	"key.exportable": "it is not exportable", "key.plaintext_backup": "its backup in plaintext is not allowed", "key.deletion_allowed": "its deletion is not allowed",
}

// applies is whether Vault would do it with such a key at all.
func (t *target) applies(a *action) access.Truth {
	fact, value, _ := strings.Cut(a.needs, "=")
	k := t.resource.Key
	switch {
	case a.needs == "":
		return access.Yes
	case k == nil || t.resource.Unread(fact) != nil:
		return access.Maybe
	case value != "":
		return access.Known(slices.Contains(k.Usages, value))
	}
	flags := map[string]*bool{"key.exportable": k.Exportable, "key.plaintext_backup": k.PlaintextBackup, "key.deletion_allowed": k.DeletionAllowed}
	if flags[fact] == nil {
		return access.Maybe
	}
	return access.Known(*flags[fact])
}

// target is a key or secret.
type target struct {
	resource    *inventory.Resource
	space       *space
	mount, name string
	actions     []action
	scope       string // of the mount: what targets of it have in common
	can         rights // what Vault would do with it at all
	leaves      uint64 // actions by which the key itself leaves Vault
	config      uint64 // the one that allows those
}

func (e *Estate) readTargets(s *space) {
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
			for i := range t.actions {
				switch t.actions[i].name {
				case "export", "backup":
					t.leaves |= 1 << i
				case "config":
					t.config |= 1 << i
				}
				switch t.applies(&t.actions[i]) {
				case access.Yes:
					t.can.sure |= 1 << i
					t.can.possible |= 1 << i
				case access.Maybe:
					t.can.possible |= 1 << i
				}
			}
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
