package vault_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/keyreeve/keyreeve/scanner/access/vault"
)

// A generator makes policies and requests from few words, so that they meet often.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator {
	return generator{rand.New(rand.NewPCG(seed, 1+*firstCase))}
}

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) some(atMost int, of ...string) []string {
	var out []string
	for range g.IntN(atMost + 1) {
		out = append(out, g.one(of...))
	}
	return out
}

var words = []string{"a", "b", "ab", "a", ""}

// path is one of a request.
func (g generator) path() string {
	if g.chance(3) {
		return g.one("sys/auth/a", "sys/audit", "sys/auth", "sys/rotate", "auth/token/accessors/", "auth/token/revoke-orphan", "sys/leases/lookup/a", "sys/rotate/a", "pki/root", "")
	}
	parts := make([]string, 1+g.IntN(4))
	for i := range parts {
		parts[i] = g.one(words...)
	}
	if parts[0] == "" {
		parts[0] = "a"
	}
	return strings.Join(parts, "/")
}

// pattern is the path of a rule.
func (g generator) pattern(templates bool) string {
	if g.chance(5) {
		return g.one("*", "+", "+/*", "sys/*", "sys/+/*", "auth/token/*", "pki/+", "+/+/+", "/a/*", "a*b", "a/+b", "a+/+", "a/*/+", "", "/", "+b*", "a/b+/*")
	}
	parts := make([]string, 1+g.IntN(4))
	for i := range parts {
		parts[i] = g.one(append(words, "+", "+")...)
		if templates && g.chance(15) {
			parts[i] = g.one("{{identity.entity.name}}", "{{ identity.entity.id }}", "{{identity.entity.metadata.team}}x", "{{identity.entity.metadata.none}}",
				"{{identity.entity.aliases.acc.name}}", "{{identity.entity.aliases.acc.custom_metadata.k}}", "{{identity.entity.aliases.other.id}}", "{{identity.entity.aliases.acc.metadata.k}}",
				"{{identity.groups.ids.g1.name}}", "{{identity.groups.names.b.id}}", "{{identity.groups.names.b.metadata.m}}", "{{identity.entity}}", "{{identity.entity.metadata}}",
				"{{identity.groups.names.b}}", "{{other}}", "{{}}", "{{identity.entity.groups.names}}", "{{identity.groups.names.b.x}}", "{{identity.entity.metadata.star}}", "{{identity.entity.metadata.empty}}")
		}
	}
	p := strings.Join(parts, "/")
	if g.chance(45) && !strings.HasSuffix(p, "+") {
		p += "*"
	}
	if strings.Contains(p, "+*") {
		return g.pattern(templates)
	}
	return p
}

// near is a pattern that matches a path, or nearly so.
func (g generator) near(path string) string {
	if g.chance(15) {
		path = strings.TrimSuffix(path, "/")
	}
	parts := strings.Split(path, "/")
	for i := range parts {
		if g.chance(30) {
			parts[i] = "+"
		}
	}
	p := strings.Join(parts, "/")
	if cut := p[:g.IntN(len(p)+1)]; g.chance(50) && !strings.HasSuffix(cut, "+") {
		p = cut + "*"
	}
	return p
}

var operations = []string{"create", "read", "update", "delete", "list", "patch"}

// block is one rule as it is written; deny and limits are as frequent as asked, in percent.
func (g generator) block(pattern string, deny, limits int) string {
	capabilities := g.some(4, append(operations, "sudo", "list", "read", "update")...)
	if g.chance(deny) {
		capabilities = append(capabilities, "deny")
	}
	body := fmt.Sprintf("capabilities = %s\n", quoted(capabilities))
	if g.chance(8) {
		body = fmt.Sprintf("policy = %q\n", g.one("read", "write", "sudo", "deny"))
	}
	if g.chance(limits) {
		body += g.limits()
	}
	return fmt.Sprintf("path %q {\n%s}\n", pattern, body)
}

func (g generator) limits() (body string) {
	if g.chance(40) {
		body += fmt.Sprintf("required_parameters = %s\n", quoted(g.some(2, "p", "Q")))
	}
	for _, key := range []string{"allowed_parameters", "denied_parameters"} {
		if g.chance(50) {
			body += key + " = {\n"
			names := []string{"p", "Q", "r", "*"}
			g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
			for _, name := range names[:g.IntN(3)] {
				body += fmt.Sprintf("  %q = [%s]\n", name, strings.Join(g.some(2, `"x"`, `"x*"`, `"*y"`, `"*z*"`, `"*"`, `""`, "5", "2.5", "true", `["x", "y"]`, `["x"]`), ", "))
			}
			body += "}\n"
		}
	}
	if g.chance(20) {
		body += "min_wrapping_ttl = " + g.one(`"10s"`, "60", `"1m"`) + "\n"
	}
	if g.chance(20) {
		body += "max_wrapping_ttl = " + g.one(`"2m"`, "60", `"1d"`) + "\n"
	}
	return body
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// request is one with a few policies.
func (g generator) request(deny, limits int, templates bool) vault.Request {
	r := vault.Request{Operation: g.one(operations...), Path: g.path(), Namespace: g.one("", "", "", "n", "n/m/")}
	for i := range 1 + g.IntN(3) {
		var text strings.Builder
		for range 1 + g.IntN(4) {
			pattern := g.near(r.Path)
			if g.chance(40) {
				pattern = g.pattern(templates)
			}
			text.WriteString(g.block(pattern, deny, limits))
		}
		r.Policies = append(r.Policies, vault.Policy{Name: fmt.Sprint("p", i), Text: text.String()})
	}
	if limits > 0 && g.chance(80) {
		r.Data = map[string]any{}
		for _, name := range g.some(3, "p", "q", "Q", "r", "s") {
			r.Data[name] = []any{"x", "xy", "z", "", "*", "x,y", "x, zz", true, []any{"x", "y"}, []any{"x"}, []any{}, nil, map[string]any{"a": "b"}}[g.IntN(13)]
		}
	}
	if limits > 0 && g.chance(60) {
		r.WrapTTL = g.one("0", "10", "60s", "90s", "1h", "2d")
	}
	if templates && g.chance(80) {
		r.Identity.Entity = &vault.Entity{ID: "e", Name: g.one("a", "b"), Metadata: map[string]string{"team": "a", "star": g.one("*", "+", "b"), "empty": ""}}
		if g.chance(80) {
			r.Identity.Entity.Aliases = vault.Aliases{"acc": {ID: "i", Name: g.one("a", "ab"), Metadata: map[string]string{"k": "b"}, CustomMetadata: map[string]string{"k": "a"}}}
		}
		if g.chance(80) {
			r.Identity.Groups = []vault.Group{{ID: "g1", Name: "b", Metadata: map[string]string{"m": "ab"}}, {ID: "g2", Name: "a"}}
		}
	}
	return r
}

// swapped is a list with two members exchanged.
func swapped[T any](g generator, list []T) []T {
	list = slices.Clone(list)
	if n := len(list); n > 0 {
		i, j := g.IntN(n), g.IntN(n)
		list[i], list[j] = list[j], list[i]
	}
	return list
}
