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

// action is something that may be done to a key or secret. All things that are asked about exist, so that what Vault asks for is update,
// not create, but where the action itself takes them away first.
type action struct {
	name    string
	duty    duty
	options []option // any of them will do
}

// option is one way to do it.
type option struct {
	when string // facts of the key or secret, all of which must hold, else Vault refuses whatever policies say; see target.holds
	// requests are "CAPABILITY PATH", all of which are made in their order, joined by " then ". {m} is the mount, {n} the name, {h} one of
	// the hashes that a path may end in, {v} nothing or a version of the key as a path may end in it, {d} another key.
	requests string
	unlocks  bool // its first request changes settings of the key, after which Vault refuses no more
}

// always is the only option of an action.
func always(requests ...string) (out []option) { return when("", requests...) }

func when(facts string, requests ...string) (out []option) {
	for _, r := range requests {
		out = append(out, option{when: facts, requests: r})
	}
	return out
}

// transit is by the API documentation of the transit secrets engine, and by how Vault 1.21 answers. A public key that is exported reveals
// nothing, so it counts for no export.
var transit = []action{
	{"encrypt", other, when("key.usages=encrypt", "update {m}/encrypt/{n}")},
	{"decrypt", use, when("key.usages=decrypt", "update {m}/decrypt/{n}")},
	{"rewrap", other, when("key.usages=decrypt", "update {m}/rewrap/{n}")},
	{"datakey", use, when("key.usages=encrypt", "update {m}/datakey/plaintext/{n}")},
	{"datakey-wrapped", other, when("key.usages=encrypt", "update {m}/datakey/wrapped/{n}")},
	{"sign", use, when("key.usages=sign", "update {m}/sign/{n}", "update {m}/sign/{n}/{h}")},
	{"verify", other, when("key.usages=sign", "update {m}/verify/{n}", "update {m}/verify/{n}/{h}")},
	{"hmac", use, always("update {m}/hmac/{n}", "update {m}/hmac/{n}/{h}")},
	{"export", use, []option{
		{"key.exportable key.usages=encrypt", "read {m}/export/encryption-key/{n}{v}", false},
		{"key.exportable key.usages=sign", "read {m}/export/signing-key/{n}{v}", false},
		{"key.exportable", "read {m}/export/hmac-key/{n}{v}", false},
		{"!key.exportable key.usages=encrypt", "update {m}/keys/{n}/config then read {m}/export/encryption-key/{n}{v}", true},
		{"!key.exportable key.usages=sign", "update {m}/keys/{n}/config then read {m}/export/signing-key/{n}{v}", true},
		{"!key.exportable", "update {m}/keys/{n}/config then read {m}/export/hmac-key/{n}{v}", true},
	}},
	// The key wrapped for another, of which somebody outside may have the private half: one that is there, or one that is brought for it.
	{"byok-export", use, []option{
		{"key.exportable", "read {m}/byok-export/{d}/{n}{v}", false},
		{"key.exportable", "update {m}/keys/{new}/import then read {m}/byok-export/{new}/{n}{v}", false},
		{"!key.exportable", "update {m}/keys/{n}/config then read {m}/byok-export/{d}/{n}{v}", true},
		{"!key.exportable", "update {m}/keys/{n}/config then update {m}/keys/{new}/import then read {m}/byok-export/{new}/{n}{v}", true},
	}},
	{"backup", use, []option{
		{"key.exportable key.plaintext_backup", "read {m}/backup/{n}", false},
		{"!key.exportable", "update {m}/keys/{n}/config then read {m}/backup/{n}", true},
		{"!key.plaintext_backup", "update {m}/keys/{n}/config then read {m}/backup/{n}", true},
	}},
	{"rotate", destroy, always("update {m}/keys/{n}/rotate")},
	{"config", administer, always("update {m}/keys/{n}/config")},
	{"trim", destroy, always("update {m}/keys/{n}/trim")},
	{"import", destroy, always("update {m}/keys/{n}/import_version")},
	{"restore", destroy, always("update {m}/restore/{n}", "update {m}/restore")},
	{"delete", destroy, []option{
		{"key.deletion_allowed", "delete {m}/keys/{n}", false},
		{"!key.deletion_allowed", "update {m}/keys/{n}/config then delete {m}/keys/{n}", true},
	}},
	{"read", other, always("read {m}/keys/{n}")},
}

