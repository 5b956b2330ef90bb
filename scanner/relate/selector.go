package relate

import (
	"strings"

	"github.com/keyreeve/keyreeve/scanner/glob"
	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// An answer says whether a selector describes a resource.
type answer int

const (
	no answer = iota
	maybe
	yes
)

// match asks a selector about a resource. All keys must hold; maybe is the answer when the one that decides was not read.
func (s *Selector) match(r *inventory.Resource) answer {
	for _, key := range keys {
		if pattern := key.of(s); pattern != "" && !holds(pattern, key.read(r)) {
			return no
		}
	}
	out := yes
	if s.Name != "" {
		out = min(out, named(s.Name, r))
	}
	for tag, pattern := range s.Tag {
		out = min(out, tagged(tag, pattern, r))
	}
	return out
}

// A key is one key of a selector whose value can always be told.
type key struct {
	name string
	of   func(*Selector) string
	read func(*inventory.Resource) []string // any of them may match; none: no match
}

var keys = []key{
	{"aws_account", func(s *Selector) string { return s.AWSAccount }, func(r *inventory.Resource) []string { return part(r, "aws", 2) }},
	{"region", func(s *Selector) string { return s.Region }, func(r *inventory.Resource) []string { return part(r, "aws", 3) }},
	{"vault", func(s *Selector) string { return s.Vault }, func(r *inventory.Resource) []string { return part(r, "vault", 1) }},
	{"namespace", func(s *Selector) string { return s.Namespace }, namespaceOf},
	{"vault_path", func(s *Selector) string { return s.VaultPath }, vaultPaths},
	{"repository", func(s *Selector) string { return s.Repository }, func(r *inventory.Resource) []string { return part(r, "repo", 1) }},
	{"scope", func(s *Selector) string { return s.Scope }, func(r *inventory.Resource) []string { return []string{string(r.Scope)} }},
	{"type", func(s *Selector) string { return s.Type }, func(r *inventory.Resource) []string { return []string{r.Type} }},
	{"id", func(s *Selector) string { return s.ID }, func(r *inventory.Resource) []string { return []string{string(r.ID)} }},
}

func holds(pattern string, values []string) bool {
	for _, v := range values {
		if glob.Match(pattern, v) {
			return true
		}
	}
	return false
}

func part(r *inventory.Resource, backend string, i int) []string {
	if parts := r.Scope.Parts(); parts[0] == backend && i < len(parts) {
		return parts[i : i+1]
	}
	return nil
}

func namespaceOf(r *inventory.Resource) []string {
	if r.Scope.Backend() != "vault" {
		return nil
	}
	_, namespace := vaultHome(r.Scope)
	return []string{namespace}
}

// within is what stands in API paths between a mount and the path that people use, by type.
var within = map[string]string{
	"vault.kv.secret":       "/metadata/",
	"vault.transit.key":     "/keys/",
	"vault.approle.role":    "/role/",
	"vault.kubernetes.role": "/role/",
	"vault.jwt.role":        "/role/",
	"vault.token.role":      "/roles/",
	"vault.userpass.user":   "/users/",
}

// vaultPaths returns the three spellings of a path of Vault. Of prod/db in the KV engine mounted at secret/:
//
//	secret/metadata/prod/db   the API's
//	secret/prod/db            the command line's
//	prod/db                   that within the mount
func vaultPaths(r *inventory.Resource) []string {
	if r.Scope.Backend() != "vault" {
		return nil
	}
	path, ok := strings.CutPrefix(string(r.ID), string(inventory.VaultID(vaultHome(r.Scope))))
	if !ok {
		return nil
	}
	if sep := within[r.Type]; sep != "" {
		if mount, rest, ok := strings.Cut(path, sep); ok {
			return []string{path, mount + "/" + rest, rest}
		}
	}
	return []string{path}
}

// named asks about a resource's names: its own and its aliases. A KMS key goes by its alias, so while its aliases are unread
// its name is not known either.
func named(pattern string, r *inventory.Resource) answer {
	if r.Unread("name") != nil || r.Type == kmsKey && r.Unread("refs") != nil {
		if strings.Trim(pattern, "*") == "" {
			return yes
		}
		return maybe
	}
	if glob.Match(pattern, r.Name) {
		return yes
	}
	for _, ref := range r.Refs {
		if ref.Target == aliasTarget && glob.Match(pattern, ref.Name) {
			return yes
		}
	}
	return no
}

func tagged(tag, pattern string, r *inventory.Resource) answer {
	if r.Unread("tags."+tag) != nil {
		return maybe
	}
	if v, ok := r.Tags[tag]; ok && glob.Match(pattern, v) {
		return yes
	}
	return no
}

// doubt names what was not read of the things that selectors look at.
func doubt(r *inventory.Resource) string {
	for _, fact := range []string{"tags", "refs", "name"} {
		if r.Unread(fact) != nil {
			return fact
		}
	}
	return "tags"
}
