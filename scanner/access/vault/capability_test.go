package vault_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/access"
	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

// What a token can do on a path at once. A limit makes what it is on possible and not sure, and is named.
func TestCapabilities(t *testing.T) {
	type residual = []access.Residual
	ask := func(class access.Class, key, rule string) access.Residual {
		return access.Residual{Class: class, Key: key, Statement: rule}
	}
	const group = `control_group = { factor "f" { controlled_capabilities = ["read"] identity { group_ids = ["g"] approvals = 1 } } }`
	for name, c := range map[string]struct {
		text, path     string
		sure, possible string
		residual       residual
		explicit       bool
	}{
		"nothing":                         {rule("b", "read"), "a", "", "", residual{}, false},
		"all of one rule":                 {rule("a/*", "read list patch sudo subscribe recover"), "a/b", "read,list,patch,sudo,subscribe,recover", "read,list,patch,sudo,subscribe,recover", residual{}, false},
		"a denial":                        {rule("a/*", "read") + rule("a/b", "deny"), "a/b", "", "", residual{}, true},
		"LIST by a rule of its own":       {rule("a/*", "read") + rule("a/b", "update list"), "a/b/", "read,list", "read,list", residual{}, false},
		"denied, but for LIST":            {rule("a/*", "deny") + rule("a/b", "list"), "a/b/", "list", "list", residual{}, false},
		"required parameters":             {rule("a", "read delete list", `required_parameters = ["x"]`), "a", "delete,list", "read,delete,list", residual{ask(access.How, "required_parameters", "a")}, false},
		"allowed and denied ones":         {rule("a", "update", "allowed_parameters = { x = [] }\ndenied_parameters = { y = [] }"), "a", "", "update", residual{ask(access.How, "allowed_parameters", "a"), ask(access.How, "denied_parameters", "a")}, false},
		"all parameters are allowed":      {rule("a", "update", `allowed_parameters = { "*" = [] }`), "a", "update", "update", residual{}, false},
		"limits on what is not granted":   {rule("a", "list", `required_parameters = ["x"]`), "a", "list", "list", residual{}, false},
		"wrapping":                        {rule("a", "list sudo", "min_wrapping_ttl = 1\nmax_wrapping_ttl = 2"), "a", "sudo", "list,sudo", residual{ask(access.How, "max_wrapping_ttl", "a"), ask(access.How, "min_wrapping_ttl", "a")}, false},
		"wrapping that cannot be":         {rule("a", "list sudo", "min_wrapping_ttl = 3") + rule("a", "read", "max_wrapping_ttl = 2"), "a", "sudo", "sudo", residual{}, false},
		"MFA":                             {rule("a", "list", `mfa_methods = ["m"]`), "a", "", "list", residual{ask(access.When, "mfa_methods", "a")}, false},
		"a control group of one":          {rule("a", "list read", group), "a", "list", "read,list", residual{ask(access.Who, "control_group", "a")}, false},
		"sudo is asked for":               {rule("sys/*", "read update"), "sys/audit", "", "", residual{}, false},
		"sudo is there":                   {rule("sys/*", "read sudo"), "sys/audit", "read,sudo", "read,sudo", residual{}, false},
		"sudo may be asked for":           {rule("team/*", "read"), "team/sys/raw/x", "", "read", residual{ask(access.What, "sudo", "team/*")}, false},
		"a leading slash does not matter": {rule("a", "read"), "/a", "read", "read", residual{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			acl, err := vault.New().ACL("", policies(c.text), vault.Identity{})
			if err != nil {
				t.Fatal(err)
			}
			got := acl.Capabilities(c.path)
			if got.Sure.String() != c.sure || got.Possible.String() != c.possible || got.Explicit != c.explicit {
				t.Errorf("sure of %q, possible %q, explicit %v; want %q, %q, %v", got.Sure, got.Possible, got.Explicit, c.sure, c.possible, c.explicit)
			}
			if d := cmp.Diff(c.residual, got.Residual); d != "" {
				t.Error(d)
			}
		})
	}
	root, err := vault.New().ACL("", []vault.Policy{{Name: "root"}}, vault.Identity{})
	if err != nil || root.Capabilities("sys/audit").Sure.String() != "create,read,update,delete,list,patch,sudo,subscribe,recover" {
		t.Errorf("root: %v", err)
	}
}
