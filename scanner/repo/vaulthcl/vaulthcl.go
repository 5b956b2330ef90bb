// Package vaulthcl reads Vault's own files: ACL policies, and the configuration of servers, of Vault and of OpenBao.
//
// Other tools' files end in .hcl as well. They yield nothing, and are no gap. JSON files are left out: nothing in their name tells them.
package vaulthcl

import (
	"bytes"
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/hcl1"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

const (
	name   = "vaulthcl"
	policy = "vault.policy"
	server = "vault.server"
	device = "vault.audit.device"
)

var types = []string{policy, server, device}

// Dialect reads policies and server configuration in files that end in .hcl.
var Dialect = declare.Dialect{
	Name:  name,
	Types: types,
	Wants: func(file string) bool { return strings.EqualFold(path.Ext(file), ".hcl") },
	Read:  read,
}

func read(ctx context.Context, tree *declare.Tree) declare.Declared {
	var out declare.Declared
	for _, f := range tree.Files {
		if ctx.Err() != nil {
			break
		}
		if bytes.HasPrefix(f.Data, []byte("\xff\xfe")) || bytes.HasPrefix(f.Data, []byte("\xfe\xff")) {
			out.Gaps = append(out.Gaps, tree.Unread(types, f.Path, 0, "it is in UTF-16, which no reader of HCL takes; write it in UTF-8"))
			continue
		}
		text := strings.TrimPrefix(string(f.Data), "\uFEFF")
		items, err := hcl1.Parse(text)
		switch {
		case err != nil && looksLikeVault(text) && strings.Contains(text, "%{"):
			out.Gaps = append(out.Gaps, tree.NotUnderstood(kindred(text), f.Path, 0, "it is a template, and what fills it in is not known"))
		case err != nil && looksLikeVault(text):
			out.Gaps = append(out.Gaps, tree.Unread(kindred(text), f.Path, 0, err.Error()))
		case err != nil:
		case isPolicy(items):
			out.Resources = append(out.Resources, policyOf(tree, f.Path, text, items))
		case isServer(items):
			out.Resources = append(out.Resources, serverOf(tree, f.Path, items))
			fallthrough
		case isAudits(items):
			out.Resources = append(out.Resources, devicesOf(tree, f.Path, items)...)
		}
	}
	return out
}

// baseName is what a policy or configuration is called: its file without the extension.
func baseName(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

func span(file string, items ...hcl1.Item) inventory.Location {
	at := inventory.Location{Path: file, StartLine: items[0].Line}
	for _, it := range items {
		at.EndLine = max(at.EndLine, it.End)
	}
	return at
}

// named returns the items whose first key is one of some names.
func named(items []hcl1.Item, names ...string) []hcl1.Item {
	var out []hcl1.Item
	for _, it := range items {
		if slices.Contains(names, it.Keys[0]) {
			out = append(out, it)
		}
	}
	return out
}

// labelled returns the blocks of a name that have a label, such as listener "tcp" {}.
func labelled(items []hcl1.Item, names ...string) []hcl1.Item {
	return slices.DeleteFunc(named(items, names...), func(it hcl1.Item) bool { return len(it.Keys) < 2 || !it.Object })
}

func isPolicy(items []hcl1.Item) bool {
	return len(labelled(items, "path")) > 0 && len(named(items, "path", "name")) == len(items)
}

// foreign are blocks of programs that have listeners and seals like Vault's servers: Vault's Agent and Proxy, Boundary, Nomad, Consul.
var foreign = []string{
	"auto_auth", "vault", "template", "api_proxy", "cache", "env_template", "exec", "controller", "worker", "kms", "hcp_boundary_cluster_id",
	"datacenter", "client", "consul", "nomad",
}

// isServer tells the configuration of a server, or a part of it: one may be split into the files of a folder.
func isServer(items []hcl1.Item) bool {
	if len(named(items, foreign...)) > 0 {
		return false
	}
	listeners := slices.DeleteFunc(labelled(items, "listener"), func(l hcl1.Item) bool { return len(named(l.Items, "purpose")) > 0 }) // Boundary's
	return len(labelled(items, "storage", "backend", "seal", "hsm")) > 0 || len(listeners) > 0
}

// isAudits tells a file with nothing but audit devices, as OpenBao takes them.
func isAudits(items []hcl1.Item) bool {
	return len(items) > 0 && len(labelled(items, "audit")) == len(items)
}

// Of a file that cannot be read, only how it begins tells whose it is. What begins otherwise, such as Terragrunt's, may well have a
// policy in a heredoc.
var (
	beginsLikePolicy = regexp.MustCompile(`^(?:\s|#[^\n]*\n|//[^\n]*\n|/\*(?s:.*?)\*/)*(?:path[ \t]+"|name[ \t]*=[^\n]*\n\s*path[ \t]+")`)
	beginsLikeServer = regexp.MustCompile(`^(?:\s|#[^\n]*\n|//[^\n]*\n|/\*(?s:.*?)\*/)*(?:(?:storage|backend|seal|ha_storage)[ \t]+"|(?:ui|disable_mlock|api_addr|cluster_addr|cluster_name)[ \t]*=)`)
)

func looksLikeVault(text string) bool {
	return beginsLikePolicy.MatchString(text) || beginsLikeServer.MatchString(text)
}

// kindred are the types that an unreadable file may hide.
func kindred(text string) []string {
	if beginsLikePolicy.MatchString(text) {
		return []string{policy}
	}
	return []string{server, device}
}
