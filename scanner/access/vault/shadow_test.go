package vault_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

// told is a shadow in a line.
func told(s vault.Shadow) string {
	kind := "less than"
	if s.Denial {
		kind = "in spite of"
	}
	return fmt.Sprintf("%s %s %s: %s on %s, as %s", s.By[0].Statement, kind, s.Under[0].Statement, s.Capabilities, s.Path, s.Step)
}

func TestShadows(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"none": {rule("a/*", "read") + rule("b/*", "deny") + rule("a/b*", "read list") + rule("c", "list"), nil},
		"LIST of a directory is decided by the rule above it": {
			rule("a/*", "read") + rule("a/b/*", "read list"),
			[]string{`a/* less than a/b/*: list on a/b/, as LIST looks for the path without its "/" at the end first`},
		},
		"an exact grant within a denial": {
			rule("secret/*", "deny") + rule("secret/app", "read"),
			[]string{"secret/app in spite of secret/*: read on secret/app, as a rule for the very path goes before one with wildcards"},
		},
		"a longer prefix": {
			rule("secret/*", "deny") + rule("secret/app*", "read update"),
			[]string{"secret/app* in spite of secret/*: read,update on secret/appname, as its first wildcard stands further to the right"},
		},
		"a denial that goes before is none": {rule("secret/app/*", "deny") + rule("secret/*", "read"), nil},
		"a prefix before segments": {
			rule("secret/+/key", "deny") + rule("secret/app/*", "read"),
			[]string{"secret/app/* in spite of secret/+/key: read on secret/app/key, as its first wildcard stands further to the right"},
		},
		"a grant that is no * before one that is": {
			rule("a/+/b*", "deny") + rule("a/+/+", "read"),
			[]string{`a/+/+ in spite of a/+/b*: read on a/name/bname, as it does not end in "*"`},
		},
		"fewer +": {
			rule("a/+/+/c/*", "deny") + rule("a/*", "read"),
			[]string{`a/* in spite of a/+/+/c/*: read on a/name/name/c/name, as it has fewer "+"`},
		},
		"longer": {
			rule("a/+/b*", "deny") + rule("a/+/bc*", "read"),
			[]string{"a/+/bc* in spite of a/+/b*: read on a/name/bcname, as it is longer"},
		},
		"the alphabet": {
			rule("a/+/+/c", "deny") + rule("a/+/b/+", "read"),
			[]string{"a/+/b/+ in spite of a/+/+/c: read on a/name/b/c, as it comes later in the alphabet"},
		},
		"a rule drops what another grants": {
			rule("secret/*", "read list") + rule("secret/app", "update"),
			[]string{
				"secret/app less than secret/*: read,list on secret/app, as a rule for the very path goes before one with wildcards",
				`secret/app less than secret/*: list on secret/app/, as LIST looks for the path without its "/" at the end first`,
			},
		},
		"an empty list drops all": {
			rule("secret/*", "read") + rule("secret/app", ""),
			[]string{"secret/app less than secret/*: read on secret/app, as a rule for the very path goes before one with wildcards"},
		},
		"only the next rule is told": {
			rule("a/*", "read update") + rule("a/b*", "read") + rule("a/b/c*", "read"),
			[]string{"a/b* less than a/*: update on a/bname, as its first wildcard stands further to the right"},
		},
		"a denial that goes before the grant is not told of": {
			rule("a/*", "deny") + rule("a/b*", "read") + rule("a/b", "deny"),
			[]string{"a/b* in spite of a/*: read on a/bname, as its first wildcard stands further to the right"},
		},
		"a sudo alone is no grant": {rule("a/*", "deny") + rule("a/b", "sudo"), nil},
		"LIST takes the path without its slash": {
			rule("secret/*", "deny") + rule("secret*", "list"),
			[]string{`secret* in spite of secret/*: list on secret/, as LIST looks for the path without its "/" at the end first`},
		},
		"LIST is all that a rule allows, and another decides it": {
			rule("*", "deny") + rule("b*", "read list") + rule("b/+/", "list"),
			[]string{"b* in spite of *: read,list on bname, as its first wildcard stands further to the right", "b/+/ less than b*: read on b/name/, as its first wildcard stands further to the right"},
		},
		"a name that a rule begins with": {
			rule("a/*", "deny") + rule("a/+/b", "read") + rule("a/n*", "deny"),
			[]string{`a/+/b in spite of a/*: read on a/other/b, as it does not end in "*"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, namespace := range []string{"", "team"} {
				acl, err := vault.New().ACL(namespace, policies(c.text), vault.Identity{})
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, s := range acl.Shadows() {
					got = append(got, told(s))
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// Every shadow is so, and wherever a denial matches and something is allowed all the same, a shadow tells of that pair of rules.
func TestShadowsAreSoAndAreAll(t *testing.T) {
	g := newGenerator(5)
	found, holes := 0, 0
	for range *caseCount {
		r := g.request(30, 0, false)
		e := vault.New()
		acl, err := e.ACL(r.Namespace, r.Policies, vault.Identity{})
		if err != nil {
			t.Fatal(err)
		}
		pairs := map[string]bool{}
		for _, s := range acl.Shadows() {
			found++
			pairs[s.By[0].Statement+" "+s.Under[0].Statement] = true
			at := acl.Capabilities(s.Path)
			if s.Denial && at.Possible&s.Capabilities&^vault.Sudo == 0 && !strings.HasPrefix(s.Path, "sys/") && !strings.HasPrefix(s.Path, "auth/") && !strings.HasPrefix(s.Path, "pki/") {
				t.Errorf("%s, but it is not allowed\n%v", told(s), r.Policies)
			}
			if !s.Denial && at.Sure&s.Capabilities != 0 && s.Capabilities != vault.List {
				t.Errorf("%s, but it is allowed\n%v", told(s), r.Policies)
			}
		}
		naive := naiveRules(r.Namespace, r.Policies)
		for range 20 {
			path := g.path()
			by := naive.decides(path, false)
			if by == nil || by.capabilities["deny"] || len(by.capabilities) == 0 || len(by.capabilities) == 1 && by.capabilities["sudo"] {
				continue
			}
			if by.onlyLists() && naive.decides(path, true) != by { // LIST, which is all that it allows, has another rule
				continue
			}
			for _, under := range naive {
				if under.capabilities["deny"] && under.matches(path) {
					holes++
					if !pairs[by.written+" "+under.written] {
						t.Errorf("on %s %s goes before the denial %s, and no shadow tells so\n%v", path, by.written, under.written, r.Policies)
					}
				}
			}
		}
	}
	if found < *caseCount/3 || holes < *caseCount/10 {
		t.Errorf("only %d shadows and %d holes were looked at", found, holes)
	}
	t.Logf("%d random cases", *caseCount)
}