// kv is by the API documentation of the KV secrets engine, version 2. Old versions are read by the same path as the current one. To delete
// a version can be undone and is what a writer does; a path whose metadata are deleted is created anew.
var kv = []action{
	{"read", use, []option{
		{"secret.kept_versions", "read {m}/data/{n}", false},
		{"!secret.kept_versions secret.deleted_versions", "update {m}/undelete/{n} then read {m}/data/{n}", false},
		{"?!secret.kept_versions", "read {m}/data/{n}", false},
	}},
	{"write", other, always("update {m}/data/{n}", "delete {m}/metadata/{n} then create {m}/data/{n}")},
	{"patch", other, always("patch {m}/data/{n}")},
	{"delete", other, always("delete {m}/data/{n}", "update {m}/delete/{n}")},
	{"undelete", other, always("update {m}/undelete/{n}")},
	{"destroy", destroy, always("update {m}/destroy/{n}")},
	{"delete-metadata", destroy, always("delete {m}/metadata/{n}")},
	{"write-metadata", administer, always("update {m}/metadata/{n}", "patch {m}/metadata/{n}")},
	{"metadata", other, always("read {m}/metadata/{n}")},
	{"subkeys", other, always("read {m}/subkeys/{n}")},
}

// hashes are the algorithms that a path may name.
var hashes = []string{"sha1", "sha2-224", "sha2-256", "sha2-384", "sha2-512", "sha3-224", "sha3-256", "sha3-384", "sha3-512", "none"}

var capabilities = map[string]acl.Capabilities{
	"create": acl.Create, "read": acl.Read, "update": acl.Update, "delete": acl.Delete, "list": acl.List, "patch": acl.Patch,
}

// asked reads an action: one of the engine's, or "OPERATION PATH" with a path of the key's namespace.
func (t *target) asked(text string) (*action, error) {
	fields := strings.Fields(text)
	if len(fields) == 2 && capabilities[fields[0]] != 0 {
		return &action{name: strings.Join(fields, " "), options: always(fields[0] + " " + strings.TrimLeft(fields[1], "/"))}, nil
	}
	var names []string
	for i := range t.actions {
		a := &t.actions[i]
		if names = append(names, a.name); !strings.EqualFold(a.name, text) {
			continue
		}
		if !slices.ContainsFunc(a.options, func(o option) bool { return t.holds(o.when) != access.No }) {
			return nil, &access.Refused{Why: fmt.Sprintf("Vault refuses to %s with %q, whatever policies say, as %s", a.name, t.resource.Name, lacks[a.options[0].when])}
		}
		return a, nil
	}
	slices.Sort(names)
	kind, _ := inventory.TypeOf(t.resource.Type)
	what, _, _ := strings.Cut(kind.About, ";")
	if near := strictyaml.Nearest(text, names); near != "" {
		return nil, fmt.Errorf("%q is no action on %s; did you mean %q?", text, what, near)
	}
	return nil, fmt.Errorf(`%q is no action on %s; it is one of %s, or "OPERATION PATH" such as "update %s"`, text, what, strings.Join(names, ", "), t.mount+"/...")
}

// lacks says what does not hold of a key. What hangs on settings alone can be had by changing them.
var lacks = map[string]string{
	"key.usages=encrypt": "a key of its type does not encrypt", "key.usages=decrypt": "a key of its type does not decrypt", "key.usages=sign": "a key of its type does not sign",
}
