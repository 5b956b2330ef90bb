package cloudformation

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/keyreeve/keyreeve/scanner/inventory"
	"github.com/keyreeve/keyreeve/scanner/repo/declare"
)

const file = "infra/app.yaml"

func reading(t testing.TB, text string) declare.Declared {
	t.Helper()
	return read(context.Background(), &declare.Tree{Name: "shop", Scope: "repo/shop", Files: []declare.File{{Path: file, Data: []byte(text)}}})
}

// facts are the facts of a resource by their paths, as rules would see them: those that are open read "? why".
func facts(r inventory.Resource) map[string]string {
	r.Complete()
	out := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		if m, ok := v.(map[string]any); ok && len(m) > 0 {
			for k, inner := range m {
				walk(strings.TrimPrefix(path+"."+k, "."), inner)
			}
			return
		}
		text, _ := json.Marshal(v)
		out[path] = strings.Trim(string(text), `"`)
	}
	data, _ := json.Marshal(r)
	var tree map[string]any
	_ = json.Unmarshal(data, &tree)
	delete(tree, "unknown")
	walk("", tree)
	for _, u := range r.Unknown {
		for path := range out {
			if path == u.Fact || strings.HasPrefix(path, u.Fact+".") {
				delete(out, path)
			}
		}
		out[u.Fact] = "? " + u.Hint
	}
	return out
}

// declared reads a template that is to have no gap but for its conditions and the policies of AWS, and returns its resources by address.
func declared(t testing.TB, text string) map[string]map[string]string {
	t.Helper()
	found := reading(t, text)
	for _, g := range found.Gaps {
		if !strings.Contains(g.Err, "judged as if it were declared") && !strings.Contains(g.Err, "only names") {
			t.Errorf("gap: %v", g)
		}
	}
	out := map[string]map[string]string{}
	for _, r := range found.Resources {
		_, address, _ := strings.Cut(string(r.ID), "#")
		out[address] = facts(r)
	}
	return out
}

// check compares facts written "fact=value"; "fact=" is one that is not there, "fact=?why" one that is open for a reason with why in it.
func check(t testing.TB, got map[string]string, want string) {
	t.Helper()
	if got == nil {
		t.Errorf("it is not declared; want %s", want)
		return
	}
	for line := range strings.SplitSeq(want, "\n") {
		fact, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		is := got[fact]
		if why, ok := strings.CutPrefix(value, "?"); ok && strings.HasPrefix(is, "?") && strings.Contains(is, why) {
			continue
		}
		if fact != "" && is != value {
			t.Errorf("%s is %q; want %q", fact, is, value)
		}
	}
}

func key(properties string) string {
	return "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n" + properties + "\n"
}

// with is a template with sections before one key that has a description of its own.
func with(sections, enable string) string {
	return sections + "\nResources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: " + enable + "\n"
}

// A text that doubles again and again is not made.
