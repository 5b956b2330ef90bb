package terraform

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[string][2]string{
		"aws_kms_key.k":                            {"", "aws_kms_key.k"},
		"aws_kms_key.k[0]":                         {"", "aws_kms_key.k"},
		`aws_kms_key.k["a[b].c"]`:                  {"", "aws_kms_key.k"},
		`module.keys["eu.\"x"].aws_kms_key.k["a"]`: {`module.keys["eu.\"x"].`, `module.keys["eu.\"x"].aws_kms_key.k`},
		"module.a.module.b[1].data.aws_kms_key.k":  {"module.a.module.b[1].", "module.a.module.b[1].data.aws_kms_key.k"},
		"module.a":    {"", "module.a"},
		`module.a["x`: {"", `module.a`},
	} {
		base, indexed := unindexed(address)
		if path := modulePath(address); path != want[0] || base != want[1] || indexed == (base == address) {
			t.Errorf("%s: %q and %q (%v), want %q", address, path, base, indexed, want)
		}
	}
}

func FuzzUnindexedIsABeginning(f *testing.F) {
	f.Add(`module.keys["eu"].aws_kms_key.k["a"]`)
	f.Fuzz(func(t *testing.T, address string) {
		path := modulePath(address)
		base, _ := unindexed(address)
		if !strings.HasPrefix(address, base) || !strings.HasPrefix(base, path) {
			t.Errorf("%q: module %q, without index %q", address, path, base)
		}
	})
}

// An instance names another one in its own module, or by a full address; of several it is not known which one is meant.
func TestTargets(t *testing.T) {
	key := func(address string) Instance {
		return Instance{Address: address, Type: "aws_kms_key", Values: cty.EmptyObjectVal}
	}
	alias := func(address string, to cty.Value) Instance {
		return Instance{Address: address, Type: "aws_kms_alias", Values: cty.ObjectVal(map[string]cty.Value{"name": cty.StringVal("alias/a"), "target_key_id": to})}
	}
	for name, c := range map[string]struct {
		to    cty.Value
		named string // the key that the alias names
		open  int    // keys that it may name
	}{
		"root module":       {refer("aws_kms_key.k", "id"), "aws_kms_key.k", 0},
		"own module":        {refer("module.m.aws_kms_key.k", "id"), "module.m.aws_kms_key.k", 0},
		"full address":      {refer(`aws_kms_key.many["a"]`, "id"), `aws_kms_key.many["a"]`, 0},
		"one of several":    {refer("aws_kms_key.many", "id"), "", 2},
		"one of two":        {cty.UnknownVal(cty.String).Mark(Reference("aws_kms_key.k")).Mark(Reference("aws_x.y")), "", 1},
		"another resource":  {refer("aws_x.y", "id"), "", 0},
		"from a variable":   {cty.DynamicVal.Mark(Unset("var.key")), "", 0},
		"from nobody knows": {cty.DynamicVal, "", 4},
		"text":              {cty.StringVal("1234abcd"), "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			named, open := "", 0
			for _, r := range mapInstances(newNotes(testTree), []Instance{
				key("aws_kms_key.k"), key("module.m.aws_kms_key.k"), key(`aws_kms_key.many["a"]`), key(`aws_kms_key.many["b"]`), alias("module.m.aws_kms_alias.a", c.to),
			}) {
				if r.Unread("refs") != nil {
					open++
				}
				if len(r.Refs) > 0 {
					named += strings.TrimPrefix(string(r.ID), "terraform:shop#")
				}
			}
			if named != c.named || open != c.open {
				t.Errorf("names %q, may name %d; want %q and %d", named, open, c.named, c.open)
			}
		})
	}
}
