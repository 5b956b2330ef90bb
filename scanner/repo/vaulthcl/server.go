package vaulthcl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/hcl1"
	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

// serverOf reads how a server listens and is sealed. Defaults are from Vault's documentation of its configuration: "listener.tcp",
// tls_disable (false), and "seal" (Shamir).
func serverOf(tree *declare.Tree, file string, items []hcl1.Item) inventory.Resource {
	r := tree.New(tree.ID(name, file, "server"), server, baseName(file), span(file, items...))
	r.Account = &inventory.Account{}
	listeners := labelled(items, "listener")
	if len(listeners) == 0 {
		declare.Open(&r, "account.tls_disabled", "this file has no listener; another of the same server has")
	}
	disabled, why := false, ""
	for _, l := range listeners {
		if l.Keys[1] == "unix" { // it never has TLS, and nobody reaches it over the network
			continue
		}
		off, known := truth(l.Items, "tls_disable")
		if !known {
			why = fmt.Sprintf("tls_disable of the listener on line %d is yet to be filled in", l.Line)
		}
		if off && !disabled {
			disabled = true
			at := span(file, named(l.Items, "tls_disable")...)
			r.Location = &at
		}
	}
	if len(listeners) > 0 {
		r.Account.TLSDisabled = &disabled
	}
	if why != "" && !disabled {
		declare.Open(&r, "account.tls_disabled", why)
	}
	r.Account.Seal = "shamir"
	for _, s := range labelled(items, "seal", "hsm") {
		off, known := truth(s.Items, "disabled")
		if !known || s.Keys[1] == "" || strings.Contains(s.Keys[1], "${") {
			declare.Open(&r, "account.seal", fmt.Sprintf("the seal on line %d is yet to be filled in", s.Line))
		}
		if !off {
			r.Account.Seal = strings.ToLower(s.Keys[1])
			break // others are there for the move from them, or stand in for it
		}
	}
	if len(labelled(items, "seal", "hsm")) == 0 && len(labelled(items, "storage", "backend")) == 0 {
		declare.Open(&r, "account.seal", "this file is a part of a configuration; another may have the seal")
	}
	return r
}

// devicesOf reads audit devices, which OpenBao declares in its configuration: audit "file" "to-stdout" { options { ... } }.
func devicesOf(tree *declare.Tree, file string, items []hcl1.Item) []inventory.Resource {
	var out []inventory.Resource
	seen := map[inventory.ID]bool{}
	for _, a := range labelled(items, "audit") {
		at := a.Keys[len(a.Keys)-1] // the path, or else the type
		r := tree.New(tree.ID(name, file, "audit/"+at), device, at, span(file, a))
		if seen[r.ID] {
			continue // OpenBao does not start with two of one path
		}
		seen[r.ID] = true
		options := a.Items
		for _, o := range named(a.Items, "options") {
			options = append(options[:len(options):len(options)], o.Items...)
		}
		raw, known := truth(options, "log_raw")
		if !known {
			declare.Open(&r, "audit.raw", "log_raw is yet to be filled in")
		}
		local, known := truth(a.Items, "local")
		if !known {
			declare.Open(&r, "audit.local", "local is yet to be filled in")
		}
		r.Audit = &inventory.Audit{Device: a.Keys[1], Raw: &raw, Local: &local}
		out = append(out, r)
	}
	return out
}

// truth reads a setting as Vault does: as a truth value, a number or a text of one. What is not stated is false. It is not known if it
// is none of these: a template engine has yet to fill it in, or Vault will refuse it.
func truth(items []hcl1.Item, key string) (value, known bool) {
	list := named(items, key)
	if len(list) == 0 {
		return false, true
	}
	if list[0].Mixed || len(list[0].Values) != 1 {
		return false, false
	}
	text := list[0].Values[0]
	if n, err := strconv.Atoi(text); err == nil {
		return n != 0, true
	}
	v, err := strconv.ParseBool(text)
	return v, err == nil || text == ""
}
