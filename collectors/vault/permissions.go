package vault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/inventory"
)

// Permissions prints the least policy that reads what a configuration asks for, from the table of calls. A mount whose path the
// configuration does not name is taken to be at its usual place.
func Permissions(c Config) string {
	c = c.withDefaults()
	var b strings.Builder
	b.WriteString("# Policy for keyreeve")
	if c.Name != "" {
		fmt.Fprintf(&b, " on Vault %q", c.Name)
	}
	b.WriteString(": it only reads, and neither a secret's value nor a key.\n")
	b.WriteString("# Names and metadata of entities may be about persons. They are kept in snapshots, because templates in policies need them.\n")
	if slices.Contains(c.Namespaces, "*") {
		b.WriteString("# Namespaces are discovered: repeat these rules for each, with its path in front.\n")
	}
	for _, ns := range c.Namespaces {
		prefix := ""
		if ns = inventory.VaultNamespace(ns); ns != "*" {
			prefix = relative(ns, c.Namespace)
		}
		for _, line := range c.policy(ns, prefix) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// policy returns the lines for one namespace, in the order of the table, with what they are for above them.
func (c Config) policy(ns, prefix string) []string {
	var paths []string
	rules := map[string]*rule{}
	for _, call := range Calls {
		if call.Permission == anyone || !c.makes(call, ns) {
			continue
		}
		for _, at := range c.places(call) {
			path, capabilities := permission(call, at, prefix)
			if rules[path] == nil {
				rules[path] = &rule{path: path}
				paths = append(paths, path)
			}
			rules[path].add(capabilities, call.Type)
		}
	}
	var lines []string
	last := ""
	for _, path := range paths {
		if purpose := strings.Join(rules[path].types, ", "); purpose != last {
			lines = append(lines, "\n# "+purpose+"\n")
			last = purpose
		}
		lines = append(lines, rules[path].hcl()+"\n")
	}
	return lines
}

// makes reports whether a call is made at all.
func (c Config) makes(call inventory.Call, ns string) bool {
	switch {
	case call.OptIn == "tokens.list":
		return c.Tokens.List
	case call.OptIn == "namespaces":
		return ns == "*"
	case call.Name == readAudit.Name:
		return ns == "root" || ns == "*" && c.Namespace == "root"
	case call.Name == readSelf.Name:
		return ns == "*" || ns == c.Namespace
	}
	return true
}

// places are where a call is made: one for each mount of its engines, or a single one without mount.
func (c Config) places(call inventory.Call) []place {
	var all []place
	for _, e := range engines {
		if call.Type != e.read.Type && call.Name != e.about.Name {
			continue
		}
		mounts := c.Mounts[e.name]
		if len(mounts) == 0 {
			mounts = []string{e.usual}
		}
		for _, m := range mounts {
			all = append(all, place{mount: strings.Trim(m, "/")})
		}
	}
	if all == nil {
		return []place{{}}
	}
	return all
}

// grant is the line of policy that allows one call, for a hint.
func (c *client) grant(call inventory.Call, at place) string {
	if call.Permission == anyone {
		return "Vault answers this call whatever the policy: something in front of it refuses, such as a proxy or an endpoint-governing policy"
	}
	path, capabilities := permission(call, at, c.prefix)
	r := &rule{path: path}
	r.add(capabilities, call.Type)
	return r.hcl()
}

// permission splits "PATH: CAPABILITY, ...".
func permission(call inventory.Call, at place, prefix string) (path string, capabilities []string) {
	path, list, _ := strings.Cut(call.Permission, ": ")
	return prefix + at.fill(path), strings.Split(list, ", ")
}

// relative is what stands before a path in a policy of one namespace to mean another below it.
func relative(ns, home string) string {
	if ns == home {
		return ""
	}
	if home != "root" {
		ns = strings.TrimPrefix(ns, home+"/")
	}
	return ns + "/"
}

// A rule is one path of a policy.
type rule struct {
	path         string
	capabilities []string
	types        []string
}

func (r *rule) add(capabilities []string, typ string) {
	for _, c := range capabilities {
		if !slices.Contains(r.capabilities, c) {
			r.capabilities = append(r.capabilities, c)
		}
	}
	if !slices.Contains(r.types, typ) {
		r.types = append(r.types, typ)
	}
}

func (r *rule) hcl() string {
	quoted := make([]string, len(r.capabilities))
	for i, c := range r.capabilities {
		quoted[i] = fmt.Sprintf("%q", c)
	}
	return fmt.Sprintf("path %q { capabilities = [%s] }", r.path, strings.Join(quoted, ", "))
}
